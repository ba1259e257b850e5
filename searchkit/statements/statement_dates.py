"""Dates that a text mentions, resolved against the day of the article, and the dates of its statements.

A statement has the date that the cue or the start of its sentence states, else the day of publication, marked
`assumed`, unless the article was updated long after. A date inside the content dates what is talked about, not the
talking. The verbs of its sentence decide whether a day without a year is ahead or past: "will vote on Friday", "voted
on Friday".
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.partial import days_between
from searchkit.statements.dates.prose import find_dates, resolve
from searchkit.statements.document import DateMention
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.text import Span, sentences
from searchkit.statements.word_lists import parts, word_sets


def mentioned(
    text: str, anchor: PartialDate | None, language: str | None = "en", *, updated: PartialDate | None = None
) -> tuple[DateMention, ...]:
    """Return the dates that `text` mentions, in order, but for unresolved ones (`yesterday` without `anchor`).

    `anchor` is the day of publication; a weekday may also be a day until `updated`, shortly after. `rule` says how the
    date was written: iso, numbers, day-month-year, day-month, month-year, month, year, weekday, relative.
    """
    mentions = []
    later = _days_until(anchor, updated)
    if anchor is not None and _is_reworked(anchor, updated):
        anchor = replace(anchor, confidence="assumed")
    for found in find_dates(text, language=language):
        is_open = found.year is None and (found.weekday is not None or found.month is not None) and not found.shift
        ahead = is_ahead(text, Span(found.start, found.end), language) if is_open and anchor is not None else None
        known = resolve(found, anchor, ahead=ahead)
        if found.weekday is not None and not found.shift and known is not None:
            known = replace(known, value=later.get(found.weekday, known.value))
        if known is not None:
            span = Span(found.start, found.end)
            mentions.append(DateMention(span=span, surface=span.of(text), date=known, rule=found.rule))
    return tuple(mentions)


def _is_reworked(published: PartialDate, updated: PartialDate | None) -> bool:
    """Return whether words of the article may be of any day from publication to a much later update."""
    return days_between(published, updated) > 30


def _days_until(published: PartialDate | None, updated: PartialDate | None) -> dict[int, str]:
    """Return the days after publication until the update, if that came soon, by weekday."""
    first, number_of_days = published.latest if published is not None else None, days_between(published, updated)
    if first is None or not 0 < number_of_days <= 2:  # a longer update names no weekdays
        return {}
    days = (first + timedelta(days=number) for number in range(1, number_of_days + 1))
    return {day.weekday(): day.isoformat() for day in days}


# How far after the attribution, in characters, its date may stand: "said in an interview with the paper on Tuesday";
# and how far into its sentence an opening date may begin, and how far before the subject it may end.
_REACH = 90
_WORDS = parts("statement_dates.txt")
_ANY = {heading: "|".join(words) for heading, words in _WORDS.items()}
# A date that opens its sentence, alone or at the end of an opening occasion: "On", "At a hearing in Brno on", "Am".
_OPENS = re.compile(rf"\W{{0,3}}(?:(?:{_ANY['opens']})(?: in| on)? )?", re.IGNORECASE)
_BOUNDARY = "".join(f"(?<!{word} )" for word in _WORDS["boundary"])
_OCCASION = re.compile(rf"(?:{_ANY['occasions']})\b[^,;:\"“”\n]{{0,90}}{_BOUNDARY}", re.IGNORECASE)
# A bare year counts only as "in 2020", next to the cue or its addressee, or as "sagte 2020"; others are of the story.
_YEAR = re.compile(r"(?:[^,;:\"“”\n]{0,40}\b(?:in|en|Jahre?))?\s", re.IGNORECASE)
# "Lind, who resigned on Monday, said": the clause is about the speaker. Behind the cue, an occasion may be dated too:
# "said after a hearing on Monday".
_WHO = rf",\s(?:{_ANY['articles']})\b|\b(?:{_ANY['speaker']}"
_RELATIVE = re.compile(rf"{_WHO}|{_ANY['time']})\b", re.IGNORECASE)
_OF_SPEAKER = re.compile(rf"{_WHO})\b", re.IGNORECASE)
_ANOTHER_DAY = re.compile(rf"\b(?:{_ANY['another day']})\b", re.IGNORECASE)
# "Lind left the office on Monday, saying": whoever explains an act does so as it happens.
_EXPLAINING = ("participle", "shared-subject")


def date_of(
    statement: Statement,
    text: str,
    dates: Sequence[DateMention],
    published: PartialDate | None,
    updated: PartialDate | None = None,
) -> PartialDate | None:
    """Return the date of `statement`. `dates` are the dates of the text, in text order."""
    rules = (_near, _behind_object, _opening, _explained)
    stated = next((found for rule in rules if (found := rule(statement, text, dates)) is not None), None)
    if published is None:
        return stated
    is_reworked = _is_reworked(published, updated)
    if stated is not None and stated.confidence != "high":
        # "Tuesday" is not a calendar day if the day to count from is assumed; a dateline states it.
        is_counted = not is_reworked and (published.confidence == "high" or published.source == "dateline")
        # "Said in March": it is past, and so no guess.
        stated = replace(stated, confidence=published.confidence) if is_counted else None
    if stated is not None or is_reworked or _is_counted(statement, text) or _shares_date(statement, text, dates):
        return stated
    precision = "day" if published.precision == "instant" else published.precision
    day = (published.local_day or published.value)[:10]  # not the minute of publication
    return PartialDate(value=day, precision=precision, source="publication", confidence="assumed")


def reported_days(
    dates: Sequence[DateMention], published: PartialDate | None, updated: PartialDate | None
) -> list[DateMention]:
    """Return the dates on which the article may report a statement: none after it."""
    last = published.latest if published is not None else None
    if published is None or last is None:
        return list(dates)
    if updated is not None and (_is_reworked(published, updated) or _days_until(published, updated)):
        last = updated.latest or last
    return [mention for mention in dates if (first := mention.date.earliest) is None or first <= last]


def _near(statement: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """Return the date between the attribution and the content, or after an attribution that ends the sentence."""
    region = _region(statement)
    if region is None or statement.cue is None:
        return None
    at = bisect_left(dates, region.start, key=lambda mention: mention.span.start)
    for mention in dates[at : at + 3]:
        if mention.span.end > region.end:
            break
        if mention.span.start < statement.cue.start:
            of_speaker = _RELATIVE.search(text, region.start, mention.span.start)
        else:
            of_speaker = _OF_SPEAKER.search(text, statement.cue.end, mention.span.start)
        if of_speaker:
            continue
        year = _YEAR.fullmatch(text, statement.cue.end, max(statement.cue.end, mention.span.start))
        if mention.rule != "year" or year is not None:
            return mention.date
    return None


def _behind_object(statement: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """Return the date right behind what is denied: "rejected the charges in 2022", "wies sie im Mai zurück"."""
    if statement.rule != "object":
        return None
    end = statement.content.end
    at = bisect_left(dates, end, key=lambda mention: mention.span.start)
    follows = at < len(dates) and _OPENS.fullmatch(text, end, dates[at].span.start) and "." not in text[end : end + 3]
    return dates[at].date if follows else None


def _explained(statement: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """Return the day of the act that a participle explains: "Lind closed the gate on Monday, saying"."""
    if statement.cue is None or statement.attribution is None or not statement.rule.startswith(_EXPLAINING):
        return None
    start, end = statement.attribution.start, statement.cue.start  # the subject may have taken its date in
    if not start < end < start + 200:
        return None
    at = bisect_left(dates, start, key=lambda mention: mention.span.start)
    between = [mention for mention in dates[at : at + 3] if mention.span.end <= end and mention.rule != "year"]
    if len(between) != 1 or between[0].date.precision not in ("day", "day-without-year"):
        return None
    return None if _RELATIVE.search(text, start, between[0].span.start) else between[0].date


def _is_counted(statement: Statement, text: str) -> bool:
    """Return whether the statement was made on a day counted from another: "a day earlier", or in a quoted mail."""
    content, clause = statement.content, statement.clause
    line = text.rfind("\n", 0, content.start) + 1
    if text.startswith(">", line):
        return True
    if clause is None or statement.cue is None:
        return False
    first, last = max(clause.start, statement.cue.start - _REACH), min(clause.end, statement.cue.end + _REACH)
    around = ((first, min(last, content.start)), (max(first, content.end), last))
    return any(_ANOTHER_DAY.search(text, start, end) for start, end in around if start < end)


def _shares_date(statement: Statement, text: str, dates: Sequence[DateMention]) -> bool:
    """Return whether a date that is not a day stands before the verb: "Lind rejected the charges in 2022 and said"."""
    cue, subject = statement.cue, statement.attribution
    if cue is None or subject is None or not statement.rule.startswith(_EXPLAINING):
        return False
    at = bisect_left(dates, subject.end, key=lambda mention: mention.span.start)
    between = at < len(dates) and dates[at].span.end <= cue.start and cue.start - dates[at].span.end <= _REACH
    between = between and dates[at].date.precision in {"week", "month", "year"}
    return between and not _RELATIVE.search(text, subject.end, dates[at].span.start)


def _opening(statement: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """Return the date that opens the sentence of the cue: "On Monday, Lind said ..."."""
    clause, attribution = statement.clause, statement.attribution
    if clause is None or attribution is None or statement.content.start < attribution.start:
        return None
    start = clause.start
    at = bisect_left(dates, start, key=lambda mention: mention.span.start)
    if at == len(dates) or not 0 <= attribution.start - dates[at].span.end <= _REACH:
        return None
    first = dates[at].span
    ends = text[first.end : attribution.start].strip(" ,") == ""
    opens = _OPENS.fullmatch(text, start, first.start) or (ends and _OCCASION.fullmatch(text, start, first.start))
    return dates[at].date if opens else None


def _region(statement: Statement) -> Span | None:
    """Return the text that belongs to the attribution: from it to the content, or to the end of its reach."""
    if statement.cue is None or statement.clause is None:
        return None
    start = statement.cue.start
    # The subject stands next to its verb, except for a participle, whose subject may be a clause away.
    if statement.attribution is not None and not statement.rule.startswith(_EXPLAINING):
        start = min(start, statement.attribution.start)
    end = min(statement.clause.end, statement.cue.end + _REACH)
    if statement.content.start >= statement.cue.end:
        end = statement.content.start
    if statement.content.start < start < statement.content.end or end <= start:
        return None
    return Span(start, end)


# So far around the day, in characters, its sentence is read.
_BEHIND, _AHEAD = 200, 180
_WORD = re.compile(r"[^\W\d_](?:[\w-]|['’](?=t\b)){0,40}")
_CLAUSE_END = re.compile(r",(?!\d)|[;:()–—„“”\"]")


@lru_cache(maxsize=64)
def _listed(code: str, name: str) -> frozenset[str]:
    """Return the words of a class in data/tenses.txt."""
    return word_sets("tenses.txt").get(f"{code} {name}", frozenset())


@lru_cache(maxsize=8)
def _participle(code: str) -> re.Pattern[str] | None:
    """Return the shape of participles; None where the copula is ahead with one, too."""
    shapes = _listed(code, "participles")
    return re.compile("|".join(sorted(shapes))) if shapes else None


def is_ahead(text: str, day: Span, language: str | None) -> bool | None:
    """Return whether the sentence of `text` places `day` after the article; None if no verb shows it.

    The nearest verb before the day decides, else the nearest behind it; in German, the nearest in its clause.
    """
    code = (language or "en").partition("-")[0].lower()
    within = Span(max(0, day.start - _BEHIND), min(len(text), day.end + _AHEAD))
    sentence = next((span for span in sentences(text, within) if span.end > day.start), within)
    if _participle(code) is not None:
        clause = _clause(text, sentence, day)
        before, behind = _before(text, clause, day, code), _behind(text, clause, day, code)
        if before and behind:
            return before[1] if day.start - before[0] < behind[0] - day.start else behind[1]
        if before or behind:
            return (before or behind or (0, None))[1]
    nearest = _before(text, sentence, day, code) or _behind(text, sentence, day, code)
    return nearest[1] if nearest else None


def _clause(text: str, sentence: Span, day: Span) -> Span:
    start, end = sentence.start, sentence.end
    for stop in _CLAUSE_END.finditer(text, sentence.start, sentence.end):
        if stop.end() <= day.start:
            start = stop.end()
        elif stop.start() > day.end:  # the comma of "am Montag, dem 3. Mai, ..." ends no clause
            return Span(start, stop.start())
    return Span(start, end)


def _before(text: str, within: Span, day: Span, code: str) -> tuple[int, bool] | None:
    """Return where the last verb before `day` stands and whether it is of a day ahead; None without one."""
    found = list(_WORD.finditer(text, within.start, max(within.start, day.start)))
    return _first(found, range(len(found) - 1, -1, -1), code, text[day.end : within.end])


def _behind(text: str, within: Span, day: Span, code: str) -> tuple[int, bool] | None:
    found = list(_WORD.finditer(text, day.end, max(day.end, within.end)))
    return _first(found, range(len(found)), code, "")


def _first(found: Sequence[re.Match[str]], order: Sequence[int], code: str, rest: str) -> tuple[int, bool] | None:
    """Return the first verb in `order`; `rest` is the text of the clause behind the words."""
    written = [word[0] for word in found]
    for at in order:
        ahead = _is_ahead(written, at, code, rest)
        if ahead is not None:
            return found[at].start(), ahead
    return None


def _is_ahead(written: Sequence[str], at: int, code: str, rest: str) -> bool | None:
    """Return whether the word at a place is of a day ahead (True) or past (False); None if it is neither."""
    word, before = written[at], written[at - 1] if at else ""
    if f"{before} {word}" in _listed(code, "pairs"):
        return True
    if word in _listed(code, "infinitive"):
        return True if written[at + 1 : at + 2] and written[at + 1].endswith("en") else None
    if word in _listed(code, "copula"):
        participle = _participle(code)
        return participle is None or not any(map(participle.fullmatch, (*written, *_WORD.findall(rest))))
    if word in _listed(code, "ahead") or word.endswith(("'ll", "’ll")):
        return True
    is_form = word.islower() and len(word) >= 4 and word not in _listed(code, "not past")  # not "red" and "bed"
    if is_form and word.endswith(tuple(_listed(code, "ahead endings"))):
        return True
    return False if _is_past(written, at, code, is_form=is_form) else None


def _is_past(written: Sequence[str], at: int, code: str, *, is_form: bool) -> bool:
    """Return whether the word at a place is a verb of the past.

    In "is held" and "will be closed", the verb before the participle decides.
    """
    word, before = written[at], written[at - 1] if at else ""
    listed = _listed(code, "past")
    ends = is_form and word.endswith(tuple(_listed(code, "past endings")))
    if not ends and word not in listed and (at or word.lower() not in listed):
        return False
    auxiliary = written[at - 2] if before.endswith("ly") and at > 1 else before
    return auxiliary not in _listed(code, "copula") and auxiliary != "be"

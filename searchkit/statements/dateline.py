"""Find the dateline at the head of a news text: `BEIJING, Dec. 16 (Xinhua) --`, `LONDON —`, `(Reuters) -`.

A dateline names a place in capitals, or a wire in brackets, and ends in a dash. Anything less is a first sentence.
"""

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.dates.partial import days_between
from searchkit.statements.dates.prose import FoundDate, find_dates, resolve
from searchkit.statements.document import Article
from searchkit.statements.text import Span, fold
from searchkit.statements.word_lists import parts, spellings, word_sets


class Dateline(Struct, frozen=True, kw_only=True):
    """`span` covers the dateline with its dash; `place`, `wire` and `date` are None if it does not name them.

    `place` is as written (`BEIJING`), `wire` the usual name of the news agency, `date` counts from the text's start.
    """

    span: Span
    place: str | None
    wire: str | None
    date: FoundDate | None


@lru_cache(maxsize=1)
def _wires() -> dict[str, str]:
    return {fold(name): names[0] for names in map(spellings, parts("datelines.txt")["wires"]) for name in names}


def _is_listed(word: str, heading: str) -> bool:
    return word in word_sets("datelines.txt")[heading]


_CITY = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’-]{1,30}"
_CAPITALS = rf"{_CITY}(?:[ /]{{1,2}}{_CITY}){{0,4}}"
# A city in ordinary letters is believed only before a known wire.
_TITLED = (
    r"(?!(?:A|An|At|By|For|From|In|Near|On|The|This)\s)[A-ZÀ-ÖØ-Þ][\w.'’-]{1,30}(?:[ /][A-ZÀ-ÖØ-Þ][\w.'’-]{1,30}){0,3}"
)
_REGION = (
    r"(?:,\s(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))[A-ZÀ-Þ][\w.'’]{1,20}(?:\s[A-Z][\w.'’]{1,20}){0,2})?"
)
_DATE = (
    r"(?:,?\s(?P<date>(?:\w{6,9},\s)?[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:,\s\d{4})?"
    r"|\d{1,2}\.?\s[A-Za-zä]{3,9}\.?(?:\s\d{4})?))?\.?"
)
_WIRE = r"(?:\(\s?(?P<wire>[^\W\d_][\w/.&'’ -]{0,58}[\w.])\s?\)|/(?P<slashed>[A-Z][\w -]{1,20})/\.?)"
_DASH = r"\s{0,2}(?:--|—|–|―|-(?=\s|$))\s{0,2}"
_WITH_WIRE = re.compile(rf"(?:(?P<place>{_CAPITALS}|{_TITLED}){_REGION}{_DATE}\s{{0,4}})?{_WIRE}(?P<dash>{_DASH})?")
_WITHOUT_WIRE = re.compile(rf"(?P<place>{_CAPITALS}){_REGION}{_DATE}(?P<dash>{_DASH})")
_START = re.compile(r"\s{0,20}")


@lru_cache(maxsize=1)  # three steps ask for that of one article
def find(text: str) -> Dateline | None:
    """Return the dateline at the very start of `text`, or None."""
    begin = _START.match(text)
    start = begin.end() if begin else 0
    head = text[: start + 180]  # place, second place, region, date and wire
    found = _WITH_WIRE.match(head, start)
    if found is not None:
        wire = _wire(found["wire"] or found["slashed"], found)
        if wire is not None:
            return _dateline(head, found, wire)
    found = _WITHOUT_WIRE.match(head, start)
    if found is None or not _is_place(found["place"], sure=found["date"] is not None):
        return None
    return _dateline(head, found, None)


def with_date(article: Article) -> Article:
    """Return `article` with the complete date of its dateline, if it has no better date of publication.

    A date that is only a guess, such as that of a file, gives way to any complete day in the text: then the day of
    publication is that of the dateline, or unknown. A note reports an update long after publication.
    """
    published = article.published
    if published is None or published.confidence == "low":
        line = find(article.text)
        named = line.date if line is not None else None
        day = resolve(named, None, source="dateline") if named is not None and named.year is not None else None
        if day is not None:
            return replace(article, published=replace(day, confidence="assumed"))
        opening = find_dates(
            article.text[:2_000], language=article.language
        )  # a complete day here makes the date of a file useless
        is_dated = published is not None and any(found.year and found.day for found in opening)
        return replace(article, published=None) if is_dated else article
    days = days_between(published, article.updated)
    if days > 30:  # later, it may be another article
        return replace(article, notes=(*article.notes, f"updated {days} days after publication"))
    return article


def _wire(written: str, found: re.Match[str]) -> str | None:
    """Return the usual name of the wire; an unknown wire counts only between a place in capitals and a dash."""
    place, ends = found["place"], found["dash"] is not None
    in_capitals = place is not None and place.isupper() and _is_place(place, sure=True)
    if not ends and not in_capitals and not found["date"]:
        return None
    known = known_wire(written)
    if known is not None:
        return known
    words = written.split()
    short = "".join(word[0] for word in words if word[0].isupper())  # "OTO (Ostrava Trade Office) -"
    believed = in_capitals and ends and len(words) <= 4 and words[0][0].isupper() and (len(words) < 2 or short != place)
    return written if believed else None


def known_wire(written: str) -> str | None:
    """Return the usual names of the news agencies that `written` names, joined by a slash; None if it names none."""
    known = [_wires().get(fold(service.strip())) for service in written.split("/")]
    return "/".join(filter(None, known)) or None


def _is_place(written: str, *, sure: bool) -> bool:
    """Return whether capitals may be a place. `sure` with a date or wire; alone, acronyms and headlines are refused."""
    words = [word.strip(".'’-") for word in re.split(r"[ /]{1,2}", written)]
    if any(_is_listed(word, "labels") for word in words):
        return False
    if sure:
        return True
    # Four capitals are more often an acronym than a city; four words more often a headline.
    longest = max(map(len, words))
    return len(words) < 4 and (
        longest > 4 or (longest == 4 and len(words) > 1) or _is_listed(words[-1], "short places")
    )


def _dateline(head: str, found: re.Match[str], wire: str | None) -> Dateline | None:
    date = next(find_dates(head[: found.end()]), None) if found["date"] else None
    end = found.start() + len(found.group().rstrip())
    return Dateline(span=Span(found.start(), end), place=found["place"], wire=wire, date=date)

"""When a statement was made, as far as the text or its publication says.

takes:    a Statement statement, the text, the dates mentioned in it, the publication date
gives:    PartialDate: stated by the cue or at the start of its sentence, else published, marked `assumed`; or None
does not: ever use the day of indexing
traps:    a date inside the content dates what is talked about, not the talking
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.document import DateMention
from searchkit.extract.quotes.finding import Statement
from searchkit.text import Span

# How far after the attribution, in characters, its date may stand: "said in an interview with the paper on Tuesday";
# and how far into its sentence an opening date may begin, and how far before the subject it may end.
_REACH = 90
# A date that opens its sentence, alone or at the end of an opening occasion: "On", "At a hearing in Brno on", "Am".
_OPENS = re.compile(r"\W{0,3}(?:(?:on|in|early|late|earlier|am|im|le|en)(?: in| on)? )?", re.IGNORECASE)
_OCCASION = re.compile(
    r"(?:at|in|during|on|speaking|asked|answering)\b[^,;:\"“”\n]{0,90}(?<!before )(?<!after )(?<!since )(?<!until )",
    re.IGNORECASE,
)
# A bare year counts only as "in 2020", next to the cue or its addressee: other numbers are part of what is told of.
_YEAR = re.compile(r"[^,;:\"“”\n]{0,40}\bin ", re.IGNORECASE)
# "Lind, who resigned on Monday, said": the clause tells of the speaker. Behind the cue an occasion may be told as well:
# "said after a hearing on Monday".
_WHO = r",\s(?:die|der|das|den|dem)\b|\b(?:who|whose|whom|which|dessen|deren|qui|dont"
_RELATIVE = re.compile(rf"{_WHO}|after|before|since|until|nachdem|bevor|seit|après|avant|depuis)\b", re.IGNORECASE)
_OF_SPEAKER = re.compile(rf"{_WHO}|since|until|seit|depuis)\b", re.IGNORECASE)
# "Lind left the office on Monday, saying": whoever explains an act does so as it happens.
_EXPLAINING = ("participle", "shared-subject")
# How far before the cue the act that it explains may begin.
_ACT_REACH = 200
_DAYS = ("day", "day-without-year")


def date_of(
    found: Statement, text: str, dates: Sequence[DateMention], published: PartialDate | None
) -> PartialDate | None:
    """The date of the statement `found`. `dates` are in text order."""
    stated = _beside(found, text, dates) or _opening(found, text, dates) or _explained(found, text, dates)
    if stated is not None and stated.confidence == "low" and published is not None:
        stated = replace(stated, confidence=published.confidence)  # "said in March": it is past
    if stated is not None or published is None:
        return stated
    return replace(published, source="publication", confidence="assumed")


def _beside(found: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """The date that stands between the attribution and the content, or after an attribution that ends the sentence."""
    region = _region(found)
    if region is None or found.cue is None:
        return None
    at = bisect_left(dates, region.start, key=lambda mention: mention.span.start)
    for mention in dates[at : at + 3]:
        if mention.span.end > region.end:
            break
        if mention.span.start < found.cue.start:
            of_speaker = _RELATIVE.search(text, region.start, mention.span.start)
        else:
            of_speaker = _OF_SPEAKER.search(text, found.cue.end, mention.span.start)
        if of_speaker:
            continue
        near = _YEAR.fullmatch(text, found.cue.end, max(found.cue.end, mention.span.start))
        if mention.rule != "year" or near is not None:
            return mention.date
    return None


def _explained(found: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """The one day of the act that a participle explains: "Lind closed the gate on Monday, saying"."""
    if found.cue is None or found.attribution is None or not found.rule.startswith(_EXPLAINING):
        return None
    start, end = found.attribution.start, found.cue.start  # the subject may have taken its date in
    if not start < end < start + _ACT_REACH:
        return None
    at = bisect_left(dates, start, key=lambda mention: mention.span.start)
    between = [mention for mention in dates[at : at + 3] if mention.span.end <= end]
    if len(between) != 1 or between[0].date.precision not in _DAYS:
        return None
    return None if _RELATIVE.search(text, start, between[0].span.start) else between[0].date


def _opening(found: Statement, text: str, dates: Sequence[DateMention]) -> PartialDate | None:
    """The date that opens the sentence of the cue: "On Monday, Lind said ..."."""
    if found.clause is None or found.attribution is None or found.content.start < found.attribution.start:
        return None
    start = found.clause.start
    at = bisect_left(dates, start, key=lambda mention: mention.span.start)
    for mention in dates[at : at + 1]:
        between = found.attribution.start - mention.span.end
        if not 0 <= between <= _REACH:
            return None
        if _OPENS.fullmatch(text, start, mention.span.start):
            return mention.date
        ends = text[mention.span.end : found.attribution.start].strip(" ,") == ""
        if ends and _OCCASION.fullmatch(text, start, mention.span.start):
            return mention.date
    return None


def _region(found: Statement) -> Span | None:
    """The text that belongs to the attribution: from it to the content, or from it to the end of its reach."""
    if found.cue is None or found.clause is None:
        return None
    start = found.cue.start
    # The subject stands beside its verb, but for a participle, whose subject may be a clause away.
    if found.attribution is not None and not found.rule.startswith(_EXPLAINING):
        start = min(start, found.attribution.start)
    end = min(found.clause.end, found.cue.end + _REACH)
    if found.content.start >= found.cue.end:
        end = found.content.start
    if found.content.start < start < found.content.end or end <= start:
        return None
    return Span(start, end)

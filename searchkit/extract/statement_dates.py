"""When a statement was made, as far as the text or its publication says.

takes:    a Found statement, the dates mentioned in the text, the publication date
gives:    PartialDate: stated beside the cue, else the publication date marked `assumed`; or None
does not: ever use the day of indexing
traps:    a date inside the content dates what is talked about, not the talking
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from searchkit.dates import PartialDate
from searchkit.document import DateMention
from searchkit.extract.quotes import Found
from searchkit.text import Span

# How far after the attribution, in characters, its date may stand: "said in an interview with the paper on Tuesday".
_REACH = 90


def date_of(found: Found, dates: Sequence[DateMention], published: PartialDate | None) -> PartialDate | None:
    """The date of the statement `found`. `dates` are in text order."""
    region = _region(found)
    if region is not None:
        at = bisect_left(dates, region.start, key=lambda mention: mention.span.start)
        for mention in dates[at : at + 3]:
            if mention.span.end > region.end:
                break
            if mention.date.precision != "year":
                return mention.date
    if published is None:
        return None
    return replace(published, source="publication", confidence="assumed")


def _region(found: Found) -> Span | None:
    """The text that belongs to the attribution: from it to the content, or from it to the end of its reach."""
    if found.cue is None or found.clause is None:
        return None
    start = found.cue.start
    # The subject stands beside its verb, but for a participle, whose subject may be a clause away.
    if found.attribution is not None and not found.rule.startswith(("participle", "shared-subject")):
        start = min(start, found.attribution.start)
    end = min(found.clause.end, found.cue.end + _REACH)
    if found.content.start >= found.cue.end:
        end = found.content.start
    if found.content.start < start < found.content.end or end <= start:
        return None
    return Span(start, end)

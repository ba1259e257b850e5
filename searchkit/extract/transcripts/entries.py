"""Entries of a live blog: paragraphs that begin with the time at which they were posted.

takes:    text and its paragraphs
gives:    for each entry, by the number of its paragraph, where its words begin
does not: read the times
traps:    a list of opening hours begins so too, which does no harm: only the time is left out
"""

import re
from collections.abc import Sequence

from searchkit.text import Span

_CLOCK = re.compile(
    r"[\[(]?\d{1,2}[:.h]\d\d(?: ?[AaPp]\.?[Mm]\.?)?(?: (?:[A-Z]{2,4}|Uhr)(?![^\W\d_]))?[\])]?(?: ?[:|–—-])? {1,4}"
    r"(?=[^\s\d])(?![AaPp]\.?[Mm]\b)"
)
# So many paragraphs with a time make a live blog.
_FEWEST = 3


def find(text: str, paragraphs: Sequence[Span]) -> dict[int, int]:
    """Where the words of each entry begin; empty when the text is no live blog."""
    starts = {
        number: found.end()
        for number, paragraph in enumerate(paragraphs)
        if (found := _CLOCK.match(text, paragraph.start, paragraph.end)) is not None
    }
    return starts if len(starts) >= _FEWEST else {}

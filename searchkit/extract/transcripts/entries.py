"""Find the entries of a live blog: paragraphs that begin with the time of posting.

A list of opening hours looks the same, which does no harm: only the time is left out.
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
    """Return where the words of each entry begin, by paragraph; empty unless the text is a live blog."""
    starts = {
        number: found.end()
        for number, paragraph in enumerate(paragraphs)
        if (found := _CLOCK.match(text, paragraph.start, paragraph.end)) is not None
    }
    return starts if len(starts) >= _FEWEST else {}

"""Two versions of a statement side by side, with the words that differ marked."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from markupsafe import Markup

from searchkit.statements.text import visible
from searchkit.web.rendering import joined

_WORDS = re.compile(r"\s{1,400}|\S{1,400}")
# Longer texts are compared by their beginning, because the comparison takes the square of the length.
_MOST_WORDS = 600
_REMOVED, _INSERTED = Markup("<del>{}</del>"), Markup("<ins>{}</ins>")


def side_by_side(old: str, new: str) -> tuple[Markup, Markup]:
    """Return both texts as HTML, with what only one of them has marked as deleted or inserted."""
    before, after = _WORDS.findall(old)[: 2 * _MOST_WORDS], _WORDS.findall(new)[: 2 * _MOST_WORDS]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    left = joined([*_pieces(((step, before[first:last]) for step, first, last, _, _ in steps), _REMOVED)], "")
    right = joined([*_pieces(((step, after[first:last]) for step, _, _, first, last in steps), _INSERTED)], "")
    return left + visible(old[sum(map(len, before)) :]), right + visible(new[sum(map(len, after)) :])


def _pieces(steps: Iterator[tuple[str, list[str]]], mark: Markup) -> Iterator[Markup]:
    for step, words in steps:
        text = visible("".join(words))
        if text:
            yield Markup("{}").format(text) if step == "equal" or text.isspace() else mark.format(text)

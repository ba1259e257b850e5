"""A change as a picture to post: the old and the new words, where, when and what was compared; and how texts differ."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from unicodedata import east_asian_width

from msgspec import Struct

from searchkit.export.report import written
from searchkit.reports.base import Entry
from searchkit.statements.text import one_line

_WORDS = re.compile(r"\s{1,400}|\S{1,400}")
# Longer texts are compared by their beginning, because the comparison takes the square of the length.
_MOST_WORDS = 600
# Letters in a line, of which a wide one takes two; lines of a text.
_WIDTH, _SMALL_WIDTH, _MOST_LINES = 64, 84, 14
_SIZE, _SMALL_SIZE, _MARGIN = 32, 24, 60
Part = tuple[str, bool]
"""A part of a text, and whether the other text lacks it."""


class _Line(Struct, frozen=True):
    """A line of the picture; `mark` is the class of the parts that differ."""

    y: int
    size: int
    mark: str
    parts: list[Part]


def parts(old: str, new: str) -> tuple[list[Part], list[Part]]:
    """Return both texts in parts, with all blanks; behind 600 words they count as equal."""
    before, after = _WORDS.findall(old)[: 2 * _MOST_WORDS], _WORDS.findall(new)[: 2 * _MOST_WORDS]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    left = [("".join(before[first:last]), step != "equal") for step, first, last, _, _ in steps]
    right = [("".join(after[first:last]), step != "equal") for step, _, _, first, last in steps]
    rests = old[sum(map(len, before)) :], new[sum(map(len, after)) :]
    return [*left, (rests[0], False)], [*right, (rests[1], False)]


def picture(entry: Entry) -> Iterator[str]:
    """Yield the lines of an SVG (1200 wide) of an entry with the lines `was` and `now`."""
    was, now = entry.lines[:2]
    shown = now if now.side is not None else was
    both = was.side is not None and now.side is not None
    alone = ([(line.words, line is shown)] for line in (was, now))
    gone, new = parts(was.words, now.words) if both else alone
    texts: list[tuple[str, list[Part]]] = [
        ("small", [(shown.side.published_text if shown.side else "", False)]),
        ("", [(entry.title, False)]),
        ("small", [(entry.facts, False)]),
        ("small", [("was", False)]),
        ("gone", gone),
        ("small", [("now", False)]),
        ("new", new),
        ("small", [(entry.compared, False)]),
        ("small", [(shown.web or "", False)]),
    ]
    lines: list[_Line] = []
    y = _MARGIN
    for mark, text in texts:
        size = _SMALL_SIZE if mark == "small" else _SIZE
        for line in _wrapped(text, _SMALL_WIDTH if mark == "small" else _WIDTH):
            lines.append(_Line(y, size, mark, line))
            y += size * 4 // 3
        y += size // 3
    yield from written("change.svg", title=entry.title, share=entry.share, lines=lines, height=y + _MARGIN // 2)


def _wrapped(text: Iterable[Part], width: int) -> list[list[Part]]:
    """Return the words of a text in lines; what does not fit into the last one is left out with "…"."""
    lines: list[list[Part]] = [[]]
    used = 0
    for word, differs in _words(text, width):
        size = 1 + sum(1 + (east_asian_width(letter) in "WF") for letter in word)
        if used and used + size > width:
            if len(lines) == _MOST_LINES:
                lines[-1].append(("…", False))
                break
            lines.append([])
            used = 0
        lines[-1].append((word, differs))
        used += size
    return lines


def _words(text: Iterable[Part], longest: int) -> Iterator[Part]:
    for part, differs in text:
        for word in one_line(part).split():
            step = longest if word.isascii() else longest // 2
            yield from ((word[at : at + step], differs) for at in range(0, len(word), step))

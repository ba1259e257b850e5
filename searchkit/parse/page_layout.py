"""Printed lines to paragraphs: remove running heads, join lines and hyphenated words, keep the start of each page.

Where the position of lines is known, a wider gap, another font size or an indent starts a paragraph. Elsewhere, and at
the end of a column or page, a paragraph continues unless its last line ends a sentence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct


class Line(Struct, frozen=True, kw_only=True):
    """A printed line: its text, its position in points from the lower left, its font size (0: position unknown)."""

    page: int
    text: str
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0


class Layout(Struct, frozen=True, kw_only=True):
    """Paragraphs, each as its printed lines, and the running heads removed, once each."""

    paragraphs: tuple[tuple[Line, ...], ...]
    removed: tuple[str, ...]


_EDGE_LINES = 3  # lines at the top and bottom of a page that may be running heads
_MAX_HEAD = 150
_QUOTATION_MARKS = frozenset('"“”„«»')
_NUMBERS = re.compile(r"\d{1,9}")
# "7", "- 7 -", "Page 7 of 9"; a year alone is rather the end of a sentence.
_PAGE_NUMBER = re.compile(
    r"[-–—|·\s]{0,4}(?:(?:page|seite|pagina|página|p)\b\.?\s{0,3})?(?!(?:19|20)\d\d\b)\d{1,5}"
    r"(?:\s{0,3}(?:/|of|von|de|sur|\|)\s{0,3}\d{1,5})?[-–—|·\s]{0,4}"
)
_SAME_PLACE = 3.0  # points
_STOPS = tuple(".!?…。！？")
_APART = 1.8  # line heights: more than between paragraphs, less than before most running feet
_SENTENCE_END = tuple(".!?:;…。！？\"'”’»)]")
_BULLETS = ("•", "●", "▪", "■", "◦", "‣")
_TOLERANCE = 0.15  # difference at which sizes and gaps still count as equal
_WIDER = 1.3
_INDENT = 0.8  # in font sizes
_ONE_COLUMN = 4.0  # in font sizes: a larger step down is not the next line
# A line with room for the next word ends a paragraph. Letters differ in width, so there must be clear room.
_ROOM = 0.85
_LETTER_HYPHEN = re.compile(r"[^\W\d_](?:-|\u2010|\xad)$")
_FIRST_WORD = re.compile(r"[^\W\d_]{1,40}")
_LAST_WORD = re.compile(r"[^\W\d_]{1,40}$")
_HYPHENATED = re.compile(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}")


def lay_out(pages: Sequence[Sequence[Line]]) -> Layout:
    """Return the paragraphs of a document from the lines of its pages in printed order."""
    heads = _running_heads(pages)
    removed: dict[str, str] = {}
    lines: list[Line] = []
    for page in pages:
        head_lines: set[int] = set()
        head_texts: dict[str, str] = {}
        for edge in _edges(page):
            for position, line in enumerate(edge):
                if not (key := heads.key(edge[position:])):
                    break
                head_texts.setdefault(key, line.text)
                head_lines.add(id(line))
        kept = [line for line in page if id(line) not in head_lines]
        # If most of a page looks like heads, its lines are similar entries of a list.
        if _letters(kept) * 2 < _letters(page):
            lines += page
            continue
        lines += kept
        for key, text in head_texts.items():
            removed.setdefault(key, text)
    return Layout(paragraphs=tuple(map(tuple, _paragraphs(lines))), removed=tuple(dict.fromkeys(removed.values())))


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _keys(line: Line) -> frozenset[str]:
    """Return the forms in which a running head repeats: its text, with numbers unchanged or relative to the page."""
    if len(line.text) > _MAX_HEAD or not _QUOTATION_MARKS.isdisjoint(line.text):
        return frozenset()  # speech
    text = line.text.casefold()
    if _PAGE_NUMBER.fullmatch(text):
        return frozenset({"#"})
    if not any(map(str.isalpha, text)):
        return frozenset()
    keys = {text}
    numbers = list(_NUMBERS.finditer(text))
    for number in (*numbers[:1], *numbers[-1:]):
        keys.add(f"{text[: number.start()]}#{int(number[0]) - line.page}#{text[number.end() :]}")
    return frozenset(keys)


def _edges(page: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Return the top lines of a page and its bottom lines, the outermost first."""
    ordered = sorted(page, key=lambda line: -line.y) if all(line.size for line in page) else list(page)
    return ordered[:_EDGE_LINES], ordered[::-1][:_EDGE_LINES]


class _Heads(Struct, frozen=True):
    """The forms and places of a document's running heads, and its usual line height."""

    keys: frozenset[str]
    places: tuple[tuple[float, float], ...]  # height on the page and font size
    leading: float

    def key(self, lines: Sequence[Line]) -> str:
        """Return the form of the first line as a running head; empty for others. `lines` go inwards from an edge."""
        line = lines[0]
        if not _may_be_head(lines, self.leading):
            return ""
        if known := self.keys.intersection(_keys(line)):
            return min(known)
        # Left and right pages, and chapters, have different heads in the same place.
        if line.size and self._is_placed(line) and _keys(line) and _is_set_apart(lines, self.leading):
            return line.text.casefold()
        return ""

    def _is_placed(self, line: Line) -> bool:
        return any(
            abs(line.y - y) <= _SAME_PLACE and abs(line.size - size) <= _TOLERANCE * size for y, size in self.places
        )


def _running_heads(pages: Sequence[Sequence[Line]]) -> _Heads:
    """Find lines at an edge of most pages, or of most left or right pages, and page numbers."""
    filled = [page for page in pages if page]
    leading = _leading([line for page in filled for line in page])
    lines_by_key: dict[str, list[Line]] = {}
    for page in filled:
        for key, line in _candidates(page, leading).items():
            lines_by_key.setdefault(key, []).append(line)
    keys = {"#"}
    places: dict[tuple[int, int], tuple[float, float]] = {}
    for side in (None, 0, 1):
        count = sum(side in (None, page[0].page % 2) for page in filled)
        least = max(1, count // 2)
        for key, lines in lines_by_key.items():
            found = [line for line in lines if side in (None, line.page % 2)]
            place = _common_place(found, least)
            # With two pages or one side, a repeated line must also be in the same place and not end a sentence.
            if (side is None and len(found) > least and count > 2) or (
                place and not found[0].text.endswith(_SENTENCE_END)
            ):
                keys.add(key)
                if place and key != "#":
                    places.setdefault((round(place[0]), round(place[1])), place)
    return _Heads(frozenset(keys), tuple(places.values()), leading)


def _candidates(page: Sequence[Line], leading: float) -> dict[str, Line]:
    """Return the lines at the edges of a page that may be running heads, by their forms."""
    edges = (edge[position:] for edge in _edges(page) for position in range(len(edge)))
    return {key: lines[0] for lines in edges if _may_be_head(lines, leading) for key in _keys(lines[0])}


def _common_place(lines: Sequence[Line], least: int) -> tuple[float, float] | None:
    """Return the height on the page and the font size of more than `least` of the lines; None if they differ more."""
    middle = sorted(line.y for line in lines)[len(lines) // 2] if lines else 0.0
    placed = [line for line in lines if line.size and abs(line.y - middle) <= _SAME_PLACE]
    return (middle, placed[0].size) if len(placed) > least else None


def _may_be_head(lines: Sequence[Line], leading: float) -> bool:
    """Return whether the first line may be a running head: it does not end a sentence, or is set apart."""
    return not lines[0].text.endswith(_STOPS) or _is_set_apart(lines, leading)


def _is_set_apart(lines: Sequence[Line], leading: float) -> bool:
    """Return whether a gap or a change of font size follows the first line on the way inwards."""
    for line, inner in pairwise(lines):
        if not line.size or not inner.size or not leading:
            return False
        if abs(line.size - inner.size) > _TOLERANCE * max(line.size, inner.size):
            return True
        if abs(line.y - inner.y) > _APART * leading * inner.size:
            return True
    return False


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    if not lines:
        return []
    # The length of a full line in characters; most lines of a text are full.
    width = sorted(len(line.text) for line in lines)[int(len(lines) * 0.7)]
    leading = _leading(lines)
    lefts = Counter(round(line.x) for line in lines if line.size)
    paragraphs = [[lines[0]]]
    for before, line in pairwise(lines):
        if _starts_paragraph(before, line, width, leading, lefts):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def continues(before: Line, line: Line) -> bool:
    """Return whether a line of another block goes on with the sentence of the line before."""
    return line.text.lstrip("".join(_QUOTATION_MARKS) + "‘’'")[:1].islower() and not before.text.endswith(_STOPS)


def _leading(lines: Sequence[Line]) -> float:
    """Return the usual line height in font sizes; 0 if unknown."""
    steps = [
        (before.y - line.y) / line.size
        for before, line in pairwise(lines)
        if line.size and before.page == line.page and 0 < before.y - line.y < _ONE_COLUMN * line.size
    ]
    return (
        sorted(steps)[int(len(steps) * 0.3)] if steps else 0.0
    )  # with two-line paragraphs, half of the steps are wide


def _starts_paragraph(before: Line, line: Line, width: float, leading: float, lefts: Counter[int]) -> bool:
    """Return whether `line` starts a paragraph."""
    if line.text.startswith(_BULLETS):
        return True
    ended = before.text.endswith(_SENTENCE_END)
    continues = line.text[:1].islower()
    if before.size and line.size:
        if abs(before.size - line.size) > _TOLERANCE * max(before.size, line.size):
            return ended or not continues
        step = before.y - line.y
        if before.page != line.page or not 0 < step < _ONE_COLUMN * line.size:  # another page or column
            return ended and not continues
        if (leading and step > _WIDER * leading * line.size) or _is_indented(before, line, lefts):
            return True
    first = line.text.split(" ", 1)[0]
    has_room = len(before.text) + 1 + len(first) < _ROOM * width
    return has_room and not continues


def _is_indented(before: Line, line: Line, lefts: Counter[int]) -> bool:
    """Return whether a line starts to the right of the line before, which starts where most lines do."""
    indent = line.x - before.x
    return _INDENT * line.size < indent < _ONE_COLUMN * line.size and lefts[round(before.x)] > lefts[round(line.x)]


def join(paragraphs: Sequence[Sequence[Line]], pages: int) -> tuple[str, tuple[int, ...]]:
    """Join paragraphs into text, with blank lines between them; return it with the start of each of `pages`.

    A page starts after white space; a word broken over two pages belongs to the first. A page without text starts
    where the next one does.
    """
    words = frozenset(
        word.casefold() for paragraph in paragraphs for line in paragraph for word in _HYPHENATED.findall(line.text)
    )
    pieces: list[str] = []
    starts: list[int | None] = [0, *[None] * (pages - 1)]
    length = 0

    def add(piece: str) -> None:
        nonlocal length
        pieces.append(piece)
        length += len(piece)

    for number, paragraph in enumerate(paragraphs):
        if number:
            add("\n\n")
        for position, line in enumerate(paragraph):
            text = line.text
            if position:
                opened = _open_word(pieces[-1], text, words)
                if opened is None:
                    add(" ")
                else:
                    pieces[-1], length = opened, length - len(pieces[-1]) + len(opened)
                    word, blank, text = text.partition(" ")
                    add(word + blank)
            if text and starts[line.page] is None:
                starts[line.page] = length
            add(text)
    following = length
    for page in range(pages - 1, -1, -1):
        start = starts[page]
        starts[page] = following = following if start is None else start
    return "".join(pieces), tuple(start or 0 for start in starts)


def _open_word(before: str, line: str, hyphenated: frozenset[str]) -> str | None:
    """Return `before`, ready for the rest of its last word, if `line` continues that word; else None."""
    if not _LETTER_HYPHEN.search(before[-2:]):
        return None
    first = _FIRST_WORD.match(line)
    if first is None:
        return before if line[:1].isdigit() else None
    if before.endswith("\xad"):
        return before[:-1]
    last = _LAST_WORD.search(before[-41:-1])
    compound = f"{last[0] if last else ''}-{first[0]}".casefold()
    return before if first[0][0].isupper() or compound in hyphenated else before[:-1]

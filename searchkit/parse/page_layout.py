"""Printed lines back to paragraphs: running heads dropped, hyphens closed, lines joined, each page's start kept.

Print says with space what text says with a blank line. Where lines know their place on the page, a wider gap, another
size of type or an indent begins a paragraph; where they do not, and at the end of a column or page, a paragraph goes on
unless its last line ends a sentence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct


class Line(Struct, frozen=True, kw_only=True):
    """A printed line: its words, and where they begin, in points from the lower left of the page, with size of type.

    A `size` of 0 says that the place is not known.
    """

    page: int
    text: str
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0


class Layout(Struct, frozen=True, kw_only=True):
    """Paragraphs, each as the lines it was printed in; the running heads left out, once each."""

    paragraphs: tuple[tuple[Line, ...], ...]
    removed: tuple[str, ...]


_EDGE_LINES = 3  # so many lines at the top and the bottom of a page may be running heads
_LONGEST_HEAD = 150
_QUOTATION_MARKS = frozenset('"“”„«»')
_NUMBERS = re.compile(r"\d{1,9}")
# "7", "- 7 -", "Page 7 of 9"; a year alone is more likely the end of a sentence.
_PAGE_NUMBER = re.compile(
    r"[-–—|·\s]{0,4}(?:(?:page|seite|pagina|página|p)\b\.?\s{0,3})?(?!(?:19|20)\d\d\b)\d{1,5}"
    r"(?:\s{0,3}(?:/|of|von|de|sur|\|)\s{0,3}\d{1,5})?[-–—|·\s]{0,4}"
)
_SAME_PLACE = 3.0  # points by which a running head may move from page to page
_STOPS = tuple(".!?…。！？")
_APART = 1.8  # steps of a line: more than between paragraphs, less than before most running feet
_SENTENCE_END = tuple(".!?:;…。！？\"'”’»)]")
_BULLETS = ("•", "●", "▪", "■", "◦", "‣")
_ALIKE = 0.15  # share by which sizes and gaps may differ and still be the same
_WIDER = 1.3
_INDENT = 0.8  # in sizes of type
_ONE_COLUMN = 4.0  # in sizes of type: a larger step down is not the next line
# A line that left room for the next word was ended on purpose. Letters differ in width, so only plain room counts.
_ROOM = 0.85
_LETTER_HYPHEN = re.compile(r"[^\W\d_](?:-|\u2010|\xad)$")
_FIRST_WORD = re.compile(r"[^\W\d_]{1,40}")
_LAST_WORD = re.compile(r"[^\W\d_]{1,40}$")
_HYPHENATED = re.compile(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}")


def lay_out(pages: Sequence[Sequence[Line]]) -> Layout:
    """The paragraphs of a document from the lines of its pages, in the order in which they are printed."""
    heads = _running_heads(pages)
    removed: dict[str, str] = {}
    lines: list[Line] = []
    for page in pages:
        left_out: set[int] = set()
        found: dict[str, str] = {}
        for edge in _edges(page):
            for position, line in enumerate(edge):
                if not (key := heads.key(edge[position:])):
                    break  # what stands further in is no head
                found.setdefault(key, line.text)
                left_out.add(id(line))
        kept = [line for line in page if id(line) not in left_out]
        # A page that is mostly heads has none: its lines are alike, as in a list, and are what it says.
        if _letters(kept) * 2 < _letters(page):
            lines += page
            continue
        lines += kept
        for key, text in found.items():
            removed.setdefault(key, text)
    return Layout(paragraphs=tuple(map(tuple, _paragraphs(lines))), removed=tuple(dict.fromkeys(removed.values())))


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _keys(line: Line) -> frozenset[str]:
    """What a running head looks like on each page: its words, numbers as they are or counted from that of the page."""
    if len(line.text) > _LONGEST_HEAD or not _QUOTATION_MARKS.isdisjoint(line.text):
        return frozenset()  # what somebody said is no head
    text = line.text.casefold()
    if _PAGE_NUMBER.fullmatch(text):
        return frozenset({"#"})
    if not any(sign.isalpha() for sign in text):
        return frozenset()
    keys = {text}
    numbers = list(_NUMBERS.finditer(text))
    for number in (*numbers[:1], *numbers[-1:]):
        keys.add(f"{text[: number.start()]}#{int(number[0]) - line.page}#{text[number.end() :]}")
    return frozenset(keys)


def _edges(page: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The lines nearest to the top of a page, and those nearest to its bottom, the outermost first."""
    ordered = sorted(page, key=lambda line: -line.y) if all(line.size for line in page) else list(page)
    return ordered[:_EDGE_LINES], ordered[::-1][:_EDGE_LINES]


class _Heads(Struct, frozen=True):
    """What the running heads of a document look like, where they stand, and its usual step from line to line."""

    keys: frozenset[str]
    places: tuple[tuple[float, float], ...]  # height on the page and size of type
    leading: float

    def key(self, lines: Sequence[Line]) -> str:
        """What the first of some lines, on their way inwards from an edge, is known by as a head; empty for none."""
        line = lines[0]
        if not _may_be_head(lines, self.leading):
            return ""
        if known := self.keys.intersection(_keys(line)):
            return min(known)
        # The other side of a sheet, or another chapter, has another head in the same place.
        if line.size and self._is_placed(line) and _keys(line) and _is_set_apart(lines, self.leading):
            return line.text.casefold()
        return ""

    def _is_placed(self, line: Line) -> bool:
        return any(abs(line.y - y) <= _SAME_PLACE and abs(line.size - size) <= _ALIKE * size for y, size in self.places)


def _running_heads(pages: Sequence[Sequence[Line]]) -> _Heads:
    """Lines that stand at an edge of most pages, or of most left or right ones, and page numbers."""
    filled = [page for page in pages if page]
    leading = _leading([line for page in filled for line in page])
    standing: dict[str, list[Line]] = {}
    for page in filled:
        candidates = (
            edge[position]
            for edge in _edges(page)
            for position in range(len(edge))
            if _may_be_head(edge[position:], leading)
        )
        on_page = {key: line for line in candidates for key in _keys(line)}
        for key, line in on_page.items():
            standing.setdefault(key, []).append(line)
    keys = {"#"}
    places: dict[tuple[int, int], tuple[float, float]] = {}
    for side in (None, 0, 1):
        count = sum(side is None or page[0].page % 2 == side for page in filled)
        for key, lines in standing.items():
            found = [line for line in lines if side is None or line.page % 2 == side]
            if len(found) <= max(1, count // 2):
                continue
            middle = sorted(line.y for line in found)[len(found) // 2]
            placed = [line for line in found if line.size and abs(line.y - middle) <= _SAME_PLACE]
            is_placed = len(placed) > max(1, count // 2)
            # Of two pages, or of one side, only what stands in the same place and ends no sentence is no accident.
            if (side is None and count > 2) or (is_placed and not found[0].text.endswith(_SENTENCE_END)):
                keys.add(key)
                if is_placed and key != "#":
                    size = placed[0].size
                    places.setdefault((round(middle), round(size)), (middle, size))
    return _Heads(frozenset(keys), tuple(places.values()), leading)


def _may_be_head(lines: Sequence[Line], leading: float) -> bool:
    """Whether the first of some lines, on their way inwards from an edge, may be a running head: what ends like a
    sentence is text unless it is set apart from the text."""
    return not lines[0].text.endswith(_STOPS) or _is_set_apart(lines, leading)


def _is_set_apart(lines: Sequence[Line], leading: float) -> bool:
    """Whether the first of some lines, on their way inwards, comes to a gap or to another size of type."""
    for line, inner in pairwise(lines):
        if not line.size or not inner.size or not leading:
            return False
        if abs(line.size - inner.size) > _ALIKE * max(line.size, inner.size):
            return True
        if abs(line.y - inner.y) > _APART * leading * inner.size:
            return True
    return False


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    if not lines:
        return []
    width = _width(lines)
    leading = _leading(lines)
    lefts = Counter(round(line.x) for line in lines if line.size)
    paragraphs = [[lines[0]]]
    for before, line in pairwise(lines):
        if _begins(before, line, width, leading, lefts):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def _width(lines: Sequence[Line]) -> float:
    """How many signs a full line has: most lines of a text are full."""
    lengths = sorted(len(line.text) for line in lines)
    return lengths[int(len(lengths) * 0.7)]


def _leading(lines: Sequence[Line]) -> float:
    """The usual step from one line down to the next, in sizes of type; 0 when it is not known."""
    steps = [
        (before.y - line.y) / line.size
        for before, line in pairwise(lines)
        if line.size and before.page == line.page and 0 < before.y - line.y < _ONE_COLUMN * line.size
    ]
    return sorted(steps)[int(len(steps) * 0.3)] if steps else 0.0  # paragraphs of two lines have as many wide steps


def _begins(before: Line, line: Line, width: float, leading: float, lefts: Counter[int]) -> bool:
    """Whether `line` begins a paragraph."""
    if line.text.startswith(_BULLETS):
        return True
    ended = before.text.endswith(_SENTENCE_END)
    goes_on = line.text[:1].islower()
    if before.size and line.size:
        if abs(before.size - line.size) > _ALIKE * max(before.size, line.size):
            return ended or not goes_on
        step = before.y - line.y
        if before.page != line.page or not 0 < step < _ONE_COLUMN * line.size:  # another page or column
            return ended and not goes_on
        if (leading and step > _WIDER * leading * line.size) or _is_indented(before, line, lefts):
            return True
    first = line.text.split(" ", 1)[0]
    has_room = len(before.text) + 1 + len(first) < _ROOM * width
    return has_room and not goes_on


def _is_indented(before: Line, line: Line, lefts: Counter[int]) -> bool:
    """Whether a line begins to the right of the one before, which stands where many lines do."""
    indent = line.x - before.x
    return _INDENT * line.size < indent < _ONE_COLUMN * line.size and lefts[round(before.x)] > lefts[round(line.x)]


class Joined(Struct, frozen=True, kw_only=True):
    """Text of paragraphs, blank lines between them, and where each page starts in it."""

    text: str
    pages: tuple[int, ...]


def join(paragraphs: Sequence[Sequence[Line]], pages: int) -> Joined:
    """The text of `paragraphs`, and the start of each of `pages`.

    A page starts behind white space. A word broken over two pages belongs to the first; a page without text starts
    where the next one does.
    """
    words = _hyphenated(paragraphs)
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
                opened = _opened(pieces[-1], text, words)
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
    return Joined(text="".join(pieces), pages=tuple(start or 0 for start in starts))


def _hyphenated(paragraphs: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Words that are written with a hyphen where no line ends."""
    return frozenset(
        word.casefold() for paragraph in paragraphs for line in paragraph for word in _HYPHENATED.findall(line.text)
    )


def _opened(before: str, line: str, hyphenated: frozenset[str]) -> str | None:
    """`before`, ready for the rest of its last word, when `line` goes on with that; None when it does not."""
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

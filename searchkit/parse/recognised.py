"""Read the words that tesseract recognises in a picture: paragraphs and pages, without what it hardly recognises.

A paragraph that goes on in another block is joined again, and so are hyphenated words (page_layout.py).
"""

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from msgspec import Struct

from searchkit.errors import InputError
from searchkit.parse.base import Draft
from searchkit.parse.page_layout import Line, continues, join

# Of 100. Text that is upside down or very small has 25 to 50, blurred text in which some words are wrong 85.
_LEAST_CONFIDENCE = 70
_PAGE, _LINE, _WORD = "1", "4", "5"
_COLUMNS = 12
# How far the baseline of a line rises for its length: with more, tesseract overlooks paragraphs.
_MOST_SLOPE = 0.04
_FEWEST_WORDS = 5


class _Word(Struct, frozen=True):
    """A word with its confidence, and the left and lower edge of its place."""

    text: str
    confidence: float
    left: int
    bottom: int


class _Paragraph(Struct, frozen=True):
    page: int
    lines: list[list[_Word]]


def read(table: str) -> Draft:
    """Return the text of tesseract's TSV. Raises InputError without text, or if all of it has a low confidence."""
    pages, paragraphs = 0, list[_Paragraph]()
    block: list[str] = []
    for row in table.split("\n")[1:]:
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS:
            continue
        level, text = cells[0], cells[-1].strip()
        if level == _PAGE:
            pages += 1
        elif level == _LINE:
            if cells[1:4] != block:
                paragraphs.append(_Paragraph(max(0, pages - 1), []))
            block = cells[1:4]
            paragraphs[-1].lines.append([])
        elif level == _WORD and text and paragraphs:
            left, top, _, height = map(int, cells[6:10])
            paragraphs[-1].lines[-1].append(_Word(text, float(cells[10]), left, top + height))
    paragraphs = [paragraph for paragraph in paragraphs if any(map(_is_text, _words([paragraph])))]
    if not paragraphs:
        raise InputError("image without text that tesseract recognises")
    clear, unclear = list[_Paragraph](), list[_Paragraph]()
    for _, on_page in groupby(paragraphs, key=lambda paragraph: paragraph.page):
        together = list(on_page)
        for paragraph in together:
            certain = min(_confidence(together), _confidence([paragraph])) >= _LEAST_CONFIDENCE
            (clear if certain else unclear).append(paragraph)
    if not clear:
        raise InputError(
            f"image whose text tesseract recognises with a confidence of {_confidence(unclear):.0f} of 100 "
            f"(needed: {_LEAST_CONFIDENCE}); scan it again, upright, sharper or larger"
        )
    joined = join(_lines(clear), pages)
    certainty = f"{_confidence(clear):.0f} of 100"
    notes = [f"read by tesseract with a confidence of {certainty}: recognised text and layout may have errors"]
    if unclear:
        left_out = sorted({paragraph.page + 1 for paragraph in unclear})
        notes.append(f"left out, recognised with low confidence: text of page {', '.join(map(str, left_out))}")
    if _is_askew(clear):
        notes.append("the picture is askew, so paragraphs may be missing: scan it straight")
    return Draft(text=joined.text, pages=joined.pages if pages > 1 else (), notes=tuple(notes))


def _is_text(word: _Word) -> bool:
    return any(map(str.isalnum, word.text))


def _words(paragraphs: Sequence[_Paragraph]) -> list[_Word]:
    return [word for paragraph in paragraphs for line in paragraph.lines for word in line]


def _confidence(paragraphs: Sequence[_Paragraph]) -> float:
    """Return the mean confidence of the characters of all words."""
    words = _words(paragraphs)
    return sum(word.confidence * len(word.text) for word in words) / sum(len(word.text) for word in words)


def _lines(paragraphs: Sequence[_Paragraph]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for paragraph in paragraphs:
        texts = (" ".join(word.text for word in line) for line in paragraph.lines if line)
        lines = [Line(page=paragraph.page, text=text) for text in texts]
        if found and continues(found[-1][-1], lines[0]):
            found[-1].extend(lines)
        else:
            found.append(lines)
    return found


def _is_askew(paragraphs: Sequence[_Paragraph]) -> bool:
    """Return whether the lines, upright or on their side, rise or fall."""
    slopes = []
    for paragraph in paragraphs:
        for line in paragraph.lines:
            if len(line) >= _FEWEST_WORDS:
                steps = sorted((abs(line[-1].left - line[0].left), abs(line[-1].bottom - line[0].bottom)))
                slopes.append(steps[0] / max(1, steps[1]))
    return bool(slopes) and median(slopes) > _MOST_SLOPE

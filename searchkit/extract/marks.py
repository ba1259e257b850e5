"""Quotation marks: which stretches of a text stand inside them.

takes:    normalized text and its paragraphs
gives:    Quoted stretches in reading order, outermost marks only, marks included
does not: know who speaks, or whether a stretch is a statement
traps:    the closing mark of one language opens in another, so what closes depends on what opened
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from searchkit.text import Span

# What opens -> what may close it. U+201C closes German quotes and opens English ones: hence a table, not two sets.
_CLOSERS = {
    '"': '"”',
    "＂": "＂",
    "“": '”"',
    "„": '“”"',
    "‟": "”",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
    "''": "''",
    "``": "''",
}
_SINGLE = {"‘": "’", "‚": "‘’", "‹": "›", "'": "'"}
_MARK = re.compile("[\"＂“”„‟«»「」『』〝〞〟]|''|``")
_SINGLE_MARK = re.compile("[‘’‚‹›']")
# A chain of unclosed paragraphs longer than this is a typing error, not a speech.
_MOST_PARAGRAPHS = 12
# Single marks count as quotation marks only in a text that has this many good pairs and no double mark.
_FEWEST_SINGLE_PAIRS = 2
_OPENERS = frozenset("\"“„«»＂‟「『'`")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A stretch inside quotation marks; `span` holds the marks. `closed` is false when the closing one is missing.

    `parts` are its pieces by paragraph: more than one where each paragraph of a long quote opens with a mark.
    """

    span: Span
    parts: tuple[Span, ...]
    closed: bool

    def inner(self, text: str) -> str:
        """The words without the marks."""
        return self.span.of(text).strip("\"“”„‟«»＂「」『』〝〞〟'‘’‚‹›`")


def find(text: str, paragraphs: Sequence[Span]) -> tuple[Quoted, ...]:
    """Every quoted stretch of `text`, in order. One pass; an unclosed mark runs to the end of its paragraph."""
    double = _scan(text, paragraphs, double=True)
    if not any(sign in text for sign in _SINGLE):
        return tuple(double)
    single = [quoted for quoted in _scan(text, paragraphs, double=False) if quoted.closed]
    if len(single) < _FEWEST_SINGLE_PAIRS or not _all_inside(double, single):
        return tuple(double)
    return tuple(single)


def _all_inside(inner: Sequence[Quoted], outer: Sequence[Quoted]) -> bool:
    """Whether every one of `inner` lies in one of `outer`; both in order."""
    at = 0
    for quoted in inner:
        while at < len(outer) and outer[at].span.end < quoted.span.end:
            at += 1
        if at == len(outer) or not outer[at].span.covers(quoted.span):
            return False
    return True


def _scan(text: str, paragraphs: Sequence[Span], *, double: bool) -> list[Quoted]:
    found: list[Quoted] = []
    chain: list[Span] = []  # parts of a quote that the paragraphs before left open
    chain_opener = ""
    for paragraph in paragraphs:
        if chain and (
            len(chain) >= _MOST_PARAGRAPHS
            or text[paragraph.start] not in _OPENERS
            or (text[paragraph.start] != chain_opener[0] and text[paragraph.start] not in '"“')
        ):
            found.append(Quoted(Span(chain[0].start, chain[-1].end), tuple(chain), closed=False))
            chain = []
        pieces, rest = _pairs(text, paragraph, double=double)
        if chain:
            first = pieces.pop(0) if pieces else rest
            if first is None or first.start != paragraph.start:
                found.append(Quoted(Span(chain[0].start, chain[-1].end), tuple(chain), closed=False))
                chain = []
                pieces = [first, *pieces] if first is not None and first is not rest else pieces
            elif first is rest:
                chain.append(first)
                continue
            else:
                chain.append(first)
                found.append(Quoted(Span(chain[0].start, first.end), tuple(chain), closed=True))
                chain = []
        found.extend(Quoted(piece, (piece,), closed=True) for piece in pieces)
        if rest is not None:
            chain, chain_opener = [rest], text[rest.start]
    if chain:
        found.append(Quoted(Span(chain[0].start, chain[-1].end), tuple(chain), closed=False))
    return found


def _pairs(text: str, paragraph: Span, *, double: bool) -> tuple[list[Span], Span | None]:
    """The closed pairs of one paragraph, and the stretch that an unclosed mark opens at its end."""
    pieces: list[Span] = []
    start, closers = -1, ""
    pattern, table = (_MARK, _CLOSERS) if double else (_SINGLE_MARK, _SINGLE)
    for mark in pattern.finditer(text, paragraph.start, paragraph.end):
        sign, at = mark.group(), mark.start()
        if start < 0:
            if sign == "”" and double and _opens(text, at):  # Swedish and Finnish open as they close
                start, closers = at, "”"
            elif sign in table and (double or _opens(text, at)) and not _measures(text, at, sign):
                start, closers = at, table[sign]
        elif sign in closers and (double or _closes(text, mark.end(), paragraph.end)):
            if sign == '"' and _opens_again(text, at, paragraph):
                continue
            pieces.append(Span(start, mark.end()))
            start = -1
    # A lone mark near the end of a paragraph quotes nothing.
    if start >= 0 and paragraph.end - start > 15:
        return pieces, Span(start, paragraph.end)
    return pieces, None


def _measures(text: str, at: int, sign: str) -> bool:
    """Whether a mark is the sign for inches or seconds: 6" tall."""
    return sign in {'"', "''"} and at > 0 and text[at - 1].isdigit()


def _opens_again(text: str, at: int, paragraph: Span) -> bool:
    """Whether a straight mark that could close stands where an opening one does: after a space, before a letter."""
    return paragraph.start < at < paragraph.end - 1 and text[at - 1].isspace() and text[at + 1].isalpha()


def _opens(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return not before.isalnum() and after.isalnum()


def _closes(text: str, end: int, limit: int) -> bool:
    after = text[end] if end < limit else " "
    return not after.isalnum()

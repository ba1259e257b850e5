"""Find the stretches of a text inside quotation marks: outermost marks only, marks included.

The closing mark of one language opens in another, so what closes depends on what opened.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from searchkit.statements.document import QuoteKind
from searchkit.statements.text import SENTENCE_ENDS, Span

# What opens -> what may close it. U+201C closes German quotes and opens English ones: hence a table, not two sets.
_CLOSERS: dict[str, str | tuple[str, ...]] = {
    '"': '"”', "＂": "＂", "“": '”"', "„": '“”"', "‟": "”", "«": "»", "»": "«", "「": "」", "『": "』", "｢": "｣",
    "﹁": "﹂", "﹃": "﹄", "〝": "〞〟", "״": "״", "''": ("''",), "``": ("''",), "’’": ("‘‘",),
}  # fmt: skip  # the last is Urdu
# What opens closes, too, where the closing mark stands; Arabic script also has the English pair reversed.
_EITHER_WAY = frozenset({"““", "»»", "”“"})
# Apostrophes too: they open and close only where a word begins and ends, and only in pairs.
_SINGLE = {"‘": "’'", "‚": "‘’", "‹": "›", "›": "‹", "'": "'’"}
# Marks that have a shape for each side, so that they nest in their own kind.
_BRACKETS = frozenset("「『｢﹁﹃")
_ALL = "\"＂“”„‟«»「」『』｢｣﹁﹂﹃﹄〝〞〟״‘’‚‹›'`"
# One class of characters first, to which the engine skips. Single marks make a double one in Arabic script only.
_ARABIC = "\u0600-\u06ff"
_MARK = re.compile(
    f"[{_ALL}](?:(?<=')'?|(?<=`)`|(?<=’)’(?=[{_ARABIC}])|(?<=[{_ARABIC}]‘)‘|(?<=[{_ARABIC}][.!?…]‘)‘|(?<=[^'`]))"
)
# The mark of a Hebrew acronym stands inside a word, but not behind a prefix of one letter ("and", "in", "that").
_ACRONYM = re.compile('[א-ת](?:(?<=[א-ת][א-ת])["״”][א-ת]|["״”][א-ת](?![א-ת]))')
# Chinese, Japanese and Korean, from this character on, set no spaces around marks.
_JOINED = "\u2e80"
# Words and years that begin with an apostrophe: 'em, '90s.
_ELIDED = re.compile(r"(?:\d\ds?|em|tis|twas|til|till|cause|bout|round|n|cos|tude|neath|cuz)\b", re.IGNORECASE)
# "It is old, he said, "and wet.": the first quotation lacks its closing mark.
_INTERPOSED = re.compile(r", [^\s,]{1,20} [^\s,]{1,20}(?: [^\s,]{1,20})?, $")
# "It is old,' he said: a quotation that a single mark closes by mistake.
_SLIP = re.compile(r"(?:[^\n\"'’‘]|\w['’]\w){8,400}[.,!?]['’](?=\s|$)")
# The label of a turn in a transcript.
_LABEL = re.compile(r"[A-Z][A-Z.’' -]{1,40}: ")
# Marks and apostrophes between two single marks; more were never meant as a pair.
OPENERS = frozenset("\"“„«»＂‟「『｢﹁﹃״'`‘‚")


class Quoted(Struct, frozen=True):
    """A stretch inside quotation marks; `span` includes them. `closed` is false if the closing mark is missing.

    `parts` are its pieces by paragraph: more than one where each paragraph of a long quote opens with a mark.
    """

    span: Span
    parts: tuple[Span, ...]
    closed: bool

    def inner(self, text: str) -> str:
        return self.span.of(text).strip(_ALL)


class Kinds:
    """Which parts of a text are quoted."""

    def __init__(self, text: str, quoted: Sequence[Quoted]) -> None:
        self._text = text
        self._parts = [part for stretch in quoted for part in stretch.parts]
        self._starts = [part.start for part in self._parts]

    def of(self, span: Span) -> QuoteKind:
        """Return whether the words of `span` are quoted, all or in part, by the share of letters inside marks."""
        inside: list[Span] = []
        # One stretch back as well: a speech of several paragraphs may begin before the span.
        at = max(0, bisect_left(self._starts, span.start) - 1)
        while at < len(self._parts) and self._parts[at].start < span.end:
            part = self._parts[at]
            at += 1
            if part.end > span.start:
                inside.append(Span(max(part.start, span.start), min(part.end, span.end)))
        if inside == [span]:
            return "direct"
        words = span.of(self._text)
        if not inside and any(map(str.isalnum, words)):
            return "indirect"
        letters = sum(map(str.isalnum, words))
        quoted = sum(sum(map(str.isalnum, part.of(self._text))) for part in inside)
        share = quoted / letters if letters else 1.0
        return "direct" if share >= 0.9 else "indirect" if share <= 0.02 else "mixed"  # as in published quote corpora


def find(text: str, paragraphs: Sequence[Span]) -> tuple[Quoted, ...]:
    """Return every quoted stretch of `text`, in order. An unclosed mark runs to the end of its paragraph.

    A single mark quotes only where its pair stands in the same paragraph, or where it opens paragraph after paragraph.
    """
    found: list[Quoted] = []
    chain: list[Span] = []  # parts of a quote that the paragraphs before left open
    for paragraph in paragraphs:
        if chain and not _goes_on(text, paragraph.start, chain):
            _leave_open(text, chain, found)
            chain = []
        pieces, rest = _Pairs(text, paragraph).read(goes_on=bool(chain))
        if chain:
            first = pieces.pop(0) if pieces else rest
            if first is None or first.start != paragraph.start:
                _leave_open(text, chain, found)
                pieces = [first, *pieces] if first is not None and first is not rest else pieces
            else:
                chain.append(first)
                if first is rest:
                    continue
                found.append(Quoted(Span(chain[0].start, first.end), tuple(chain), closed=True))
            chain = []
        found.extend(Quoted(piece, (piece,), closed=True) for piece in pieces)
        if rest is not None:
            chain = [rest]
    if chain:
        _leave_open(text, chain, found)
    return tuple(found)


def _goes_on(text: str, at: int, chain: Sequence[Span]) -> bool:
    """Return whether the paragraph that starts at `at` can carry on the speech that `chain` left open."""
    opener = text[chain[0].start]
    opens = text[at] in OPENERS and (text[at] == opener or (text[at] in '"“' and opener not in _SINGLE))
    if _LABEL.match(text, at + 1):
        return False  # "LIND: No.": another speaker of a transcript
    return opens and len(chain) < 12  # a chain of more unclosed paragraphs is a typing error, not a speech


def _leave_open(text: str, chain: Sequence[Span], found: list[Quoted]) -> None:
    """Record a speech that nothing closes. A lone single mark is an apostrophe."""
    if len(chain) == 1 and text[chain[0].start] in _SINGLE and not text.startswith("''", chain[0].start):
        return
    found.append(Quoted(Span(chain[0].start, chain[-1].end), tuple(chain), closed=False))


class _Pairs:
    """The marks of one paragraph."""

    def __init__(self, text: str, paragraph: Span) -> None:
        self._text = text
        self._paragraph = paragraph
        self._marks = [
            (found.group(), found.start())
            for found in _MARK.finditer(text, paragraph.start, paragraph.end)
            if found.group() not in '"״”' or _ACRONYM.match(text, max(0, found.start() - 1)) is None
        ]

    def read(self, *, goes_on: bool) -> tuple[list[Span], Span | None]:
        """Return the closed pairs, and the stretch that an unclosed mark opens; `goes_on` in a speech left open."""
        self._pieces: list[Span] = []
        self._start, self._opener, self._depth = -1, "", 0
        self._closing: str | tuple[str, ...] = ""
        self._lone: Span | None = None  # what a single mark at the start of the paragraph opens
        at = 0
        while at < len(self._marks):
            at = self._read_outside(at, goes_on=goes_on) if self._start < 0 else self._read_inside(at)
        rest = self._left_open()
        return self._pieces, rest

    def _read_outside(self, at: int, *, goes_on: bool) -> int:
        """Read the mark number `at` outside quotations; return the number of the next one."""
        mark, place = self._marks[at]
        if mark not in _SINGLE:
            self._closing = self._closers(mark, place)
            if self._closing:
                self._start, self._opener = place, mark
        elif self._opens(place):
            last = self._single_end(at)
            if last is not None:
                self._pieces.append(Span(place, self._marks[last][1] + 1))
                return last + 1
            if place == self._paragraph.start and (mark != "'" or goes_on):
                self._lone = Span(place, self._paragraph.end)
        return at + 1

    def _read_inside(self, at: int) -> int:
        """Read the mark number `at` inside a quotation; return the number of the next one."""
        mark, place = self._marks[at]
        if self._opener == '"' and self._is_pair(at):
            return at + 2  # a pair of curly marks inside straight ones
        if mark not in self._closing and not (self._opener + mark in _EITHER_WAY and self._closes(place)):
            self._depth += mark == self._opener and self._nests(at)
        elif mark == '"' and self._opens_again(place):
            twice = self._closes_twice(at + 1)
            near = max(self._start, place - 40)
            missed = None if twice or self._depth else _INTERPOSED.search(self._text, near, place)
            if missed is not None:
                self._pieces.append(Span(self._start, missed.start() + 1))
                self._start = place
            self._depth += twice
        elif self._depth:
            self._depth -= 1
        else:
            self._pieces.append(Span(self._start, place + len(mark)))
            self._start = -1
        return at + 1

    def _closers(self, mark: str, place: int) -> str | tuple[str, ...]:
        """Return the marks that close a quotation which the mark at `place` opens; empty if it opens none."""
        if mark == "”":
            return "”" if self._opens(place) else ""  # Swedish and Finnish open as they close
        if mark in {'"', "''"} and place and self._text[place - 1].isdigit():
            return ""  # 6" tall
        return _CLOSERS.get(mark, "")

    def _left_open(self) -> Span | None:
        """Return the stretch that an unclosed mark opens."""
        text, start, end = self._text, self._start, self._paragraph.end
        if start >= 0 and self._opener == '"' and (slip := _SLIP.match(text, start + 1, end)) is not None:
            self._pieces.append(Span(start, slip.end()))
            return None
        # A lone mark near the end of a paragraph quotes nothing.
        if start >= 0 and (end - start > 15 or text[start + 1 : start + 2] > _JOINED):
            return Span(start, end)
        return None if self._pieces else self._lone

    def _single_end(self, opening: int) -> int | None:
        """Return the number of the mark that closes the single mark `opening`; None if that is an apostrophe."""
        text, marks = self._text, self._marks
        mark, start = marks[opening]
        if mark in "'‘" and _ELIDED.match(text, start + 1):
            return None
        closers = _SINGLE[mark]
        possessive: int | None = None
        for at in range(opening + 1, min(len(marks), opening + 60)):
            other, place = marks[at]
            closes = place + 1 >= self._paragraph.end or not _is_letter(text[place + 1])
            if other in closers and closes and not text[place - 1].isspace():
                if not self._is_possessive(place):
                    return at
                possessive = at if possessive is None else possessive
            elif possessive is not None and other in _SINGLE and self._opens(place):
                return possessive
        return possessive

    def _is_possessive(self, place: int) -> bool:
        """Return whether the closing mark at `place` may be the apostrophe of a plural: "the boys' club"."""
        text, end = self._text, self._paragraph.end
        return text[place - 1] in "sxz" and place + 2 < end and text[place + 1] == " " and text[place + 2].isalpha()

    def _nests(self, number: int) -> bool:
        """Return whether the mark inside its own kind opens a quotation in it: two closing ones follow."""
        marks = self._marks
        mark = marks[number][0]
        closers = _CLOSERS[mark]
        if mark in closers or not (mark in _BRACKETS or self._opens(marks[number][1])):
            return False
        doubles = [other for other, _ in marks[number + 1 : number + 6] if other == mark or other in closers][:2]
        return len(doubles) == 2 and all(other != mark for other in doubles)

    def _is_pair(self, number: int) -> bool:
        return [mark for mark, _ in self._marks[number : number + 2]] == ["“", "”"] and self._opens(
            self._marks[number][1]
        )

    def _closes(self, at: int) -> bool:
        """Return whether an opening mark at `at` stands where a quotation ends: behind a word, before a gap."""
        before, following = self._text[at - 1], self._text[at + 1 : min(at + 2, self._paragraph.end)]
        return (before.isalnum() or before in f",،{SENTENCE_ENDS}") and not following.isalnum()

    def _closes_twice(self, number: int) -> bool:
        """Return whether the next two marks are straight and close: a quotation inside a quotation."""
        near = self._marks[number : number + 2]
        ends = [self._paragraph.start < place and not self._text[place - 1].isspace() for _, place in near]
        return len(near) == 2 and all(mark == '"' for mark, _ in near) and all(ends)

    def _opens(self, at: int) -> bool:
        """Return whether a mark at `at` stands where a quotation begins: after a gap, before a word."""
        text = self._text
        before = text[at - 1] if at > self._paragraph.start else " "
        after = text[at + 1] if at + 1 < self._paragraph.end else " "
        return not _is_letter(before) and (after.isalnum() or after in '“"„«…[($£€@#')

    def _opens_again(self, at: int) -> bool:
        """Return whether a straight mark that could close stands where one opens: after a space, before a letter."""
        paragraph, text = self._paragraph, self._text
        return paragraph.start < at < paragraph.end - 1 and text[at - 1].isspace() and text[at + 1].isalpha()


def _is_letter(character: str) -> bool:
    """Return whether a mark next to `character` stands inside a word."""
    return character.isalnum() and character < _JOINED


def is_heading(words: str) -> bool:
    """Return whether words in marks are written as a heading."""
    long = [word for word in words.split() if len(word) > 3]  # headings write words of this length small
    return len(long) > 1 and all(word[0].isupper() for word in long)


_SENTENCE_END = re.compile(rf"[{SENTENCE_ENDS}][\"'”’»)」』｣]{{0,3}}$")


def ends_sentence(words: str) -> bool:
    """Return whether words in marks end as a sentence does."""
    return bool(_SENTENCE_END.search(words.rstrip()[-6:]))

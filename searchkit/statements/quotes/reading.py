"""Read sentences as tokens, in which each quoted stretch is one token and each name knows its mention.

Words inside quotation marks are invisible here, so a quoted verb is never a cue.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from searchkit.statements.document import Mention
from searchkit.statements.quotes.marks import Quoted
from searchkit.statements.text import Span, fold_words, sentences

_TOKEN = re.compile(
    r"\w[\w'’&/\-]{0,80}(?:(?:\.(?=\w)|(?<=\d):(?=\d)|(?<=\d),(?=\d{3}(?!\d)))[\w'’&/\-]{0,80}){0,20}(?:(?<=\d)%)?|[,;:()\[\]—–―]|--|-(?=\s)"
)
_LONG = 4  # letters of a long word
_FILLER = "\x01"
# "D.C." and "Inc." may end a sentence, "Sen." does not; a quoted sentence has three words and ends as one.
_ABBREVIATED = re.compile(r"(?:[A-Z]\.[A-Z]|\b(?:Inc|Corp|Co|Ltd|Jr|Sr)|[ap]\.m)\. \Z")
_SENTENCE = re.compile(r"\W{1,2}[A-Z]\S{0,30} \S{1,30} [^\n]{1,2000}[.!?…,]\W{1,2}")
_ENDERS = ".!?…"
# A sentence of more tokens than this is a table or a list; no cue is looked for in it.
MOST_TOKENS = 400
_DASHES = frozenset("—–―-") | {"--"}
QUOTED = '"'
# Kinds of names that make statements.
SPEAKING_KINDS = frozenset({"person", "company", "organisation", "agency", "group", "other"})
_BAR = " | "
_Match = re.Match[str]


class Sentence:
    """One sentence: `raw` and `low` tokens, `start` and `end` offsets; `quoted[i]` numbers a quoted stretch or
    is -1, `quotes` says whether one is there.

    A quoted stretch is one token whose `low` is `QUOTED` and whose `raw` is that and its first and last character;
    dashes of all kinds are `-`. `named[i]` is the mention that covers the token, or None.
    """

    __slots__ = ("end", "low", "named", "paragraph", "quoted", "quotes", "raw", "span", "start")

    def __init__(self, span: Span, paragraph: int) -> None:
        self.span = span
        self.paragraph = paragraph
        self.raw: list[str] = []
        self.low: list[str] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.quoted: list[int] = []
        self.quotes = False
        self.named: list[Mention | None] = []

    def __len__(self) -> int:
        return len(self.low)

    def add(self, raw: str, low: str, start: int, end: int, quoted: int = -1) -> None:
        self.raw.append(raw)
        self.low.append(low)
        self.start.append(start)
        self.end.append(end)
        self.quoted.append(quoted)
        self.quotes = self.quotes or quoted >= 0
        self.named.append(None)

    def is_complete(self, token: int) -> bool:
        """Return whether the token is a quoted stretch that ends as a sentence does, or as before an attribution."""
        return self.quoted[token] >= 0 and self.raw[token][-1] in ".!?…,"

    def goes_on(self, token: int) -> bool:
        """Return whether the token is a quoted stretch that begins inside a sentence: with a small letter."""
        return self.quoted[token] >= 0 and self.raw[token][1].islower()

    def has_comma(self, token: int) -> bool:
        return self.low[token] == "," or (self.quoted[token] >= 0 and self.raw[token][-1] == ",")

    def is_title(self) -> bool:
        """Return whether most words of the sentence begin with a capital, as in a headline."""
        firsts = [word[0] for word in self.raw if len(word) >= _LONG]
        long = [first for first in firsts if first.isalnum() and not first.isdecimal()]
        return len(long) >= 3 and sum(map(str.isupper, long)) >= 0.8 * len(long)

    def range(self, first: int, last: int) -> Span:
        """Return the span from token `first` up to, but not including, token `last`."""
        return Span(self.start[first], self.end[last - 1])

    def owner(self, first: int, last: int) -> Span:
        """Return the range without a possessive ending: Lind of "Lind's claim"."""
        span, word = self.range(first, last), self.low[last - 1]
        bare = word.rstrip("s").rstrip("'") if word.endswith(("'s", "s'")) else word
        return Span(span.start, span.end - len(word) + len(bare))


class Report(Struct, frozen=True):
    """A verb or phrase that reports, with the subject that speaks; `contents` are token ranges of what is said.

    A clause in the mood of reported speech has no cue, a passive no subject. `awaits` wants the quotation that opens
    the next paragraph, `takes_previous` the quotation that closes the last sentence. `elided` is the length of a
    conjunction at the start of the content that is not said: "qu'il resterait". `negated`: the subject did not say it.
    """

    cue: Span | None
    verb: str
    subject: Span | None
    contents: tuple[tuple[int, int], ...]
    rule: str
    awaits: bool = False
    takes_previous: bool = False
    elided: int = 0
    negated: bool = False


def _cells(text: str, within: Span | None) -> Iterator[Span]:
    """Yield the sentences of a text; a bar between two cells of a table ends one."""
    for sentence in sentences(text, within) if within is not None else sentences(text):
        start = sentence.start
        while (bar := text.find(_BAR, start, sentence.end)) >= 0:
            if bar > start:
                yield Span(start, bar)
            start = bar + len(_BAR)
        if start < sentence.end:
            yield Span(start, sentence.end)


class Reader:
    """Splits paragraphs into `Sentence`s with the quoted stretches and the mentions of the article."""

    def __init__(self, text: str, quoted: Sequence[Quoted], mentions: Sequence[Mention]) -> None:
        self._text = text
        self._parts = [(part, number) for number, stretch in enumerate(quoted) for part in stretch.parts]
        self._part_starts = [part.start for part, _ in self._parts]
        self._mentions = mentions
        self._mention_starts = [mention.span.start for mention in mentions]

    def sentences(self, paragraph: Span, number: int) -> Iterator[Sentence]:
        """Yield the sentences of the article's `number`-th paragraph."""
        text = self._text
        low = bisect_left(self._part_starts, paragraph.start)
        high = bisect_left(self._part_starts, paragraph.end)
        parts = self._parts[low:high]
        masked = self._masked(paragraph, parts) if parts else None
        at = 0
        for found in _cells(masked, None) if masked is not None else _cells(text, paragraph):
            span = Span(found.start + paragraph.start, found.end + paragraph.start) if masked is not None else found
            sentence = Sentence(span, number)
            position = span.start
            while at < len(parts) and parts[at][0].start < span.end:
                part, stretch = parts[at]
                at += 1
                if part.start < position:
                    continue
                self._tokens(sentence, position, part.start)
                mark = 2 if text.startswith("''", part.end - 2) else 1
                raw = QUOTED + text[part.start + mark] + text[part.end - mark - 1]
                sentence.add(raw, QUOTED, part.start, min(part.end, span.end), stretch)
                position = min(part.end, span.end)
            self._tokens(sentence, position, span.end)
            self._name(sentence)
            yield sentence

    def _masked(self, paragraph: Span, parts: Sequence[tuple[Span, int]]) -> str:
        """Return the paragraph with quoted words blanked out, but for a last character that ends a sentence.

        An abbreviation before a quoted sentence ends its own: "She lives in D.C. “I love this,” she said."
        """
        text, pieces, position = self._text, [], paragraph.start
        for part, _ in parts:
            before = text[position : part.start]
            if _ABBREVIATED.search(before, max(0, len(before) - 8)) and _SENTENCE.fullmatch(text, part.start, part.end):
                before = before[:-2] + "! "
            pieces.append(before)
            length = part.end - part.start
            mark = 2 if text.startswith("''", part.end - 2) else 1
            last = part.end - mark - 1
            if length > 5 and text[last].isspace():
                last -= 1  # French marks stand apart from the words
            if length > 4 and text[last] in _ENDERS:
                ending = text[last] + text[part.end - mark : part.end]
                pieces.append(text[part.start] + _FILLER * (length - mark - 2) + ending)
            else:
                pieces.append(text[part.start] + _FILLER * (length - 1))
            position = part.end
        pieces.append(text[position : paragraph.end])
        return "".join(pieces)

    def _tokens(self, sentence: Sentence, start: int, end: int) -> None:
        room = MOST_TOKENS + 1 - len(sentence)
        if end <= start or room <= 0:
            return
        # The innermost loop of extraction: list by list is twice as fast as token by token.
        found = list(islice(_TOKEN.finditer(self._text, start, end), room))
        raw = list(map(_Match.group, found))
        sentence.raw += raw
        low = fold_words(raw)
        sentence.low += low if _DASHES.isdisjoint(low) else ["-" if word in _DASHES else word for word in low]
        sentence.start += map(_Match.start, found)
        sentence.end += map(_Match.end, found)
        sentence.quoted += [-1] * len(found)
        sentence.named += [None] * len(found)

    def _name(self, sentence: Sentence) -> None:
        at = bisect_left(self._mention_starts, sentence.span.start)
        last = len(self._mentions)
        starts = sentence.start
        while at < last and self._mention_starts[at] < sentence.span.end:
            mention = self._mentions[at]
            at += 1
            token = bisect_left(starts, mention.span.start)
            if token and sentence.end[token - 1] > mention.span.start:
                token -= 1
            while token < len(starts) and starts[token] < mention.span.end:
                known = sentence.named[token]
                if sentence.quoted[token] < 0 and (known is None or known.span.end < mention.span.end):
                    sentence.named[token] = mention
                token += 1

"""Sentences as tokens, and the noun phrases before and after a verb of speech.

takes:    text, a paragraph, the quoted stretches in it, a language pack
gives:    Sentence: parallel lists of tokens, in which each quoted stretch is one token; token ranges of subjects
does not: decide what is a statement
traps:    words inside quotation marks are invisible here, so a quoted verb is never a cue
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from searchkit.document import Mention
from searchkit.extract.marks import Quoted
from searchkit.extract.packs import Pack
from searchkit.text import Span, fold, sentences

_TOKEN = re.compile(r"\w(?:[\w'’&/\-]|\.(?=\w)){0,80}|[,;:()\[\]—–―]|--|-(?=\s)")
_FILLER = "\x01"
_ENDERS = ".!?…"
# A sentence of more tokens than this is a table or a list; no cue is looked for in it.
_MOST_TOKENS = 400
_DASHES = frozenset("—–―-") | {"--"}
# How far, in tokens, a subject may reach back from its verb, and an appositive too.
_SUBJECT_REACH = 24
_APPOSITIVE_REACH = 45
QUOTED = '"'
SPEAKING_KINDS = frozenset({"person", "company", "organisation", "agency", "group", "other"})


class Sentence:
    """One sentence: `raw` and `low` tokens with `start` and `end` offsets; `quoted[i]` numbers a quoted stretch or is -1.

    A quoted stretch is one token whose `low` is `QUOTED`; dashes of all kinds are `-`. `named[i]` is the mention that
    covers the token, or None.
    """

    __slots__ = ("end", "low", "named", "paragraph", "quoted", "raw", "span", "start")

    def __init__(self, span: Span, paragraph: int) -> None:
        self.span = span
        self.paragraph = paragraph
        self.raw: list[str] = []
        self.low: list[str] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.quoted: list[int] = []
        self.named: list[Mention | None] = []

    def __len__(self) -> int:
        return len(self.low)

    def add(self, raw: str, low: str, start: int, end: int, quoted: int = -1) -> None:
        """Append one token."""
        self.raw.append(raw)
        self.low.append(low)
        self.start.append(start)
        self.end.append(end)
        self.quoted.append(quoted)
        self.named.append(None)

    def range(self, first: int, last: int) -> Span:
        """The span from token `first` up to, without, token `last`."""
        return Span(self.start[first], self.end[last - 1])


class Reader:
    """Cuts paragraphs into `Sentence`s, knowing the quoted stretches and the mentions of the article."""

    def __init__(self, text: str, quoted: Sequence[Quoted], mentions: Sequence[Mention]) -> None:
        self._text = text
        self._parts = [(part, number) for number, stretch in enumerate(quoted) for part in stretch.parts]
        self._part_starts = [part.start for part, _ in self._parts]
        self._mentions = mentions
        self._mention_starts = [mention.span.start for mention in mentions]

    def sentences(self, paragraph: Span, number: int) -> Iterator[Sentence]:
        """The sentences of the paragraph that is the article's `number`-th."""
        text = self._text
        low = bisect_left(self._part_starts, paragraph.start)
        high = bisect_left(self._part_starts, paragraph.end)
        parts = self._parts[low:high]
        masked = self._masked(paragraph, parts) if parts else None
        at = 0
        for found in sentences(masked) if masked is not None else sentences(text, paragraph):
            span = Span(found.start + paragraph.start, found.end + paragraph.start) if masked is not None else found
            sentence = Sentence(span, number)
            position = span.start
            while at < len(parts) and parts[at][0].start < span.end:
                part, stretch = parts[at]
                at += 1
                if part.start < position:
                    continue
                self._tokens(sentence, position, part.start)
                sentence.add(QUOTED, QUOTED, part.start, min(part.end, span.end), stretch)
                position = min(part.end, span.end)
            self._tokens(sentence, position, span.end)
            self._name(sentence)
            yield sentence

    def _masked(self, paragraph: Span, parts: Sequence[tuple[Span, int]]) -> str:
        """The paragraph with quoted words blanked out; the last sign of a quote stays if it ends a sentence."""
        text, pieces, position = self._text, [], paragraph.start
        for part, _ in parts:
            pieces.append(text[position : part.start])
            length = part.end - part.start
            mark = 2 if text.startswith("''", part.end - 2) else 1
            if length > 4 and text[part.end - mark - 1] in _ENDERS:
                pieces.append(text[part.start] + _FILLER * (length - mark - 2) + text[part.end - mark - 1 : part.end])
            else:
                pieces.append(text[part.start] + _FILLER * (length - 1))
            position = part.end
        pieces.append(text[position : paragraph.end])
        return "".join(pieces)

    def _tokens(self, sentence: Sentence, start: int, end: int) -> None:
        if end - start < 1:
            return
        for found in _TOKEN.finditer(self._text, start, end):
            raw = found.group()
            low = "-" if raw in _DASHES else fold(raw)
            sentence.add(raw, low, found.start(), found.end())

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
                if sentence.quoted[token] < 0 and sentence.named[token] is None:
                    sentence.named[token] = mention
                token += 1


class Grammar:
    """Finds noun phrases around a verb with nothing but closed word classes and the mentions."""

    def __init__(self, pack: Pack) -> None:
        words = pack.words
        self.pack = pack
        self.pronouns = words["pronoun"]
        self.relatives = words["relative"]
        self.determiners = words["determiner"]
        self.prepositions = words["preposition"]
        self.conjunctions = words["conjunction"]
        self.subordinators = words["subordinator"]
        self.auxiliaries = words["auxiliary"] | words["have"]
        self.adverbs = words["adverb"] | words["weekday"]
        self.negations = words["negation"]
        self.finite = words["finite"]
        self.that = words["that"]
        self.people = pack.roles["role"] | pack.roles["plural"]
        self.speaking = self.people | pack.roles["body"] | pack.roles["document"]
        self._openers = self.prepositions | self.conjunctions
        self._edges = (
            self.subordinators
            | self.relatives
            | self.that
            | self.finite
            | frozenset({",", ";", ":", "-", "(", QUOTED, ")"})
        )

    def is_adverb(self, word: str) -> bool:
        """Whether `word` may stand between a subject and its verb."""
        return (
            word in self.adverbs
            or (word.endswith("wise") and len(word) > 7)
            or (word.endswith("ly") and len(word) > 4 and word not in {"family", "italy", "july"})
        )

    def is_contraction(self, word: str) -> bool:
        """Whether `word` is a pronoun with its auxiliary: he's, they've."""
        return "'" in word and word.partition("'")[0] in self.pronouns

    def subject_before(self, sentence: Sentence, last: int) -> tuple[int, int] | None:
        """The token range of the noun phrase that ends with token `last`, or that an aside before `last` follows."""
        if last < 0:
            return None
        word = sentence.low[last]
        if word in self.pronouns or self.is_contraction(word):
            return last, last + 1
        if word in self.that and sentence.named[last - 1] is None and sentence.low[last - 1] not in self.speaking:
            return None
        if word in self.relatives or word in self.that:
            before = last - 1
            if before >= 0 and sentence.low[before] in {",", "-"}:
                before -= 1
            return self.phrase_before(sentence, before) if before >= 0 else None
        if word in {",", "-", ")"}:
            return self._before_aside(sentence, last)
        return self.phrase_before(sentence, last)

    def _before_aside(self, sentence: Sentence, closing: int) -> tuple[int, int] | None:
        opener = {",": ",", "-": "-", ")": "("}[sentence.low[closing]]
        low = sentence.low
        for at in range(closing - 1, max(0, closing - _APPOSITIVE_REACH), -1):
            if low[at] != opener or at == 0:
                continue
            before = at - 1
            inside = sentence.named[at + 1]
            if inside is not None and inside.kind == "person" and sentence.named[closing - 1] is inside:
                return at + 1, closing  # "a lawyer for the group, Vera Lind, said"
            named = sentence.named[before]
            speaks = named is not None and named.kind in SPEAKING_KINDS
            if speaks or low[before] in self.speaking or low[before] in self.pronouns:
                return (
                    self.phrase_before(sentence, before) if low[before] not in self.pronouns else (before, before + 1)
                )
            if opener == "(":
                return self.phrase_before(sentence, before)
        return None

    def phrase_before(self, sentence: Sentence, last: int) -> tuple[int, int] | None:
        """The token range of the noun phrase that ends with token `last`; None when there is none."""
        low, named, cues = sentence.low, sentence.named, self.pack.cues
        first = last + 1
        at = last
        floor = max(-1, last - _SUBJECT_REACH)
        while at > floor:
            word = low[at]
            mention = named[at]
            if mention is not None:
                first = at
                at -= 1
                continue
            if word in self._edges or word in self.pronouns:
                break
            if word in self.conjunctions:
                if not self._joins(sentence, at, first):
                    break
                first = at
                at -= 1
                continue
            if word in self.determiners:
                first = at
                if at == 0 or low[at - 1] not in self.prepositions or at - 1 <= floor + 1:
                    break
                at -= 1
                continue
            if (self.is_adverb(word) and not sentence.raw[at][0].isupper()) or (word in cues and at < last):
                break
            first = at
            at -= 1
        while first <= last and named[first] is None and low[first] in self._openers:
            first = self._after_opening(sentence, first, last)
        return (first, last + 1) if first <= last else None

    def _after_opening(self, sentence: Sentence, first: int, last: int) -> int:
        """Past a phrase like "In a statement" that opens the range: to its last name, else by one token."""
        mention = sentence.named[last]
        if mention is None:
            return first + 1
        at = last
        while at > first and sentence.named[at - 1] is mention:
            at -= 1
        return max(at, first + 1)

    def _joins(self, sentence: Sentence, at: int, first: int) -> bool:
        """Whether the conjunction at `at` joins two noun phrases: names, or plain plurals."""
        if at == 0 or first >= len(sentence):
            return False
        left, right = sentence.named[at - 1], sentence.named[first]
        if left is not None and right is not None:
            return left.kind in SPEAKING_KINDS or left.kind == right.kind
        if right is None and left is None:
            return sentence.low[at - 1] in self.speaking and sentence.low[at - 1].endswith("s")
        return False

    def phrase_after(self, sentence: Sentence, first: int) -> int | None:
        """The end of the noun phrase that starts at token `first`; None when none starts there."""
        low, named = sentence.low, sentence.named
        size = len(sentence)
        if first >= size:
            return None
        if low[first] in self.pronouns:
            return first + 1
        starts = (
            named[first] is not None
            or low[first] in self.determiners
            or low[first] in self.speaking
            or sentence.raw[first][0].isupper()
            or low[first] in {"former", "longtime", "veteran", "fellow", "senior"}
        )
        if not starts:
            # A bare trade before a name: "said oil and gas worker Mike Wipf".
            ahead = next((k for k in range(first, min(size, first + 6)) if named[k] is not None), None)
            if ahead is None or any(low[k] in self._edges or low[k] in self.prepositions for k in range(first, ahead)):
                return None
        at = first
        while at < size and at < first + _SUBJECT_REACH:
            word = low[at]
            if named[at] is not None:
                at += 1
                continue
            if word in self._edges or (self.is_adverb(word) and at > first):
                break
            if word in self.prepositions and word not in {"of", "for", "from", "with", "at", "in"}:
                break
            at += 1
        return at if at > first else None

"""The statements of a document as the histories compare them: who speaks, how the text describes them, which words."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain

from searchkit.histories.sentences import expressions
from searchkit.index.values import act_of
from searchkit.statements import Pack, pack_for
from searchkit.statements.document import NO_COMMENT, Document, Quote
from searchkit.statements.text import Span, fold

_NEAR = 70  # characters around the name of a speaker that describe it
_LONGEST = 2_000  # characters of a statement that reaches into the place of a name
_STEM = 5
_SHORTEST = 3
_ENDINGS = ("ing", "ed", "es", "en", "s", "e")
# What describes a speaker: ", who leads the firm", "of the union"; "Brickfield's lawyer, " before the name.
_APPOSED = re.compile(
    r"(?:, (?!(?:has|have|had|is|was|were|will|on|in)\b)[^,.;:!?\"“”]{2,70}"
    r"| (?:of|for|from|at|der|des|du|de) (?=(?:the|an?|its|their) |[A-ZÀ-ÖØ-Þ])[^,.;:!?\"“”]{2,70})"
)
_ENCLOSED = re.compile(r", [^,.;:!?\"“”]{2,70}(?=,)")
_APPOSING = re.compile(r"(?:(?:[\w'’&-]{1,25} ){0,4}[\w'’&-]{1,25},|(?:[\w'’&-]{1,25} ){0,2}[\w'’&-]{1,25}) $")
_WORD = re.compile(r"[^\W_]{1,40}(?:['’][^\W_]{1,10})?")
_CAPITALISED = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]{1,40}")
_SMALL = re.compile(r"\b[a-zà-öø-þ][\w’'-]{1,40}")
_ELIDED = re.compile(r"^(?:[a-z]|qu)'")
_FUNCTION_CLASSES = (
    *("auxiliary", "preposition", "determiner", "pronoun", "conjunction", "subordinator", "adverb", "negation"),
    *("too-common", "relative", "question", "modal", "object-pronoun", "possessive", "weekday", "month", "time"),
    "rejecting-verb",
)


@lru_cache(maxsize=8)
def _function_words(pack: Pack | None) -> frozenset[str]:
    """Return the words that show no link between two statements."""
    return frozenset[str]().union(*(map(fold, pack.words[name]) for name in _FUNCTION_CLASSES)) if pack else frozenset()


@lru_cache(maxsize=1 << 15)
def _stem(word: str, pack: Pack | None) -> str:
    """Return what a content word has in common with its other forms ("fine", "fines", "fined"); else nothing."""
    word = word.removesuffix("'s")
    if (len(word) < _SHORTEST and not word.isdigit()) or word in _function_words(pack):
        return ""
    word = _ELIDED.sub("", word)
    ending = next((ending for ending in _ENDINGS if word.endswith(ending)), "")
    return (word.removesuffix(ending) if len(word) - len(ending) >= _SHORTEST - 1 else word)[:_STEM]


@lru_cache(maxsize=8)
def _offices(pack: Pack | None) -> frozenset[str]:
    """Return the stems of the words for offices and bodies."""
    words = [*pack.bodies, *chain.from_iterable(pack.roles.values())] if pack else []
    return frozenset({_stem(word, pack) for word in words} - {""})


class Said:
    """A statement with its place in the document. What is not asked for is not computed: most statements meet none."""

    def __init__(self, reader: "Reader", quote: Quote, parts: Sequence[Quote]) -> None:
        self._reader = reader
        self.quote = quote
        self._parts = parts
        self.act = act_of(quote.verb, negated=quote.negated) if quote.verb else None
        speaker = quote.speaker
        self.key = speaker.entity_id or fold(speaker.name or "") or quote.id

    @cached_property
    def span(self) -> Span:
        return Span(self.quote.content.start, max(part.content.end for part in self._parts))

    @cached_property
    def words(self) -> str:
        return " ".join(part.content.of(self._reader.text) for part in self._parts)

    @cached_property
    def paragraph(self) -> int:
        return self._reader.paragraph_at(self.quote.content.start)

    @cached_property
    def folded(self) -> list[str]:
        return _WORD.findall(fold(self.words))

    @cached_property
    def stems(self) -> frozenset[str]:
        return self._reader.stems(self.words)

    @cached_property
    def who(self) -> frozenset[str]:
        """The words for its speaker in the article."""
        return self._reader.described(self.key)


class Reader:
    """The statements of a document, except refusals to comment, in order."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        pack = pack_for(document.language)
        self._pack = pack
        self._described: dict[str, frozenset[str]] = {}
        self.said = [
            Said(self, quote, document.parts_of(quote)) for quote in document.statements if quote.verb != NO_COMMENT
        ]

    def described(self, key: str) -> frozenset[str]:
        """Return the words for a speaker: name, role and body, and what the article says next to the name."""
        if key not in self._described:
            own = [said.quote for said in self.said if said.key == key]
            first = next((one.span for one in self.document.mentions if one.entity_id == key), None)
            behind = _ENCLOSED.match(self.text, first.end) if first is not None else None  # as it is introduced
            self._described[key] = self.stems(behind[0] if behind else "").union(*map(self._describes, own))
        return self._described[key]

    @cached_property
    def _starts(self) -> list[int]:
        return [part.start for part in self.document.paragraphs]

    @cached_property
    def _contents(self) -> list[Span]:
        return sorted(quote.content for quote in self.document.quotes)

    @cached_property
    def _content_starts(self) -> list[int]:
        return [content.start for content in self._contents]

    def paragraph_at(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset) - 1, 0)

    def paragraph_text(self, number: int) -> str:
        return self.document.paragraphs[number].of(self.text) if self.document.paragraphs else self.text

    def stems(self, text: str) -> frozenset[str]:
        """Return the beginnings of the content words of a text."""
        return frozenset({_stem(word, self._pack) for word in _WORD.findall(fold(text))} - {""})

    @cached_property
    def identifying(self) -> frozenset[str]:
        """The stems of names, offices and bodies: words that tell who is meant."""
        small = self.stems(" ".join(_SMALL.findall(self.text)))
        return _offices(self._pack) | (self.stems(" ".join(_CAPITALISED.findall(self.text))) - small)

    @cached_property
    def replies(self) -> frozenset[str]:
        """The verbs with which somebody answers an accusation."""
        return expressions(self._pack).words["replies"] if self._pack is not None else frozenset()

    @cached_property
    def names(self) -> dict[str, str]:
        return self.document.names()

    def targets(self, said: Said) -> frozenset[str]:
        """Return the stems of the words of a statement and of the names of its targets."""
        return said.stems | self.stems(" ".join(self.names.get(entity, entity) for entity in said.quote.about))

    def _describes(self, quote: Quote) -> frozenset[str]:
        speaker = quote.speaker
        known = " ".join(filter(None, (speaker.name, speaker.role, speaker.affiliation, speaker.represents)))
        places = [span for span in (quote.attribution, speaker.antecedent) if span is not None]
        return self.stems(f"{re.sub('[:-]', ' ', known)} {' '.join(map(self._apposition, places))}")

    def _apposition(self, place: Span) -> str:
        """Return the name of a speaker with what stands around it up to the next comma: "Brickfield's lawyer, Dace"."""
        line = self.document.paragraphs[self.paragraph_at(place.start)] if self._starts else place
        start, end = max(line.start, place.start - 3 * _NEAR), min(line.end, place.end + 3 * _NEAR)
        first, last = (bisect_right(self._content_starts, at) for at in (start - _LONGEST, end))
        near = [content for content in self._contents[first:last] if content.start < end and start < content.end]
        start = max([start, *(content.end for content in near if content.end <= place.start)])
        end = min([end, *(content.start for content in near if content.start >= place.end)])
        behind = _APPOSED.match(self.text, place.end, end)
        before = _APPOSING.search(self.text[max(start, place.start - 2 * _NEAR) : place.start])
        is_verb = before is not None and self._pack is not None and fold(before[0]).split()[-1] in self._pack.cues
        leading = before[0] if before is not None and not is_verb else ""
        return f"{leading} {place.of(self.text)} {behind[0] if behind else ''}"

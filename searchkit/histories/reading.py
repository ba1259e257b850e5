"""The statements of a document as the histories compare them: who speaks, how the text describes them, which words."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache

from searchkit.document import NO_COMMENT, Document, Quote
from searchkit.extract.packs import Pack, pack_for
from searchkit.index.values import act_of
from searchkit.text import Span, fold

_NEAR = 70  # characters around the name of a speaker that describe it
_LONGEST = 2_000  # characters of a statement that reaches into the place of a name
_STEM = 5
_SHORTEST = 4
_OPENING = 7  # words in which a negation negates the statement
# What describes a speaker: ", who leads the firm", "of the union"; "Brickfield's lawyer, " before the name.
_APPOSED = re.compile(r"(?:, [^,.;:!?\"“”]{2,70}| (?:of|for|from|at|der|des|du|de) [^,.;:!?\"“”]{2,70})")
_ENCLOSED = re.compile(r", [^,.;:!?\"“”]{2,70}(?=,)")
_APPOSING = re.compile(r"[^,.;:!?\"“”]{2,70}(?:, |(?<= ))$")
_WORD = re.compile(r"[^\W_]{1,40}(?:['’][^\W_]{1,10})?")
_AGREED = re.compile(
    r"\b(?:confirmed|agreed|agrees|accepts|accepted|admitted|acknowledged|conceded|did not dispute|do not dispute)\b"
)
_FUNCTION_CLASSES = (
    *("auxiliary", "preposition", "determiner", "pronoun", "conjunction", "subordinator", "adverb", "negation"),
    *(
        "too-common",
        "relative",
        "question",
        "modal",
        "object-pronoun",
        "possessive",
        "weekday",
        "month",
        "time",
        "rejecting-verb",
    ),
)


@lru_cache(maxsize=8)
def _function_words(pack: Pack | None) -> frozenset[str]:
    """Return the words that show no link between two statements."""
    return frozenset[str]().union(*(map(fold, pack.words[name]) for name in _FUNCTION_CLASSES)) if pack else frozenset()


class Said:
    """A statement with its place in the document."""

    def __init__(self, quote: Quote, parts: list[Quote], text: str, paragraph: int, pack: Pack | None) -> None:
        self.quote = quote
        self.words = " ".join(part.content.of(text) for part in parts)
        self.span = Span(quote.content.start, max(part.content.end for part in parts))
        self.paragraph = paragraph
        self._pack = pack
        self.act = act_of(quote.verb, negated=quote.negated) if quote.verb else None
        speaker = quote.speaker
        self.key = speaker.entity_id or fold(speaker.name or "") or quote.id
        self.stems: frozenset[str] = frozenset()
        self.who: frozenset[str] = frozenset()

    @cached_property
    def folded(self) -> list[str]:
        return _WORD.findall(fold(self.words))

    @cached_property
    def is_negated(self) -> bool:
        """Whether a negation stands among its first words."""
        return self._opens("contradicting", _OPENING)

    @property
    def contradicts(self) -> bool:
        """Whether it says that something is not so, or that all is: "every driver had been paid"."""
        return self.is_negated or self._opens("universal", 3)

    def _opens(self, name: str, words: int) -> bool:
        known = self._pack.words[name] if self._pack is not None else frozenset()
        return any(word in known or word.endswith("n't") for word in self.folded[:words])


class Reader:
    """The statements of a document, except refusals to comment, in order."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        pack = pack_for(document.language)
        self._function = _function_words(pack)
        self._bodies = pack.bodies.keys() if pack is not None else frozenset()
        self._mention_starts = [mention.span.start for mention in document.mentions]
        self._starts = [part.start for part in document.paragraphs]
        self._contents = sorted(quote.content for quote in document.quotes)
        self._content_starts = [content.start for content in self._contents]
        parts: dict[object, list[Quote]] = {}
        for quote in document.quotes:
            split = quote.group is not None and quote.cue is not None
            parts.setdefault((quote.group, quote.cue) if split else quote.id, []).append(quote)
        self.said = [
            Said(group[0], group, self.text, self.paragraph_at(group[0].content.start), pack)
            for group in parts.values()
            if group[0].verb != NO_COMMENT
        ]
        described: dict[str, frozenset[str]] = {}
        named = {said.quote.speaker.entity_id for said in self.said} - {None}
        for mention in document.mentions:
            if mention.entity_id in named and mention.entity_id not in described:  # as the article introduces it
                behind = _ENCLOSED.match(self.text, mention.span.end)
                described[mention.entity_id] = self.stems(behind[0] if behind else "")
        for said in self.said:
            said.stems = self.stems(said.words)
            described[said.key] = described.get(said.key, frozenset()) | self._describes(said.quote)
        for said in self.said:
            said.who = described[said.key]

    def entities_in(self, span: Span) -> list[str]:
        """Return the ids of the entities that the words name."""
        first, last = (bisect_left(self._mention_starts, at) for at in (span.start, span.end))
        return [mention.entity_id for mention in self.document.mentions[first:last]]

    def paragraph_at(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset) - 1, 0)

    def paragraph_text(self, number: int) -> str:
        return self.document.paragraphs[number].of(self.text) if self.document.paragraphs else self.text

    def stems(self, text: str) -> frozenset[str]:
        """Return the beginnings of the content words of a text."""
        words = (word.removesuffix("'s") for word in _WORD.findall(fold(text)))
        return frozenset(
            word[:_STEM] for word in words if (len(word) >= _SHORTEST or word.isdigit()) and word not in self._function
        )

    def is_body(self, phrase: str) -> bool:
        """Return whether a phrase is a general word for a body: "the group's"."""
        words = [word.removesuffix("'s").removesuffix("'") for word in fold(phrase).split()]
        return len(words) == 2 and words[0] in {"the", "its", "their"} and words[1] in self._bodies

    def around(self, said: Said) -> frozenset[str]:
        """Return the stems of the sentence of a statement up to its verb, without its words."""
        cue, content = said.quote.cue, said.quote.content
        if cue is None:
            return frozenset()
        sentence = self.document.sentence_of(said.quote)
        start, end = (sentence.start, cue.end) if cue.end <= content.start else (content.end, sentence.end)
        return self.stems(self.text[start:end])

    @cached_property
    def agreements(self) -> list[int]:
        """Where somebody confirms, agrees or accepts."""
        return [found.start() for found in _AGREED.finditer(self.text)]

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
        return f"{before[0] if before else ''} {place.of(self.text)} {behind[0] if behind else ''}"

"""What the reader sees in a sentence: phrases, attributions and the pattern that fired (`inspect --explain`)."""

from msgspec import Struct

from searchkit.statements.quotes.reading import MOST_TOKENS, Sentence
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.frames import Frame
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.text import Span

# Letters of constituents that are no punctuation (reader/constituents.py).
_LABELS = {
    "n": "noun phrase", "p": "subject pronoun", "o": "pronoun", "z": "pronoun with verb", "I": "prepositional phrase",
    "R": "reporting verb", "F": "verb", "x": "auxiliary", "r": "reporting -ing form", "g": "-ing form",
    "e": "participle", "f": "infinitive", "b": "bare verb", "D": "time", "a": "adverb", "i": "preposition",
    "t": "conjunction that", "w": "relative pronoun", "s": "subordinator", "q": "question word", "c": "conjunction",
    "S": "source", "Q": "quotation",
}  # fmt: skip


class Phrase(Struct, frozen=True):
    """A constituent of a sentence and what it is."""

    span: Span
    label: str


class Attribution(Struct, frozen=True):
    """A verb, noun or source that reports, its subject, how the subject was found ("left", "right", "shared", ...), and
    the row of patterns.txt that found words behind it; without one, `pattern` is empty and `words` None."""

    span: Span
    subject: Span
    found: str
    pattern: str
    words: Span | None


class ReadSentence(Struct, frozen=True):
    """A sentence as the reader sees it."""

    span: Span
    phrases: tuple[Phrase, ...]
    attributions: tuple[Attribution, ...]


def read(reader: PatternReader, sentence: Sentence) -> ReadSentence | None:
    """Return what `reader` sees in a sentence; None if nothing in it can report, or it is a table."""
    if len(sentence) > MOST_TOKENS:
        return None
    line = reader.line(sentence)
    frames = list(reader.frames.find(line))
    phrases = tuple(
        Phrase(sentence.range(part.first, part.last), _LABELS[part.letter])
        for part in line.parts
        if part.letter in _LABELS
    )
    attributions = tuple(_attribution(reader, line, frame, frames[at + 1 :]) for at, frame in enumerate(frames))
    return ReadSentence(sentence.span, phrases, attributions) if frames else None


def _attribution(reader: PatternReader, line: Line, frame: Frame, following: list[Frame]) -> Attribution:
    sentence = line.sentence
    behind = reader.complements.behind(line, frame, reader.ends.stop(line, frame, following))
    return Attribution(
        span=sentence.range(*line.range(frame.at, frame.at + 1)),
        subject=sentence.range(*line.range(frame.subject.first, frame.subject.last)),
        found=frame.subject.how,
        pattern=behind.row if behind is not None else "",
        words=sentence.range(*line.range(behind.first, behind.last)) if behind is not None else None,
    )

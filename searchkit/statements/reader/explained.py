"""Explain how a text was read (`inspect --explain`): what the reader sees in a sentence, and what made no statement."""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.statements.clauses.reports import ClauseReader
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import MOST_TOKENS, Report, Sentence
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.frames import Frame
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.text import Span

TERM = "a term: fewer than four words and no cue"
NO_CUE = "a quotation without a cue, and no sentence of its own"
# Letters of constituents that are no punctuation (reader/constituents.py, clauses/constituents.py).
_LABELS = {
    "n": "noun phrase", "p": "subject pronoun", "o": "pronoun", "z": "pronoun with verb", "I": "prepositional phrase",
    "R": "reporting verb", "F": "verb", "x": "auxiliary", "r": "reporting -ing form", "g": "-ing form",
    "e": "participle", "f": "infinitive", "b": "bare verb", "D": "time", "a": "adverb", "i": "preposition",
    "t": "conjunction that", "w": "relative pronoun", "s": "subordinator", "q": "question word", "c": "conjunction",
    "S": "source", "Q": "quotation", "d": "determiner", "K": "verb in the subjunctive", "L": "verb in the subjunctive",
    "M": "verb in either mood",
}  # fmt: skip


class Phrase(Struct, frozen=True):
    """A constituent of a sentence and what it is."""

    span: Span
    label: str


class Attribution(Struct, frozen=True):
    """A verb, noun or source that reports, its subject, and the pattern that found words; without one, `pattern` is
    empty and `words` None. In English, `found` says how the subject was found ("left", "right", "shared", ...) and
    `pattern` is a row of patterns.txt; in German and French, it is the rule of the report."""

    span: Span
    subject: Span | None
    found: str
    pattern: str
    words: Span | None


class ReadSentence(Struct, frozen=True):
    """A sentence as the reader sees it."""

    span: Span
    phrases: tuple[Phrase, ...]
    attributions: tuple[Attribution, ...]


def read(reader: PatternReader | ClauseReader, sentence: Sentence) -> ReadSentence | None:
    """Return what `reader` sees in a sentence; None if nothing in it can report, or it is a table."""
    if len(sentence) > MOST_TOKENS:
        return None
    line: Line
    if isinstance(reader, ClauseReader):
        reader.verbs.mark(line := reader.line(sentence))
        attributions = [_reported(sentence, report) for report in reader.find(sentence, None, None)]
    else:
        line = reader.line(sentence)
        frames = list(reader.frames.find(line))
        attributions = [_attribution(reader, line, frame, frames[at + 1 :]) for at, frame in enumerate(frames)]
    labeled = [part for part in line.parts if part.letter in _LABELS]
    phrases = tuple(Phrase(sentence.range(part.first, part.last), _LABELS[part.letter]) for part in labeled)
    return ReadSentence(sentence.span, phrases, tuple(attributions)) if attributions else None


def _reported(sentence: Sentence, report: Report) -> Attribution:
    words = sentence.range(report.contents[0][0], report.contents[-1][1]) if report.contents else None
    return Attribution(report.cue or words or sentence.span, report.subject, "", report.rule, words)


def _attribution(reader: PatternReader, line: Line, frame: Frame, following: list[Frame]) -> Attribution:
    sentence = line.sentence
    behind = reader.complements.behind(line, frame, reader.ends.stop(line, frame, following))
    span = sentence.range(*line.range(frame.at, frame.at + 1))
    subject = sentence.range(*line.range(frame.subject.first, frame.subject.last))
    words = sentence.range(*line.range(behind.first, behind.last)) if behind is not None else None
    return Attribution(span, subject, frame.subject.how, behind.row if behind is not None else "", words)


class NoStatement(Struct, frozen=True):
    """A place that could have been a statement, and the reason why it is not."""

    span: Span
    reason: str


def unreported_verbs(
    sentence: Sentence, pack: Pack, reasons: dict[int, str], taken: set[int], said: list[Span]
) -> Iterator[NoStatement]:
    """Yield the verbs of speech of a sentence that start at none of `taken`.

    `reasons` are those of the reader, by token; `said` are the statements near the sentence.
    """
    if len(sentence) > MOST_TOKENS:
        yield NoStatement(sentence.span, "a table or a list: longer than any sentence")
        return
    for at, word in enumerate(sentence.low):
        cue = pack.cues.get(word)
        if cue is None or sentence.start[at] in taken:
            continue
        span = sentence.range(at, at + 1)
        if any(content.covers(span) for content in said):
            reason = "inside another statement"
        elif sentence.named[at] is not None or (at and sentence.raw[at][0].isupper()):
            reason = "part of a name"
        elif cue.particle and sentence.low[at + 1 : at + 2] != cue.particle.split()[:1]:
            reason = f"not {cue.lemma}"
        else:
            reason = reasons.get(at, "a noun here")
        yield NoStatement(span, reason)

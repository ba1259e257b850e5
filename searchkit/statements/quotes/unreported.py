"""Verbs of speech and quotations that make no statement: which they are, and why (`inspect --explain`)."""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import MOST_TOKENS, Sentence
from searchkit.statements.text import Span

TERM = "a term: fewer than four words and no cue"
NO_CUE = "a quotation without a cue, and no sentence of its own"


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

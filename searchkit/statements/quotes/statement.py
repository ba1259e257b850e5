"""Statements as they are found, before their speakers are known."""

from msgspec import Struct

from searchkit.statements.document import QuoteKind
from searchkit.statements.text import Span
from searchkit.statements.transcripts.labels import Voice


class Statement(Struct, frozen=True, kw_only=True):
    """A statement before its speaker is known.

    `content` are the words, `cue` the reporting words and `verb` their lemma, `attribution` the noun phrase that names
    the speaker. `clause` is the sentence around the cue, where a date of the statement would stand. Parts of one split
    statement share `group`. `paragraph` counts from 0. `voice` says whom the label of a transcript means. `asks`: it is
    a question of whoever interviews ("Q:"), which states nothing.
    """

    content: Span
    kind: QuoteKind
    cue: Span | None = None
    verb: str | None = None
    attribution: Span | None = None
    clause: Span | None = None
    rule: str
    group: int | None = None
    paragraph: int
    voice: Voice | None = None
    negated: bool = False
    asks: bool = False


class Findings(Struct, frozen=True, kw_only=True):
    """The statements of an article, and its `terms`: words that quotation marks set apart without a speaker.

    `failed` is the number of sentences that have no statements because a rule raised an error.
    """

    statements: tuple[Statement, ...] = ()
    terms: tuple[Span, ...] = ()
    failed: int = 0

"""A verb of speech in its sentence, and the candidates for a report that its reading returns."""

from typing import Literal

from msgspec import Struct

from searchkit.statements.packs import Cue
from searchkit.statements.quotes.reading import Sentence


class Candidate(Struct, frozen=True):
    """A verb that may report: its first token and the one after it, the cue, the subject and where that stands.

    A `shared` subject belongs to an earlier verb. `participle` is a bare -ing form, `noun` a noun of speech ("claim").
    `negated`: the subject did not say it, or refused to ("did not deny", "declined to say"). `handed_on`: these tokens
    said it, with the verb behind them, not the subject ("the radio quoted him as saying").
    """

    at: int
    after: int
    cue: Cue
    subject: tuple[int, int]
    side: Literal["left", "right", "shared", "according"]
    participle: bool = False
    noun: bool = False
    negated: bool = False
    handed_on: tuple[int, int] | None = None


class Verb(Struct, eq=False):
    """A verb of speech under decision, with the words `following` it and leading to it.

    `before` is the token in front of its adverbs and auxiliaries (-1 for none) and `lead` the word there.
    """

    sentence: Sentence
    low: list[str]
    at: int
    form: str
    after: int
    following: str
    cue: Cue
    last: Candidate | None
    before: int
    lead: str
    helped: bool
    negated: bool
    supposed: bool
    participle: bool

    @property
    def adjacent(self) -> bool:
        return self.before == self.at - 1

    @property
    def base(self) -> bool:
        return self.form == self.cue.lemma.partition(" ")[0]

    def candidate(self, subject: tuple[int, int] | None, side: Literal["left", "right", "shared"]) -> "Candidates":
        if subject is None:
            return ()
        participle = self.participle and side == "shared"
        return (Candidate(self.at, self.after, self.cue, subject, side, participle, negated=self.negated),)


Candidates = tuple[Candidate, ...]

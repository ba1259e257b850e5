"""What a reference resolves to: the record of whom a phrase means, and the log of the candidates that were rejected."""

from enum import StrEnum

from msgspec import Struct

from searchkit.statements.document import Mention, Resolution
from searchkit.statements.speakers.participants import Entity
from searchkit.statements.text import Span


class Reason(StrEnum):
    """Why a candidate was rejected."""

    OTHER_GENDER = "gender differs"
    IS_SAID = "inside a statement"
    TOO_FAR = "too far back"
    NO_SUBJECT = "not the subject of a sentence"


class Referent(Struct, frozen=True):
    """Whom a phrase means; `entity` None where the text does not show it. `condition` narrows `by`, for the confidence.

    `source` is the confidence of the referent that this one was carried from. `rivals` are the names of others whom the
    phrase could mean.
    """

    entity: Entity | None
    by: Resolution
    antecedent: Span | None = None
    condition: str = ""
    role: str | None = None
    affiliation: str | None = None
    attribution: Span | None = None
    source: float = 1.0
    rivals: tuple[str, ...] = ()


UNRESOLVED = Referent(None, "unresolved")


class RejectedCandidate(Struct, frozen=True):
    """A name at a place that could have been the speaker, and why it is not."""

    span: Span
    name: str
    reason: str


class RejectionLog:
    """Collects the candidates rejected for one statement, each with its first reason; costs one test when disabled."""

    __slots__ = ("_rejected", "enabled")

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._rejected: dict[str, RejectedCandidate] = {}

    def add(self, mention: Mention, reason: str) -> None:
        if self.enabled:
            candidate = RejectedCandidate(mention.span, mention.name, reason)
            self._rejected.setdefault(mention.entity_id, candidate)

    def take(self, speaker: Entity | None) -> tuple[RejectedCandidate, ...]:
        """Return the candidates rejected since the last call, without the `speaker` who was chosen later."""
        taken = tuple(
            candidate for entity_id, candidate in self._rejected.items() if speaker is None or entity_id != speaker.id
        )
        self._rejected.clear()
        return taken


def may_be(entity: Entity, gender: str) -> bool:
    """Return whether `entity` may have the gender, if any is given: nothing shows the other one."""
    return not gender or (entity.gender or entity.leaning) in {"", gender}

"""Why the speakers of a document are not other people: the candidates that were rejected, with the reason."""

from msgspec import Struct

from searchkit.document import Document, Mention
from searchkit.extract.quotes.unreported import NoStatement
from searchkit.extract.speakers.participants import Entity
from searchkit.text import Span


class RejectedCandidate(Struct, frozen=True):
    """A name at a place that could have been the speaker, and why it is not."""

    span: Span
    name: str
    reason: str


class Explanation(Struct, frozen=True, kw_only=True):
    """A document, with the rejected candidates for the speaker of each of its statements.

    `unreported` are the verbs of speech and the quotations that made no statement, in reading order.
    """

    document: Document
    rejected: tuple[tuple[RejectedCandidate, ...], ...]
    unreported: tuple[NoStatement, ...]


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

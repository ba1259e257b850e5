"""Candidates for a speaker that were passed over, and why.

takes:    what resolving.py and pointing.py looked at and did not take
gives:    Rejected records a statement
does not: decide anything
traps:    nothing is kept unless somebody asked: a Passed that is off costs one test
"""

from msgspec import Struct

from searchkit.document import Document, Mention
from searchkit.extract.quotes.unreported import NoStatement
from searchkit.extract.speakers.participants import Entity
from searchkit.text import Span


class Rejected(Struct, frozen=True):
    """A name at a place that could have been the speaker; `reason` says in words why it was not taken."""

    span: Span
    name: str
    reason: str


class Explained(Struct, frozen=True, kw_only=True):
    """A document, for each of its statements the candidates for its speaker that were passed over, and what is none.

    `unreported` are the verbs of speech and the quotations that made no statement, in reading order.
    """

    document: Document
    rejected: tuple[tuple[Rejected, ...], ...]
    unreported: tuple[NoStatement, ...]


class Passed:
    """Keeps the candidates passed over for one statement at a time, each name with the first reason it was given."""

    __slots__ = ("_kept", "wanted")

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self._kept: dict[str, Rejected] = {}

    def over(self, mention: Mention, reason: str) -> None:
        """Note that `mention` was passed over."""
        if self.wanted:
            self._kept.setdefault(mention.entity_id, Rejected(mention.span, mention.name, reason))

    def collect(self, taken: Entity | None) -> tuple[Rejected, ...]:
        """What was passed over since the last call, without the entity that was `taken` after all."""
        if not self._kept:
            return ()
        kept = tuple(one for entity_id, one in self._kept.items() if taken is None or entity_id != taken.id)
        self._kept.clear()
        return kept

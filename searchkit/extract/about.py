"""Whom a statement is about: the entities its words name, or the one they point back to.

takes:    content span, the speaker's id, mentions
gives:    entity ids in order of appearance, the speaker's own left out
does not: look outside the document
traps:    places, laws and lists count; a pronoun inherits the last statement's subject only if nothing is named
"""

from bisect import bisect_left
from collections.abc import Sequence

from searchkit.document import Mention
from searchkit.text import Span


class Targets:
    """Looks up the entities that statements of one document are about, statement by statement in reading order."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._mentions = mentions
        self._starts = [mention.span.start for mention in mentions]
        self._last: tuple[str, ...] = ()

    def of(self, content: Span, speaker: str | None) -> tuple[str, ...]:
        """Ids named inside `content` but for `speaker`; where there are none, those of the statement before."""
        inside = self._mentions[bisect_left(self._starts, content.start) : bisect_left(self._starts, content.end)]
        named = tuple(dict.fromkeys(mention.entity_id for mention in inside if mention.entity_id != speaker))
        self._last = named or tuple(entity for entity in self._last if entity != speaker)
        return self._last

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


def targets(content: Span, speaker: str | None, mentions: Sequence[Mention], last: Sequence[str]) -> tuple[str, ...]:
    """Ids named inside `content` but for `speaker`; where there are none, `last`, those of the statement before."""
    starts = [mention.span.start for mention in mentions]
    inside = mentions[bisect_left(starts, content.start) : bisect_left(starts, content.end)]
    named = dict.fromkeys(mention.entity_id for mention in inside if mention.entity_id != speaker)
    return tuple(named) or tuple(last)

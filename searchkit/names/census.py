"""Count who and what an archive names, and how each entity is written.

The counts come from the index in a fraction of a second; the ways of writing only from the records of the store.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.index.base import Index, RankedValuesRequest
from searchkit.index.values import SPOKESPERSON
from searchkit.query.fields import Record
from searchkit.records import Count
from searchkit.store.store import Store

# Which counts come from which records.
_FIELDS: tuple[tuple[Record, str], ...] = (("document", "entity"), ("quote", "speaker"), ("quote", "about"))


class EntityCounts(Struct, frozen=True, kw_only=True):
    """An entity and its counts."""

    id: str
    name: str
    kind: str
    documents: Annotated[Count, Meta(description="Documents that mention it.")]
    said: Annotated[Count, Meta(description="Statements by it.")]
    about: Annotated[Count, Meta(description="Statements about it.")]


def count_entities(
    index: Index, *, size: int = sys.maxsize, kinds: Collection[str] = ()
) -> tuple[int, tuple[EntityCounts, ...]]:
    """Return how many entities (of these kinds) are named or speak, and the `size` that are named most often."""
    # A value for the spokespeople of a body has no name of its own.
    request = RankedValuesRequest(fields=_FIELDS, size=size, kinds=tuple(kinds), without=(SPOKESPERSON.rstrip(":"),))
    found = index.ranked_values(request)
    return found.total, tuple(
        EntityCounts(
            id=value.id,
            name=value.name,
            kind=value.id.partition(":")[0],
            documents=value.counts[0],
            said=value.counts[1],
            about=value.counts[2],
        )
        for value in found.values
    )


def variants(store: Store, *, progress: Callable[[int, int], None] | None = None) -> dict[str, Counter[str]]:
    """Return in how many documents each spelling occurs, by entity id. Reads every record."""
    total = sum(store.extractor_versions().values())
    found: dict[str, Counter[str]] = {}
    for done, spellings in enumerate(store.surfaces(), 1):
        for entity_id, written in spellings.items():
            found.setdefault(entity_id, Counter()).update(written)
        if progress is not None:
            progress(done, total)
    return found

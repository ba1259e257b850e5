"""Count who and what an archive names, and how each entity is written.

The counts come from the index in a fraction of a second; the ways of writing only from the records of the store.
"""

import sys
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.index.rows import SPOKESPERSON
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.store.sqlite import SqliteStore

# Which counts come from which records.
_FIELDS: tuple[tuple[Record, str], ...] = (("document", "entity"), ("quote", "speaker"), ("quote", "about"))


class EntityCounts(Struct, frozen=True, kw_only=True):
    """An entity of the archive: how many documents name it, how many statements are by it and about it."""

    id: str
    name: str
    kind: str
    documents: int
    said: int
    about: int


def count_entities(index: Index) -> tuple[EntityCounts, ...]:
    """Return every entity that is named or speaks, the most often named first."""
    counts: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for record, field in _FIELDS:
        every = FacetRequest(field=field, size=sys.maxsize)
        found = index.search(SearchRequest(query=ast.All(), record=record, limit=0, facets=(every,), copies=True))
        for value in found.facets[0].counts:
            if value.id.startswith(SPOKESPERSON):
                continue  # not a name of its own
            names.setdefault(value.id, value.value)
            counts.setdefault(value.id, Counter())[field] = value.count
    entities = [
        EntityCounts(
            id=entity_id,
            name=names[entity_id],
            kind=entity_id.partition(":")[0],
            documents=own["entity"],
            said=own["speaker"],
            about=own["about"],
        )
        for entity_id, own in counts.items()
    ]
    entities.sort(key=lambda entity: (-entity.documents, -entity.said - entity.about, entity.name, entity.id))
    return tuple(entities)


def variants(store: SqliteStore, *, progress: Callable[[int, int], None] | None = None) -> dict[str, Counter[str]]:
    """Return in how many documents each spelling occurs, by entity id. Reads every record."""
    total = sum(store.extractor_versions().values())
    found: dict[str, Counter[str]] = {}
    for done, spellings in enumerate(store.surfaces(), 1):
        for entity_id, written in spellings.items():
            found.setdefault(entity_id, Counter()).update(written)
        if progress is not None:
            progress(done, total)
    return found

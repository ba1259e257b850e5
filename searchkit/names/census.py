"""Who and what an archive names, counted.

takes:    an index; a store
gives:    every entity with its counts; every way each is written
does not: judge which of them are one (similar.py)
traps:    counts come from the index in a fraction of a second; the ways of writing stand in the store's records only
"""

import sys
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.store.base import Store

# Which counts come from which records.
_COUNTED: tuple[tuple[Record, str], ...] = (("document", "entity"), ("quote", "speaker"), ("quote", "about"))


class Counted(Struct, frozen=True, kw_only=True):
    """An entity of the archive: in how many documents it is named, how many statements are by it and about it."""

    id: str
    name: str
    kind: str
    documents: int
    said: int
    about: int


def count(index: Index) -> tuple[Counted, ...]:
    """Everybody and everything named or speaking, the most often named first."""
    counts: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for record, field in _COUNTED:
        every = FacetRequest(field=field, size=sys.maxsize)
        found = index.search(SearchRequest(query=ast.All(), record=record, limit=0, facets=(every,), copies=True))
        for value in found.facets[0].counts:
            names.setdefault(value.id, value.value)
            counts.setdefault(value.id, Counter())[field] = value.count
    counted = [
        Counted(
            id=entity_id,
            name=names[entity_id],
            kind=entity_id.partition(":")[0],
            documents=own["entity"],
            said=own["speaker"],
            about=own["about"],
        )
        for entity_id, own in counts.items()
    ]
    return tuple(sorted(counted, key=lambda one: (-one.documents, -one.said - one.about, one.name, one.id)))


def variants(store: Store, *, progress: Callable[[int, int], None] | None = None) -> dict[str, Counter[str]]:
    """In how many documents each entity is written in which way, by entity id. Reads every record."""
    total = sum(store.extractor_versions().values())
    found: dict[str, Counter[str]] = {}
    for done, surfaces in enumerate(store.surfaces(), 1):
        for entity_id, written in surfaces.items():
            found.setdefault(entity_id, Counter()).update(written)
        if progress is not None:
            progress(done, total)
    return found

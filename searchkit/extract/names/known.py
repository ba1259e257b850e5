"""Other names of known entities: what the shipped lists call them, whether the article does or not.

takes:    the id of an entity
gives:    its names and acronyms, so that a search for any of them finds it
does not: know the names a user adds (register.py)
traps:    "Foreign Ministry" is a name of many bodies: it is given for each
"""

from collections import defaultdict
from functools import lru_cache

from searchkit.extract.names.gazetteer import gazetteer

# Readings that name no entity of their own.
_NO_NAMES = frozenset({"demonym", "title", "legal"})


@lru_cache(maxsize=1)
def _by_id() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for form, readings in gazetteer().forms():
        for known in readings:
            if known.kind not in _NO_NAMES:
                found[known.entity_id].update((form, known.name))
    return {entity_id: tuple(sorted(names)) for entity_id, names in found.items()}


def known_names(entity_id: str) -> tuple[str, ...]:
    """The names that the shipped lists have for an entity, sorted; empty for one they do not know."""
    return _by_id().get(entity_id, ())


@lru_cache(maxsize=1)
def _by_name() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for _, readings in gazetteer().forms():
        for known in readings:
            if known.kind not in _NO_NAMES:
                found.setdefault((known.kind, known.name), known.entity_id)
    return found


def known_id(kind: str, name: str) -> str | None:
    """The id of the shipped entity of this kind and canonical name."""
    return _by_name().get((kind, name))

"""The index: records made searchable.

takes:    Documents, as the rows of schema.py; a query tree
gives:    an Index by URI: hits, exact totals, facets
does not: parse queries, keep documents (the store does), lock (the archive does)
traps:    importing this package imports no engine; each is imported when first opened
"""

from importlib import import_module
from pathlib import Path

from searchkit.errors import ConfigError, MissingExtra
from searchkit.index.base import Index

# Scheme to module and class, called with the index's folder.
_ENGINES = {
    "memory": ("searchkit.index.memory", "MemoryIndex"),
    "tantivy": ("searchkit.index.tantivy.searcher", "TantivyIndex"),
    "whoosh": ("searchkit.index.whoosh.searcher", "WhooshIndex"),
}

# Engines whose package, which has the same name, comes with an extra of the same name.
_EXTRAS = frozenset({"tantivy"})


def engine_scheme(uri: str) -> str:
    """The engine that `uri` names, which also names its folder in an archive. ConfigError when there is none."""
    scheme = uri.partition(":")[0]
    if scheme not in _ENGINES:
        known = ", ".join(f'"{name}:"' for name in sorted(_ENGINES))
        raise ConfigError(f'There is no engine "{uri}".', hint=f"There are {known}.")
    return scheme


def engine_names() -> frozenset[str]:
    """Every engine, by the name of its folder in an archive."""
    return frozenset(_ENGINES)


def open_index(uri: str, folder: Path) -> Index:
    """The index that `uri` names (`whoosh:`, `tantivy:`, `memory:`), with its files in `folder`, which is made when
    something is written.

    ConfigError when no engine has this scheme; MissingExtra when its package is not installed; ArchiveError when the
    index is damaged.
    """
    scheme = engine_scheme(uri)
    module, name = _ENGINES[scheme]
    try:
        engine = import_module(module)
    except ModuleNotFoundError as error:
        if scheme not in _EXTRAS or error.name != scheme:
            raise
        raise MissingExtra(
            f"The engine {scheme} is not installed.", hint=f'Install it: pip install "searchkit[{scheme}]"'
        ) from error
    index: Index = getattr(engine, name)(folder)
    return index

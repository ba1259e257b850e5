"""The index: records made searchable.

takes:    Documents, as the rows of schema.py; a query tree
gives:    an Index by URI: hits, exact totals, facets
does not: parse queries, keep documents (the store does), lock (the archive does)
traps:    importing this package imports no engine; each is imported when first opened
"""

from importlib import import_module
from pathlib import Path

from searchkit.errors import ConfigError
from searchkit.index.base import Index

# Scheme to module and class, called with the index's folder.
_ENGINES = {
    "memory": ("searchkit.index.memory", "MemoryIndex"),
    "tantivy": ("searchkit.index.tantivy.searcher", "TantivyIndex"),
    "whoosh": ("searchkit.index.whoosh.searcher", "WhooshIndex"),
}


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

    ConfigError when no engine has this scheme; MissingExtra when the package it stands on cannot be loaded;
    ArchiveError when the index is damaged.
    """
    scheme = engine_scheme(uri)
    module, name = _ENGINES[scheme]
    try:
        engine = getattr(import_module(module), name)
    except (ImportError, AttributeError, SyntaxError) as error:
        from searchkit.index import packages  # reads what is installed, which takes its time

        raise packages.unloadable(scheme, error, packages.installed(scheme)) from error
    index: Index = engine(folder)
    return index

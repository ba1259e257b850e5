"""The index: finds, ranks and counts documents and statements.

Importing this package imports no engine; `open_index` imports the engine that it opens.
"""

from pathlib import Path

from searchkit.errors import ConfigError
from searchkit.index.base import Index, ReadDocument, without_store
from searchkit.loading import load

# Scheme to class, called with the index's folder.
_ENGINES = {
    "whoosh": "searchkit.index.whoosh.searcher:WhooshIndex",
    "opensearch": "searchkit.cluster.opensearch.searcher:OpenSearchIndex",
}
_EMBEDDED = "whoosh"
# The file in the folder of a cluster's index with the name that the archive writes into its indexes.
OWNER = "owner"


def engine_scheme(uri: str) -> str:
    """Return the scheme of an engine's URI, which is also the name of its folder. ConfigError for an unknown engine."""
    scheme = uri.partition(":")[0]
    if scheme not in _ENGINES:
        known = ", ".join(f'"{name}:"' for name in sorted(_ENGINES))
        raise ConfigError(f'Unknown engine "{uri}".', hint=f"Known engines: {known}.")
    return scheme


def engine_names() -> frozenset[str]:
    """Return the names of all engines, which are also the names of their folders."""
    return frozenset(_ENGINES)


def is_embedded(uri: str) -> bool:
    """Return whether the engine keeps its index in files of the archive."""
    return engine_scheme(uri) == _EMBEDDED


def name_owner(folder: Path, owner: str) -> None:
    """Let all archives of one `owner` write to the same index on a cluster; without it, each has a name of its own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / OWNER).write_text(owner, "ascii")


def open_index(uri: str, folder: Path, read: ReadDocument = without_store) -> Index:
    """Open the index at `uri` (`whoosh:`, `opensearch:https://host:9200/prefix`) with its files in `folder`, which the
    first commit creates. It reads texts of the store with `read`.

    ConfigError for an unknown engine; ArchiveError when the index is corrupt.
    """
    opened = load(_ENGINES[engine_scheme(uri)])
    index: Index = opened(folder, read) if is_embedded(uri) else opened(folder, read, uri)
    return index

"""Open and remove the index of an archive, with whatever engine."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from searchkit.archive.databases import Databases
from searchkit.archive.folder import refuse_lost_store
from searchkit.errors import SearchkitError
from searchkit.index import OWNER, engine_scheme, is_embedded, name_owner, open_index
from searchkit.index.base import Index, ReadDocument, without_store


def open_engine(engine: str, folder: Path, databases: Databases, read: ReadDocument = without_store) -> Index:
    """Open the index of the archive in `folder`. Archives with one shared store share an index on a cluster, too."""
    place = folder / engine_scheme(engine)
    if databases.shared.store and not is_embedded(engine) and not (place / OWNER).exists():
        name_owner(place, databases.index_owner())
    return open_index(engine, place, read)


def refuse_lost(databases: Databases, engine: str, place: Path, index: Callable[[], Index]) -> None:
    """Raise ArchiveError if the store is lost, but its index in the folder `place` or on a cluster is not."""
    exists = databases.has_store()

    def applied() -> int:
        return 0 if is_embedded(engine) else index().applied  # an embedded index shows its changes by its files

    refuse_lost_store(databases.store, place, applied, exists=exists)


def drop_engine(engine: str, folder: Path, databases: Databases, used: str) -> str:
    """Remove the index of the engine that the archive had before it used `used`; return why that was not possible."""
    # With the same prefix, it is likely the same cluster by another address.
    if engine.rpartition("/")[2] == used.rpartition("/")[2]:
        return ""
    try:
        with closing(open_engine(engine, folder, databases)) as index:
            index.drop()
    except SearchkitError as error:
        return f"The index of the engine {engine} could not be removed: {error.message}"
    return ""

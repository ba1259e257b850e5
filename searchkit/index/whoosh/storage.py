"""Which files of a generation belong together: two Whoosh indexes, with their tables of contents and checksums."""

import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError
from searchkit.files import NO_SPACE
from searchkit.index import generations
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import DamagedFile, NewGeneration, SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.query.fields import Record

# Increase with every change of the file format.
FORMAT_VERSION = 5
# All that decides whether this searchkit, on this machine, can read an index.
VERSIONS: Mapping[str, int | str] = {
    "schema": SCHEMA_VERSION,
    "analysis": ANALYSIS_VERSION,
    "format": FORMAT_VERSION,
    "byte_order": sys.byteorder,
}
# Names of the two Whoosh indexes.
INDEX_NAMES: dict[Record, str] = {"document": "documents", "quote": "quotes"}


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turn every exception inside into one of our errors: a corrupt file may raise anything."""
    try:
        yield
    except (SearchkitError, MemoryError, RecursionError):
        raise
    except SecondWriter as error:
        raise ArchiveLocked(str(error)) from error
    except OSError as error:
        if error.errno in NO_SPACE:
            raise generations.full(folder) from error
        if error.errno in generations.NO_ACCESS:
            raise generations.closed(folder, f": {error.strerror}") from error
        raise _damaged(folder, error) from error
    except Exception as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> ArchiveError:
    return generations.damaged(folder, str(error) or type(error).__name__)


class State(Struct, frozen=True, kw_only=True):
    """One generation of an index: the last change applied, and the number and checksum of the table of contents of each
    Whoosh index. `folder` is None for an empty index."""

    folder: Path | None = None
    applied: int = 0
    tables: Mapping[str, int] = field(default_factory=dict)
    checksums: Mapping[str, int] = field(default_factory=dict)


def table_name(index_name: str, number: int) -> str:
    """Return Whoosh's file name for a table of contents."""
    return f"_{index_name}_{number}.toc"


def read_state(folder: Path) -> State:
    """Return the state of the index in `folder`; an empty state if there is none or an older version wrote it.

    DamagedFile if it is corrupt, FileNotFoundError if a newer generation replaced it while it was read, NewerArchive if
    a newer version wrote it.
    """
    generation = current(folder)
    if generation is None:
        return State()
    manifest = read_manifest(generation)
    refuse_newer(folder, manifest.versions, VERSIONS)
    if manifest.versions != VERSIONS:
        return State()
    return State(folder=generation, applied=manifest.applied, **manifest.engine)


def check_tables(state: State) -> None:
    """Raise DamagedFile if a table of contents is corrupt, FileNotFoundError if it is missing."""
    for index_name in state.tables:
        table_of(state, index_name)


def table_of(state: State, index_name: str) -> bytes:
    """Return the table of contents of an index. Errors as `check_tables`."""
    if state.folder is None:
        raise ValueError("an empty index has no tables")
    path = state.folder / table_name(index_name, state.tables[index_name])
    table = path.read_bytes()
    if zlib.crc32(table) != state.checksums[index_name]:
        raise DamagedFile(f"{path.name} is corrupt (checksum mismatch)")
    return table


def publish(generation: NewGeneration, applied: int, tables: Mapping[str, int]) -> None:
    """Publish the files of a new generation as the state of the index, atomically."""
    checksums = {
        name: zlib.crc32((generation.path / table_name(name, number)).read_bytes()) for name, number in tables.items()
    }
    generation.publish(applied=applied, versions=VERSIONS, engine={"tables": dict(tables), "checksums": checksums})

"""What Whoosh's files are in a generation: two indexes that belong together, each with its table of contents.

takes:    what Whoosh and writer.py write
gives:    `State`, which names the tables of both indexes; their bytes, checked
does not: make files last (generations.py does), read tables (tables.py does)
traps:    tables of contents have no checksums of their own; the state has
"""

import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError
from searchkit.index import generations
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import DamagedFile, NewGeneration, SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.query.fields import Record

# Raised whenever the files change form.
FORMAT_VERSION = 5
# Of all that decides whether this searchkit, here, can read an index.
VERSIONS: Mapping[str, int | str] = {
    "schema": SCHEMA_VERSION,
    "analysis": ANALYSIS_VERSION,
    "form": FORMAT_VERSION,
    "byte_order": sys.byteorder,
}
# Names of the two Whoosh indexes.
INDEX_NAMES: dict[Record, str] = {"document": "documents", "quote": "quotes"}


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turns whatever goes wrong inside into one of our errors: a damaged file may raise anything."""
    try:
        yield
    except (SearchkitError, MemoryError, RecursionError):
        raise
    except SecondWriter as error:
        raise ArchiveLocked(str(error)) from error
    except OSError as error:
        if error.errno in generations.NO_SPACE:
            raise generations.full(folder) from error
        if error.errno in generations.NO_ACCESS:
            raise generations.closed(folder, f": {error.strerror}") from error
        raise _damaged(folder, error) from error
    except Exception as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> ArchiveError:
    return generations.damaged(folder, str(error) or type(error).__name__)


class State(Struct, frozen=True, kw_only=True):
    """What one generation of an index contains: the last change applied, and Whoosh's table of contents of each kind
    of record, by its number. `folder` is the generation's; None of an empty index.

    `checksums` are those of the two tables of contents, which have none of their own.
    """

    folder: Path | None = None
    applied: int = 0
    tables: Mapping[str, int] = field(default_factory=dict)
    checksums: Mapping[str, int] = field(default_factory=dict)


def table_name(index_name: str, number: int) -> str:
    """File name of a table of contents, as Whoosh calls it."""
    return f"_{index_name}_{number}.toc"


def read_state(folder: Path) -> State:
    """The state of the index in `folder`; that of an empty one when there is none or it is of another version.

    DamagedFile when it is not as it was written, FileNotFoundError when a later one took its place meanwhile,
    NewerArchive when a later version wrote it: two programs that each make it anew would never come to an end."""
    generation = current(folder)
    if generation is None:
        return State()
    manifest = read_manifest(generation)
    refuse_newer(folder, manifest.versions, VERSIONS)
    if manifest.versions != VERSIONS:
        return State()
    return State(folder=generation, applied=manifest.applied, **manifest.engine)


def check_tables(state: State) -> None:
    """DamagedFile when a table of contents is not the one that `state` names; FileNotFoundError when it is gone."""
    for index_name in state.tables:
        table_of(state, index_name)


def table_of(state: State, index_name: str) -> bytes:
    """The table of contents of an index that `state` names. Errors as `check_tables`."""
    if state.folder is None:
        raise ValueError("an empty index has no tables")
    path = state.folder / table_name(index_name, state.tables[index_name])
    table = path.read_bytes()
    if zlib.crc32(table) != state.checksums[index_name]:
        raise DamagedFile(f"{path.name} is not as it was written")
    return table


def publish(generation: NewGeneration, applied: int, tables: Mapping[str, int]) -> None:
    """Make what stands in a new generation the state of the index, at once or not at all."""
    checksums = {
        name: zlib.crc32((generation.path / table_name(name, number)).read_bytes()) for name, number in tables.items()
    }
    generation.publish(applied=applied, versions=VERSIONS, engine={"tables": dict(tables), "checksums": checksums})

"""What Whoosh's files are in a generation: tables of contents that run no code, and two indexes that belong together.

takes:    what Whoosh and writer.py write
gives:    a Whoosh storage; `State`, which names the tables of both indexes
does not: make files last (generations.py does)
traps:    the only class that may be unpickled is segments.ArraySegment
"""

import errno
import io
import pickle
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import StructFile

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError, StorageFull
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import DamagedFile, NewGeneration, SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.schema import SCHEMA_VERSION
from searchkit.query.fields import Record

# Raised whenever the files change form.
FORMAT_VERSION = 4
# Of all that decides whether this searchkit, here, can read an index.
VERSIONS: Mapping[str, int | str] = {
    "schema": SCHEMA_VERSION,
    "analysis": ANALYSIS_VERSION,
    "form": FORMAT_VERSION,
    "byte_order": sys.byteorder,
}
# Names of the two Whoosh indexes.
INDEX_NAMES: dict[Record, str] = {"document": "documents", "quote": "quotes"}
# The only class that Whoosh's table of contents needs; the sets and dictionaries within are pickled without a name.
_ALLOWED = {("searchkit.index.whoosh.segments", "ArraySegment")}


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
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise StorageFull(f"No space is left for {folder}.", hint="Free some and try again.") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise ArchiveError(
                f"{folder} cannot be opened: {error.strerror}.", hint="Check who may write there."
            ) from error
        raise _damaged(folder, error) from error
    except Exception as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> ArchiveError:
    reason = str(error) or type(error).__name__
    return ArchiveError(f"The index in {folder} is damaged ({reason}).", hint="Run `searchkit rebuild`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
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
    for index_name, number in state.tables.items():
        table = _table(state, index_name, number)
        if zlib.crc32(table.read_bytes()) != state.checksums[index_name]:
            raise DamagedFile(f"{table.name} is not as it was written")


def _table(state: State, index_name: str, number: int) -> Path:
    if state.folder is None:
        raise ValueError("an empty index has no tables")
    return state.folder / table_name(index_name, number)


def publish(generation: NewGeneration, applied: int, tables: Mapping[str, int]) -> None:
    """Make what stands in a new generation the state of the index, at once or not at all."""
    checksums = {
        name: zlib.crc32((generation.path / table_name(name, number)).read_bytes()) for name, number in tables.items()
    }
    generation.publish(applied=applied, versions=VERSIONS, engine={"tables": dict(tables), "checksums": checksums})


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")
        return super().find_class(module, name)


class _TableFile(StructFile):
    def read_pickle(self) -> Any:
        """What was pickled, if it is made of nothing but segments and plain values."""
        return _Unpickler(self.file).load()


class _NoLock:
    """What Whoosh's lock is here: nothing, since a generation has one writer from its beginning."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return


class GenerationStorage(FileStorage):
    """Whoosh's folder, one generation of ours, with two differences: a table of contents is unpickled by an allow-list,
    and nothing is locked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._path = folder

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Whoosh opens its tables of contents only, which are small; segments are read by sections.py."""
        return _TableFile(io.BytesIO((self._path / name).read_bytes()), name=name, **kwargs)

    def lock(self, name: str) -> _NoLock:
        """No file, so that a generation holds nothing but what it is made of."""
        del name
        return _NoLock()

    def temp_storage(self, name: str | None = None) -> RamStorage:
        """Nothing temporary is written."""
        del name
        return RamStorage()

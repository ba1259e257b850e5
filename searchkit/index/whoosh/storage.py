"""The folder of an index: files that survive a power cut, tables of contents that run no code, one point of commit.

takes:    what Whoosh and writer.py write
gives:    a Whoosh storage; `State`, which names the two generations that belong together
does not: lock against other processes beyond Whoosh's own locks (the archive does)
traps:    nothing is deleted before the state that no longer needs it is on disk
"""

import errno
import io
import json
import os
import pickle
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import LockError

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError, StorageFull
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.schema import SCHEMA_VERSION
from searchkit.index.whoosh.sections import DamagedFile
from searchkit.query.fields import Record

# Raised whenever the files change form.
FORMAT_VERSION = 2
STATE = "state"
_VERSIONS = ("schema", "analysis", "form", "byte_order")
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
    except LockError as error:
        raise ArchiveLocked(f"Another process is writing to {folder}.") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
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
    """What an index contains: the last change applied, and the Whoosh generation of each kind of record.

    `checksums` are those of the two tables of contents, which have none of their own. The versions and the byte order
    say whether this searchkit, here, can read it.
    """

    applied: int = 0
    generations: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, int] = field(default_factory=dict)
    schema: int = SCHEMA_VERSION
    analysis: int = ANALYSIS_VERSION
    form: int = FORMAT_VERSION
    byte_order: str = sys.byteorder


def table_name(index_name: str, generation: int) -> str:
    """File name of a table of contents, as Whoosh calls it."""
    return f"_{index_name}_{generation}.toc"


def read_state(folder: Path) -> State:
    """The state of the index in `folder`; that of an empty one when there is none or it is of another version."""
    try:
        written = (folder / STATE).read_bytes()
    except FileNotFoundError:
        return State()
    checksum, _, content = written.partition(b"\n")
    if checksum != _checksum_line(content):
        raise DamagedFile(f"{STATE} is not as it was written")
    found = json.loads(content)
    # A later version may have other fields, so its versions are read first.
    versions = {name: found.get(name) for name in _VERSIONS}
    return State(**found) if versions == {name: getattr(State(), name) for name in _VERSIONS} else State()


def check_tables(folder: Path, state: State) -> None:
    """DamagedFile when a table of contents is not the one that `state` names; FileNotFoundError when it is gone."""
    for index_name, generation in state.generations.items():
        table = folder / table_name(index_name, generation)
        if zlib.crc32(table.read_bytes()) != state.checksums[index_name]:
            raise DamagedFile(f"{table.name} is not as it was written")


def write_state(folder: Path, applied: int, generations: dict[str, int]) -> None:
    """Make these the state of the index, at once or not at all."""
    tables = {name: (folder / table_name(name, generation)).read_bytes() for name, generation in generations.items()}
    checksums = {name: zlib.crc32(table) for name, table in tables.items()}
    state = State(applied=applied, generations=generations, checksums=checksums)
    content = json.dumps(asdict(state)).encode()
    temporary = folder / f"{STATE}.new"
    with temporary.open("wb") as file:
        file.write(_checksum_line(content) + b"\n" + content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / STATE)
    _sync(folder)


def _checksum_line(content: bytes) -> bytes:
    return b"%08x" % zlib.crc32(content)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")
        return super().find_class(module, name)


class _TableFile(StructFile):
    def read_pickle(self) -> Any:
        """What was pickled, if it is made of nothing but segments and plain values."""
        return _Unpickler(self.file).load()


class SyncedStorage(FileStorage):
    """Whoosh's folder, with three differences: a rename comes after everything is on disk, files are deleted only by
    `sweep`, and a table of contents is unpickled by an allow-list.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._path = folder
        self._doomed: set[str] = set()

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Whoosh opens its tables of contents only, which are small; segments are read by sections.py."""
        return _TableFile(io.BytesIO((self._path / name).read_bytes()), name=name, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Sync the table of contents `oldname` and the folder with the segments it names, then rename."""
        del safe  # a table left over from a broken commit is replaced
        _sync(self._path / oldname)
        _sync(self._path)
        (self._path / oldname).replace(self._path / newname)
        _sync(self._path)

    def delete_file(self, name: str) -> None:
        """Delete at the next `sweep`."""
        self._doomed.add(name)

    def temp_storage(self, name: str | None = None) -> RamStorage:
        """Nothing temporary is written."""
        del name
        return RamStorage()

    def sweep(self) -> None:
        """Delete what was to be deleted, and tables of contents a crash left half made."""
        leftovers = {name for name in self.list() if ".toc." in name}
        for name in self._doomed | leftovers:
            (self._path / name).unlink(missing_ok=True)
        self._doomed.clear()

"""Which files of a generation belong together: two Whoosh indexes, with their tables of contents and checksums.

Tables are read without importing Whoosh, which takes as long as most answers. Only one class may be unpickled:
`codec.WhooshSegment`, which readers get as `ArraySegment`.
"""

import errno
import io
import pickle
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from msgspec import Struct, field

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError
from searchkit.files import NO_SPACE, storage_error
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import DamagedFile, NewGeneration, SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.index.whoosh.segments import ArraySegment
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
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


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
        if error.errno in NO_SPACE | _NO_ACCESS:
            raise storage_error(folder, error) from error
        raise _damaged(folder, error) from error
    except Exception as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> ArchiveError:
    reason = str(error) or type(error).__name__
    return ArchiveError(f"The index in {folder} is corrupt ({reason}).", hint="Run `searchkit rebuild`.")


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


def table_of(state: State, index_name: str) -> bytes:
    """Return the table of contents of an index. DamagedFile if it is corrupt, FileNotFoundError if it is missing."""
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


# --- tables of contents -----------------------------------------------------------------------------------------------

# The only class in a table; the sets and dictionaries in it are pickled without a name.
_SEGMENT = ("searchkit.index.whoosh.codec", "WhooshSegment")
# A table begins with the sizes of C's int, long and float, -12345, and the version of the format.
_SIZES = (4, 8, 4)
_MAGIC, _VERSION = -12345, -111
_INT = struct.Struct("!i")


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], segment_class: type[ArraySegment]) -> None:
        super().__init__(file)
        self._segment_class = segment_class

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) != _SEGMENT:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in an index")
        return self._segment_class


def unpickled(file: IO[bytes], segment_class: type[ArraySegment] = ArraySegment) -> Any:
    """Return the pickled object in `file`, if it consists of segments and plain values."""
    return _Unpickler(file, segment_class).load()


def segments_of(table: bytes, number: int) -> list[ArraySegment]:
    """Return the segments in the table of contents with this number. DamagedFile if it is another table."""
    file = io.BytesIO(table)
    sizes = tuple(_varint(file) for _ in _SIZES)
    magic, version = _int(file), _int(file)
    for _ in range(3):  # the release of Whoosh that wrote it
        _varint(file)
    file.seek(_varint(file), io.SEEK_CUR)  # the schema
    if (sizes, magic, version, _int(file)) != (_SIZES, _MAGIC, _VERSION, number):
        raise DamagedFile(f"table of contents {number} has another format")
    _int(file)  # unused by Whoosh
    segments: list[ArraySegment] = unpickled(file)
    return segments


def _int(file: IO[bytes]) -> int:
    number: int = _INT.unpack(file.read(_INT.size))[0]
    return number


def _varint(file: IO[bytes]) -> int:
    """Read seven bits per byte, lowest first; the eighth bit marks that more follow."""
    found = shift = 0
    while True:
        (byte,) = file.read(1)
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found
        shift += 7

"""The state of an index: the segments that the manifest of its current generation lists.

A generation is also two Whoosh indexes. Their tables of contents, which are pickles, are for other programs only.
"""

import errno
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, field

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError
from searchkit.files import NO_SPACE, storage_error
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.index.whoosh.segments import SegmentEntry
from searchkit.query.fields import Record

# Increase with every change of the file format.
FORMAT_VERSION = 6
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
    """One generation of an index: its last change of the store, and its segments. `folder` is None for an empty
    index."""

    folder: Path | None = None
    applied: int = 0
    segments: Mapping[Record, Sequence[SegmentEntry]] = field(default_factory=dict)


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
    segments = msgspec.convert(manifest.engine, dict[Record, tuple[SegmentEntry, ...]])
    return State(folder=generation, applied=manifest.applied, segments=segments)

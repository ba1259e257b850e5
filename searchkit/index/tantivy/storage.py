"""What a generation of this engine holds: two tantivy indexes, and what is told when one cannot be read or written.

takes:    the folder of an index
gives:    its state; an open tantivy index; errors in our words
does not: make files last (generations.py does)
traps:    tantivy reads through memory maps, where a file cut short ends the process: sizes are compared before one is
          opened. It panics at what it does not expect, and a panic is no Exception
"""

import errno
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy
from msgspec import Struct

from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError
from searchkit.index import generations
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.generations import DamagedFile, SecondWriter, check, current, read_manifest, refuse_newer
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.index.tantivy.fields import register
from searchkit.query.fields import FIELDS, Record

# Raised whenever fields change form.
FORMAT_VERSION = 4
# Of all that decides whether this searchkit, here, can read an index.
VERSIONS: Mapping[str, int | str] = {
    "schema": SCHEMA_VERSION,
    "analysis": ANALYSIS_VERSION,
    "form": FORMAT_VERSION,
    "fields": " ".join(one.name for one in FIELDS),  # labels.py tells them apart by their places
    "tantivy": tantivy.__version__,
    "byte_order": sys.byteorder,
}
# Folders of the two indexes in a generation.
INDEX_NAMES: dict[Record, str] = {"document": "documents", "quote": "quotes"}
# tantivy's own locks, which nothing needs once a generation is whole.
_LOCKS = (".tantivy-writer.lock", ".tantivy-meta.lock")
# How tantivy tells what the system refused.
_SYSTEM_ERROR = r"os error (\d{1,4})|code: (\d{1,4})"
# Of a long message of tantivy's so many signs are shown: it may repeat all that was asked.
_MOST_SAID = 200
# What tantivy says when the thread that writes has died: of what, it does not say.
_WRITER_DIED = "index writer was killed"


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turns whatever goes wrong inside into one of our errors: a damaged file may raise anything."""
    try:
        yield
    except (SearchkitError, MemoryError, RecursionError):
        raise
    except SecondWriter as error:
        raise ArchiveLocked(str(error)) from error
    except Exception as error:
        raise _told(folder, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _refused(folder, error) from error


def _told(folder: Path, error: Exception) -> SearchkitError:
    number = _system_error(error)
    if number in generations.NO_SPACE or (number is None and _WRITER_DIED in str(error) and _is_full(folder)):
        return generations.full(folder)
    if number in generations.NO_ACCESS:
        reason = errno.errorcode[number] if number is not None else ""
        return generations.closed(folder, f" ({reason})")
    if _WRITER_DIED in str(error):
        return ArchiveError(f"The index in {folder} could not be written: tantivy gave up.", hint="Look at the disk.")
    return generations.damaged(folder, str(error)) if isinstance(error, DamagedFile) else _refused(folder, error)


def _refused(folder: Path, error: BaseException) -> ArchiveError:
    """What to say of an error that tantivy gives no reason for: damage only where a file is not as it was written. A
    question may be too much for tantivy as well, and no rebuild helps then."""
    try:
        generation = current(folder)
        if generation is None:
            return generations.damaged(folder, "tantivy cannot read it")
        check(generation, full=True)
    except DamagedFile as found:
        return generations.damaged(folder, str(found))
    except (OSError, ValueError, KeyError):
        return generations.damaged(folder, "tantivy cannot read it")
    said = str(error).partition("\n")[0][:_MOST_SAID]
    return ArchiveError(
        f"tantivy could not do what was asked of {folder}, whose files are whole: {said!r}.",
        hint="Ask for less at once; `searchkit rebuild --engine whoosh` changes the engine.",
    )


def _system_error(error: Exception) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    found = re.search(_SYSTEM_ERROR, str(error))
    return int(found[1] or found[2]) if found else None


def _is_full(folder: Path) -> bool:
    """Whether nothing can be written there now."""
    probe = folder / "gen-probe.tmp"
    try:
        probe.write_bytes(bytes(1 << 20))
    except OSError as error:
        return error.errno in generations.NO_SPACE
    finally:
        probe.unlink(missing_ok=True)
    return False


class State(Struct, frozen=True, kw_only=True):
    """What one generation contains: the last change applied, and the number that the next row gets. `folder` is None of
    an empty index."""

    folder: Path | None = None
    applied: int = 0
    next_row: int = 0


def read_state(folder: Path) -> State:
    """The state of the index in `folder`; that of an empty one when there is none or it is of another version.

    DamagedFile when a file is missing or of another size, FileNotFoundError when a later generation took its place,
    NewerArchive when a later version wrote it."""
    generation = current(folder)
    if generation is None:
        return State()
    manifest = read_manifest(generation)
    refuse_newer(folder, manifest.versions, VERSIONS)
    if manifest.versions != VERSIONS:
        return State()
    check(generation, full=False)
    return State(folder=generation, applied=manifest.applied, next_row=manifest.engine["next_row"])


def open_index(generation: Path, record: Record) -> Any:
    """The tantivy index of one kind of record, for reading and writing."""
    index = tantivy.Index.open(str(generation / INDEX_NAMES[record]))
    register(index)
    return index


def remove_locks(generation: Path) -> None:
    """Leave nothing but what the index is made of."""
    for name in INDEX_NAMES.values():
        for lock in _LOCKS:
            (generation / name / lock).unlink(missing_ok=True)

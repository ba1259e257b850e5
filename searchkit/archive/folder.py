"""The folder of an archive: its marker file archive.json, and small JSON files with a version.

archive.json    the marker: version and engine
lock            held by the one writer; never deleted
store.sqlite    the documents (the truth)
aliases.toml    names (names/folder.py), with watchlists/
saved/          saved searches and alerts (alerts/folder.py)
notes.jsonl     the user's notes on statements (notes/file.py)
whoosh/         the index: derived, safe to delete
histories.sqlite  changed, repeated and disputed statements (histories/): derived, safe to delete
frontier.sqlite the crawler's state, with captures/ (crawl/web/)
runs.jsonl      a line for each run (update/running.py)
forgotten.json  the blocklist of erased documents (blocklist.py)
shared-files.json  what is known of files that machines share (shared_files.py)
"""

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.errors import ArchiveError, NewerArchive
from searchkit.files import UNFINISHED, open_regular, parse_json, storage_error, storage_errors, sync, write_atomically
from searchkit.index import generations
from searchkit.index.base import engine_names
from searchkit.names import folder as names_folder
from searchkit.notes import NOTES, NOTES_LOCK
from searchkit.store.base import Shared

ARCHIVE_VERSION = 1
MARKER = "archive.json"
STORE = "store.sqlite"
LOCK = "lock"
# The crawler's state, and the pages that it fetched (crawl/web/).
FRONTIER = "frontier.sqlite"
CAPTURES = "captures"
# What other versions and other articles say about the statements: derived from the store (histories/).
HISTORIES = "histories.sqlite"
# The checksums of that file and of the one that may be about to replace it.
HISTORIES_CHECKSUMS = "histories.sqlite.sha256"
# Saved searches, a file each (alerts/folder.py).
SAVED = "saved"
# The plan of an erasure that is in progress (erasure.py), and the blocklist of erased documents.
FORGETTING = "forgetting.json"
FORGOTTEN = "forgotten.json"
# What a machine knows of the files that it shares with others (shared_files.py).
SHARED_FILES, SHARED_FILES_LOCK = "shared-files.json", "shared-files.lock"
# The alerts of a restored backup that the user has not confirmed (alerts/folder.py).
UNCONFIRMED = "unconfirmed.json"
_OURS = {
    *(NOTES, NOTES_LOCK, SHARED_FILES, SHARED_FILES_LOCK),
    *(MARKER, LOCK, CAPTURES, SAVED, FORGETTING, FORGOTTEN, UNCONFIRMED, "runs.jsonl"),
    *(names_folder.ALIASES, names_folder.WATCHLISTS, *engine_names()),
}
# A folder with only these files counts as empty: those of version control, names and saved searches, which the user may
# write before the first run, and the unfinished marker of a killed run.
_IGNORED = {
    *(".gitignore", ".gitkeep", ".DS_Store"),
    *(SAVED, names_folder.ALIASES, names_folder.WATCHLISTS, NOTES_LOCK, MARKER + UNFINISHED),
}


class Finding(Struct, frozen=True, kw_only=True):
    """A problem."""

    damage: Annotated[bool, Meta(description="False for a note: the archive still works as it should.")] = True
    where: Annotated[str, Meta(description="The file in the archive.")]
    what: str
    do: Annotated[str, Meta(description="What to do next; empty for nothing.")] = "searchkit repair"


def read_marker(folder: Path) -> str | None:
    """Return the engine of the archive in `folder`; None if there is no archive."""
    found = read_engine_and_shared(folder)
    return None if found is None else found[0]


def read_engine_and_shared(folder: Path) -> tuple[str, Shared] | None:
    """Return the engine of the archive in `folder`, and what it shares with other machines; None if there is none."""
    try:
        marker = read_json(folder / MARKER, "searchkit", ARCHIVE_VERSION, called=f"The archive {folder}")
        return None if marker is None else (str(marker["engine"]), _shared(marker))
    except KeyError as error:
        raise ArchiveError(f"{folder / MARKER} is damaged.", hint=_RESTORE) from error


def read_shared(folder: Path) -> Shared:
    """Return what the archive in `folder` shares with other machines; nothing if its marker is missing or damaged."""
    return _shared(_marker(folder))


def _shared(marker: Mapping[str, object]) -> Shared:
    return Shared(**{name: str(marker.get(name, "")) for name in Shared.__struct_fields__})


def write_marker(folder: Path, engine: str, *, shared: Shared | None = None) -> None:
    """Make `folder` an archive with this engine. What it shares stays as it is, unless `shared` is given. OSError if it
    fails."""
    has_list = forgets(folder) or (folder / FORGOTTEN).exists()
    _change_marker(folder, engine=engine, forgets=has_list, **(asdict(shared) if shared else {}))


def _change_marker(folder: Path, **changes: object) -> None:
    marker = {**_marker(folder), "searchkit": ARCHIVE_VERSION, **changes}
    write_atomically(folder / MARKER, _with_checksum({name: value for name, value in marker.items() if value}))


def make_folder(folder: Path, engine: str, shared: Shared) -> None:
    """Make `folder` an archive with this engine. ArchiveError or StorageFull if that fails."""
    with storage_errors(folder):
        created = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_marker(folder, engine, shared=shared)
        for path in created:
            sync(path.parent)


def write_shared(folder: Path, shared: Shared) -> None:
    """Record in the marker what the archive in `folder` shares. Errors as `write_marker`."""
    _change_marker(folder, **asdict(shared))


def forgets(folder: Path) -> bool:
    """Return whether the marker says that the archive has a blocklist: otherwise, nothing would show that it is
    missing."""
    return _marker(folder).get("forgets") is True


def note_forgetting(folder: Path) -> None:
    """Record in the marker that the archive has a blocklist. Errors as `write_marker`."""
    if _marker(folder) and not forgets(folder):
        _change_marker(folder, forgets=True)


def _marker(folder: Path) -> dict[str, object]:
    """Return the content of the marker; nothing if it is missing or damaged."""
    try:
        marker = dict(parse_json((folder / MARKER).read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}
    marker.pop(_CHECKSUM, None)
    return marker


def is_ours(name: str) -> bool:
    """Return whether searchkit itself keeps a file or folder with this name in the folder of an archive, in the case of
    any letters: some disks ignore it."""
    name = name.lower()
    return name in _OURS or name.startswith((STORE, FRONTIER, HISTORIES))


def user_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and path of each file that users may write themselves: names and saved searches."""
    for pattern in (names_folder.ALIASES, f"{names_folder.WATCHLISTS}/*.jsonl", f"{SAVED}/*.toml"):
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), path


# --- foreign folders -------------------------------------------------------------------------------------------------


def refuse_foreign(folder: Path) -> None:
    """Raise ArchiveError unless `folder` is missing or empty: we never write among other files."""
    try:
        entries = {entry.name for entry in folder.iterdir()} - _IGNORED
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage_error(folder, error) from error
    if entries and STORE not in entries:
        raise ArchiveError(
            f"{folder} is not a searchkit archive, and not empty.", hint="Name another folder with --archive."
        )


def was_filled(folder: Path) -> bool:
    """Return whether anything was ever written to the archive in `folder`, even if the store is missing."""
    made = _IGNORED | {MARKER, LOCK}
    try:
        return any(entry.name not in made and entry.stat().st_size for entry in folder.iterdir())
    except OSError:
        return True


def refuse_planted(folder: Path, index: Path, *, trusted: Collection[int]) -> None:
    """Raise ArchiveError if the index belongs to a user who neither owns the archive nor is `trusted` (user ids).

    Whoever can place an index there can forge answers. It cannot run code: no pickle is read.
    """
    try:
        owner, archive_owner = index.stat().st_uid, folder.stat().st_uid
    except OSError:  # missing, or reported when it is opened
        return
    if owner not in {archive_owner, *trusted}:
        raise ArchiveError(
            f"The index {index} belongs to another user (user ID {owner}) than the archive.",
            hint="Remove it; the next command rebuilds it from the store.",
        )


# --- small files -----------------------------------------------------------------------------------------------------

_MAX_JSON = 100_000_000
# In these files: the checksum of the rest.
_CHECKSUM = "crc32"
_RESTORE = "Restore it from a backup."


def to_json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return `content` as a line of JSON."""
    return json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n"


def _with_checksum(content: Mapping[str, Any]) -> bytes:
    return to_json_bytes({**content, _CHECKSUM: zlib.crc32(to_json_bytes(content))})


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` and its checksum with `write_atomically`. Raises ArchiveError or StorageFull."""
    with storage_errors(path.parent):
        write_atomically(path, _with_checksum(content))


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed writer left of files that are written only under the lock, which the caller holds.

    They may name documents that the user wanted to forget.
    """
    for name in (FORGETTING, FORGOTTEN, HISTORIES):
        with suppress(OSError):  # reported when the file itself is written
            (folder / (name + UNFINISHED)).unlink(missing_ok=True)


def read_json(path: Path, name: str, version: int, *, called: str = "", hint: str = _RESTORE) -> dict[str, Any] | None:
    """Return the object in a file of JSON whose entry `name` is its version; None if the file does not exist.

    Raises ArchiveError with the `hint` if the file is damaged, NewerArchive if its version is higher than `version`.
    """
    try:
        with open_regular(path) as file:
            content = dict(parse_json(file.read(_MAX_JSON)))
        checksum = content.pop(_CHECKSUM, None)  # which a file may lack
        found = int(content[name])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise storage_error(path.parent, error) from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ArchiveError(f"{path} is damaged.", hint=hint) from error
    if checksum is not None and checksum != zlib.crc32(to_json_bytes(content)):
        raise ArchiveError(f"{path} is damaged.", hint=hint)
    if found > version:
        raise NewerArchive(
            f"{called or path} has version {found}; this searchkit supports up to {version}.", hint="Upgrade searchkit."
        )
    return content


def refuse_lost_store(store: object, index: Path, applied: Callable[[], int] = lambda: 0, *, exists: bool) -> None:
    """Raise ArchiveError if the store is missing or empty (if it `exists`, it is a file) but its index is not: a new
    store would hide the loss. An index without files there has changes up to `applied`."""
    is_empty = isinstance(store, Path) and exists and not store.stat().st_size
    if exists and not is_empty:
        return
    with suppress(generations.DamagedFile, OSError, ValueError):
        current = generations.current(index)
        if applied() or (current is not None and generations.read_manifest(current).applied):
            name = f"The store {store}" if isinstance(store, Path) else str(store)
            raise ArchiveError(
                f"{name} is {'empty' if is_empty else 'missing'}, but the index shows that it contained documents.",
                hint=f"Restore a backup: searchkit restore DIR. To start over, remove {index}.",
            )

"""The folder of an archive: what marks it as one, and what keeps us out of other people's."""

import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from searchkit.errors import ArchiveError, NewerArchive, StorageFull
from searchkit.names import folder as names_folder

ARCHIVE_VERSION = 1
MARKER = "archive.json"
STORE = "store.sqlite"
LOCK = "lock"
# Saved searches, a file each (alerts/folder.py).
SAVED = "saved"
_REBUILT = "rebuilt"
# That there is a list of what was forgotten: without it all of that would come back.
_FORGETS = "forgets"
# What is being forgotten, while it is (erasure/intent.py), and what was (erasure/forgotten.py).
FORGETTING = "forgetting.json"
FORGOTTEN = "forgotten.json"
# As the marker is called while it is written; a writer that is killed then leaves it.
_UNFINISHED = f"{Path(MARKER).stem}.tmp"
# Files a folder may hold and still count as empty: version control's, so that ./index can live in a repository, and
# what the user says about names or has saved, which may be there before the first document is.
_IGNORED = {".gitignore", ".gitkeep", ".DS_Store", SAVED, names_folder.ALIASES, names_folder.WATCHLISTS, _UNFINISHED}


def read_marker(folder: Path) -> str | None:
    """The engine of the archive in `folder`; None when there is no archive."""
    path = folder / MARKER
    try:
        marker = json.loads(path.read_bytes())
        version = int(marker["searchkit"])
        if version > ARCHIVE_VERSION:  # the rest may have another form by then
            raise NewerArchive(
                f"The archive {folder} has version {version}; this searchkit reads up to {ARCHIVE_VERSION}.",
                hint="Upgrade searchkit.",
            )
        return str(marker["engine"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise folder_error(folder, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{path} is damaged.", hint="Restore it from a backup.") from error


def refuse_foreign(folder: Path) -> None:
    """Raise unless `folder` is missing or as good as empty: we never write among somebody else's files."""
    try:
        entries = {entry.name for entry in folder.iterdir()} - _IGNORED
    except FileNotFoundError:
        return
    except OSError as error:
        raise folder_error(folder, error) from error
    if entries and STORE not in entries:
        raise ArchiveError(
            f"{folder} is not a searchkit archive, and not empty.", hint="Name another folder with --archive."
        )


def was_filled(folder: Path) -> bool:
    """Whether anything shows that something was ever taken into the archive in `folder`, store or no store."""
    made = _IGNORED | {MARKER, LOCK}
    try:
        return any(entry.name not in made and entry.stat().st_size for entry in folder.iterdir())
    except OSError:
        return True


def folder_error(folder: Path, error: OSError) -> ArchiveError | StorageFull:
    """What the user is told when the folder itself cannot be used."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"There is no room left in {folder}.", hint="Free some space and run the command again.")
    return ArchiveError(f"The folder {folder} cannot be used: {error.strerror}.", hint="Check its permissions.")


def refuse_planted(folder: Path, index: Path, *, trusted: Collection[int]) -> None:
    """Raise when the index in an archive belongs to somebody who is neither `trusted` (user ids) nor owns the archive.

    Whoever can put an index there can make it answer anything. It runs no code: what it may hold is on an allow-list.
    """
    try:
        owner, keeper = index.stat().st_uid, folder.stat().st_uid
    except OSError:  # not there yet, or told by whoever opens it
        return
    if owner not in {keeper, *trusted}:
        raise ArchiveError(
            f"The index {index} belongs to another user (number {owner}) than the archive.",
            hint="Remove it; the next command makes it anew from the store.",
        )


def read_rebuilt(folder: Path) -> str:
    """When the index of the archive in `folder` was last made anew, as ISO 8601; empty when that is not known."""
    return str(_noted(folder).get(_REBUILT, ""))


def forgets(folder: Path) -> bool:
    """Whether something was forgotten in the archive in `folder`, as far as its marker is there to tell."""
    return _noted(folder).get(_FORGETS) is True


def note_forgetting(folder: Path) -> None:
    """Have the marker tell that there is a list of what was forgotten. Errors as `write_marker`."""
    noted = _noted(folder)
    if noted and noted.get(_FORGETS) is not True:
        _write_durably(folder / MARKER, json.dumps({**noted, _FORGETS: True}) + "\n")


def _noted(folder: Path) -> dict[str, object]:
    """All that the marker of an archive says; nothing when it is missing or damaged."""
    try:
        return dict(json.loads((folder / MARKER).read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}


def write_marker(folder: Path, engine: str, *, rebuilt: datetime | None = None) -> None:
    """Make `folder` an archive that answers by `engine`, whose index was made anew then. OSError when it cannot be
    written."""
    marker: dict[str, object] = {"searchkit": ARCHIVE_VERSION, "engine": engine}
    if rebuilt is not None:
        marker[_REBUILT] = rebuilt.isoformat(timespec="seconds")
    if forgets(folder) or (folder / FORGOTTEN).exists():
        marker[_FORGETS] = True
    _write_durably(folder / MARKER, json.dumps(marker) + "\n")


def _write_durably(path: Path, text: str) -> None:
    """Write a small file so that after a power cut it is there whole or not at all."""
    temporary = path.with_suffix(".tmp")
    with open(temporary, "w", encoding="utf-8", opener=names_folder.private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

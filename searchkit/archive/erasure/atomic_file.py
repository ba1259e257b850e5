"""Small private files of an archive: there whole or not at all, readable by their owner alone."""

import errno
import json
import os
from pathlib import Path
from typing import Any

from searchkit.archive.folder import folder_error
from searchkit.errors import ArchiveError, NewerArchive

_ENDING = ".new"
_RESTORE = "Restore it from a backup."


def write_kept(path: Path, content: dict[str, Any]) -> None:
    """Write `content` as JSON; on the disk when this returns. ArchiveError or StorageFull when that cannot be."""
    write_bytes(path, written(content))


def written(content: dict[str, Any]) -> bytes:
    """What `write_kept` writes."""
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file. Errors as `write_kept`."""
    beside = path.with_name(path.name + _ENDING)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise folder_error(path.parent, error) from error


def read_kept(path: Path, name: str, version: int, *, do: str = _RESTORE) -> dict[str, Any] | None:
    """What `write_kept` wrote, whose entry `name` is its version; None when there is no such file.

    ArchiveError when it is damaged, which says what to `do`; NewerArchive when a later searchkit wrote it.
    """
    try:
        content = json.loads(path.read_bytes())
        found = int(content[name])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise folder_error(path.parent, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, do) from error
    if found > version:
        raise NewerArchive(
            f"{path} has version {found}; this searchkit reads up to {version}.", hint="Upgrade searchkit."
        )
    return dict(content)


def damaged(path: Path, do: str = _RESTORE) -> ArchiveError:
    """What is said of such a file that is not as it was written, and what to `do`."""
    return ArchiveError(f"{path} is damaged.", hint=do)


def sync_folder(folder: Path) -> None:
    """Have the system write the names in a folder to the disk; what has no folders to sync is fine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)

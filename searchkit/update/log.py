"""The log of an archive: `runs.jsonl`, one line of JSON for each run."""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from searchkit.archive.folder import Finding, user_files
from searchkit.errors import ArchiveError, SearchkitError, StorageFull
from searchkit.files import parse_json
from searchkit.update.reports import RunReport

LOG = "runs.jsonl"
# Ten thousand failures every hour would fill the disk; `searchkit update --json` prints them all.
_MAX_LOGGED_REASONS = 20
# This much of the end of the log contains the last runs.
_TAIL_BYTES = 262_144


def last_success(folder: Path) -> datetime | None:
    """Return when the last successful update of the archive in `folder` was made; None for never.

    A failed source is due again in the next run, so a run without due sources is successful.
    """
    last = _last(folder, lambda entry: entry["command"] == "update" and entry["ok"] is not False)
    return None if last is None else datetime.fromisoformat(last["at"])


def _last(folder: Path, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Return the last entry of the log that is wanted."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            entry: dict[str, Any] = parse_json(line)
            datetime.fromisoformat(entry["at"])
            if is_wanted(entry):
                return entry
        except (ValueError, KeyError, TypeError):  # a truncated line
            continue
    return None


def file_checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of each file of the archive that users write themselves."""
    found = {}
    for name, path in user_files(folder):
        with suppress(OSError), path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def findings(folder: Path) -> Iterator[Finding]:
    """Yield a note for each file of the users that has changed since the last run. An edit is not damage, and searchkit
    cannot distinguish it from a flipped bit."""
    last = _last(folder, lambda entry: isinstance(entry["files"], dict))
    if last is None:
        return
    for name, checksum in file_checksums(folder).items():
        if last["files"].get(name, checksum) != checksum:
            yield Finding(
                where=name,
                what=f"has changed since the last run ({last['at']})",
                do="nothing to do if you edited it",
                damage=False,
            )


def open_log(path: Path) -> int:
    """Open the log for appending; return its descriptor. ArchiveError or StorageFull if that is not possible."""
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _log_error(error, path) from error


def append_to_log(descriptor: int, path: Path, report: RunReport) -> None:
    """Append one line in one write; a line that a power cut truncated stays a line of its own."""
    line = json.dumps(to_builtins(report.record(max_reasons=_MAX_LOGGED_REASONS)), ensure_ascii=True) + "\n"
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = f"\n{line}"
        os.write(descriptor, line.encode("ascii"))
        os.fsync(descriptor)
    except OSError as error:
        raise _log_error(error, path) from error


def _log_error(error: OSError, path: Path) -> SearchkitError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFull(f"No space left to write {path}.", hint="Free some space; documents are kept.")
    reason = (error.strerror or "unknown error").lower()
    return ArchiveError(f"The log {path} cannot be written: {reason}.", hint="Check its permissions, or move it away.")

"""Captures: what servers answered, kept as it came, each body once under its sha-256.

`zcat captures/ab/abcdef....gz | sha256sum` gives the name of the file again. A body is written beside its place,
synced and renamed, so that a file of that name is whole or not there at all.
"""

import errno
import gzip
import hashlib
import os
import re
import threading
import zlib
from pathlib import Path

from searchkit.errors import ArchiveError, StorageFull

# The fastest level: pages shrink to a fourth instead of a fifth, in a third of the time.
_LEVEL = 1
_UNFINISHED = re.compile(r"\.[0-9a-f]{64}\.[0-9]{1,20}\.[0-9]{1,20}")


class Captures:
    """The folder of captures at `folder`, whose parent is there; made when the first body is kept. May be used by
    several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sweep(self) -> None:
        """Remove what runs that were killed left half written. Only while nobody else keeps anything here."""
        try:
            for folder in os.scandir(self._folder):
                if not folder.is_dir(follow_symlinks=False):
                    continue
                for file in os.scandir(folder):
                    if _UNFINISHED.fullmatch(file.name):
                        Path(file.path).unlink(missing_ok=True)
        except FileNotFoundError:  # nothing was ever kept
            return
        except OSError as error:
            raise translated(error, self._folder) from error

    def path(self, digest: str) -> Path:
        """Where the body with this sha-256 (64 hex digits) is kept, if it is."""
        return self._folder / digest[:2] / f"{digest}.gz"

    def keep(self, body: bytes) -> str:
        """Keep `body`, on the disk when this returns; its sha-256 in hex.

        Raises StorageFull or ArchiveError when it cannot be written.
        """
        digest = hashlib.sha256(body).hexdigest()
        path = self.path(digest)
        beside = path.with_name(f".{digest}.{os.getpid()}.{threading.get_ident()}")
        try:
            if path.exists():
                return digest
            for folder in (self._folder, path.parent):  # `parents` would make them readable for all
                if not folder.exists():
                    folder.mkdir(mode=0o700, exist_ok=True)
                    _sync(folder.parent)
            try:
                descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    # The time is fixed, so that the same body makes the same file.
                    file.write(gzip.compress(body, _LEVEL, mtime=0))
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
                _sync(path.parent)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise translated(error, self._folder) from error
        return digest

    def drop(self, digest: str) -> None:
        """Remove the body with this sha-256, if it is kept. Raises as `keep`."""
        try:
            self.path(digest).unlink(missing_ok=True)
        except OSError as error:
            raise translated(error, self._folder) from error

    def read(self, digest: str, *, max_bytes: int) -> bytes | None:
        """The body with this sha-256; None when it is not there, is damaged, or is larger than `max_bytes`."""
        try:
            with gzip.open(self.path(digest), "rb") as stream:
                body = stream.read(max_bytes + 1)
        except (OSError, EOFError, zlib.error):
            return None
        whole = len(body) <= max_bytes and hashlib.sha256(body).hexdigest() == digest
        return body if whole else None


def _sync(folder: Path) -> None:
    """Have the system write the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def translated(error: OSError, place: Path) -> ArchiveError | StorageFull:
    """An error of writing below `place` as one line for its user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"There is no room left in {place}.",
            hint="Free some space and run the same command again; what was fetched is kept.",
        )
    return ArchiveError(f"{place} cannot be written: {error.strerror or error}.", hint="Check its permissions.")

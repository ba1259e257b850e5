"""Captures: the bodies that servers sent, each stored once under its SHA-256, as `captures/ab/abcdef....gz`.

A body is written to a temporary file, synced and renamed, so that a capture is either complete or missing. Several
machines may share the folder: those that store the same body write the same content to the same name.
"""

import gzip
import hashlib
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec import DecodeError
from msgspec.json import decode

from searchkit.crawl.web.frontier_database import FrontierDatabase, frontier_database, opened
from searchkit.crawl.web.pages import Response
from searchkit.errors import ArchiveError
from searchkit.files import storage_errors, sync, write_synced
from searchkit.sqlite import Connection

# The fastest level: a fourth of the size instead of a fifth, in a third of the time.
_LEVEL = 1
# The end of the hint of `storage_error` for a full disk.
PAGES_ARE_KEPT = "; fetched pages are kept."
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{16}")
# Older temporary files are those of killed runs, also by the clock of another machine.
_LEFT_SECONDS = 86_400
# A younger capture may be that of a page which is being recorded.
_SETTLED_SECONDS = 300


class Captures:
    """The captures in `folder`, which is created with the first one. Safe to use from several threads. If it
    `is_shared`, others may store the same body at any time."""

    def __init__(self, folder: Path, *, is_shared: bool = False) -> None:
        self._folder = folder
        self._is_shared = is_shared

    def sweep(self) -> None:
        """Remove temporary files that killed runs have left a day ago or earlier; other machines may be writing."""
        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT):
            for file in self._folder.glob("??/.*"):
                with suppress(FileNotFoundError):  # another machine has renamed or removed it
                    if _TEMPORARY.fullmatch(file.name) and file.stat().st_mtime < time.time() - _LEFT_SECONDS:
                        file.unlink()

    def path(self, digest: str) -> Path:
        """Return the path of the capture with this SHA-256 (64 hex digits). ArchiveError for anything else, which could
        lead out of the folder."""
        if not _DIGEST.fullmatch(digest):
            raise ArchiveError(f"{digest[:64]!r} is not the checksum of a capture.", hint="Restore another backup.")
        return self._folder / digest[:2] / f"{digest}.gz"

    def keep(self, body: bytes) -> str:
        """Store `body` durably; return its SHA-256 in hex. Raise StorageFull or ArchiveError."""
        digest = hashlib.sha256(body).hexdigest()
        path = self.path(digest)
        temporary = path.with_name(f".{digest}.{os.urandom(8).hex()}")
        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT):
            if path.exists():
                if self._is_shared:
                    path.touch()  # so that `drop_superseded` does not take it for an old one
                return digest
            for folder in (self._folder, path.parent):  # `parents` would not apply the mode
                if not folder.exists():
                    folder.mkdir(mode=0o700, exist_ok=True)
                    sync(folder.parent)
            try:
                # A fixed time, so that the same body makes the same file.
                write_synced(temporary, gzip.compress(body, _LEVEL, mtime=0))
                temporary.replace(path)
                sync(path.parent)
            finally:
                temporary.unlink(missing_ok=True)
        return digest

    def drop(self, digest: str) -> None:
        """Remove a capture, if it exists. Errors as `keep`."""
        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT):
            self.path(digest).unlink(missing_ok=True)

    def drop_superseded(self, digest: str) -> None:
        """Remove a capture that no page has; if others may be storing the same body, only an old one. Errors as
        `keep`."""
        with suppress(FileNotFoundError):
            if self._is_shared and self.path(digest).stat().st_mtime > time.time() - _SETTLED_SECONDS:
                return
        self.drop(digest)

    def read(self, digest: str, *, max_bytes: int) -> bytes | None:
        """Return the body with this SHA-256; None if it is missing, damaged, or larger than `max_bytes`. Errors as
        `path`."""
        try:
            with gzip.open(self.path(digest), "rb") as stream:
                body = stream.read(max_bytes + 1)
        except (OSError, EOFError, zlib.error):
            return None
        return body if len(body) <= max_bytes and hashlib.sha256(body).hexdigest() == digest else None


# --- when a capture was fetched, from where, and with which headers, as the frontier has it ---------------------------

CaptureHistory = Callable[..., Response]
"""Returns the answer whose body a capture is, by its `digest` and `body`, and the `address` and time (`at`) of its
document. If the frontier does not know it, its status is 0, and its address and time are those given."""
# The fetch of this address closest to that time; the same bytes may have come from other addresses too.
_FETCH = (
    "SELECT final_url, status, headers, fetched_at FROM fetches WHERE digest = ?1"
    " ORDER BY ?2 NOT IN (url, final_url), abs(fetched_at - ?3), number LIMIT 1"
)


def _response(connection: Connection | None, digest: str, body: bytes, *, address: str, at: datetime) -> Response:
    rows = connection.rows(_FETCH, digest, address, at.timestamp()) if connection is not None else ()
    if not rows:
        return Response(final_url=address, status=0, body=body, digest=digest, fetched_at=at)
    final_url, status, written, fetched_at = rows[0]
    headers: Mapping[str, str] = {}
    with suppress(DecodeError):
        headers = decode(written, type=dict[str, str])
    return Response(
        final_url=str(final_url),
        status=int(status),
        headers=headers,
        body=body,
        digest=digest,
        fetched_at=datetime.fromtimestamp(fetched_at, UTC),
    )


@contextmanager
def capture_history(place: Path | FrontierDatabase) -> Iterator[CaptureHistory]:
    """Open the history in a frontier, which may be missing. Errors as `opened`."""
    with opened(place) if frontier_database(place).exists() else nullcontext() as connection:
        yield partial(_response, connection)

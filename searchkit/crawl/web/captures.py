"""Captures: the bodies that servers sent, each stored once under its SHA-256, as `captures/ab/abcdef....gz`; and what
a run fetched as a WARC file, the standard format of web archives.

A body is written to a temporary file, synced and renamed, so that a capture is either complete or missing. Several
machines may share the folder: those that store the same body write the same content to the same name.

A WARC file has decoded bodies; the headers of the transfer are kept under `X-Archive-Orig-`, as other archives do.
"""

import gzip
import hashlib
import http.client
import io
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import DecodeError
from msgspec.json import decode

from searchkit.crawl.web.frontier_database import FrontierDatabase, frontier_database, opened
from searchkit.crawl.web.pages import Response
from searchkit.crawl.web.politeness import user_agent
from searchkit.errors import ArchiveError
from searchkit.files import private, storage_errors, sync, write_synced
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


# --- WARC files -------------------------------------------------------------------------------------------------------

# Headers that do not apply to a decoded body.
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class WarcWriter:
    """A file `searchkit-YYYYMMDDTHHMMSS-XXXXXX.warc.gz` in `folder`, created with the first response.

    Raises StorageFull or ArchiveError if it cannot be written.
    """

    def __init__(self, folder: Path, *, started: datetime) -> None:
        self._folder = folder
        self._started = started
        self._file: BinaryIO | None = None
        self._writer: Any = None

    def write(self, response: Response) -> None:
        """Add a response with its request."""
        from warcio.statusandheaders import StatusAndHeaders  # few runs write WARC files

        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT):
            writer = self._open()
            record = response_record(writer, response)
            request_line = StatusAndHeaders(f"GET {response.final_url} HTTP/1.1", [], is_http_request=True)
            request = writer.create_warc_record(response.final_url, "request", http_headers=request_line)
            writer.write_request_response_pair(request, record)

    def close(self) -> None:
        """Write the file durably and close it."""
        if self._file is None:
            return
        file, self._file, self._writer = self._file, None, None
        with storage_errors(self._folder, hint_end=PAGES_ARE_KEPT), file:
            file.flush()
            os.fsync(file.fileno())

    def _open(self) -> Any:
        if self._writer is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            stamp = self._started.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
            name = f"searchkit-{stamp}-{os.urandom(3).hex()}.warc.gz"  # two runs in one second do not share a file
            self._file = open(self._folder / name, "xb", opener=private)  # noqa: SIM115 - closed by `close`
            self._writer = begun_warc(self._file, name)
        return self._writer


def begun_warc(file: BinaryIO, name: str) -> Any:
    """Return a writer of warcio for a compressed file called `name`, after its first record."""
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(file, gzip=True, warc_version="1.1")
    info = {"software": user_agent(""), "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return writer


def response_record(writer: Any, response: Response) -> Any:
    """Return the record of a response. Without a status, there was no server: it is a resource."""
    from warcio.statusandheaders import StatusAndHeaders

    status = f"{response.status} {http.client.responses.get(response.status, '')}".rstrip()
    headers = StatusAndHeaders(status, _headers(response), protocol="HTTP/1.1") if response.status else None
    date = response.fetched_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    digest = f"sha256:{hashlib.sha256(response.body).hexdigest()}"
    return writer.create_warc_record(
        response.final_url,
        "response" if headers is not None else "resource",
        payload=io.BytesIO(response.body),
        length=len(response.body),
        http_headers=headers,
        warc_content_type="" if headers is not None else response.media_type or "application/octet-stream",
        warc_headers_dict={"WARC-Date": date, "WARC-Payload-Digest": digest},
    )


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = [
        (f"X-Archive-Orig-{name}" if name in _TRANSFER else name, " ".join(value.split()))
        for name, value in response.headers.items()
    ]
    return [*headers, ("Content-Length", str(len(response.body)))]

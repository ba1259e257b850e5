"""WARC files: the pages that another crawl kept, under their original addresses."""

import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import WARCIterator
from warcio.exceptions import ArchiveLoadFailed

from searchkit.crawl.base import ByteStream, Damaged, FileOptions, Part, Refused, megabytes, read_limited
from searchkit.crawl.decoding import UndecodableBody, decoder
from searchkit.crawl.media_types import CONTAINERS, GENERIC, SUPPORTED, detect

_PIECE = 65_536
_TYPES = SUPPORTED.keys() | GENERIC
# Headers of a record and its response; servers allow about 64 kB. The reader reads 16 kB ahead.
_MAX_HEADER_BYTES = 1_000_000
_MAX_CHUNK_LINE = 256
_UNLIMITED = 1 << 62


class _HeaderLimit:
    """A stream that limits the bytes read for each header."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.left = _MAX_HEADER_BYTES

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise Damaged("damaged WARC file (a header does not end); the rest was skipped")
        return piece


def responses(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Yield each response with status 200 and a supported type, in file order. Raise Damaged at damage."""
    del now
    for record in _records(part.stream):
        headers = record.http_headers
        if record.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
            continue
        uri = (record.rec_headers.get_header("WARC-Target-URI") or "").strip()
        declared = headers.get_header("Content-Type") or ""
        media_type = declared.partition(";")[0].strip().lower()
        if not _is_page_address(uri) or media_type not in _TYPES:
            continue
        response = _response(uri, media_type, record, part.depth + 1, options.max_bytes)
        if response is not None:
            yield response


def _records(stream: ByteStream) -> Iterator[Any]:
    limited = _HeaderLimit(stream)
    iterator = WARCIterator(limited)
    while True:
        limited.left = _MAX_HEADER_BYTES
        try:
            with redirect_stderr(StringIO()):  # warcio prints lines of damaged files there
                record = next(iterator, None)
        except (ArchiveLoadFailed, ValueError, AttributeError, TypeError, AssertionError, zlib.error) as error:
            raise Damaged("damaged WARC file (record boundary not found); the rest was skipped") from error
        if record is None:
            return
        limited.left = _UNLIMITED  # bodies may have any length
        yield record
        while record.raw_stream.read(_PIECE):
            pass


def _is_page_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.path != "/robots.txt"


def _response(uri: str, media_type: str, record: Any, depth: int, limit: int) -> Part | Refused | None:
    raw = read_limited(record.raw_stream, limit)
    if len(raw) > limit:
        return Refused(uri=uri, reason=f"is larger than {megabytes(limit)}")
    if getattr(record.raw_stream, "limit", 0):
        return Refused(uri=uri, reason="truncated: the WARC file ends early")
    headers = record.http_headers
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        raw = _without_chunks(raw)
    body = _decoded(raw, headers.get_header("Content-Encoding") or "", limit)
    if len(body) > limit:
        return Refused(uri=uri, reason=f"expands to more than {megabytes(limit)}")
    detected = detect(media_type, body)
    # The entries of a feed or an archive have addresses of their own.
    if detected in CONTAINERS or (detected is None and media_type in GENERIC):
        return None
    _, _, charset = (headers.get_header("Content-Type") or "").lower().partition("charset=")
    truncated = record.rec_headers.get_header("WARC-Truncated")
    return Part(
        uri=uri,
        stream=BytesIO(body),
        declared=media_type,
        charset=charset.partition(";")[0].strip().strip("\"'")[:40],
        fetched_at=_fetched_at(record),
        defaults={"notes": ("truncated when it was fetched, according to its WARC record",)} if truncated else {},
        depth=depth,
        size=len(body),
    )


def _fetched_at(record: Any) -> datetime | None:
    try:
        date = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _without_chunks(raw: bytes) -> bytes:
    """Join the pieces of a chunked transfer. Many writers keep the header but not the chunks."""
    pieces: list[bytes] = []
    position = 0
    while position < len(raw):
        end = raw.find(b"\r\n", position, position + _MAX_CHUNK_LINE)
        length = raw[position : max(end, position)].partition(b";")[0].strip()
        if end < 0 or not length or len(length) > 8 or length.strip(b"0123456789abcdefABCDEF"):
            break
        size = int(length, 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(raw[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    return b"".join(pieces) if pieces else raw


def _decoded(raw: bytes, encodings: str, limit: int) -> bytes:
    """Undo at most two content encodings. Bytes that do not decode are returned as they are: many writers keep the
    header of a body that they decoded."""
    for encoding in reversed([name for name in encodings.split(",") if name.strip()][:2]):
        try:
            raw = decoder(encoding).decode(raw, limit)
        except UndecodableBody:
            return raw
        if len(raw) > limit:
            return raw
    return raw

"""WARC files: the pages that a crawl kept, under the addresses they had."""

import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from searchkit.crawl.base import FileOptions, Refused, megabytes
from searchkit.crawl.container_parts import ByteStream, Damaged, Part
from searchkit.crawl.media_types import CONTAINERS, is_read, is_untold, settled

_PIECE = 65_536
# Headers of a record and of the response in it; servers allow about 64 kB. The reader takes 16 kB more at a time.
_HEADER_BYTES = 1_000_000
_OK = "200"
_CHUNK_LINE = 256


class _Watched:
    """A stream from which one header after the other is read, each of them within a limit."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.left = _HEADER_BYTES

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise Damaged("is a damaged WARC file (a header does not end); the rest is not read")
        return piece


def responses(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Each response with status 200 and a type that is read, as it was fetched; several captures of one address in the
    order of the file. All else that a crawl keeps is passed over in silence. A damaged file ends with Damaged."""
    del now
    for record in _records(part.stream):
        response = _response(record)
        if response is None:
            continue
        found = _part(response, record, part, options)
        if found is not None:
            yield found


def _records(stream: ByteStream) -> Iterator[Any]:
    from warcio.archiveiterator import WARCIterator
    from warcio.exceptions import ArchiveLoadFailed

    watched = _Watched(stream)
    iterator = WARCIterator(watched)
    while True:
        watched.left = _HEADER_BYTES
        try:
            with redirect_stderr(StringIO()):  # it writes lines of damaged files there, as they are
                record = next(iterator, None)
        except (ArchiveLoadFailed, ValueError, AttributeError, TypeError, AssertionError, zlib.error) as error:
            reason = "is a damaged WARC file (a record does not begin where it should); the rest is not read"
            raise Damaged(reason) from error
        if record is None:
            return
        watched.left = 1 << 62  # a body may be as long as it likes
        yield record
        while record.raw_stream.read(_PIECE):
            pass
        # What the reader has read ahead of the next header was not asked for by it.


class _Response(Struct, frozen=True, kw_only=True):
    uri: str
    media_type: str
    charset: str


def _response(record: Any) -> _Response | None:
    """Where a record came from and what it says it is; None when it is no page that was fetched well."""
    if record.rec_type != "response" or record.http_headers is None or record.http_headers.get_statuscode() != _OK:
        return None
    uri = (record.rec_headers.get_header("WARC-Target-URI") or "").strip()
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.path == "/robots.txt":
        return None
    declared = record.http_headers.get_header("Content-Type") or ""
    media_type, _, parameters = declared.partition(";")
    _, _, charset = parameters.lower().partition("charset=")
    media_type = media_type.strip().lower()
    if not is_read(media_type) and not is_untold(media_type):
        return None
    return _Response(uri=uri, media_type=media_type, charset=charset.partition(";")[0].strip().strip("\"'")[:40])


def _part(response: _Response, record: Any, part: Part, options: FileOptions) -> Part | Refused | None:
    limit = options.max_bytes
    raw = _read(record.raw_stream, limit)
    if len(raw) > limit:
        return Refused(uri=response.uri, reason=f"is larger than {megabytes(limit)}")
    if getattr(record.raw_stream, "limit", 0):
        return Refused(uri=response.uri, reason="is cut off: the WARC file ends before it does")
    headers = record.http_headers
    encodings = (headers.get_header("Content-Encoding") or "").lower()
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        raw = _without_chunks(raw)
    try:
        body = _decoded(raw, encodings, limit)
    except Damaged as error:
        return Refused(uri=response.uri, reason=error.reason)
    kind = settled(response.media_type, body)
    if kind in CONTAINERS:
        return None  # a feed or an archive that the crawl came by: what it holds has addresses of its own
    if kind is None and is_untold(response.media_type):
        return None
    truncated = record.rec_headers.get_header("WARC-Truncated")
    return Part(
        uri=response.uri,
        stream=BytesIO(body),
        declared=response.media_type,
        charset=response.charset,
        fetched_at=_fetched_at(record),
        defaults={"notes": ("cut off when it was fetched, as its WARC record says",)} if truncated else {},
        depth=part.depth + 1,
        size=len(body),
    )


def _read(stream: Any, limit: int) -> bytes:
    """At most `limit` bytes and one more."""
    pieces: list[bytes] = []
    left = limit + 1
    while left > 0 and (piece := stream.read(min(_PIECE, left))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _fetched_at(record: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no date, or one before there were any
        return None


def _without_chunks(raw: bytes) -> bytes:
    """`raw` without the lengths that a chunked transfer puts between its pieces; as it is when there are none."""
    pieces: list[bytes] = []
    position = 0
    while position < len(raw):
        end = raw.find(b"\r\n", position, position + _CHUNK_LINE)
        length = raw[position : max(end, position)].partition(b";")[0].strip()
        if end < 0 or not length or len(length) > 8 or length.strip(b"0123456789abcdefABCDEF"):
            break  # many writers keep the header and not the chunks
        size = int(length, 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(raw[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    return b"".join(pieces) if pieces else raw


def _decoded(raw: bytes, encodings: str, limit: int) -> bytes:
    """`raw` without its content encoding. Damaged when it grows beyond `limit`.

    Bytes that do not decode are taken as they are: many writers keep the header of what they decoded.
    """
    for encoding in reversed([name.strip() for name in encodings.split(",") if name.strip()][:2]):
        try:
            if encoding in {"gzip", "x-gzip"}:
                body = _inflated(raw, 31, limit)
            elif encoding == "deflate":
                body = _inflated(raw, 15 if raw[:1] == b"\x78" else -15, limit)
            elif encoding == "br":
                body = _unbrotlied(raw, limit)
            else:
                return raw
        except (zlib.error, _NotBrotli):
            return raw
        if len(body) > limit:
            raise Damaged(f"expands to more than {megabytes(limit)}")
        raw = body
    return raw


def _inflated(raw: bytes, window: int, limit: int) -> bytes:
    return zlib.decompressobj(window).decompress(raw, limit + 1)


class _NotBrotli(Exception):
    """Bytes that are not what their header says."""


def _unbrotlied(raw: bytes, limit: int) -> bytes:
    import brotli

    decompressor = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    try:
        piece = decompressor.process(raw, output_buffer_limit=_PIECE)
        while piece:
            pieces.append(piece)
            size += len(piece)
            if size > limit or decompressor.is_finished():
                break
            piece = decompressor.process(b"", output_buffer_limit=_PIECE)
    except brotli.error as error:
        raise _NotBrotli from error
    return b"".join(pieces)

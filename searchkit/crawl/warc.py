"""WARC files: the pages that another crawl kept. The address of each is a claim of the file; so is its date."""

import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from searchkit.crawl import base
from searchkit.crawl.decoding import UndecodableBody, decoder
from searchkit.crawl.media_types import CONTAINERS, GENERIC, SUPPORTED, detect

_PIECE = 65_536
_TYPES = SUPPORTED.keys() | GENERIC
# Without an HTTP header: a file as such, and a text made from a response (as in WET files of Common Crawl).
_PLAIN_RECORDS = frozenset({"resource", "conversion"})
_READ_STATUSES = frozenset({"200", "203", "206"})
_PARTIAL = "206"
# Headers of a record and its response; servers allow about 64 kB. The reader reads 16 kB ahead.
_MAX_HEADER_BYTES = 1_000_000
_UNLIMITED = 1 << 62
# The reasons for skipping records that are listed; rarer ones are added up.
_MOST_REASONS = 10


class _HeaderLimit:
    """A stream that limits the bytes read for each header."""

    def __init__(self, stream: base.ByteStream) -> None:
        self._stream = stream
        self.left = _MAX_HEADER_BYTES

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise base.Damaged("damaged WARC file (a header does not end); the rest was skipped")
        return piece


class _Skipped(Exception):
    """A record that is not read; the message is the reason."""


def pages(
    part: base.Part, options: base.FileOptions, *, now: datetime
) -> Iterator[base.Part | base.Refused | base.Noted]:
    """Yield the pages in a file, in its order: responses, resources and conversions of a supported type. A remark
    counts the other records. Raise Damaged at damage.

    Several captures of one address have one name: each later one is a newer state of the document."""
    addresses = base.PartAddresses(part.uri)
    skipped: Counter[str] = Counter()
    for record in _records(part.stream):
        try:
            page = _page(record, part.depth + 1, options.max_bytes)
        except _Skipped as skip:
            skipped[str(skip)] += 1
            continue
        kind = "conversion" if record.rec_type == "conversion" else "page"  # both may be in one file
        address = addresses.of(page.uri, f"{kind} {page.uri}".encode("utf-8", "replace"))
        yield replace(_dated(page, record, now) if isinstance(page, base.Part) else page, uri=address)
    if skipped:
        yield base.Noted(uri=part.uri, note=_counted(skipped))


def _counted(skipped: Counter[str]) -> str:
    total, listed = skipped.total(), skipped.most_common(_MOST_REASONS)
    reasons = [f"{count:,} {reason}" for reason, count in listed]
    if rest := total - sum(count for _, count in listed):
        reasons.append(f"{rest:,} more")
    return f"{total:,} {'record was' if total == 1 else 'records were'} skipped: {', '.join(reasons)}"


def _records(stream: base.ByteStream) -> Iterator[Any]:
    limited = _HeaderLimit(stream)
    iterator = WARCIterator(limited)
    iterator.reader.set_decomp(None)  # it would decompress without limits
    while True:
        limited.left = _MAX_HEADER_BYTES
        try:
            with redirect_stderr(StringIO()):  # warcio prints lines of damaged files there
                record = next(iterator, None)
        except (ArchiveLoadFailed, ValueError, AttributeError, TypeError, AssertionError, zlib.error) as error:
            raise base.Damaged("damaged WARC file (record boundary not found); the rest was skipped") from error
        if record is None:
            return
        limited.left = _UNLIMITED  # bodies may have any length
        yield record
        while record.raw_stream.read(_PIECE):
            pass


def _page(record: Any, depth: int, limit: int) -> base.Part | base.Refused:
    """Return the page in a record, named by its address. Raise _Skipped with the reason if it has none."""
    status, declared = _status_and_type(record)
    uri = (record.rec_headers.get_header("WARC-Target-URI") or "").strip()
    media_type = declared.partition(";")[0].strip().lower()
    if not _is_page_address(uri, record.rec_type):
        raise _Skipped("with an address of no page")
    if media_type not in _TYPES:
        raise _Skipped(f"of type {media_type[:60]}")
    raw = base.read_limited(record.raw_stream, limit)
    if len(raw) > limit:
        return base.Refused(uri=uri, reason=f"is larger than {base.megabytes(limit)}")
    if getattr(record.raw_stream, "limit", 0):
        return base.Refused(uri=uri, reason="truncated: the WARC file ends early")
    body = _decoded_body(raw, record.http_headers, limit)
    if len(body) > limit:
        return base.Refused(uri=uri, reason=f"expands to more than {base.megabytes(limit)}")
    detected = detect(media_type, body)
    if detected in CONTAINERS:
        raise _Skipped("that are feeds or archives")  # their entries have addresses of their own
    if detected is None and media_type in GENERIC:
        raise _Skipped("of no supported type")
    _, _, charset = declared.lower().partition("charset=")
    notes = []
    if record.rec_headers.get_header("WARC-Truncated"):
        notes.append("truncated when it was fetched, according to its WARC record")
    if status == _PARTIAL:
        notes.append("perhaps incomplete: the server sent a part of the page (status 206)")
    return base.Part(
        uri=uri,
        claim=uri if uri.lower().startswith(("http://", "https://")) else "",
        stream=BytesIO(body),
        declared=media_type,
        charset=charset.partition(";")[0].strip().strip("\"'")[:40],
        defaults={"notes": tuple(notes)} if notes else {},
        depth=depth,
        size=len(body),
    )


def _status_and_type(record: Any) -> tuple[str, str]:
    """Return the status, empty for a record without HTTP header, and the declared media type. Raise _Skipped for a
    record that holds no page."""
    if record.rec_type in _PLAIN_RECORDS:
        return "", record.content_type or ""
    if record.rec_type != "response":
        raise _Skipped(f"{str(record.rec_type)[:30]}")
    if record.http_headers is None:
        raise _Skipped("without HTTP header")
    status = record.http_headers.get_statuscode()
    if status not in _READ_STATUSES:
        raise _Skipped(f"with status {status[:10]}")
    return status, record.http_headers.get_header("Content-Type") or ""


def _is_page_address(uri: str, kind: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    schemes = {"http", "https", "ftp", "file"} if kind in _PLAIN_RECORDS else {"http", "https"}
    return parts.scheme in schemes and parts.path != "/robots.txt"


def _dated(part: base.Part, record: Any, now: datetime) -> base.Part:
    """Return a part with the date of its record. No date in the future is accepted."""
    written = record.rec_headers.get_header("WARC-Date") or ""
    try:
        date = datetime.fromisoformat(written)
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return part
    if date <= now:
        return replace(part, fetched_at=date)
    note = f"date of the capture ignored, because it is in the future: {written[:40]}"
    return replace(part, defaults={"notes": (*part.defaults.get("notes", ()), note)})


def _decoded_body(raw: bytes, headers: Any, limit: int) -> bytes:
    if headers is None:
        return raw
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        # Many writers keep the header but not the chunks; then this reads the bytes as they are.
        raw = base.read_limited(ChunkedDataReader(BytesIO(raw)), len(raw))
    return _decoded(raw, headers.get_header("Content-Encoding") or "", limit)


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

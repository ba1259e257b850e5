"""Turn a file into resources: detect its type, and unpack it if it is a container, recursively.

Zip archives and gzip files are opened only at the top level: no archive of news needs more, and bombs do.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO

from msgspec.structs import replace

from searchkit.crawl.base import Damaged, FileOptions, Noted, Part, Refused, megabytes, new_resource, read_limited
from searchkit.crawl.media_types import (
    FEED,
    GZIP,
    JSON_LINES,
    MBOX,
    MESSAGE,
    WARC,
    ZIP,
    detect,
    is_blank,
    media_type,
    program_type,
    unsupported_reason,
)
from searchkit.loading import load
from searchkit.statements.document import Resource

# Readers by media type, imported on first use.
_READERS = {
    JSON_LINES: "searchkit.crawl.records:lines",
    MBOX: "searchkit.crawl.mail:messages",
    MESSAGE: "searchkit.crawl.mail:attachments",
    FEED: "searchkit.crawl.feeds:items",
    WARC: "searchkit.crawl.warc:pages",
    ZIP: "searchkit.crawl.compressed:zip_members",
    GZIP: "searchkit.crawl.compressed:gzip_content",
}
# Read piece by piece, so that they may have any size.
_STREAMED = frozenset({JSON_LINES, MBOX, WARC, ZIP, GZIP})
_HEAD = 65_536
_EMPTY = {
    JSON_LINES: "is empty",
    FEED: "feed without items",
    WARC: "contains no supported page",
    ZIP: "contains no supported file",
}
# A zip archive of mailboxes with messages attached to messages is three deep.
_MAX_DEPTH = 5


def unpack(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused | Noted]:
    """Yield every document in `part`: itself, or its contents. Unreadable parts are Refused; OSError passes through.

    `now` is when the bytes were read, for parts without a date of their own.
    """
    if part.depth > _MAX_DEPTH:
        yield Refused(uri=part.uri, reason="nested too deep in other files")
        return
    try:
        yield from _unpack(part, options, now=now)
    except Damaged as error:
        yield Refused(uri=part.uri, reason=error.reason)


def _unpack(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused | Noted]:
    head = part.stream.read(_HEAD)
    if len(head) < _HEAD and is_blank(head):
        yield Refused(uri=part.uri, reason="is empty")
        return
    kind = _kind(part, head, options)
    # Which format a zip archive is shows at its end; only an archive of files may be too large to look.
    if kind in _STREAMED and (kind != ZIP or (part.size or 0) > options.max_bytes):
        part.stream.seek(0)
    else:
        body, reason = _body(part, head, kind, options)
        kind = _kind(part, body, options)
        if reason or kind is None or is_blank(body):
            yield Refused(uri=part.uri, reason=reason or ("is empty" if kind else _unsupported(part, body)))
            return
        part = replace(part, stream=BytesIO(body), size=len(body))
        if kind not in _READERS or kind == MESSAGE:
            yield replace(_document(part, kind, body, now=now), ocr=options.ocr)
    if kind in _READERS:
        yield from _contents(part, kind, options, now=now)


def _declared(part: Part) -> str:
    return media_type(part.name) or part.declared


def _kind(part: Part, body: bytes, options: FileOptions) -> str | None:
    return (program_type(part.name, body) if options.ocr else None) or detect(_declared(part), body)


def _unsupported(part: Part, body: bytes) -> str:
    return unsupported_reason(_declared(part), body)


def _body(part: Part, head: bytes, kind: str | None, options: FileOptions) -> tuple[bytes, str]:
    """Return all bytes of a part and an empty string, or the reason why they are not read."""
    too_large = f"is larger than {megabytes(options.max_bytes)}"
    if part.size is not None and part.size > options.max_bytes:
        return b"", f"{too_large} ({megabytes(part.size)})"
    if kind is None:
        return b"", _unsupported(part, head)
    body = read_limited(part.stream, options.max_bytes, head)
    return body, too_large if len(body) > options.max_bytes else ""


def _document(part: Part, kind: str, body: bytes, *, now: datetime) -> Resource:
    resource = new_resource(part.uri, body, media_type=kind, now=part.fetched_at or now)
    defaults = {"canonical_url": part.claim, **part.defaults} if part.claim else {**part.defaults}
    return replace(resource, charset=part.charset, final_uri=part.claim, defaults=defaults)


def _contents(part: Part, kind: str, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused | Noted]:
    """Yield the documents in a container, each at an address below that of the container."""
    if kind in {ZIP, GZIP} and part.depth:
        yield Refused(uri=part.uri, reason="archive inside another file; not opened")
        return
    read: Callable[..., Iterator[Part | Resource | Refused | Noted]] = load(_READERS[kind])
    empty = True
    for item in read(part, options, now=now):
        empty = empty and isinstance(item, Noted)
        yield from unpack(item, options, now=now) if isinstance(item, Part) else (item,)
    if empty and kind in _EMPTY:
        yield Refused(uri=part.uri, reason=_EMPTY[kind])

"""From a part to resources: settle what it is; take it apart if it is a container, as often as there are some inside.

A zip archive or a gzip file is opened only where it stands by itself, never inside another file: no archive of news
needs more, and bombs do.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from io import BytesIO

from msgspec.structs import replace

from searchkit.crawl.base import STDIN, FileOptions, Refused, megabytes, new_resource
from searchkit.crawl.container_parts import ByteStream, Damaged, Part, tells
from searchkit.crawl.media_types import (
    FEED,
    GZIP,
    JSON_LINES,
    MBOX,
    MESSAGE,
    WARC,
    ZIP,
    is_blank,
    media_type,
    mislabelled,
    settled,
    why_unread,
)
from searchkit.document import Resource

# Container by media type, imported on first use.
_READERS = {
    JSON_LINES: "searchkit.crawl.records:lines",
    MBOX: "searchkit.crawl.mail:messages",
    MESSAGE: "searchkit.crawl.mail:attachments",
    FEED: "searchkit.crawl.items:items",
    WARC: "searchkit.crawl.warc:responses",
    ZIP: "searchkit.crawl.zipped:members",
    GZIP: "searchkit.crawl.gzipped:inside",
}
# Read piece by piece, so that they may be of any size.
_STREAMED = frozenset({JSON_LINES, MBOX, WARC, ZIP, GZIP})
_HEAD = 65_536
_NOTHING = {
    JSON_LINES: "is empty",
    FEED: "is a feed without items",
    WARC: "holds no response that is read",
    ZIP: "holds nothing that is read",
}
# A zip of mailboxes with messages attached to messages is three deep.
_DEEPEST = 5


def opened(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused]:
    """Every document in `part`: itself, or all that it holds. What cannot be read is Refused; OSError passes through.

    `now` is when the bytes were read, for those parts that do not say so themselves.
    """
    if part.depth > _DEEPEST:
        yield Refused(uri=part.uri, reason="lies too deep in other files")
        return
    try:
        yield from _opened(part, options, now=now)
    except Damaged as error:
        yield Refused(uri=part.uri, reason=error.reason)


def _opened(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused]:
    promised = media_type(part.name) or part.declared
    head = part.stream.read(_HEAD)
    if len(head) < _HEAD and is_blank(head):
        yield Refused(uri=part.uri, reason="is empty")
        return
    kind = settled(promised, head)
    # Which of the formats that are zip archives one is stands at its end; only folders may be too large to look.
    streamed = kind in _STREAMED and (kind != ZIP or (part.size or 0) > options.max_bytes)
    if streamed:
        part.stream.seek(0)
    else:
        if part.size is not None and part.size > options.max_bytes:
            yield Refused(uri=part.uri, reason=_too_large(options, part.size))
            return
        if kind is None:
            yield Refused(uri=part.uri, reason=why_unread(promised, head))
            return
        body = _whole(head, part.stream, options.max_bytes)
        if len(body) > options.max_bytes:
            yield Refused(uri=part.uri, reason=_too_large(options))
            return
        kind = settled(promised, body)
        part = replace(part, stream=BytesIO(body), size=len(body))
        if kind is None:
            yield Refused(uri=part.uri, reason=why_unread(promised, body))
            return
        if is_blank(body):
            yield Refused(uri=part.uri, reason="is empty")
            return
        if kind not in _READERS or kind == MESSAGE:
            yield _document(part, kind, body, promised, now=now)
    if kind in _READERS:
        yield from _held(part, kind, options, now=now)


def _whole(head: bytes, stream: ByteStream, limit: int) -> bytes:
    """All that is in a stream, which begins with `head`; of more than `limit` bytes only so much that it shows.

    Read up to where nothing comes any more: a damaged stream gives what it has before it says so.
    """
    pieces = [head]
    left = limit + 1 - len(head)
    while left > 0 and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _document(part: Part, kind: str, body: bytes, promised: str, *, now: datetime) -> Resource:
    made = new_resource(part.uri, body, media_type=kind, now=part.fetched_at or now)
    note = mislabelled(promised, kind)
    notes = (*part.defaults.get("notes", ()), note) if note else ()
    return replace(made, charset=part.charset, defaults={**part.defaults, **({"notes": notes} if notes else {})})


def _held(part: Part, kind: str, options: FileOptions, *, now: datetime) -> Iterator[Resource | Refused]:
    """What a container holds, each told where it is from; one that turns out to hold nothing is Refused."""
    if kind in {ZIP, GZIP} and part.depth:
        yield Refused(uri=part.uri, reason="is an archive inside another file, which is not opened")
        return
    module, name = _READERS[kind].split(":")
    read: Callable[..., Iterator[Part | Resource | Refused]] = getattr(import_module(module), name)
    empty = True
    for found in read(part, options, now=now):
        empty = False
        for one in opened(found, options, now=now) if isinstance(found, Part) else (found,):
            if one.container or part.uri.startswith(STDIN) or tells(one.uri, part.uri):
                yield one
            else:
                yield replace(one, container=part.uri)
    if empty and kind in _NOTHING:
        yield Refused(uri=part.uri, reason=_NOTHING[kind])


def _too_large(options: FileOptions, size: int | None = None) -> str:
    reason = f"is larger than {megabytes(options.max_bytes)}"
    return reason if size is None else f"{reason} ({megabytes(size)})"

"""Turn a file into resources: detect its type, and unpack it if it is a container, recursively.

Zip archives and gzip files are opened only at the top level: no archive of news needs more, and bombs do. Nothing is
written to disk, so no name can lead anywhere.
"""

import io
import stat
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from gzip import GzipFile
from io import BytesIO
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from msgspec.structs import replace

from searchkit.crawl import base, media_types
from searchkit.loading import load
from searchkit.statements.document import Resource

_MAX_MEMBERS = 10_000
# The directory takes 46 bytes per member plus its name; larger directories are not read.
_MAX_DIRECTORY_BYTES = _MAX_MEMBERS * 400
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_END_REACH = 66_000  # the record at the end of an archive, with the longest comment, and its 64-bit variant
_ENCRYPTED = 0x1
# The standard library limits the output of a read for these two methods only.
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_DAMAGED_MEMBER = "damaged member of a zip archive"
# News compresses three to ten times; only bombs exceed 200 times. Small files may expand freely.
_GROWTH = 200
_GROWTH_FREE = 20 * base.MEGABYTE
_PIECE = 65_536


class GrowthLimit:
    """Compares the bytes that a compressed file expands to with its size."""

    def __init__(self, size: int) -> None:
        self._left = max(_GROWTH_FREE, _GROWTH * size)

    @property
    def exceeded(self) -> bool:
        """Return whether the file expands too much."""
        return self._left < 0

    def add(self, size: int) -> None:
        """Count expanded bytes. Raise Damaged when there are too many."""
        self._left -= size
        if self.exceeded:
            raise base.Damaged(f"expands more than {_GROWTH} times; the rest was skipped")


class UnpackedStream:
    """A decompressed stream. It yields what precedes damage or a bomb, then raises Damaged with `fault`."""

    def __init__(self, stream: io.BufferedIOBase, growth: GrowthLimit, fault: str) -> None:
        self._stream, self._growth, self._fault = stream, growth, fault
        self._damage: base.Damaged | None = None

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Continue at another position."""
        self._damage = None
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes."""
        content = bytearray()
        while size < 0 or len(content) < size:
            try:
                piece = self._checked(self._stream.read1, _PIECE if size < 0 else min(_PIECE, size - len(content)))
            except base.Damaged:
                if content:
                    break
                raise
            if not piece:
                break
            content += piece
        return bytes(content)

    def readline(self, limit: int = -1, /) -> bytes:
        """Read a line of at most `limit` bytes; a line truncated by damage is not returned."""
        return self._checked(self._stream.readline, limit)

    def _checked(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            if self._damage is None:
                piece = read(size)
                self._growth.add(len(piece))
                return piece
        except base.Damaged as damage:
            self._damage = damage
        except (EOFError, zlib.error, BadZipFile, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # an error of the disk, not of the format
                raise
            self._damage = base.Damaged(f"{self._fault} ({error}); the rest was skipped")
        raise self._damage


def zip_members(part: base.Part, options: base.FileOptions, *, now: datetime) -> Iterator[base.Part | base.Refused]:
    """Yield the supported files of a zip archive, sorted by name. Raise Damaged if it cannot be read."""
    del now
    size = part.stream.seek(0, 2)
    if _directory_size(part.stream, size) > _MAX_DIRECTORY_BYTES:
        raise base.Damaged(f"contains more than {_MAX_MEMBERS:,} files")
    try:
        archive = ZipFile(cast("IO[bytes]", part.stream))
    except media_types.ZIP_ERRORS as error:
        raise base.Damaged(f"damaged or truncated zip archive ({error})") from error
    with archive:
        infos = archive.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise base.Damaged(f"contains more than {_MAX_MEMBERS:,} files ({len(infos):,})")
        growth = GrowthLimit(size)
        addresses = base.PartAddresses(part.uri)
        for info in sorted(infos, key=lambda info: info.filename):
            name = info.filename
            paths = (name, *(f"{path}/{name}" for path in part.paths))
            if info.is_dir() or not base.is_selected(paths, options):
                continue
            uri = addresses.of(name, f"{info.CRC} {info.file_size}".encode())
            if why := _skipped(info, ocr=options.ocr):
                options.note_unread(uri, why)
                continue
            member = _member(archive, info, uri, growth)
            yield member if isinstance(member, base.Refused) else replace(member, paths=paths, depth=part.depth + 1)
            if growth.exceeded:
                raise base.Damaged("expands too much; the rest was skipped")


def _directory_size(stream: base.ByteStream, size: int) -> int:
    """Return the stated size of the directory; 0 if there is none near the end."""
    stream.seek(max(0, size - _END_REACH))
    tail = stream.read(_END_REACH)
    stream.seek(0)
    sizes = [0]
    position = tail.find(_END)
    while position >= 0:
        sizes.append(int.from_bytes(tail[position + 12 : position + 16], "little"))
        position = tail.find(_END, position + 1)
    if 0xFFFFFFFF in sizes and (position := tail.rfind(_END_64)) >= 0:
        return int.from_bytes(tail[position + 40 : position + 48], "little")
    return max(sizes)


def _skipped(info: ZipInfo, *, ocr: bool) -> str:
    """Return what a member is that is not read: a link, hidden, a README or of an unsupported type."""
    names = info.filename.replace("\\", "/").split("/")
    hidden = any(name.startswith(".") and name not in {".", ".."} for name in names) or names[0] == "__MACOSX"
    if hidden or stat.S_ISLNK(info.external_attr >> 16):
        return "hidden" if hidden else "link"
    return (
        media_types.unread_kind(names[-1])
        if media_types.is_readme(names[-1]) or media_types.media_type(info.filename, ocr=ocr) is None
        else ""
    )


def _member(archive: ZipFile, info: ZipInfo, uri: str, growth: GrowthLimit) -> base.Part | base.Refused:
    if info.flag_bits & _ENCRYPTED:
        return base.Refused(uri=uri, reason="is encrypted")
    if info.compress_type not in _METHODS:
        return base.Refused(uri=uri, reason="unsupported compression (supported: stored, deflated)")
    try:
        stream = archive.open(info)
    except (*media_types.ZIP_ERRORS, RuntimeError) as error:
        return base.Refused(uri=uri, reason=f"{_DAMAGED_MEMBER} ({error})")
    unpacked = UnpackedStream(cast("io.BufferedIOBase", stream), growth, _DAMAGED_MEMBER)
    return base.Part(uri=uri, stream=unpacked, name=info.filename, size=info.file_size)


def gzip_content(part: base.Part, options: base.FileOptions, *, now: datetime) -> Iterator[base.Part]:
    """Yield the file inside a gzip file. It keeps the address, and its name without `.gz`."""
    del options, now
    name = part.name[:-3] if part.name[-3:].casefold() == ".gz" else part.name
    stream = UnpackedStream(
        GzipFile(fileobj=cast("IO[bytes]", part.stream)), GrowthLimit(part.size or 0), "damaged gzip file"
    )
    yield replace(part, stream=stream, name=name, declared="", depth=part.depth + 1, size=None)


# Readers by media type, imported on first use.
_READERS = {
    media_types.JSON_LINES: "searchkit.crawl.records:records",
    media_types.MBOX: "searchkit.crawl.mail:messages",
    media_types.MESSAGE: "searchkit.crawl.mail:attachments",
    media_types.FEED: "searchkit.crawl.feeds:items",
    media_types.WARC: "searchkit.crawl.warc:pages",
    media_types.ZIP: "searchkit.crawl.unpack:zip_members",
    media_types.GZIP: "searchkit.crawl.unpack:gzip_content",
}
# Read piece by piece, so that they may have any size.
_STREAMED = frozenset({media_types.JSON_LINES, media_types.MBOX, media_types.WARC, media_types.ZIP, media_types.GZIP})
_HEAD = 65_536
_EMPTY = {
    media_types.JSON_LINES: "is empty",
    media_types.FEED: "feed without items",
    media_types.WARC: "contains no supported page",
    media_types.ZIP: "contains no supported file",
}
# A zip archive of mailboxes with messages attached to messages is three deep.
_MAX_DEPTH = 5


def unpack(
    part: base.Part, options: base.FileOptions, *, now: datetime
) -> Iterator[Resource | base.Refused | base.Noted]:
    """Yield every document in `part`: itself, or its contents. Unreadable parts are Refused; OSError passes through.

    `now` is when the bytes were read, for parts without a date of their own.
    """
    if part.depth > _MAX_DEPTH:
        yield base.Refused(uri=part.uri, reason="nested too deep in other files")
        return
    try:
        yield from _unpack(part, options, now=now)
    except base.Damaged as error:
        yield base.Refused(uri=part.uri, reason=error.reason)


def _unpack(
    part: base.Part, options: base.FileOptions, *, now: datetime
) -> Iterator[Resource | base.Refused | base.Noted]:
    head = part.stream.read(_HEAD)
    if len(head) < _HEAD and media_types.is_blank(head):
        yield base.Refused(uri=part.uri, reason="is empty")
        return
    kind = _kind(part, head, options)
    # Which format a zip archive is shows at its end; only an archive of files may be too large to look.
    if kind in _STREAMED and (kind != media_types.ZIP or (part.size or 0) > options.max_bytes):
        part.stream.seek(0)
    else:
        body, reason = _body(part, head, kind, options)
        kind = _kind(part, body, options)
        if reason or kind is None or media_types.is_blank(body):
            yield base.Refused(uri=part.uri, reason=reason or ("is empty" if kind else _unsupported(part, body)))
            return
        part = replace(part, stream=BytesIO(body), size=len(body))
        if kind not in _READERS or kind == media_types.MESSAGE:
            yield replace(_document(part, kind, body, now=now), ocr=options.ocr)
    if kind in _READERS:
        yield from _contents(part, kind, options, now=now)


def _declared(part: base.Part) -> str:
    return media_types.media_type(part.name) or part.declared


def _kind(part: base.Part, body: bytes, options: base.FileOptions) -> str | None:
    return (media_types.program_type(part.name, body) if options.ocr else None) or media_types.detect(
        _declared(part), body
    )


def _unsupported(part: base.Part, body: bytes) -> str:
    return media_types.unsupported_reason(_declared(part), body)


def _body(part: base.Part, head: bytes, kind: str | None, options: base.FileOptions) -> tuple[bytes, str]:
    """Return all bytes of a part and an empty string, or the reason why they are not read."""
    too_large = f"is larger than {base.megabytes(options.max_bytes)}"
    if part.size is not None and part.size > options.max_bytes:
        return b"", f"{too_large} ({base.megabytes(part.size)})"
    if kind is None:
        return b"", _unsupported(part, head)
    body = base.read_limited(part.stream, options.max_bytes, head)
    return body, too_large if len(body) > options.max_bytes else ""


def _document(part: base.Part, kind: str, body: bytes, *, now: datetime) -> Resource:
    resource = base.new_resource(part.uri, body, media_type=kind, now=part.fetched_at or now)
    defaults = {"canonical_url": part.claim, **part.defaults} if part.claim else {**part.defaults}
    return replace(resource, charset=part.charset, final_uri=part.claim, defaults=defaults)


def _contents(
    part: base.Part, kind: str, options: base.FileOptions, *, now: datetime
) -> Iterator[Resource | base.Refused | base.Noted]:
    """Yield the documents in a container, each at an address below that of the container."""
    if kind in {media_types.ZIP, media_types.GZIP} and part.depth:
        yield base.Refused(uri=part.uri, reason="archive inside another file; not opened")
        return
    read: Callable[..., Iterator[base.Part | Resource | base.Refused | base.Noted]] = load(_READERS[kind])
    empty = True
    for item in read(part, options, now=now):
        empty = empty and isinstance(item, base.Noted)
        yield from unpack(item, options, now=now) if isinstance(item, base.Part) else (item,)
    if empty and kind in _EMPTY:
        yield base.Refused(uri=part.uri, reason=_EMPTY[kind])

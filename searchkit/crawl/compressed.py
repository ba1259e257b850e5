"""Zip archives, read as folders of files, and gzip files. Nothing is written to disk, so no name can lead anywhere."""

import gzip
import io
import stat
from collections.abc import Iterator
from datetime import datetime
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from msgspec.structs import replace

from searchkit.crawl.base import FileOptions, Refused
from searchkit.crawl.container_parts import (
    ByteStream,
    Damaged,
    GrowthLimit,
    Part,
    PartAddresses,
    UnpackedStream,
    is_selected,
)
from searchkit.crawl.media_types import is_readme, media_type

_MAX_MEMBERS = 10_000
# The directory takes 46 bytes per member plus its name; larger directories are not read.
_MAX_DIRECTORY_BYTES = _MAX_MEMBERS * 400
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_END_REACH = 66_000  # the record at the end of an archive, with the longest comment, and its 64-bit variant
_ENCRYPTED = 0x1
# The standard library limits the output of a read for these two methods only.
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ZIP_ERRORS = (BadZipFile, LargeZipFile, NotImplementedError, ValueError, EOFError, OverflowError)
_DAMAGED_MEMBER = "damaged member of a zip archive"


def zip_members(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Yield the supported files of a zip archive, sorted by name. Raise Damaged if it cannot be read."""
    del now
    size = part.stream.seek(0, 2)
    if _directory_size(part.stream, size) > _MAX_DIRECTORY_BYTES:
        raise Damaged(f"contains more than {_MAX_MEMBERS:,} files")
    try:
        archive = ZipFile(cast("IO[bytes]", part.stream))
    except _ZIP_ERRORS as error:
        raise Damaged(f"damaged or truncated zip archive ({error})") from error
    with archive:
        infos = archive.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise Damaged(f"contains more than {_MAX_MEMBERS:,} files ({len(infos):,})")
        growth = GrowthLimit(lambda: size)
        addresses = PartAddresses(part.uri)
        for info in sorted(infos, key=lambda info: info.filename):
            name = info.filename
            paths = (name, *(f"{path}/{name}" for path in part.paths))
            if _is_skipped(info) or not is_selected(paths, options):
                continue
            uri = addresses.of(name, f"{info.CRC} {info.file_size}".encode())
            member = _member(archive, info, uri, growth)
            yield member if isinstance(member, Refused) else replace(member, paths=paths, depth=part.depth + 1)
            if growth.exceeded:
                raise Damaged("expands too much; the rest was skipped")


def _directory_size(stream: ByteStream, size: int) -> int:
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


def _is_skipped(info: ZipInfo) -> bool:
    """Return whether a member is a folder, a link, hidden, a README or of an unsupported type."""
    names = info.filename.replace("\\", "/").split("/")
    hidden = any(name.startswith(".") and name not in {".", ".."} for name in names) or names[0] == "__MACOSX"
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    return hidden or is_link or info.is_dir() or is_readme(names[-1]) or media_type(info.filename) is None


def _member(archive: ZipFile, info: ZipInfo, uri: str, growth: GrowthLimit) -> Part | Refused:
    if info.flag_bits & _ENCRYPTED:
        return Refused(uri=uri, reason="is encrypted")
    if info.compress_type not in _METHODS:
        return Refused(uri=uri, reason="unsupported compression (supported: stored, deflated)")
    try:
        stream = archive.open(info)
    except (*_ZIP_ERRORS, RuntimeError) as error:
        return Refused(uri=uri, reason=f"{_DAMAGED_MEMBER} ({error})")
    unpacked = UnpackedStream(cast("io.BufferedIOBase", stream), growth, _DAMAGED_MEMBER)
    return Part(uri=uri, stream=unpacked, name=info.filename, size=info.file_size)


class _CountingStream:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.bytes_read = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.bytes_read += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.bytes_read = 0
        return self._stream.seek(offset, whence)


def gunzipped(stream: ByteStream) -> UnpackedStream:
    """Return the decompressed stream; reading it raises Damaged at damage or a bomb."""
    counted = _CountingStream(stream)
    opened = gzip.GzipFile(fileobj=counted, mode="rb")
    return UnpackedStream(opened, GrowthLimit(lambda: counted.bytes_read), "damaged gzip file")


def gzip_content(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part]:
    """Yield the file inside a gzip file. It keeps the address, and its name without `.gz`."""
    del options, now
    name = part.name[:-3] if part.name[-3:].casefold() == ".gz" else part.name
    yield replace(part, stream=gunzipped(part.stream), name=name, declared="", depth=part.depth + 1, size=None)

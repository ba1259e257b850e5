"""Zip archives as folders of files. Nothing is written to disk, so no name can lead anywhere."""

import stat
from collections.abc import Iterator
from datetime import datetime
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from msgspec.structs import replace

from searchkit.crawl.base import FileOptions, Refused
from searchkit.crawl.container_parts import (
    Addresses,
    ByteStream,
    CompressedStream,
    Damaged,
    Growth,
    Part,
    Unpacked,
    chosen,
)
from searchkit.crawl.media_types import media_type

_MEMBERS = 10_000
# The list of contents takes 46 bytes a member beside its name; one beyond this is not even read.
_DIRECTORY_BYTES = _MEMBERS * 400
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_END_REACH = 66_000  # the record that ends an archive, with the longest comment there can be, and its 64-bit kin
_LEFT_OUT = frozenset({"__MACOSX"})
_READMES = frozenset({"README.MD", "README.TXT", "README.HTML", "README.MARKDOWN"})
_ENCRYPTED = 0x1
# Of these two alone the standard library decompresses no more at once than it is asked for.
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_FAULTS = (BadZipFile, LargeZipFile, NotImplementedError, ValueError, EOFError, OverflowError)


def _size(stream: ByteStream) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size


def _directory_size(stream: ByteStream, size: int) -> int:
    """How long the list of contents says it is; 0 when there is none in reach."""
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


def _is_left_out(info: ZipInfo) -> bool:
    """Folders, links, and what is hidden or tells of the folder, as where folders are walked; types not read."""
    names = info.filename.replace("\\", "/").split("/")
    hidden = any(name.startswith(".") and name not in {".", ".."} for name in names) or names[0] in _LEFT_OUT
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    return hidden or is_link or info.is_dir() or names[-1].upper() in _READMES or not _is_promising(info.filename)


def _is_promising(name: str) -> bool:
    return media_type(name) is not None


def members(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """The files in the archive that are read, in sorted order of their names."""
    del now
    size = _size(part.stream)
    if _directory_size(part.stream, size) > _DIRECTORY_BYTES:
        raise Damaged(f"holds more than {_MEMBERS:,} files")
    try:
        archive = ZipFile(cast("IO[bytes]", part.stream))
    except _FAULTS as error:
        raise Damaged(f"is a damaged or cut off zip archive ({error})") from error
    with archive:
        infos = archive.infolist()
        if len(infos) > _MEMBERS:
            raise Damaged(f"holds more than {_MEMBERS:,} files ({len(infos):,})")
        growth = Growth(lambda: size)
        addresses = Addresses(part.uri)
        for info in sorted(infos, key=lambda info: info.filename):
            if _is_left_out(info):
                continue
            name = info.filename
            paths = (name, *(f"{path}/{name}" for path in part.paths))
            if not chosen(paths, options):
                continue
            # Twins share a name; where they lie tells them apart.
            uri = addresses.of(name, f"{info.CRC} {info.file_size}".encode())
            found = _member(archive, info, uri, growth)
            yield found if isinstance(found, Refused) else replace(found, paths=paths, depth=part.depth + 1)
            if growth.exceeded:
                raise Damaged("expands too much as a whole; the rest is not read")


def _member(archive: ZipFile, info: ZipInfo, uri: str, growth: Growth) -> Part | Refused:
    if info.flag_bits & _ENCRYPTED:
        return Refused(uri=uri, reason="is encrypted")
    if info.compress_type not in _METHODS:
        return Refused(uri=uri, reason="is compressed in a way that is not read (read are stored and deflated)")
    try:
        stream = archive.open(info)
    except (*_FAULTS, RuntimeError) as error:
        return Refused(uri=uri, reason=f"is a damaged member of a zip archive ({error})")
    unpacked = Unpacked(cast("CompressedStream", stream), growth, "is a damaged member of a zip archive")
    return Part(uri=uri, stream=unpacked, name=info.filename, size=info.file_size)

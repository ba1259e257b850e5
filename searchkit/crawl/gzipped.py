"""Files compressed with gzip: one document, or one container, each."""

import gzip
from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from searchkit.crawl.base import FileOptions
from searchkit.crawl.container_parts import ByteStream, Growth, Part, Unpacked


class _Metered:
    """A stream that knows how far it was read."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self.taken += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.taken = 0
        return self._stream.seek(offset, whence)


def unzipped(stream: ByteStream) -> Unpacked:
    """What is compressed in `stream`; reading it raises Damaged where it is broken or turns out to be a bomb."""
    metered = _Metered(stream)
    opened = gzip.GzipFile(fileobj=metered, mode="rb")
    return Unpacked(opened, Growth(lambda: metered.taken), "is a damaged gzip file")


def inside(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part]:
    """The one file that `part` holds. It keeps the address, and its name without `.gz`."""
    del options, now
    name = part.name[:-3] if part.name[-3:].casefold() == ".gz" else part.name
    stream = unzipped(part.stream)
    yield replace(part, stream=stream, name=name, declared="", depth=part.depth + 1, size=None)

"""The parts of containers (mailboxes, zip archives, WARC files), their addresses, and bounded decompressed streams."""

import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote
from zipfile import BadZipFile

from msgspec import Struct, field

from searchkit.crawl.base import FileOptions, matches

# News compresses three to ten times; only bombs exceed 200 times. Small files may expand freely.
_GROWTH = 200
_GROWTH_FREE = 20 * 1024 * 1024
_PIECE = 65_536
_ENDLESS = 1 << 62
_SAFE_IN_NAMES = "/@!$&'()*+,;=:-._~"
_MAX_NAME = 300


class ByteStream(Protocol):
    """The methods that readers need of a stream of bytes; they seek to the start only."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, limit: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class Part(Struct, frozen=True, kw_only=True):
    """A file, or a part of a container, whose type is not yet determined.

    `name` is a file name whose extension indicates a type; `declared` is the media type where the name indicates none.
    `paths` are the paths that include and exclude patterns are matched with. `depth` is the number of containers around
    it, `size` its bytes if known in advance. Other fields as in Resource.
    """

    uri: str
    stream: ByteStream
    name: str = ""
    declared: str = ""
    charset: str = ""
    fetched_at: datetime | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    depth: int = 0
    size: int | None = None


class Damaged(Exception):
    """A stream that cannot be read further; `reason` is one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GrowthLimit:
    """Compares the bytes that a compressed file expands to with the bytes read from it."""

    def __init__(self, bytes_read: Callable[[], int]) -> None:
        self._bytes_read = bytes_read
        self._expanded = 0

    @property
    def exceeded(self) -> bool:
        """Whether the file expands too much."""
        return self._expanded > _GROWTH_FREE and self._expanded > _GROWTH * self._bytes_read()

    def add(self, size: int) -> None:
        """Count expanded bytes. Raise Damaged when there are too many."""
        self._expanded += size
        if self.exceeded:
            raise Damaged(f"expands more than {_GROWTH} times; the rest was skipped")


class UnpackedStream:
    """A decompressed stream. It yields everything before damage or a bomb, then raises Damaged with `fault`."""

    def __init__(self, stream: io.BufferedIOBase, growth: GrowthLimit, fault: str) -> None:
        self._stream = stream
        self._growth = growth
        self._fault = fault
        self._buffer = b""
        self._position = 0
        self._damage: Damaged | None = None

    def _fill(self) -> bool:
        """Read more into the buffer; return False at the end and at damage."""
        if self._damage is not None:
            return False
        try:
            piece = self._stream.read1(_PIECE)
            self._growth.add(len(piece))
        except Damaged as damage:
            self._damage = damage
            return False
        except (EOFError, zlib.error, BadZipFile, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # an error of the disk, not of the format
                raise
            self._damage = Damaged(f"{self._fault} ({error}); the rest was skipped")
            return False
        self._buffer = self._buffer[self._position :] + piece
        self._position = 0
        return bool(piece)

    def _take(self, size: int) -> bytes:
        piece = self._buffer[self._position : self._position + size]
        self._position += len(piece)
        return piece

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes."""
        pieces: list[bytes] = []
        left = size if size >= 0 else _ENDLESS
        while left > 0:
            piece = self._take(left)
            pieces.append(piece)
            left -= len(piece)
            if left > 0 and not self._fill():
                break
        content = b"".join(pieces)
        if not content and size and self._damage is not None:
            raise self._damage
        return content

    def readline(self, limit: int = -1, /) -> bytes:
        """Read a line of at most `limit` bytes; a line truncated by damage is not returned."""
        length = limit if limit >= 0 else _ENDLESS
        while (end := self._buffer.find(b"\n", self._position, self._position + length)) < 0:
            if len(self._buffer) - self._position >= length or not self._fill():
                if self._damage is not None and len(self._buffer) - self._position < length:
                    raise self._damage
                return self._take(length)
        return self._take(end + 1 - self._position)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Seek to the start."""
        self._buffer, self._position, self._damage = b"", 0, None
        return self._stream.seek(offset, whence)


class PartAddresses:
    """The addresses of the parts of a container: its address, `#`, and a name; a digest distinguishes twins."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._digests: dict[str, bytes] = {}

    def of(self, name: str, content: bytes) -> str:
        """Return the address of the part with this name and these bytes (or others that identify it)."""
        digest = hashlib.sha256(content).digest()
        quoted = quote(name[:_MAX_NAME].encode("utf-8", "surrogateescape"), safe=_SAFE_IN_NAMES)
        if not quoted:
            quoted = digest.hex()[:12]
        if self._digests.setdefault(quoted, digest) != digest:
            quoted = f"{quoted}~{digest.hex()[:8]}"
        separator = "/" if "#" in self._base else "#"
        return f"{self._base}{separator}{quoted}"


def names_container(uri: str, container: str) -> bool:
    """Return whether the address of a part already contains the address of its container."""
    return uri == container or uri.startswith((f"{container}#", f"{container}/"))


def is_selected(paths: Iterable[str], options: FileOptions) -> bool:
    """Return whether include and exclude patterns select a file that is known by several `paths`."""
    paths = tuple(paths)
    included = not options.include or any(matches(path, options.include, ()) for path in paths)
    return included and all(matches(path, (), options.exclude) for path in paths)


def read_limited(stream: ByteStream, limit: int, head: bytes = b"") -> bytes:
    """Read a stream that begins with `head`, up to one byte over `limit`."""
    pieces = [head]
    left = limit + 1 - len(head)
    while left > 0 and (piece := stream.read(min(left, _PIECE))):  # a damaged stream yields the bytes before it first
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)

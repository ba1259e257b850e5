"""What containers are taken apart into: parts, their addresses, and streams that end where a bomb begins."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote
from zipfile import BadZipFile

from msgspec import Struct, field

from searchkit.crawl.base import FileOptions, wanted

# News shrinks three to ten times. Only a bomb grows 200 times, and small files may do what they like.
_GROWTH = 200
_GROWTH_FREE = 20 * 1024 * 1024
_PIECE = 65_536
_ENDLESS = 1 << 62
# Signs that stand for themselves in the name of a part; all others are percent-encoded.
_NAME_SIGNS = "/@!$&'()*+,;=:-._~"
_LONGEST_NAME = 300


class ByteStream(Protocol):
    """What is needed of a stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end of the stream."""
        ...

    def readline(self, limit: int = -1, /) -> bytes:
        """At most `limit` bytes, up to and with the next line end; empty at the end of the stream."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a position; only the start is gone to."""
        ...


class CompressedStream(Protocol):
    """What is needed of a stream that decompresses."""

    def read1(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, as many as one step gives; empty at the end of the stream."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As `ByteStream.seek`."""
        ...


class Part(Struct, frozen=True, kw_only=True):
    """A file, or what a container holds: bytes of which it is not settled yet what they are.

    `name` is a file name, whose ending promises a type; `declared` the media type it is said to have where the name
    promises none. `paths` are the paths that include and exclude patterns see. `depth` is the number of containers
    around it, `size` its bytes where they are known beforehand. Other fields as in Resource.
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
    """A stream that cannot be read further. `reason` is one clear line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Growth:
    """What a compressed file has given so far, against what it takes itself."""

    def __init__(self, taken: Callable[[], int]) -> None:
        self._taken = taken
        self._given = 0

    @property
    def exceeded(self) -> bool:
        """Whether the file grows more than any news does."""
        return self._given > _GROWTH_FREE and self._given > _GROWTH * self._taken()

    def add(self, size: int) -> None:
        """Count bytes given. Damaged when they are too many."""
        self._given += size
        if self.exceeded:
            raise Damaged(f"expands more than {_GROWTH} times; the rest is not read")


class Unpacked:
    """A decompressed stream. Where it is damaged, or turns out to be a bomb, what came before is given, then Damaged is
    raised, with `fault` and what is wrong."""

    def __init__(self, stream: CompressedStream, growth: Growth, fault: str) -> None:
        self._stream = stream
        self._growth = growth
        self._fault = fault
        self._held = b""
        self._position = 0
        self._damage: Damaged | None = None

    def _more(self) -> bool:
        """Read on; False at the end, and where the stream cannot be read further."""
        if self._damage is not None:
            return False
        try:
            piece = self._stream.read1(_PIECE)
            self._growth.add(len(piece))
        except Damaged as damage:
            self._damage = damage
            return False
        except (EOFError, zlib.error, BadZipFile) as error:
            self._damage = Damaged(f"{self._fault} ({error}); the rest is not read")
            return False
        except OSError as error:
            if error.errno is not None:  # of the disk, not of the format
                raise
            self._damage = Damaged(f"{self._fault} ({error}); the rest is not read")
            return False
        self._held = self._held[self._position :] + piece
        self._position = 0
        return bool(piece)

    def _take(self, size: int) -> bytes:
        piece = self._held[self._position : self._position + size]
        self._position += len(piece)
        return piece

    def read(self, size: int = -1, /) -> bytes:
        """As `ByteStream.read`."""
        pieces: list[bytes] = []
        left = size if size >= 0 else _ENDLESS
        while left > 0:
            piece = self._take(left)
            pieces.append(piece)
            left -= len(piece)
            if left > 0 and not self._more():
                break
        found = b"".join(pieces)
        if not found and size and self._damage is not None:
            raise self._damage
        return found

    def readline(self, limit: int = -1, /) -> bytes:
        """As `ByteStream.readline`. A line that is cut off by damage is not given."""
        length = limit if limit >= 0 else _ENDLESS
        while (end := self._held.find(b"\n", self._position, self._position + length)) < 0:
            if len(self._held) - self._position >= length or not self._more():
                if self._damage is not None and len(self._held) - self._position < length:
                    raise self._damage
                return self._take(length)
        return self._take(end + 1 - self._position)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As `ByteStream.seek`."""
        self._held, self._position, self._damage = b"", 0, None
        return self._stream.seek(offset, whence)


class Addresses:
    """Addresses of the parts of one container: its own, `#`, and a name; twins get digits of their digest."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._digests: dict[str, bytes] = {}

    def of(self, name: str, content: bytes) -> str:
        """The address of the part with this name and these bytes (or others that tell it from its twins)."""
        digest = hashlib.sha256(content).digest()
        quoted = quote(name[:_LONGEST_NAME].encode("utf-8", "surrogateescape"), safe=_NAME_SIGNS)
        if not quoted:
            quoted = digest.hex()[:12]
        if self._digests.setdefault(quoted, digest) != digest:
            quoted = f"{quoted}~{digest.hex()[:8]}"
        separator = "/" if "#" in self._base else "#"
        return f"{self._base}{separator}{quoted}"


def tells(uri: str, container: str) -> bool:
    """Whether an address tells by itself that what has it is a part of `container`."""
    return uri == container or uri.startswith((f"{container}#", f"{container}/"))


def chosen(paths: Iterable[str], options: FileOptions) -> bool:
    """Whether include and exclude patterns choose what stands at `paths`, which are several names of one place.

    One of them must match one of `include`, if there is any; none may match one of `exclude`.
    """
    paths = tuple(paths)
    included = not options.include or any(wanted(path, options.include, ()) for path in paths)
    return included and all(wanted(path, (), options.exclude) for path in paths)

"""What containers are taken apart into: parts, their addresses, and streams that end where a bomb begins."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote
from zipfile import BadZipFile

from searchkit.crawl.base import FileOptions, wanted

# News shrinks three to ten times. Only a bomb grows 200 times, and small files may do what they like.
_GROWTH = 200
_GROWTH_FREE = 20 * 1024 * 1024
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
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
    """A decompressed stream. It raises Damaged with `fault` and what is wrong, or when it turns out to be a bomb."""

    def __init__(self, stream: ByteStream, growth: Growth, fault: str) -> None:
        self._stream = stream
        self._growth = growth
        self._fault = fault

    def _guarded(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            piece = read(size)
        except (EOFError, zlib.error, BadZipFile) as error:
            raise self._damaged(error) from error
        except OSError as error:
            if error.errno is not None:  # of the disk, not of the format
                raise
            raise self._damaged(error) from error
        self._growth.add(len(piece))
        return piece

    def _damaged(self, error: Exception) -> Damaged:
        return Damaged(f"{self._fault} ({error}); the rest is not read")

    def read(self, size: int = -1, /) -> bytes:
        """As `ByteStream.read`."""
        return self._guarded(self._stream.read, size)

    def readline(self, limit: int = -1, /) -> bytes:
        """As `ByteStream.readline`."""
        return self._guarded(self._stream.readline, limit)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As `ByteStream.seek`."""
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


def chosen(paths: Iterable[str], options: FileOptions) -> bool:
    """Whether include and exclude patterns choose what stands at `paths`, which are several names of one place.

    One of them must match one of `include`, if there is any; none may match one of `exclude`.
    """
    paths = tuple(paths)
    included = not options.include or any(wanted(path, options.include, ()) for path in paths)
    return included and all(wanted(path, (), options.exclude) for path in paths)

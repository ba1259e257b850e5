"""One file per segment: named sections, read through a memory map.

A section has bytes, or numbers in one of three forms: all with the same width; a range, of which only the ends and the
step are written; or ascending numbers in groups. Any of its numbers can be read without the others.

Numbers have the byte order of the machine that wrote them, which is noted in the manifest. The manifest also has the
checksum of the file; this module only checks that the file is complete.
"""

import mmap
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from operator import add
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self, TypeAlias, cast

import msgspec

from searchkit.index.generations import DamagedFile

_MAGIC = b"searchkit arrays"
_TAIL = struct.Struct("<QQI16s")  # start, length and checksum of the directory; magic
_ALIGNMENT = 8
# Forms of sections of numbers, besides the types of `array`. After ASCENDING follows the type of the offsets.
RANGE, ASCENDING = "r", "a"
GROUP_SIZE = 16
# Added to the first byte of a coded list; see coding.py.
ESCAPED = 8
BYTES = "B"
_MISSING = 0, 0, BYTES

Ints: TypeAlias = Sequence[int]
Width: TypeAlias = Literal["B", "H", "I", "Q"]
Buffer: TypeAlias = "bytes | memoryview"
Numbers: TypeAlias = "array[int]"
Parts: TypeAlias = "bytes | Numbers | memoryview | Iterable[bytes | memoryview] | Iterable[Numbers]"


def pages_of_files() -> int:
    """Return how many bytes of mapped files this process has in memory; 0 without /proc."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123  # a Path takes twice as long
            return int(file.read(200).split()[2]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


class Sections(Protocol):
    """Takes the sections of a file."""

    def add(self, name: str, parts: Parts, form: str = BYTES) -> None:
        """Take the section `name`, from one buffer or several, with the form of its numbers."""


class Ascending(Sequence[int]):
    """Ascending numbers in groups: the first of each group, and how much larger than it each number is. `array` is for
    coding.py, which keeps all numbers there."""

    __slots__ = ("array", "firsts", "offsets")

    def __init__(self, content: memoryview, code: Width) -> None:
        group_bytes = 4 + GROUP_SIZE * struct.calcsize(code)
        groups = -(-len(content) // group_bytes)
        self.firsts = content[: 4 * groups].cast("I")
        self.offsets = content[4 * groups :].cast(code)
        self.array: Any = None

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [*map(self.__getitem__, range(*place.indices(len(self))))]
        offset = self.offsets[place]
        return self.firsts[place // GROUP_SIZE if place >= 0 else (place + len(self)) // GROUP_SIZE] + offset

    def __iter__(self) -> Iterator[int]:
        firsts = chain.from_iterable(map(repeat, self.firsts, repeat(GROUP_SIZE)))
        return map(add, firsts, self.offsets)


class SectionWriter:
    """Writes sections; the directory comes last, so a truncated file is recognized. `NewGeneration` syncs the file."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._directory: dict[str, tuple[int, int, str]] = {}
        self._position = 0

    def add(self, name: str, parts: Parts, form: str = BYTES) -> None:
        """Write the section `name` from one buffer or several."""
        if name in self._directory:
            raise ValueError(f"section {name} exists")
        start = self._position
        for part in (parts,) if isinstance(parts, bytes | array | memoryview) else parts:
            self._position += self._file.write(part)
        self._directory[name] = (start, self._position - start, form)
        padding = -self._position % _ALIGNMENT
        self._position += self._file.write(bytes(padding))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        with self._file:
            if kind is None:
                directory = msgspec.json.encode(self._directory)
                tail = _TAIL.pack(self._position, len(directory), zlib.crc32(directory), _MAGIC)
                self._file.write(directory + tail)


class SectionFile:
    """A segment file opened for reading. DamagedFile if it is not complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < _TAIL.size:
                raise DamagedFile(f"{path.name} is truncated")
            self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start, length, checksum, magic = _TAIL.unpack_from(self.map, size - _TAIL.size)
        directory = self.map[start : start + length]
        if magic != _MAGIC or start + length + _TAIL.size != size or zlib.crc32(directory) != checksum:
            raise DamagedFile(f"{path.name} has no directory")
        self._directory = msgspec.json.decode(directory, type=dict[str, tuple[int, int, str]])
        self._view = memoryview(self.map)

    def place(self, name: str) -> tuple[int, int]:
        """Return start and end of a section in `map`; an empty range if it is missing."""
        start, length, _ = self._directory.get(name, _MISSING)
        return start, start + length

    def view(self, name: str) -> memoryview:
        """Return the bytes of a section; empty if it is missing."""
        start, end = self.place(name)
        return self._view[start:end]

    def form(self, name: str) -> str:
        """Return the form of the numbers of a section."""
        return self._directory.get(name, _MISSING)[2]

    def ints(self, name: str) -> Ints:
        """Return the numbers of a section."""
        start, length, form = self._directory.get(name, _MISSING)
        content = self._view[start : start + length]
        if form == RANGE:
            return range(*content.cast("Q"))
        if form.startswith(ASCENDING):
            return Ascending(content, cast(Width, form[len(ASCENDING) :]))
        return content.cast(cast(Width, form))

    def release_pages(self) -> None:
        """Release the pages in memory to the system."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.map.madvise(mmap.MADV_DONTNEED)

    def names(self) -> Iterable[str]:
        return self._directory.keys()

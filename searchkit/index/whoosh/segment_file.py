"""One file per segment: named sections of raw arrays, read through a memory map.

Arrays have the byte order of the machine that wrote them, which is noted in the manifest. The manifest also has the
checksum of the file; this module only checks that the file is complete.
"""

import mmap
import struct
import zlib
from array import array
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Protocol, Self, TypeAlias

import msgspec

from searchkit.index.generations import DamagedFile

_MAGIC = b"searchkit arrays"
_TAIL = struct.Struct("<QQI16s")  # start, length and checksum of the directory; magic
_ALIGNMENT = 8

Ints: TypeAlias = "memoryview[int]"
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

    def add(self, name: str, parts: Parts) -> None:
        """Take the section `name`, from one buffer or several."""


class SectionWriter:
    """Writes sections; the directory comes last, so a truncated file is recognized. `NewGeneration` syncs the file."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._directory: dict[str, tuple[int, int]] = {}
        self._position = 0

    def add(self, name: str, parts: Parts) -> None:
        """Write the section `name` from one buffer or several."""
        if name in self._directory:
            raise ValueError(f"section {name} exists")
        start = self._position
        for part in (parts,) if isinstance(parts, bytes | array | memoryview) else parts:
            self._position += self._file.write(part)
        self._directory[name] = (start, self._position - start)
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
        self._directory = msgspec.json.decode(directory, type=dict[str, tuple[int, int]])
        self._view = memoryview(self.map)

    def place(self, name: str) -> tuple[int, int]:
        """Return start and end of a section in `map`; an empty range if it is missing."""
        start, length = self._directory.get(name, (0, 0))
        return start, start + length

    def view(self, name: str) -> memoryview:
        """Return the bytes of a section; empty if it is missing."""
        start, end = self.place(name)
        return self._view[start:end]

    def ints(self, name: str, code: Literal["I", "Q"] = "I") -> Ints:
        """Return the numbers of a section; `code` as in `array`."""
        return self.view(name).cast(code)

    def release_pages(self) -> None:
        """Release the pages in memory to the system."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.map.madvise(mmap.MADV_DONTNEED)

    def names(self) -> Iterable[str]:
        return self._directory.keys()

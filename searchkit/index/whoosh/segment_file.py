"""One file a segment: named sections of raw arrays, read through a memory map.

takes:    names and buffers
gives:    the same buffers, zero-copy and loaded page by page as they are touched
does not: compress, pickle, or change a file once it is written; check a file whole (its digest is in the manifest)
traps:    arrays are in the byte order of the machine that wrote them; the manifest says which, and another is a rebuild
"""

import json
import mmap
import os
import struct
import zlib
from array import array
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeAlias

from searchkit.index.generations import DamagedFile

_MAGIC = b"searchkit arrays"
_TAIL = struct.Struct("<QQI16s")  # start, length and checksum of the directory; magic
_ALIGNMENT = 8

Ints: TypeAlias = "memoryview[int]"
Numbers: TypeAlias = "array[int]"
Parts: TypeAlias = "bytes | Numbers | Iterable[bytes | memoryview] | Iterable[Numbers]"


def pages_of_files() -> int:
    """How many bytes of files this process has mapped and in memory; 0 where /proc does not tell."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123  # a path object takes twice as long
            return int(file.read(200).split()[2]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


class SectionWriter:
    """Writes sections one after another; the directory comes last, so a file cut short is recognized."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._directory: dict[str, tuple[int, int]] = {}
        self._position = 0

    def add(self, name: str, parts: Parts) -> None:
        """Write the section `name` from one buffer, or from many as they come."""
        if name in self._directory:
            raise ValueError(f"section {name} is there already")
        start = self._position
        for part in (parts,) if isinstance(parts, bytes | array) else parts:
            self._position += self._file.write(part)
        self._directory[name] = (start, self._position - start)
        padding = -self._position % _ALIGNMENT
        self._position += self._file.write(bytes(padding))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        with self._file:
            if kind is None:
                directory = json.dumps(self._directory, separators=(",", ":")).encode()
                tail = _TAIL.pack(self._position, len(directory), zlib.crc32(directory), _MAGIC)
                self._file.write(directory + tail)
                self._file.flush()
                # Whoosh never syncs; a segment must be on disk before a table of contents names it.
                os.fsync(self._file.fileno())


class SectionFile:
    """A written file, opened for reading. DamagedFile when it is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < _TAIL.size:
                raise DamagedFile(f"{path.name} is cut short")
            self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start, length, checksum, magic = _TAIL.unpack_from(self.map, size - _TAIL.size)
        directory = self.map[start : start + length]
        if magic != _MAGIC or start + length + _TAIL.size != size or zlib.crc32(directory) != checksum:
            raise DamagedFile(f"{path.name} has no directory")
        self._directory: dict[str, tuple[int, int]] = json.loads(directory)
        self._view = memoryview(self.map)

    def place(self, name: str) -> tuple[int, int]:
        """Start and end of a section in `map`; an empty range when there is none."""
        start, length = self._directory.get(name, (0, 0))
        return start, start + length

    def view(self, name: str) -> memoryview:
        """The bytes of a section; empty when there is none."""
        start, end = self.place(name)
        return self._view[start:end]

    def ints(self, name: str, code: Literal["I", "Q"] = "I") -> Ints:
        """The numbers of a section, `code` as in `array`."""
        return self.view(name).cast(code)

    def let_go(self) -> None:
        """Give the pages that were read back to the system, which keeps them as long as it has room: what is read again
        is mapped again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.map.madvise(mmap.MADV_DONTNEED)

    def names(self) -> Iterable[str]:
        """The names of all sections."""
        return self._directory.keys()

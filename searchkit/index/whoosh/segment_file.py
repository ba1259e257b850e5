"""One file per segment: named sections, read through a memory map.

A section has bytes, or numbers in one of three forms: all with the same width; a range, of which only the ends and the
step are written; or ascending numbers in groups. Any of its numbers can be read without the others.

Posting lists are sections: for each word of a field, numbers in ascending order. For stems these are rows, one per
occurrence. For words as written they are positions in one long text of all passages of the field: `starts` says where
each passage begins (and finally where the last ends), `rows` to which row it belongs. Passages of a name field are
spellings; `places` says which value of the row each of them spells.

Numbers have the byte order of the machine that wrote them, which is noted in the manifest. The manifest also has the
checksum of the file; this module only checks that the file is complete.
"""

import mmap
import struct
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, compress, repeat
from operator import add
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self, TypeAlias, cast

import msgspec

from searchkit.index.generations import DamagedFile
from searchkit.index.values import words_within

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


def encoded(text: str) -> bytes:
    """Return any string as bytes, including lone surrogates of odd file names."""
    return text.encode("utf-8", "surrogatepass")


def decoded(value: bytes | memoryview) -> str:
    return str(value, "utf-8", "surrogatepass")


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


Passages = Sequence[Sequence[str]]
Positions: TypeAlias = Sequence[int]
"""Ascending positions of words in the text of a field."""

# Number of words of a field kept with their lists, and of all their numbers, about 1 MB: a query looks up each word
# several times.
CACHE_SIZE = 1_000
MAX_CACHED_NUMBERS = 250_000
_TYPES: dict[int, Width] = {1: "B", 2: "H", 4: "I"}


def numbers_of(coded: memoryview) -> Positions:
    """Return the numbers of one list, without numpy; see coding.py."""
    width, content = coded[0] & (ESCAPED - 1), coded[1:]
    steps: Sequence[int]
    if width == 3:
        steps = [int.from_bytes(content[place : place + 3], sys.byteorder) for place in range(0, len(content), 3)]
    else:
        steps = content.cast(_TYPES[width])
    escape = (1 << 8 * width) - 1
    numbers = accumulate(steps)
    return array("I", compress(numbers, map(escape.__ne__, steps)) if coded[0] & ESCAPED else numbers)


class Terms:
    """The posting lists of one field of a segment, each read by `decode`."""

    def __init__(self, file: SectionFile, field: str, decode: Callable[[memoryview], Positions] = numbers_of) -> None:
        self._file = file
        self._decode = decode
        self._section = file.place(f"{field}/terms")
        self._ends = file.ints(f"{field}/term-ends")
        self.coded = file.view(f"{field}/postings")
        self.coded_ends = file.ints(f"{field}/posting-ends")
        self._lists: dict[str, Positions] = {}
        self._cached_numbers = 0
        self.starts = file.ints(f"{field}/passage-starts")
        self.rows = file.ints(f"{field}/passage-rows")
        self.places = file.ints(f"{field}/passage-places")

    def __len__(self) -> int:
        return max(len(self._ends) - 1, 0)

    def term(self, slot: int) -> bytes:
        """Return the word at `slot`; words are sorted by their bytes."""
        start = self._section[0]
        return self._file.map[start + self._ends[slot] : start + self._ends[slot + 1] - 1]

    def terms_between(self, first: int, after: int) -> list[bytes]:
        """Return the words from slot `first` to below `after`; there must be at least one."""
        start = self._section[0]
        return self._file.map[start + self._ends[first] : start + self._ends[after] - 1].split(b"\n")

    def slot(self, term: bytes) -> int:
        """Return the slot where `term` is, or would be."""
        words, ends, start = self._file.map, self._ends, self._section[0]
        low, high = 0, len(self)
        # bisect_left, without a function call for each step.
        while low < high:
            middle = (low + high) // 2
            if words[start + ends[middle] : start + ends[middle + 1] - 1] < term:
                low = middle + 1
            else:
                high = middle
        return low

    def numbers(self, word: str) -> Positions:
        found = self._lists.get(word)
        if found is None:
            wanted = encoded(word)
            slot = self.slot(wanted)
            found = self.numbers_at(slot) if slot < len(self) and self.term(slot) == wanted else ()
            self._cached_numbers += len(found)
            if len(self._lists) >= CACHE_SIZE or self._cached_numbers > MAX_CACHED_NUMBERS:
                self._lists.clear()
                self._cached_numbers = len(found)
            self._lists[word] = found
        return found

    def numbers_at(self, slot: int) -> Positions:
        """Return the numbers of the word at `slot`."""
        return self._decode(self.coded[self.coded_ends[slot] : self.coded_ends[slot + 1]])

    def coded_between(self, first: int, after: int) -> tuple[memoryview, list[int]]:
        """Return the coded lists of the words from slot `first` to below `after`, and where each ends, after a 0."""
        ends = self.coded_ends[first : after + 1]
        return self.coded[ends[0] : ends[-1]], [end - ends[0] for end in ends]

    def slots(self, prefix: str) -> range:
        """Return the slots of the words that begin with `prefix`."""
        start = encoded(prefix)
        # UTF-8 has no byte 0xff, so every word with the prefix lies below.
        return range(self.slot(start), self.slot(start + b"\xff"))

    @cached_property
    def _text(self) -> str:
        start, end = self._section
        return "\n" + decoded(self._file.map[start:end])

    def words(self) -> list[str]:
        return self._text[1:-1].split("\n") if len(self) else []

    def close_to(self, word: str, distance: int) -> list[str]:
        return sorted(words_within(self._text, word, distance, beginning=self._beginning))

    def _beginning(self, prefix: str) -> list[str]:
        slots = self.slots(prefix)
        return [*map(decoded, self.terms_between(slots.start, slots.stop))] if slots else []

    @cached_property
    def start_list(self) -> list[int]:
        """`starts` in memory, for many look-ups."""
        return [*self.starts]

    def passage_end(self, position: int) -> int:
        return self.starts[bisect_right(self.starts, position)]

    def passage_of(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def passage_number(self, passage: int) -> int:
        """Return the number of the passage within its row, from 0."""
        return passage - bisect_left(self.rows, self.rows[passage])

"""Posting lists: for each word of a field, numbers in ascending order.

For stems the numbers are rows, one per occurrence. For words as written they are positions in one long text of all
passages of the field: `starts` says where each passage begins (and finally where the last ends), `rows` to which row it
belongs. Passages of a name field are spellings; `places` says which value of the row each of them spells.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate, compress
from typing import TypeAlias

from searchkit.index.values import words_within
from searchkit.index.whoosh.columns import decoded, encoded
from searchkit.index.whoosh.segment_file import ESCAPED, SectionFile, Width

Passages = Sequence[Sequence[str]]
Positions: TypeAlias = Sequence[int]
"""Ascending positions of words in the text of a field."""

# Number of words of a field kept with their lists, and of all their numbers, about 1 MB: a query looks up each word
# several times.
CACHE_SIZE = 1_000
MAX_CACHED_NUMBERS = 250_000
# After this many lookups, every so many words one is kept in memory.
MIN_LOOKUPS_FOR_MARKS = 4
MARK_DISTANCE = 64
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
        if len(self._lists) >= MIN_LOOKUPS_FOR_MARKS:
            mark = bisect_left(self._marks, term)
            low, high = max(mark - 1, 0) * MARK_DISTANCE, min(mark * MARK_DISTANCE, high)
        # bisect_left, without a function call for each step.
        while low < high:
            middle = (low + high) // 2
            if words[start + ends[middle] : start + ends[middle + 1] - 1] < term:
                low = middle + 1
            else:
                high = middle
        return low

    @cached_property
    def _marks(self) -> list[bytes]:
        """Some of the words; searching them first touches fewer pages of the file."""
        return [self.term(slot) for slot in range(0, len(self), MARK_DISTANCE)]

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

"""Posting lists: for each word of a field, numbers in ascending order.

For stems the numbers are rows, one per occurrence. For words as written they are positions in one long text of all
passages of the field: `starts` says where each passage begins (and finally where the last ends), `rows` to which row it
belongs. Passages of a name field are spellings; `places` says which value of the row each of them spells.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from searchkit.index.values import words_within
from searchkit.index.whoosh.columns import decoded, encoded
from searchkit.index.whoosh.segment_file import Ints, SectionFile

Passages = Sequence[Sequence[str]]
Positions: TypeAlias = Sequence[int]
"""Ascending positions of words in the text of a field."""

# Number of words kept with their slots: a query looks up each word several times.
CACHE_SIZE = 1_000
_MISSING = -1
# After this many lookups, every so many words one is kept in memory.
MIN_LOOKUPS_FOR_MARKS = 4
MARK_DISTANCE = 64


class Terms:
    """The posting lists of one field of a segment."""

    def __init__(self, file: SectionFile, field: str) -> None:
        self._file = file
        self._section = file.place(f"{field}/terms")
        self._ends = file.ints(f"{field}/term-ends")
        self.postings = file.ints(f"{field}/postings")
        self.posting_ends = file.ints(f"{field}/posting-ends", "Q")
        self._slot_of: dict[str, int] = {}
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
        if len(self._slot_of) >= MIN_LOOKUPS_FOR_MARKS:
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

    def numbers(self, word: str) -> Ints:
        slot = self._slot_of.get(word)
        if slot is None:
            wanted = encoded(word)
            slot = self.slot(wanted)
            if slot == len(self) or self.term(slot) != wanted:
                slot = _MISSING
            if len(self._slot_of) >= CACHE_SIZE:
                self._slot_of.clear()
            self._slot_of[word] = slot
        return self.numbers_between(slot, slot + 1) if slot != _MISSING else self.postings[:0]

    def numbers_between(self, slot: int, after: int) -> Ints:
        """Return the numbers of all words from `slot` to below `after`, word by word."""
        if slot >= after:
            return self.postings[:0]
        return self.postings[self.posting_ends[slot] : self.posting_ends[after]]

    def lists_of(self, prefix: str) -> list[Ints]:
        return [self.numbers_between(slot, slot + 1) for slot in self._slots(prefix)]

    def _slots(self, prefix: str) -> range:
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
        slots = self._slots(prefix)
        return [*map(decoded, self.terms_between(slots.start, slots.stop))] if slots else []

    @cached_property
    def start_list(self) -> list[int]:
        """`starts` in memory, for many look-ups."""
        return self.starts.tolist()

    def passage_end(self, position: int) -> int:
        return self.starts[bisect_right(self.starts, position)]

    def passage_of(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def passage_number(self, passage: int) -> int:
        """Return the number of the passage within its row, from 0."""
        return passage - bisect_left(self.rows, self.rows[passage])

"""Posting lists: for each word of a field, plain numbers in ascending order.

takes:    the words of rows, in row order
gives:    sections with all words of a field, sorted, and their numbers
does not: score, match phrases
traps:    two kinds of field. Stems: the numbers are rows, repeated as often as the stem stands there. Words as written:
          the numbers are positions in one long text made of all passages of the field; `starts` says where each passage
          begins in it (and last where all end), `rows` which row it belongs to; passages of names are spellings, and
          `places` says which of the row's values each spells
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, count

from searchkit.index.analysis import stems
from searchkit.index.values import words_within
from searchkit.index.whoosh.columns import decoded, encoded
from searchkit.index.whoosh.segment_file import Ints, Numbers, SectionFile, SectionWriter

Passages = Sequence[Sequence[str]]

# One question looks its words up several times.
_REMEMBERED = 1_000
_NOWHERE = -1
# From so many words looked up on, one word of so many is kept in memory.
_WORTH_MARKS = 4
_BETWEEN_MARKS = 64


class Terms:
    """The posting lists of one field of one written segment."""

    def __init__(self, file: SectionFile, field: str) -> None:
        self._file = file
        self._place = file.place(f"{field}/terms")
        self._ends = file.ints(f"{field}/term-ends")
        self.postings = file.ints(f"{field}/postings")
        self.posting_ends = file.ints(f"{field}/posting-ends", "Q")
        self._known: dict[str, int] = {}
        self.starts = file.ints(f"{field}/passage-starts")
        self.rows = file.ints(f"{field}/passage-rows")
        self.places = file.ints(f"{field}/passage-places")

    def __len__(self) -> int:
        return max(len(self._ends) - 1, 0)

    def term(self, slot: int) -> bytes:
        """The word at `slot`; words are in order of their bytes."""
        start = self._place[0]
        return self._file.map[start + self._ends[slot] : start + self._ends[slot + 1] - 1]

    def terms_between(self, first: int, after: int) -> list[bytes]:
        """The words from slot `first` to below `after`, of which there is one at least."""
        start = self._place[0]
        return self._file.map[start + self._ends[first] : start + self._ends[after] - 1].split(b"\n")

    def slot(self, term: bytes) -> int:
        """Where `term` is, or would be."""
        words, ends, start = self._file.map, self._ends, self._place[0]
        low, high = 0, len(self)
        if len(self._known) >= _WORTH_MARKS:
            mark = bisect_left(self._marks, term)
            low, high = max(mark - 1, 0) * _BETWEEN_MARKS, min(mark * _BETWEEN_MARKS, high)
        # As bisect_left does, but without a call a step.
        while low < high:
            middle = (low + high) // 2
            if words[start + ends[middle] : start + ends[middle + 1] - 1] < term:
                low = middle + 1
            else:
                high = middle
        return low

    @cached_property
    def _marks(self) -> list[bytes]:
        """Some of the words. Looking among them first leaves most pages of the file alone."""
        return [self.term(slot) for slot in range(0, len(self), _BETWEEN_MARKS)]

    def numbers(self, word: str) -> Ints:
        """The numbers of `word`, none when it does not occur."""
        slot = self._known.get(word)
        if slot is None:
            wanted = encoded(word)
            slot = self.slot(wanted)
            if slot == len(self) or self.term(slot) != wanted:
                slot = _NOWHERE
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[word] = slot
        return self.numbers_between(slot, slot + 1) if slot != _NOWHERE else self.postings[:0]

    def numbers_between(self, slot: int, after: int) -> Ints:
        """The numbers of all words from `slot` to below `after`, word by word."""
        if slot >= after:
            return self.postings[:0]
        return self.postings[self.posting_ends[slot] : self.posting_ends[after]]

    def lists_of(self, prefix: str) -> list[Ints]:
        """The numbers of each word that starts with `prefix`."""
        return [self.numbers_between(slot, slot + 1) for slot in self._slots(prefix)]

    def _slots(self, prefix: str) -> range:
        start = encoded(prefix)
        # No UTF-8 byte is 0xff, so every word with the prefix lies below.
        return range(self.slot(start), self.slot(start + b"\xff"))

    @cached_property
    def _text(self) -> str:
        start, end = self._place
        return "\n" + decoded(self._file.map[start:end])

    def words(self) -> list[str]:
        """All words, in order."""
        return self._text[1:-1].split("\n") if len(self) else []

    def close_to(self, word: str, distance: int) -> list[str]:
        """All words within `distance` edits of `word`."""
        return sorted(words_within(self._text, word, distance, beginning=self._beginning))

    def _beginning(self, prefix: str) -> list[str]:
        slots, start = self._slots(prefix), self._place[0]
        if not slots:
            return []
        text = self._file.map[start + self._ends[slots.start] : start + self._ends[slots.stop] - 1]
        return decoded(text).split("\n")

    @cached_property
    def start_list(self) -> list[int]:
        """`starts` in memory, for many look-ups."""
        return self.starts.tolist()

    def passage_end(self, position: int) -> int:
        """Where the passage in which this position lies ends: the first position after it."""
        return self.starts[bisect_right(self.starts, position)]

    def passage_of(self, position: int) -> int:
        """The passage in which this position lies."""
        return bisect_right(self.starts, position) - 1

    def passage_length(self, passage: int) -> int:
        """How many words the passage has."""
        return self.starts[passage + 1] - self.starts[passage]

    def passage_number(self, passage: int) -> int:
        """Which passage of its row this one is, from 0."""
        return passage - bisect_left(self.rows, self.rows[passage])


def _save(out: SectionWriter, name: str, lists: Mapping[str, Numbers]) -> None:
    """Write the numbers of each word under `name`."""
    ordered = sorted(lists.items())
    out.add(f"{name}/postings", (numbers for _, numbers in ordered))
    out.add(f"{name}/posting-ends", array("Q", accumulate((len(numbers) for _, numbers in ordered), initial=0)))
    terms = [encoded(word) + b"\n" for word, _ in ordered]
    out.add(f"{name}/terms", b"".join(terms))
    out.add(f"{name}/term-ends", array("I", accumulate(map(len, terms), initial=0)))


class PlacedWords:
    """The words of one field of a segment that is being written. They are noted in the order in which they stand, a
    number each, and sorted out when the segment is saved: to add each to a list of its own at once takes twice as long,
    most of it waiting for memory."""

    def __init__(self) -> None:
        # Not by its own length: a dictionary that knows itself stays until the next search for garbage.
        self._ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._text = array("I")
        self._starts = array("I")
        self._rows = array("I")
        self._places = array("I")

    def add(self, row: int, passages: Passages) -> None:
        """The words of `row`; rows come in order."""
        text, id_of = self._text, self._ids.__getitem__
        for passage in passages:
            self._starts.append(len(text))
            self._rows.append(row)
            text.extend(map(id_of, passage))

    def add_names(self, row: int, values: Iterable[Passages]) -> None:
        """The words of `row`, which holds names: for each, those of all its spellings."""
        for place, spellings in enumerate(values):
            self.add(row, spellings)
            self._places.extend([place] * len(spellings))

    def save(self, out: SectionWriter, name: str) -> None:
        """Write the words and their places under `name`."""
        _save(out, name, self._own)
        out.add(f"{name}/passage-starts", (self._starts, array("I", [len(self._text)])))
        out.add(f"{name}/passage-rows", self._rows)
        if self._places:
            out.add(f"{name}/passage-places", self._places)

    def save_stems(self, out: SectionWriter, name: str) -> None:
        """Write the rows of each stem under `name`, as often as it stands there."""
        rows = array("I")
        for row, after in zip(self._rows, [*self._starts[1:], len(self._text)], strict=False):
            rows.extend([row] * (after - len(rows)))
        found: dict[str, Numbers] = {}
        mixed = set()
        for numbers, stem in zip(self._own.values(), stems(self._own), strict=True):
            if stem in found:
                mixed.add(stem)
                found[stem].extend(map(rows.__getitem__, numbers))
            else:
                found[stem] = array("I", map(rows.__getitem__, numbers))
        for stem in mixed:
            found[stem] = array("I", sorted(found[stem]))
        _save(out, name, found)

    @cached_property
    def _own(self) -> dict[str, Numbers]:
        lists = [array("I") for _ in self._ids]
        # No step of this may be one of the interpreter's.
        deque(map(array.append, map(lists.__getitem__, self._text), count()), maxlen=0)
        return dict(zip(self._ids, lists, strict=True))

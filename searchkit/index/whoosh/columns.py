"""Columns: what stands in a row: values of names, keywords and dates for facets, order and filters; lengths; text.

takes:    rows in order, each with any number of values
gives:    a sorted table of distinct values, their codes by row, their rows by code
does not: know what a value means, except for the key that sorts it
traps:    `ends` has one entry more than there are rows, beginning with 0; a row may have several values of one key
          (`en` and `EN`): `doubled` are those that do. What facets count has a hash of its key beside it, by which
          equal keys of different segments are told without being read
"""

import struct
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, count, groupby, pairwise
from typing import Literal

from searchkit.index.facets import Label, label
from searchkit.index.rows import DateValue, NameValue
from searchkit.index.values import value_key
from searchkit.index.whoosh.rows import MakeRows, Rows, set_of_rows
from searchkit.index.whoosh.segment_file import Ints, Numbers, SectionFile, SectionWriter

ColumnKind = Literal["name", "keyword", "date", "id"]
# What is sorted by the keys of its values; all else by their bytes.
HAVE_KEYS = frozenset({"name", "keyword"})
_SPAN = struct.Struct(">II")  # big-endian, so that bytes sort as days do
# Shorter text grows when compressed.
_WORTH_COMPRESSING = 200
_RAW, _DEFLATED = b"\0", b"\1"
# So many labels are kept at hand, of each column: those of the values that are asked for again and again.
_KEPT_LABELS = 2_000


def encoded(text: str) -> bytes:
    """Any string as bytes, lone surrogates of odd file names included."""
    return text.encode("utf-8", "surrogatepass")


def decoded(value: bytes | memoryview) -> str:
    """The string that `encoded` took."""
    return str(value, "utf-8", "surrogatepass")


def name_bytes(value: NameValue) -> bytes:
    """Id and name in one value; the length of the id divides them, since both may hold any sign."""
    return encoded(f"{len(value.id)}:{value.id}{value.name}")


def name_parts(value: bytes) -> tuple[str, str]:
    """Id and name of a value from `name_bytes`."""
    length, _, rest = decoded(value).partition(":")
    return rest[: int(length)], rest[int(length) :]


def date_bytes(value: DateValue) -> bytes:
    """A span of days as a value that sorts by its first day."""
    return _SPAN.pack(value.first, value.last)


def span_of(value: bytes) -> tuple[int, int]:
    """Return the first and last day of a value from `date_bytes`, as proleptic ordinals."""
    first, last = _SPAN.unpack(value)
    return first, last


def column_key(kind: ColumnKind, value: bytes) -> str:
    """The key by which a name or keyword is equal to others and counted with them: a name's is that of its id."""
    return value_key(name_parts(value)[0] if kind == "name" else decoded(value))


def key_hash(key: str) -> int:
    """64 bits that stand for a key. Of ten million keys two fall together with a chance of one to 400,000."""
    import hashlib  # loads OpenSSL, which most queries have no use for

    return int.from_bytes(hashlib.blake2b(encoded(key), digest_size=8).digest(), "little")


class ListColumn:
    """Whoosh's idea of a column whose rows hold lists; `kind` says how values are encoded and sorted, `counted` whether
    facets count them, as they do all names.

    It is none of Whoosh's own, which a search would load: Whoosh hands it to codec.py, which alone looks into it."""

    def __init__(self, kind: ColumnKind, *, counted: bool = False) -> None:
        self.kind = kind
        self.counted = counted or kind == "name"

    reversible = False  # Whoosh sorts the other way round by itself

    def stores_lists(self) -> bool:
        """Rows hold any number of values."""
        return True

    def default_value(self, reverse: bool = False) -> bytes:
        """Return the value of a row without any, as Whoosh asks for it."""
        del reverse
        return b""


class ColumnBuilder:
    """Collects one column of a segment that is being written."""

    def __init__(self, kind: ColumnKind, *, counted: bool = False) -> None:
        self._kind = kind
        self._counted = counted or kind == "name"
        self._code_of: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._codes = array("I")
        self._ends = array("I", [0])

    def add(self, row: int, values: Iterable[bytes]) -> None:
        """The values of `row`; rows come in order, those without values may be left out."""
        if row >= len(self._ends):
            self._fill(row)
        self._codes.extend(map(self._code_of.__getitem__, values))
        self._ends.append(len(self._codes))

    def _fill(self, row: int) -> None:
        missing = row + 1 - len(self._ends)
        if missing > 0:
            self._ends.extend([len(self._codes)] * missing)

    def save(self, out: SectionWriter, name: str, row_count: int) -> None:
        """Write the column of `row_count` rows under `name`."""
        self._fill(row_count)
        if not self._codes:
            return
        has_keys = self._kind in HAVE_KEYS
        keyed = sorted((column_key(self._kind, value) if has_keys else "", value) for value in self._code_of)
        values = [value for _, value in keyed]
        final = array("I", bytes(4 * len(values)))
        for code, value in enumerate(values):
            final[self._code_of[value]] = code
        codes = array("I", map(final.__getitem__, self._codes))
        ends = self._ends
        # Rows by code: places sorted by the code that stands there; sorting is stable, so rows stay in order.
        row_of = array("I", chain.from_iterable([row] * (ends[row + 1] - ends[row]) for row in range(row_count)))
        places = sorted(range(len(codes)), key=codes.__getitem__)
        sizes = [0] * (len(values) + 1)
        for code in codes:
            sizes[code + 1] += 1
        out.add(f"{name}/values", b"".join(values))
        out.add(f"{name}/value-ends", array("I", accumulate(map(len, values), initial=0)))
        out.add(f"{name}/codes", codes)
        out.add(f"{name}/ends", ends)
        rows, row_ends = array("I", map(row_of.__getitem__, places)), array("I", accumulate(sizes))
        out.add(f"{name}/rows", rows)
        out.add(f"{name}/row-ends", row_ends)
        if self._counted:
            keys = [key if has_keys else column_key(self._kind, value) for key, value in keyed]
            out.add(f"{name}/doubled", array("I", _doubled(keys, rows, row_ends)))
            save_hashes(out, f"{name}/key", array("Q", map(key_hash, keys)))
        if self._kind == "name":
            named = (value_key(name_parts(value)[1]) for value in values)
            save_hashes(out, f"{name}/name", array("Q", map(key_hash, named)))


def save_hashes(out: SectionWriter, name: str, hashes: Numbers) -> None:
    """The hashes of keys by code, and the codes in order of their hashes."""
    out.add(f"{name}-hashes", hashes)
    out.add(f"{name}-order", array("I", sorted(range(len(hashes)), key=hashes.__getitem__)))


def _doubled(keys: Sequence[str], rows: Numbers, row_ends: Numbers) -> list[int]:
    """The rows that have several values of one key; values with equal keys stand side by side."""
    found: set[int] = set()
    for _, codes in groupby(range(len(keys)), key=keys.__getitem__):
        seen: set[int] = set()
        for code in codes:
            own = rows[row_ends[code] : row_ends[code + 1]]
            found.update(seen.intersection(own))
            seen.update(own)
    return sorted(found)


class ValueColumn:
    """One written column of one segment. `packed` are its values by code, one after the other, and `packed_ends` where
    each of them ends, beginning with 0."""

    def __init__(self, file: SectionFile, name: str, kind: ColumnKind, make_rows: MakeRows = set_of_rows) -> None:
        self.kind = kind
        self._make_rows = make_rows
        self.packed = file.view(f"{name}/values")
        self.packed_ends = file.ints(f"{name}/value-ends")
        self.codes = file.ints(f"{name}/codes")
        self.ends = file.ints(f"{name}/ends")
        self.rows = file.ints(f"{name}/rows")
        self.row_ends = file.ints(f"{name}/row-ends")
        self.doubled = file.ints(f"{name}/doubled")
        self.key_hashes = file.ints(f"{name}/key-hashes", "Q")
        self._key_order = file.ints(f"{name}/key-order")
        self.name_hashes = file.ints(f"{name}/name-hashes", "Q")
        self._name_order = file.ints(f"{name}/name-order")

    def __len__(self) -> int:
        return max(len(self.packed_ends) - 1, 0)

    def value(self, code: int) -> bytes:
        """The value with this code."""
        return bytes(self.packed[self.packed_ends[code] : self.packed_ends[code + 1]])

    def values(self) -> Iterator[bytes]:
        """All values, by code."""
        return self.values_between(0, len(self))

    def values_between(self, first: int, after: int) -> Iterator[bytes]:
        """The values with codes from `first` to below `after`."""
        ends = self.packed_ends[first : after + 1].tolist()
        whole = bytes(self.packed[ends[0] : ends[-1]]) if ends else b""
        return (whole[start - ends[0] : end - ends[0]] for start, end in pairwise(ends))

    def codes_of(self, row: int) -> Ints:
        """The codes of the values of `row`, in the order given."""
        return self.codes[self.ends[row] : self.ends[row + 1]] if len(self.ends) else self.codes

    @cached_property
    def rows_with_several(self) -> Numbers:
        """The rows that have more than one value."""
        return array("I", [row for row, (start, end) in enumerate(pairwise(self.ends)) if end - start > 1])

    @cached_property
    def quick_codes(self) -> Numbers:
        """`codes` in memory, for many look-ups."""
        return array("I", self.codes.tobytes())

    @cached_property
    def quick_ends(self) -> list[int]:
        """`ends` in memory, for many look-ups."""
        return self.ends.tolist()

    def own_rows(self, code: int) -> Ints:
        """The rows that have this code, in order."""
        return self.rows[self.row_ends[code] : self.row_ends[code + 1]]

    def rows_of(self, codes: Iterable[int]) -> Rows:
        """The rows that have any of these codes, in ascending order."""
        ends = self.row_ends
        return self._make_rows(self.rows[ends[first] : ends[after]] for first, after in _runs(codes))

    def rows_between(self, first: int, after: int) -> Rows:
        """The rows that have a code from `first` to below `after`."""
        return self._make_rows([self.rows[self.row_ends[first] : self.row_ends[after]]] if first < after else [])

    @cached_property
    def valued_rows(self) -> Rows:
        """The rows that have any value."""
        return self._make_rows([self.rows])

    def code_of(self, value: bytes) -> int | None:
        """The code of a value of a column that sorts by its bytes (ids)."""
        code = bisect_left(range(len(self)), value, key=self.value)
        return code if code < len(self) and self.value(code) == value else None

    def codes_among(self, wanted: Collection[bytes]) -> list[int]:
        """The codes of those values that are `wanted`, of a column that sorts by its bytes (ids)."""
        # To search for one takes as long as to read a hundred.
        if len(wanted) * 100 > len(self):
            return [code for code, value in enumerate(self.values()) if value in wanted]
        return [code for value in wanted if (code := self.code_of(value)) is not None]

    def key(self, code: int) -> str:
        """The key by which values sort: a keyword's own, a name's id."""
        return column_key(self.kind, self.value(code))

    def name(self, code: int) -> str:
        """The canonical name, or the keyword itself."""
        value = self.value(code)
        return name_parts(value)[1] if self.kind == "name" else decoded(value)

    def equal(self, wanted: str) -> set[int]:
        """The codes whose key, or whose name, is `wanted` (a value key)."""
        wanted_hash = key_hash(wanted)
        found = {code for code in self.with_key(wanted_hash) if self.key(code) == wanted}
        named = _with_hash(self.name_hashes, self._name_order, wanted_hash)
        return found.union(code for code in named if value_key(self.name(code)) == wanted)

    def with_key(self, wanted: int) -> list[int]:
        """The codes whose keys have this hash."""
        return _with_hash(self.key_hashes, self._key_order, wanted)

    def key_range(self, start: str, after: str) -> tuple[int, int]:
        """First code with a key not below `start`, and first with one not below `after`."""
        codes = range(len(self))
        first = bisect_left(codes, start, key=self.key)
        return first, bisect_left(codes, after, lo=first, key=self.key)

    def spans(self) -> Iterator[tuple[int, int]]:
        """First and last day of every value of a date column, by code."""
        return _SPAN.iter_unpack(self.packed)

    @cached_property
    def long_spans(self) -> list[tuple[int, int, int]]:
        """The values of a date column that are not one day: code, first and last day."""
        return [(code, first, last) for code, (first, last) in enumerate(self.spans()) if first != last]

    def first_from(self, day: int) -> int:
        """The first code of a date column whose first day is not before `day`."""
        return bisect_left(range(len(self)), date_bytes(DateValue(first=day, last=0)), key=self.value)

    @cached_property
    def _labels(self) -> dict[int, Label]:
        return {}

    def label(self, code: int) -> Label:
        """What a value is called and counted by; a keyword is its own id."""
        known = self._labels.get(code)
        if known is None:
            value = self.value(code)
            parts = name_parts(value) if self.kind == "name" else (decoded(value), decoded(value))
            if len(self._labels) >= _KEPT_LABELS:
                self._labels.clear()
            known = self._labels[code] = label(*parts)
        return known


def _with_hash(hashes: Ints, order: Ints, wanted: int) -> list[int]:
    place = bisect_left(order, wanted, key=hashes.__getitem__)
    after = place
    while after < len(order) and hashes[order[after]] == wanted:
        after += 1
    return order[place:after].tolist()


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Codes that follow each other, as (first, after)."""
    first = after = -1
    for code in codes:
        if code != after:
            if first >= 0:
                yield first, after
            first = code
        after = code + 1
    if first >= 0:
        yield first, after


class LengthBuilder:
    """Collects how many words a text field has, by row."""

    def __init__(self) -> None:
        self._lengths = array("I")

    def add(self, row: int, length: int) -> None:
        """The length of `row`; rows come in order."""
        self._lengths.extend([0] * (row - len(self._lengths)))
        self._lengths.append(length)

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def total(self) -> int:
        """The words of all rows."""
        return sum(self._lengths)

    def save(self, out: SectionWriter, name: str) -> None:
        """Write the lengths under `name`."""
        out.add(f"{name}/lengths", self._lengths)


class TextBuilder:
    """Collects stored passages, by row; `exact:` is checked on them."""

    def __init__(self) -> None:
        self._parts: list[bytes | memoryview] = []
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, row: int, passages: Iterable[str]) -> None:
        """The passages of `row`, keys of `exact_key`, which hold no line feed."""
        text = encoded("\n".join(passages))
        if len(text) < _WORTH_COMPRESSING:
            self._add_stored(row, _RAW + text)
        else:
            self._add_stored(row, _DEFLATED + zlib.compress(text, 1))

    def _add_stored(self, row: int, stored: bytes | memoryview) -> None:
        self._ends.extend([self._ends[-1]] * (row + 1 - len(self._ends)))
        self._parts.append(stored)
        self._ends.append(self._ends[-1] + len(stored))

    def save(self, out: SectionWriter, name: str) -> None:
        """Write the passages under `name`."""
        out.add(f"{name}/texts", self._parts)
        out.add(f"{name}/text-ends", self._ends)


class TextColumn:
    """Stored passages of one field of one segment."""

    def __init__(self, file: SectionFile, name: str) -> None:
        self.texts = file.view(f"{name}/texts")
        self.ends = file.ints(f"{name}/text-ends", "Q")

    def __len__(self) -> int:
        return max(len(self.ends) - 1, 0)

    def stored(self, row: int) -> memoryview:
        """The passages of `row` as stored; empty when it has none."""
        return self.texts[self.ends[row] : self.ends[row + 1]] if row < len(self) else self.texts[:0]

    def passages(self, row: int) -> list[str]:
        """The passages of `row`."""
        stored = self.stored(row)
        if not stored:
            return []
        text = bytes(stored[1:])
        return decoded(text if stored[:1] == _RAW else zlib.decompress(text)).split("\n")

"""Columns: the names, keywords, dates and lengths of each row.

A column is a sorted table of distinct values, their codes by row, and their rows by code. `ends` begins with 0 and has
one entry more than there are rows. A row may have several values of one key (`en` and `EN`); `doubled` lists such rows.
Values that facets count have a hash of their key, which compares them across segments without reading them.
"""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from searchkit.index.values import Label, label, value_key
from searchkit.index.whoosh.segment_file import Ints, Numbers, SectionFile, decoded, encoded
from searchkit.query.fields import FIELDS, Record

if TYPE_CHECKING:  # a search makes no rows
    from searchkit.index.rows import DateValue, NameValue

ColumnKind = Literal["name", "keyword", "date", "id"]
RowSet: TypeAlias = Set[int]
"""Rows of one segment, or of all segments with global numbers. Queries share these sets, so never change one."""
MakeRows: TypeAlias = Callable[[Iterable[Iterable[int]]], RowSet]
"""Makes one set of the rows in several lists."""

# Ids of a row and of its document, its group of copies and its order there. The dot avoids clashes with fields of the
# query language.
ROW_ID = "row.id"
DOCUMENT_ID = "row.document"
COPIES = "row.copies"
PRECEDENCE = "row.precedence"
# Columns sorted by the keys of their values; others are sorted by bytes.
HAVE_KEYS = frozenset({"name", "keyword"})
_SPAN = struct.Struct(">II")  # big-endian, so that bytes sort as days do
# Number of labels kept per column.
CACHE_SIZE = 2_000


def column_kinds(record: Record) -> dict[str, ColumnKind]:
    """Return the kind of each column by name; text fields have none."""
    kinds: dict[str, ColumnKind] = dict.fromkeys((DOCUMENT_ID, ROW_ID, COPIES, PRECEDENCE), "id")
    for field in FIELDS:
        match field.kind:
            case "name" | "keyword" | "date" if field.indexed and record in field.records:
                kinds[field.name] = field.kind
    return kinds


def set_of_rows(lists: Iterable[Iterable[int]]) -> set[int]:
    return set().union(*lists)


def name_bytes(value: "NameValue") -> bytes:
    """Return id and name in one value, with the length of the id: both may contain any character."""
    return encoded(f"{len(value.id)}:{value.id}{value.name}")


def name_parts(value: bytes) -> tuple[str, str]:
    length, _, rest = decoded(value).partition(":")
    return rest[: int(length)], rest[int(length) :]


def date_bytes(value: "DateValue") -> bytes:
    """Return a span of days as a value that sorts by its first day."""
    return _SPAN.pack(value.first, value.last)


def span_of(value: bytes) -> tuple[int, int]:
    """Return the first and last day of a value from `date_bytes`, as proleptic ordinals."""
    first, last = _SPAN.unpack(value)
    return first, last


def column_key(kind: ColumnKind, value: bytes) -> str:
    """Return the key by which a value is compared and counted; for a name, the key of its id."""
    return value_key(name_parts(value)[0] if kind == "name" else decoded(value))


def key_hash(key: str) -> int:
    """Return 64 bits for a key. Among ten million keys, the chance of a collision is 1 in 400,000."""
    import hashlib  # loads OpenSSL, which most queries do not need

    return int.from_bytes(hashlib.blake2b(encoded(key), digest_size=8).digest(), "little")


class ListColumn:
    """The column type in Whoosh's schema. `kind` says how values are encoded and sorted, `counted` whether facets count
    them, which they do for all names. It is not a Whoosh class, which a search would have to load."""

    def __init__(self, kind: ColumnKind, *, counted: bool = False) -> None:
        self.kind = kind
        self.counted = counted or kind == "name"

    reversible = False  # Whoosh sorts the other way round by itself

    def stores_lists(self) -> bool:
        """Return whether rows may have several values."""
        return True

    def default_value(self, reverse: bool = False) -> bytes:
        """Return the value of a row without any, as Whoosh asks for it."""
        del reverse
        return b""


class ValueColumn:
    """One column of a segment. `packed` has its values by code; `packed_ends` says where each ends, after a 0."""

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
        self.key_hashes = file.ints(f"{name}/key-hashes")
        self._key_order = file.ints(f"{name}/key-order")
        self.name_hashes = file.ints(f"{name}/name-hashes")
        self._name_order = file.ints(f"{name}/name-order")
        self._labels: dict[int, Label] = {}

    def __len__(self) -> int:
        return max(len(self.packed_ends) - 1, 0)

    def value(self, code: int) -> bytes:
        return bytes(self.packed[self.packed_ends[code] : self.packed_ends[code + 1]])

    def values(self) -> Iterator[bytes]:
        return self.values_between(0, len(self))

    def values_between(self, first: int, after: int) -> Iterator[bytes]:
        ends = [*self.packed_ends[first : after + 1]]
        packed = bytes(self.packed[ends[0] : ends[-1]]) if ends else b""
        return (packed[start - ends[0] : end - ends[0]] for start, end in pairwise(ends))

    def codes_of(self, row: int) -> Ints:
        """Return the codes of the values of `row`, in the order given."""
        return self.codes[self.ends[row] : self.ends[row + 1]] if len(self.ends) else self.codes

    @cached_property
    def rows_with_several(self) -> Numbers:
        return array("I", [row for row, (start, end) in enumerate(pairwise(self.ends)) if end - start > 1])

    def own_rows(self, code: int) -> Ints:
        return self.rows[self.row_ends[code] : self.row_ends[code + 1]]

    def rows_of(self, codes: Iterable[int]) -> RowSet:
        """Return the rows that have any of these ascending codes."""
        ends = self.row_ends
        return self._make_rows(self.rows[ends[first] : ends[after]] for first, after in _runs(codes))

    def rows_between(self, first: int, after: int) -> RowSet:
        """Return the rows that have a code from `first` to below `after`."""
        return self._make_rows([self.rows[self.row_ends[first] : self.row_ends[after]]] if first < after else [])

    @cached_property
    def valued_rows(self) -> RowSet:
        return self._make_rows([self.rows])

    def code_of(self, value: bytes) -> int | None:
        """Return the code of a value in a column of ids."""
        code = bisect_left(range(len(self)), value, key=self.value)
        return code if code < len(self) and self.value(code) == value else None

    def codes_among(self, wanted: Collection[bytes]) -> list[int]:
        """Return the codes of the `wanted` values in a column of ids."""
        # Searching for a value takes as long as reading a hundred.
        if len(wanted) * 100 > len(self):
            return [code for code, value in enumerate(self.values()) if value in wanted]
        return [code for value in wanted if (code := self.code_of(value)) is not None]

    def key(self, code: int) -> str:
        return column_key(self.kind, self.value(code))

    def name(self, code: int) -> str:
        value = self.value(code)
        return name_parts(value)[1] if self.kind == "name" else decoded(value)

    def equal(self, wanted: str) -> set[int]:
        """Return the codes whose key, or whose name, has the value key `wanted`."""
        wanted_hash = key_hash(wanted)
        found = {code for code in self.with_key(wanted_hash) if self.key(code) == wanted}
        named = _with_hash(self.name_hashes, self._name_order, wanted_hash)
        return found.union(code for code in named if value_key(self.name(code)) == wanted)

    def with_key(self, wanted: int) -> list[int]:
        """Return the codes whose keys have this hash."""
        return _with_hash(self.key_hashes, self._key_order, wanted)

    def key_range(self, start: str, after: str) -> tuple[int, int]:
        """Return the first code with a key not below `start`, and the first with one not below `after`."""
        codes = range(len(self))
        first = bisect_left(codes, start, key=self.key)
        return first, bisect_left(codes, after, lo=first, key=self.key)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield first and last day of each value of a date column, by code."""
        return _SPAN.iter_unpack(self.packed)

    @cached_property
    def long_spans(self) -> list[tuple[int, int, int]]:
        """The values of a date column longer than a day: code, first and last day."""
        return [(code, first, last) for code, (first, last) in enumerate(self.spans()) if first != last]

    def first_from(self, day: int) -> int:
        """Return the first code of a date column whose first day is not before `day`."""
        return bisect_left(range(len(self)), _SPAN.pack(day, 0), key=self.value)

    def label(self, code: int) -> Label:
        """Return the label of a value; a keyword is its own id."""
        found = self._labels.get(code)
        if found is None:
            value = self.value(code)
            parts = name_parts(value) if self.kind == "name" else (decoded(value), decoded(value))
            if len(self._labels) >= CACHE_SIZE:
                self._labels.clear()
            found = self._labels[code] = label(*parts)
        return found


def _with_hash(hashes: Ints, order: Ints, wanted: int) -> list[int]:
    place = bisect_left(order, wanted, key=hashes.__getitem__)
    after = place
    while after < len(order) and hashes[order[after]] == wanted:
        after += 1
    return [*order[place:after]]


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of consecutive codes as (first, after)."""
    first = after = -1
    for code in codes:
        if code != after:
            if first >= 0:
                yield first, after
            first = code
        after = code + 1
    if first >= 0:
        yield first, after

"""What each way to reckon (reckoning.py) consists of: the parts that both have. For type checkers alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.reckoning import Groups, Positions, Ranked
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments


class Places(Protocol):
    """Where words of one field stand together."""

    def merged(self, lists: Sequence[Positions]) -> Positions:
        """The positions of all lists in one."""

    def starts(self, terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
        """Where a position of each list stands in order, in one passage, with at most `slop` others in between: the
        first position of each such place."""

    def followed(self, terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
        """Those positions behind which, `distance` others in between at most, one of `starts` stands in the same
        passage."""

    def passages_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """The passages in which these positions lie, each once."""

    def rows_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """The rows in which these positions lie."""

    def passages_of(self, terms: Terms, words: Sequence[str]) -> Iterable[int]:
        """The passages that consist of exactly these words, in any order; none when there are no words."""

    def names_at(self, terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: Rows) -> Sequence[int]:
        """The codes of the names that these passages of a name field spell, in rows that are not `deleted`."""


class Scores(Protocol):
    """The scores of some rows."""

    def add(self, rows: Rows) -> None:
        """One more for those that are among these rows."""

    def add_word(self, frequencies: Any, parts: tuple[str, ...], best: float, saturation: tuple[float, float]) -> None:
        """BM25 of one word for those that have it."""

    def leading(self, most: int) -> list[Ranked]:
        """The first `most` by score, which is the rank turned around, in any order; of those that equal the last, all
        that may have the least ids."""


class Closeness(Protocol):
    """How close together the words of one question stand."""

    def of(self, rows: Sequence[int]) -> Iterable[float]:
        """Row by row: the greatest worth of words within scoring.CLOSE words of each other, in a passage of a field."""


class Copies(Protocol):
    """The rows of one kind of record that are copies of each other."""

    @property
    def nothing(self) -> Groups:
        """No groups."""

    def groups(self, found: Rows) -> Groups:
        """Those of the rows `found` that are copies of others of them, by group; true if there are any. So many are
        `hidden` behind others."""

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        """How many records these rows are, copies of each other as one."""

    def listed(self, rows: Sequence[int], groups: Groups) -> Sequence[bool]:
        """Row by row: whether it stands behind no copy of it."""

    def together(self, row: int, groups: Groups) -> Sequence[int]:
        """The copies of a row and itself in order, of which the first is listed."""


class Keys(Protocol):
    """The values of one field in all segments, by key."""

    @property
    def of_code(self) -> Sequence[Sequence[int]]:
        """By segment and code: a number that stands for its key."""

    def codes(self, key: int) -> Sequence[tuple[int, int]]:
        """The segments and codes that have this key."""


class Tally(Protocol):
    """How many rows have each key."""

    missing: int
    distinct: int

    def most(self, size: int | None) -> Mapping[int, int]:
        """The counts of the `size` keys that most rows have, and of those that equal the last of them; or of all."""

    def total(self, key: int) -> int:
        """The count of one key."""

    def having(self, number: int, code: int) -> int:
        """How many of the rows counted have a code of one segment."""


class Tallies(Protocol):
    """Counts the keys of one field."""

    def over(self, rows: Rows, groups: Groups) -> Tally:
        """Counts over these rows. Of each group, and of each doubled row, a key counts once."""


class MakeTallies(Protocol):
    """Takes the columns of one field, by code the number that stands for its key, and the rows that may have several
    codes of one key."""

    def __call__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        of_code: Sequence[Sequence[int]],
        doubled: Sequence[Sequence[int]],
    ) -> Tallies: ...

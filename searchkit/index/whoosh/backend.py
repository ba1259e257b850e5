"""What the query evaluator needs of a backend. `pure` and the package `kernels` are the two backends.

Only type checkers import this module.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from searchkit.index.whoosh.columns import RowSet, ValueColumn
from searchkit.index.whoosh.postings import Positions, Terms
from searchkit.index.whoosh.segments import RowOperations, Segments

Groups: TypeAlias = Any
"""Groups of copies among some rows: true if there are any; `hidden` counts the rows that are not listed."""
Ranked: TypeAlias = tuple[float, int]
"""The rank of a hit, lowest first, and its global row."""
Worths: TypeAlias = Mapping[tuple[str, ...], Mapping[str, float]]
"""What each word of a query is worth, by the fields in which it may occur."""
Stated: TypeAlias = Sequence[tuple[ValueColumn, RowSet]]
"""For each segment of statements: its column of document ids, and some of its rows."""


class Scores(Protocol):
    def add(self, rows: RowSet) -> None:
        """Add one to the scores of those that are among these rows."""

    def add_word(self, parts: tuple[str, ...], stem: str) -> float:
        """Add BM25 of a stem in the fields `parts`; return its idf."""

    def best(self, count: int) -> list[Ranked]:
        """Return the `count` best, in any order, with those equal to the last that have the lowest ids."""


class Copies(Protocol):
    """Which rows of one kind of record are copies of each other."""

    @property
    def no_groups(self) -> Groups: ...

    def groups(self, found: RowSet) -> Groups:
        """Return the groups of copies among the rows `found`."""

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        """Return how many records these rows are, counting copies of each other once."""

    def listed(self, rows: Sequence[int], groups: Groups) -> Sequence[bool]:
        """Return for each row whether it comes first in its group."""

    def together(self, row: int, groups: Groups) -> Sequence[int]:
        """Return a row and its copies in order; the first is listed."""


class Backend(RowOperations, Protocol):
    """The functions of `pure` and `kernels`. Positions are those of words in the text of a field, ascending."""

    def merged(self, lists: Sequence[Positions]) -> Positions: ...

    def starts(self, terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
        """Return the first position of each place in a passage that has a position of each list, in order, with at
        most `slop` other words in between."""

    def followed(self, terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
        """Return the positions that one of `starts` follows in the same passage, at most `distance` words away."""

    def passages_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """Return the passages of these positions, each once."""

    def rows_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """Return the rows of these positions."""

    def passages_of(self, terms: Terms, words: Sequence[str]) -> Iterable[int]:
        """Return the passages that consist of exactly these words, in any order."""

    def names_at(self, terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: RowSet) -> Sequence[int]:
        """Return the codes of the names that these passages spell in live rows."""

    def join_documents(self, stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
        """Return, by column of document ids, the codes of the documents that own any of these statements."""

    def scores(self, segments: Segments, found: RowSet) -> Scores: ...

    def proximity(self, segments: Segments, worths: Worths, rows: Sequence[int]) -> Iterable[float]:
        """Return for each row the greatest worth of words that stand close together in a passage."""

    def by_day(self, segments: Segments, rows: RowSet, newest: bool, count: int) -> list[Ranked]:
        """Return the first `count` rows by day, rows without a day last; see Scores.best."""

    def copies(self, segments: Segments) -> Copies: ...

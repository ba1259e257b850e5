"""The two ways to reckon with rows, words and counts: Python's own sets and dictionaries, or numpy's arrays.

takes:    nothing but the choice
gives:    `SETS`, always there; `vectors()`, when numpy is installed
does not: know queries; decide when which is worth it (searcher.py does)
traps:    both give the same answers to the last bit of a score; what one made the other cannot read
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from searchkit.index.whoosh.rows import MakeRows, Rows

if TYPE_CHECKING:
    from searchkit.index.whoosh.columns import ValueColumn
    from searchkit.index.whoosh.postings import Terms
    from searchkit.index.whoosh.segments import SegmentView

Positions: TypeAlias = Sequence[int]
"""Places of words in the one long text of a field, in ascending order."""
Place = tuple[int, int]  # segment and row
Groups: TypeAlias = Any
"""What `Copies.groups` gives."""
Ranked = tuple[float, int]  # what orders a hit, least first, and its row


class Places(Protocol):
    """Where words of one field stand together."""

    def merged(self, lists: Sequence[Positions]) -> Positions:
        """The positions of all lists in one."""

    def starts(self, terms: "Terms", lists: Sequence[Positions], slop: int) -> Positions:
        """Where a position of each list stands in order, in one passage, with at most `slop` others in between: the
        first position of each such place."""

    def followed(self, terms: "Terms", positions: Positions, starts: Positions, distance: int) -> Positions:
        """Those positions behind which, `distance` others in between at most, one of `starts` stands in the same
        passage."""

    def passages_at(self, terms: "Terms", positions: Positions) -> Iterable[int]:
        """The passages in which these positions lie, each once."""

    def rows_at(self, terms: "Terms", positions: Positions) -> Iterable[int]:
        """The rows in which these positions lie."""


class Scores(Protocol):
    """The scores of some rows of one segment."""

    def add(self, rows: Rows) -> None:
        """One more for those that are among these rows."""

    def add_word(self, frequencies: Any, parts: tuple[str, ...], best: float, saturation: tuple[float, float]) -> None:
        """BM25 of one word for those that have it."""

    def leading(self, most: int, ids: Sequence[int]) -> list[Ranked]:
        """The first `most` by score, equal ones in order of their `ids`; the rank is the score turned around."""


class Copies(Protocol):
    """The rows of one kind of record that are copies of each other."""

    @property
    def nothing(self) -> Groups:
        """No groups."""

    def groups(self, found: Sequence[Rows]) -> Groups:
        """Those of the rows `found` that are copies of others of them, by group; true if there are any."""

    def without(self, found: Sequence[Rows], groups: Groups) -> Sequence[Rows]:
        """The rows `found` without those that stand behind a copy of them."""

    def behind(self, place: Place, groups: Groups) -> list[Place]:
        """The copies that stand behind a row that is listed, in order."""


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


class MakeTally(Protocol):
    """Counts keys over rows, by segment. Of each group, and of each of the `doubled` rows, a key counts once."""

    def __call__(
        self,
        columns: "Sequence[ValueColumn]",
        of_code: Sequence[Sequence[int]],
        rows: Sequence[Rows],
        groups: Groups,
        doubled: Sequence[Sequence[int]],
    ) -> Tally: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One way to reckon."""

    name: Literal["sets", "vectors"]
    rows: Callable[[int], MakeRows]  # for segments of so many rows
    places: Places
    scores: "Callable[[SegmentView, Rows], Scores]"
    frequencies: "Callable[[SegmentView, tuple[str, ...], str], Any]"  # has as its length how many rows have the stem
    by_day: Callable[[Rows, Sequence[int], bool, int, Sequence[int]], list[Ranked]]  # rows, days, newest, most, ids
    keys: "Callable[[Sequence[ValueColumn]], Keys]"
    tally: MakeTally
    # Segments, their columns of copies, and what puts copies in order.
    copies: "Callable[[Sequence[SegmentView], Sequence[ValueColumn], Callable[[Iterable[Place]], list[Place]]], Copies]"


def sets() -> Reckoning:
    """With Python's own sets and dictionaries."""
    from searchkit.index.whoosh.rows import set_of_rows
    from searchkit.index.whoosh.sets import copies, places, scores, tallies

    return Reckoning(
        name="sets",
        rows=lambda _: set_of_rows,
        places=places,
        scores=scores.SetScores,
        frequencies=scores.frequencies,
        by_day=scores.by_day,
        keys=tallies.HashKeys,
        tally=tallies.SetTally,
        copies=copies.SetCopies,
    )


def vectors() -> Reckoning | None:
    """With numpy's arrays; None when there is no numpy."""
    try:
        from searchkit.index.whoosh.vectors import copies, keys, places, rows, scores, tallies
    except ImportError:
        return None
    return Reckoning(
        name="vectors",
        rows=rows.mask_maker,
        places=places,
        scores=scores.VectorScores,
        frequencies=scores.Frequencies,
        by_day=scores.by_day,
        keys=keys.NumberedKeys,
        tally=tallies.VectorTally,
        copies=copies.VectorCopies,
    )

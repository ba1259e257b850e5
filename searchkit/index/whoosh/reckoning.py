"""The two ways to reckon with rows, words and counts: Python's own sets and dictionaries, or numpy's arrays.

takes:    nothing but the choice
gives:    `SETS`, always there; `vectors()`, when numpy is installed
does not: know queries; decide when which is worth it (searcher.py does)
traps:    both give the same answers to the last bit of a score; what one made the other cannot read
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from searchkit.index.whoosh.rows import MakeRows, Rows

if TYPE_CHECKING:  # making the classes of roles.py takes 4 ms, and nothing but type checkers needs them
    from searchkit.index.whoosh.columns import ValueColumn
    from searchkit.index.whoosh.copies import Order
    from searchkit.index.whoosh.roles import Closeness, Copies, Keys, MakeTallies, Places, Scores
    from searchkit.index.whoosh.segments import Segments
    from searchkit.index.whoosh.statement_join import Stated

Positions: TypeAlias = Sequence[int]
"""Places of words in the one long text of a field, in ascending order."""
Place = tuple[int, int]  # segment and row
Groups: TypeAlias = Any
"""What `Copies.groups` gives."""
Ranked = tuple[float, int]  # what orders a hit, least first, and its row, numbered through all segments


class Reckoning(Struct, frozen=True, kw_only=True):
    """One way to reckon."""

    name: Literal["sets", "vectors"]
    rows: Callable[[int], MakeRows]  # for segments of so many rows
    places: "Places"
    joined: Callable[[Sequence[Rows], Sequence[int]], Rows]  # sets of segments, and where the rows of each begin
    parted: Callable[[Rows, Sequence[int]], list[Rows]]
    shifted: Callable[[Iterable[Iterable[int]], Sequence[int]], list[Sequence[int]]]
    # Of rows of a segment those that a set of all holds; its rows begin with the number given.
    among: Callable[[Rows, Sequence[int], int], Sequence[int]]
    owning: "Callable[[Stated, Sequence[ValueColumn]], Iterable[Iterable[int]]]"
    scores: "Callable[[Segments, Rows], Scores]"
    frequencies: "Callable[[Segments, tuple[str, ...], str], Any]"  # has as its length how many rows have the stem
    # Segments; the worth of each word, by the fields it may stand in.
    closeness: "Callable[[Segments, Mapping[tuple[str, ...], Mapping[str, float]]], Closeness]"
    by_day: "Callable[[Segments, Rows, Sequence[int], bool, int], list[Ranked]]"  # rows, days, newest, most
    keys: "Callable[[Sequence[ValueColumn]], Keys]"
    tallies: "MakeTallies"
    # Segments, their columns of copies, and what puts copies in order.
    copies: "Callable[[Segments, Sequence[ValueColumn], Order], Copies]"


def sets() -> Reckoning:
    """With Python's own sets and dictionaries."""
    from searchkit.index.whoosh.rows import among, joined, parted, set_of_rows, shifted
    from searchkit.index.whoosh.sets import closeness, copies, places, scores, tallies
    from searchkit.index.whoosh.statement_join import owning

    return Reckoning(
        name="sets",
        rows=lambda _: set_of_rows,
        places=places,
        joined=joined,
        parted=parted,
        shifted=shifted,
        among=among,
        owning=owning,
        scores=scores.SetScores,
        frequencies=scores.frequencies,
        closeness=closeness.SetCloseness,
        by_day=scores.by_day,
        keys=tallies.HashKeys,
        tallies=tallies.SetTallies,
        copies=copies.SetCopies,
    )


def vectors() -> Reckoning | None:
    """With numpy's arrays; None when there is no numpy."""
    try:
        from searchkit.index.whoosh.kernels import closeness, copies, keys, owning, places, rows, scores, tallies
    except ImportError:
        return None
    return Reckoning(
        name="vectors",
        rows=rows.mask_maker,
        places=places,
        joined=rows.joined,
        parted=rows.parted,
        shifted=rows.shifted,
        among=rows.among,
        owning=owning.owning,
        scores=scores.VectorScores,
        frequencies=scores.Frequencies,
        closeness=closeness.VectorCloseness,
        by_day=scores.by_day,
        keys=keys.NumberedKeys,
        tallies=tallies.VectorTallies,
        copies=copies.VectorCopies,
    )

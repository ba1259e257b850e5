"""Join statements with their documents by id. numpy ignores zeros at the end of ids, so they must have one length."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from searchkit.index.whoosh import pure
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.kernels.rows import Vector, mask

if TYPE_CHECKING:
    from searchkit.index.whoosh.backend import Stated


def join_documents(stated: "Stated", columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    stated = [(column, rows) for column, rows in stated if rows]
    lengths = {length for column in (*(column for column, _ in stated), *columns) for length in _lengths(column)}
    if len(lengths) != 1:
        return pure.join_documents(stated, columns)
    kind = f"S{lengths.pop()}"
    found = [_ids(column, kind)[np.asarray(column.codes)[mask(rows).numbers]] for column, rows in stated]
    wanted = np.unique(np.concatenate([np.empty(0, kind), *found]))
    return [_places(_ids(column, kind), wanted) for column in columns]


def _lengths(column: ValueColumn) -> set[int]:
    """Return the shortest and the longest length of an id."""
    own = np.diff(np.asarray(column.packed_ends))
    return {int(own.min()), int(own.max())} if len(own) else set()


def _ids(column: ValueColumn, kind: str) -> Vector:
    return np.frombuffer(column.packed, kind)


def _places(ids: Vector, wanted: Vector) -> list[int]:
    """Return where the wanted ids are; both lists are sorted."""
    places = np.searchsorted(ids, wanted)
    within = places < len(ids)
    found: list[int] = places[within][ids[places[within]] == wanted[within]].tolist()
    return found

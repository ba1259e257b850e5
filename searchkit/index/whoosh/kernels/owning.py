"""From statements to the documents that own them (see owning.py), where all ids are of one length, as ours are.

takes:    rows of statements with their columns of document ids; the columns of the documents
gives:    by column of the documents, the codes of those that own any of these statements
does not: read ids one by one
traps:    numpy takes a shorter id for the same as one with zeros behind it: lengths are compared first
"""

from collections.abc import Iterable, Sequence

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.kernels.rows import Vector, mask
from searchkit.index.whoosh.statement_join import Stated
from searchkit.index.whoosh.statement_join import owning as owning_any


def owning(stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    """The codes, by column of the documents."""
    stated = [(column, rows) for column, rows in stated if rows]
    lengths = {length for column in (*(column for column, _ in stated), *columns) for length in _lengths(column)}
    if len(lengths) != 1:
        return owning_any(stated, columns)
    kind = f"S{lengths.pop()}"
    found = [_ids(column, kind)[np.asarray(column.codes)[mask(rows).numbers]] for column, rows in stated]
    wanted = np.unique(np.concatenate([np.empty(0, kind), *found]))
    return [_places(_ids(column, kind), wanted) for column in columns]


def _lengths(column: ValueColumn) -> set[int]:
    """The shortest and the longest length of an id."""
    own = np.diff(np.asarray(column.packed_ends))
    return {int(own.min()), int(own.max())} if len(own) else set()


def _ids(column: ValueColumn, kind: str) -> Vector:
    return np.frombuffer(column.packed, kind)


def _places(ids: Vector, wanted: Vector) -> list[int]:
    """Where those wanted are among ids, both in order."""
    places = np.searchsorted(ids, wanted)
    within = places < len(ids)
    found: list[int] = places[within][ids[places[within]] == wanted[within]].tolist()
    return found

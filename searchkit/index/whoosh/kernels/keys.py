"""Compare values across segments: number the keys of a field, and join statements with their documents by id."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from searchkit.index.whoosh import pure
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.kernels.rows import Vector, mask
from searchkit.index.whoosh.segments import Segments

if TYPE_CHECKING:
    from searchkit.index.whoosh.backend import Stated


class Keys:
    """The keys of one field, numbered in order of their hashes. `of_code` has the key by segment and code."""

    def __init__(self, columns: Sequence[ValueColumn]) -> None:
        hashes = np.concatenate([np.empty(0, np.uint64), *(np.asarray(column.key_hashes) for column in columns)])
        firsts = np.cumsum([0, *map(len, columns)])
        order = np.argsort(hashes, kind="stable")
        # Segments and codes, by key.
        self._segments = (np.searchsorted(firsts, order, "right") - 1).astype(np.uint16)
        self._codes = (order - firsts[self._segments]).astype(np.uint32)
        ordered = hashes[order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, bool)
        self._starts = np.append(np.flatnonzero(new), len(ordered))
        numbers = np.empty(len(hashes), np.uint32)
        numbers[order] = np.cumsum(new) - 1
        self.of_code: Sequence[Any] = np.split(numbers, firsts[1:-1]) if columns else []

    def __len__(self) -> int:
        return len(self._starts) - 1

    def codes(self, key: int) -> list[tuple[int, int]]:
        own = slice(self._starts[key], self._starts[key + 1])
        return list(zip(self._segments[own].tolist(), self._codes[own].tolist(), strict=True))


def keys(segments: Segments, name: str) -> Keys:
    return segments.cached(("keys", name), lambda: Keys([view.column(name) for view in segments]))


def join_documents(stated: "Stated", columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    stated = [(column, rows) for column, rows in stated if rows]
    lengths = {length for column in (*(column for column, _ in stated), *columns) for length in _lengths(column)}
    if len(lengths) != 1:  # numpy ignores zeros at the end of ids, so they must have one length
        return pure.join_documents(stated, columns)
    kind = f"S{lengths.pop()}"
    found = [_ids(column, kind)[np.asarray(column.codes)[mask(rows).numbers]] for column, rows in stated]
    wanted = np.unique(np.concatenate([np.empty(0, kind), *found]))
    return [_places(_ids(column, kind), wanted) for column in columns]


def _lengths(column: ValueColumn) -> set[int]:
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

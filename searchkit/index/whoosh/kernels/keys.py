"""Number the values of a field by key, with the same number in all segments of a snapshot."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.segments import Segments


class Keys:
    """Implements `backend.Keys`; a key is the rank of its hash."""

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

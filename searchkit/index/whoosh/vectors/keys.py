"""Values by key: the same number for the same key, in all segments.

takes:    the columns of one field
gives:    see reckoning.Keys
does not: read values
traps:    numbers are those of one snapshot
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn


class NumberedKeys:
    """Keys by numbers from 0: the places of their hashes among all in order."""

    def __init__(self, columns: Sequence[ValueColumn]) -> None:
        hashes = np.concatenate([np.empty(0, np.uint64), *(np.asarray(column.key_hashes) for column in columns)])
        self._firsts = np.cumsum([0, *map(len, columns)])
        self._order = np.argsort(hashes, kind="stable").astype(np.uint32)
        ordered = hashes[self._order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, bool)
        self._starts = np.append(np.flatnonzero(new), len(ordered))
        numbers = np.empty(len(hashes), np.uint32)
        numbers[self._order] = np.cumsum(new) - 1
        self.of_code: Sequence[Any] = np.split(numbers, self._firsts[1:-1]) if columns else []

    def __len__(self) -> int:
        return len(self._starts) - 1

    def codes(self, key: int) -> list[tuple[int, int]]:
        """The segments and codes that have this key."""
        places = self._order[self._starts[key] : self._starts[key + 1]]
        segments = np.searchsorted(self._firsts, places, "right") - 1
        return list(zip(segments.tolist(), (places - self._firsts[segments]).tolist(), strict=True))

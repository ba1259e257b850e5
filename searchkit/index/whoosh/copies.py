"""Order copies of each other: which of them is listed. Only the copies that match count."""

from collections.abc import Iterable

from searchkit.index.duplicate_collapsing import Precedence, in_order
from searchkit.index.whoosh.column_types import PRECEDENCE, ROW_ID
from searchkit.index.whoosh.segments import Segments

# Number of groups kept with their order, about 5 MB.
CACHE_SIZE = 10_000


class Order:
    """Orders copies, and caches the order."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._cache: dict[tuple[int, ...], list[int]] = {}

    def of(self, rows: Iterable[int]) -> list[int]:
        """Return copies of each other, the listed one first."""
        group = tuple(sorted(rows))
        cached = self._cache.get(group)
        if cached is None:
            by_id = {self._segments.one_value(ROW_ID, row): row for row in group}
            order = in_order({row_id: self._precedence(row) for row_id, row in by_id.items()})
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            cached = self._cache[group] = [by_id[row_id] for row_id in order]
        return cached

    def _precedence(self, row: int) -> Precedence:
        return Precedence.unpacked(self._segments.one_value(PRECEDENCE, row))

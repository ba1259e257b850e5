"""Which of several copies is listed, from columns.

takes:    rows that are copies of each other
gives:    them in order, remembered
does not: find copies among rows (the reckoning does), know the rules (index/duplicate_collapsing.py does)
traps:    the order is that of the rows which match: of other rows of the group another may come first
"""

from collections.abc import Iterable

from searchkit.index.duplicate_collapsing import Precedence, in_order, is_plain
from searchkit.index.whoosh.column_types import PRECEDENCE, ROW_ID
from searchkit.index.whoosh.segments import Segments

# So many groups are remembered with their order, some 5 MB: most questions find the same groups whole.
_KEPT_GROUPS = 10_000


class Order:
    """Puts copies in order."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._known: dict[tuple[int, ...], list[int]] = {}

    def of(self, rows: Iterable[int]) -> list[int]:
        """Copies of each other, the one to be listed first."""
        group = tuple(sorted(rows))
        known = self._known.get(group)
        if known is None:
            by_id = {self._segments.one_value(ROW_ID, row): row for row in group}
            order = in_order({row_id: self._precedence(row) for row_id, row in by_id.items()})
            if len(self._known) >= _KEPT_GROUPS:
                self._known.clear()
            known = self._known[group] = [by_id[row_id] for row_id in order]
        return known

    def is_plain(self, rows: Iterable[int]) -> bool:
        """Whether some of these copies stand in the same order as all."""
        return is_plain([self._precedence(row) for row in rows])

    def _precedence(self, row: int) -> Precedence:
        return Precedence.unpacked(self._segments.one_value(PRECEDENCE, row))

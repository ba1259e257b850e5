"""Which of several copies is listed, from columns.

takes:    places of rows that are copies of each other
gives:    them in order, remembered
does not: find copies among rows (the reckoning does), know the rules (index/copies.py does)
traps:    the order is that of the rows which match: of other rows of the group another may come first
"""

from collections.abc import Iterable, Sequence

from searchkit.index.copies import Precedence, in_order
from searchkit.index.whoosh.columns import decoded
from searchkit.index.whoosh.kinds import PRECEDENCE, ROW_ID
from searchkit.index.whoosh.reckoning import Place
from searchkit.index.whoosh.segments import SegmentView

# So many groups are remembered with their order, some 5 MB: most questions find the same groups whole.
_KEPT_GROUPS = 10_000


class Order:
    """Puts copies in order."""

    def __init__(self, views: Sequence[SegmentView]) -> None:
        self._views = views
        self._known: dict[tuple[Place, ...], list[Place]] = {}

    def ordered(self, places: Iterable[Place]) -> list[Place]:
        """Copies of each other, the one to be listed first."""
        group = tuple(sorted(places))
        known = self._known.get(group)
        if known is None:
            by_id = {self._value(place, ROW_ID): place for place in group}
            order = in_order({row_id: self._precedence(place) for row_id, place in by_id.items()})
            if len(self._known) >= _KEPT_GROUPS:
                self._known.clear()
            known = self._known[group] = [by_id[row_id] for row_id in order]
        return known

    def _precedence(self, place: Place) -> Precedence:
        return Precedence.unpacked(self._value(place, PRECEDENCE))

    def _value(self, place: Place, name: str) -> str:
        """The one value of a row."""
        number, row = place
        column = self._views[number].column(name)
        return decoded(column.value(column.codes[column.ends[row]]))

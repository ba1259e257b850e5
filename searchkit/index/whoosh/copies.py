"""Rows that are copies of each other, from columns.

takes:    the rows found, segment by segment
gives:    those that belong together; those to be listed, and by the id of each the ids of the others
does not: decide which of several is listed (index/copies.py does)
traps:    rows without copies are never looked at, so that they cost nothing
"""

from collections.abc import Iterable, Sequence

from searchkit.index.copies import Precedence, collapsed
from searchkit.index.whoosh.columns import decoded
from searchkit.index.whoosh.fields import COPIES, PRECEDENCE, ROW_ID
from searchkit.index.whoosh.reckoning import Groups, Place
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import SegmentView

Others = dict[str, tuple[str, ...]]

# So many groups are remembered with their order, some 5 MB: most questions find the same groups whole.
_KEPT_GROUPS = 10_000


class Copies:
    """The copies among the rows of one kind of record."""

    def __init__(self, views: Sequence[SegmentView]) -> None:
        self._views = views
        self._known: dict[tuple[Place, ...], tuple[Place, str, tuple[str, ...]]] = {}

    def groups(self, found: Sequence[Rows]) -> Groups:
        """Those of the rows `found` that are copies of others of them, by group."""
        groups: dict[bytes, list[Place]] = {}
        for number, (view, rows) in enumerate(zip(self._views, found, strict=True)):
            column = view.column(COPIES)
            if not len(column):
                continue
            codes, ends = column.codes, column.ends
            by_code: dict[int, list[Place]] = {}
            for row in rows & column.valued_rows:
                by_code.setdefault(codes[ends[row]], []).append((number, row))
            for code, places in by_code.items():
                groups.setdefault(column.value(code), []).extend(places)
        return [places for places in groups.values() if len(places) > 1]

    def without(self, found: Sequence[Rows], groups: Groups) -> tuple[Sequence[Rows], Others]:
        """The rows `found` without those that stand behind a copy of them; `groups` are those of `groups`."""
        if not groups:
            return found, {}
        others: Others = {}
        hidden: list[list[int]] = [[] for _ in self._views]
        for places in groups:
            first, first_id, ids = self._ordered(places)
            others[first_id] = ids
            for place in places:
                if place != first:
                    hidden[place[0]].append(place[1])
        return [
            rows - view.make_rows([behind]) if behind else rows
            for view, rows, behind in zip(self._views, found, hidden, strict=True)
        ], others

    def _ordered(self, places: Iterable[Place]) -> tuple[Place, str, tuple[str, ...]]:
        """The copy to be listed, its id, and the ids of the others."""
        group = tuple(sorted(places))
        known = self._known.get(group)
        if known is None:
            by_id = {self._value(place, ROW_ID): place for place in group}
            members = {row_id: Precedence.unpacked(self._value(place, PRECEDENCE)) for row_id, place in by_id.items()}
            ((first, ids),) = collapsed([members]).items()
            if len(self._known) >= _KEPT_GROUPS:
                self._known.clear()
            known = self._known[group] = by_id[first], first, ids
        return known

    def _value(self, place: Place, name: str) -> str:
        """The one value of a row."""
        number, row = place
        column = self._views[number].column(name)
        return decoded(column.value(column.codes[column.ends[row]]))

"""Rows that are copies of each other, from columns.

takes:    the rows found, segment by segment
gives:    those that belong together; those to be listed, and by the id of each the ids of the others
does not: decide which of several is listed (index/copies.py does)
traps:    rows without copies are never looked at, so that they cost nothing
"""

from collections.abc import Sequence

from searchkit.index.copies import Precedence, collapsed
from searchkit.index.whoosh.columns import decoded
from searchkit.index.whoosh.kinds import COPIES, PRECEDENCE, ROW_ID
from searchkit.index.whoosh.segments import SegmentView

Others = dict[str, tuple[str, ...]]
Place = tuple[int, int]  # segment and row
Groups = list[list[Place]]


def copy_groups(views: Sequence[SegmentView], found: Sequence[set[int]]) -> Groups:
    """Those of the rows `found` that are copies of others of them, by group."""
    groups: dict[bytes, list[Place]] = {}
    for number, (view, rows) in enumerate(zip(views, found, strict=True)):
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


def without_copies(
    views: Sequence[SegmentView], found: list[set[int]], groups: Groups
) -> tuple[list[set[int]], Others]:
    """The rows `found` without those that stand behind a copy of them; `groups` are those of `copy_groups`."""
    if not groups:
        return found, {}
    by_id = [{_value(views, place, ROW_ID): place for place in places} for places in groups]
    others = collapsed(
        {row_id: Precedence.unpacked(_value(views, place, PRECEDENCE)) for row_id, place in members.items()}
        for members in by_id
    )
    hidden: list[set[int]] = [set() for _ in views]
    for members in by_id:
        for row_id, (number, row) in members.items():
            if row_id not in others:
                hidden[number].add(row)
    return [rows - copies for rows, copies in zip(found, hidden, strict=True)], others


def _value(views: Sequence[SegmentView], place: Place, name: str) -> str:
    """The one value of a row."""
    number, row = place
    column = views[number].column(name)
    return decoded(column.value(column.codes[column.ends[row]]))

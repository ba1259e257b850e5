"""Find which records of a few documents match each of several conditions.

A condition is evaluated over all rows, as in a search; the evaluator keeps the leaves of the search just answered.
"""

from collections.abc import Collection, Sequence

from searchkit.index.whoosh.column_types import DOCUMENT_ID, ROW_ID
from searchkit.index.whoosh.columns import encoded
from searchkit.index.whoosh.evaluator import QueryEvaluator
from searchkit.index.whoosh.segments import Segments
from searchkit.query.ast import Node
from searchkit.query.fields import Record


def matched(
    conditions: Sequence[Node],
    document_ids: Collection[str],
    record: Record,
    segments: Segments,
    evaluator: QueryEvaluator,
) -> tuple[frozenset[str], ...]:
    """Return, for each condition, the ids of the live records of these documents that match it."""
    wanted = {encoded(document_id) for document_id in document_ids}
    columns = [view.column(ROW_ID if record == "document" else DOCUMENT_ID) for view in segments]
    own = (
        segments.to_global([column.rows_of(sorted(column.codes_among(wanted))) for column in columns])
        - segments.deleted
    )
    ids: dict[int, str] = {}

    def record_id(row: int) -> str:
        if row not in ids:
            ids[row] = segments.one_value(ROW_ID, row)
        return ids[row]

    return tuple(frozenset(map(record_id, own & evaluator.rows(condition))) for condition in conditions)

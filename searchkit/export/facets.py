"""Facets as rows of a table; each value with its query.

`tree` is the query before reporting verbs became lemmas (Answer.tree), `record` the kind of record searched.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from searchkit.index.base import Facet, FacetCount
from searchkit.index.facets import Refining
from searchkit.index.values import key_at, number_of
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.rewrite import shown_query

COLUMNS = ("field", "value", "id", "count", "query")


def facet_rows(facets: Sequence[Facet], tree: ast.Node, record: Record) -> Iterator[dict[str, Any]]:
    """Yield a row with COLUMNS for each value, for records without a value (`missing`) or with too imprecise dates
    (`month unknown`), and for each long gap, which has no query."""
    for facet in facets:
        refining = refining_of(facet, tree, record)
        field = label(facet)
        gaps = {gap.before: gap for gap in facet.gaps}
        for count in facet.counts:
            gap = gaps.get(count.id)
            if gap and facet.interval:
                first = key_at(number_of(gap.after, facet.interval) + 1, facet.interval)
                last = key_at(number_of(gap.before, facet.interval) - 1, facet.interval)
                yield _row(field, f"{first} to {last}", "", 0, None)
            yield _row(field, shown(count), id_of(count), count.count, refining.narrowed(count))
        if facet.interval:
            yield _row(field, f"{facet.interval} unknown", "", facet.unknown, refining.unknown())
        yield _row(field, "missing", "", facet.missing, refining.missing())


def label(facet: Facet) -> str:
    """Return the facet as --facet names it: `outlet`, `date:month`, `speaker+about`."""
    return facet.field + (f"+{facet.paired}" if facet.paired else "") + (f":{facet.interval}" if facet.interval else "")


def shown(count: FacetCount) -> str:
    """Return a value for display."""
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def refining_of(facet: Facet, tree: ast.Node, record: Record) -> Refining:
    return Refining(shown_query(tree), facet, record)


def id_of(count: FacetCount) -> str:
    return count.id if count.second is None else f"{count.id} × {count.second.id}"


def _row(field: str, value: str, value_id: str, count: int, query: ast.Node | None) -> dict[str, Any]:
    written = "" if query is None else str(query)
    return {"field": field, "value": value, "id": value_id, "count": count, "query": written}

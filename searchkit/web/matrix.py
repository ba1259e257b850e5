"""The matrix: who spoke about whom, how often, and how many of these were denials."""

from collections import Counter
from typing import Any

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.errors import QueryError, UsageError
from searchkit.export.answers import COLUMNS as FACET_COLUMNS
from searchkit.export.answers import facet_rows
from searchkit.index.base import Facet, FacetRequest
from searchkit.query import ast
from searchkit.query.words import caret
from searchkit.search.answer import answer
from searchkit.search.name_profile import condition
from searchkit.statements.text import one_line
from searchkit.web.data import csv_response, format_of
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

# Fields whose pairs say something.
FIELDS = ("speaker", "about", "act", "outlet", "entity", "agency", "watchlist", "kind", "lang")
_SIZE = 30
_PAIRS = 5_000
_DENIALS = ast.Field(name="act", value=ast.Equals(text="deny"))


def show(request: Request) -> Response:
    """Show a table of two fields over the statements that match `q`, at most 30 by 30."""
    reader, url = reader_of(request), Links(request)
    form = format_of(request, {"q", "rows", "cols"}, ("csv",))
    query = request.query_params.get("q", "")
    rows, columns = request.query_params.get("rows", "speaker"), request.query_params.get("cols", "about")
    for name, field in (("rows", rows), ("cols", columns)):
        if field not in FIELDS:
            raise UsageError(f'{name} is "{field}".', hint=f"Write one of {', '.join(FIELDS)}.")
    if rows == columns:
        raise UsageError("rows and cols are the same field.", hint="Choose two fields.")
    shared: dict[str, Any] = {"query": query, "rows": rows, "cols": columns, "fields": FIELDS}
    pairs = (FacetRequest(field=rows, paired=columns, size=_PAIRS),)
    try:
        found = answer(reader.archive, replace(reader.request(query), facets=pairs))
    except QueryError as error:
        if form:
            raise
        return page(request, "matrix.html", status=400, error=error, caret=caret(error), **shared)
    facet = found.result.facets[0]
    if form:
        return csv_response(facet_rows([facet], found.tree, "quote"), FACET_COLUMNS)
    both = reader.request(ast.conjunction(found.tree, _DENIALS))
    denied = answer(reader.archive, replace(both, facets=pairs)).result.facets[0]

    def address(row: str, column: str) -> str:
        query = ast.conjunction(found.tree, condition(rows, row), condition(columns, column))
        return url("/statements", q=str(query))

    return page(
        request,
        "matrix.html",
        error=None,
        pairs=len(facet.counts) + facet.other,
        heads=[_heads(facet, second=False), _heads(facet, second=True)],
        counts=_pair_counts(facet),
        denials={} if "act" in {rows, columns} else _pair_counts(denied),
        address=address,
        **shared,
    )


def _pair_counts(facet: Facet) -> dict[tuple[str, str], int]:
    return {(count.id, count.second.id): count.count for count in facet.counts if count.second is not None}


def _heads(facet: Facet, *, second: bool) -> list[tuple[str, str]]:
    """Return ids and names of the first or second values of the pairs; the largest sums first."""
    names: dict[str, str] = {}
    sums = Counter[str]()
    for count in facet.counts:
        value = count.second if second and count.second else count
        names[value.id] = one_line(value.value)
        sums[value.id] += count.count
    ordered = sorted(names, key=lambda key: (-sums[key], names[key]))
    return [(key, names[key]) for key in ordered[:_SIZE]]

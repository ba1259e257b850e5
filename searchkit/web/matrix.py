"""The matrix: who spoke about whom, how often, and how many of these were denials."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
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
from searchkit.statements.text import counted, one_line
from searchkit.web.data import csv_response, format_of
from searchkit.web.reader import reader_of
from searchkit.web.rendering import Links, page

# Fields whose pairs say something.
FIELDS = ("speaker", "about", "act", "outlet", "entity", "agency", "watchlist", "kind", "lang")
_SIZE = 30
_PAIRS = 5_000
_DENIALS = ast.Field(name="act", value=ast.Equals(text="deny"))


class Cell(Struct, frozen=True, kw_only=True):
    """The statements with both values, and the number of denials among them as text."""

    count: int
    address: str
    denials: str


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
    values: dict[str, Any] = {
        "query": query,
        "rows": rows,
        "cols": columns,
        "fields": FIELDS,
    }
    pairs = (FacetRequest(field=rows, paired=columns, size=_PAIRS),)
    try:
        found = answer(reader.archive, replace(reader.request(query), facets=pairs))
    except QueryError as error:
        if form:
            raise
        values |= {"error": error, "caret": caret(error), "heads": (), "lines": (), "note": ""}
        return page(request, "matrix.html", status=400, **values)
    facet = found.result.facets[0]
    if form:
        return csv_response(facet_rows([facet], found.tree, "quote"), FACET_COLUMNS)
    both = reader.request(ast.conjunction(found.expanded, _DENIALS))
    denials = _pair_counts(answer(reader.archive, replace(both, facets=pairs)).result.facets[0])

    def cell(count: int, row: str, column: str) -> Cell:
        query = ast.conjunction(found.expanded, condition(rows, row), condition(columns, column))
        denied = denials.get((row, column), 0)
        share = counted(denied, "denial") if denied and "act" not in {rows, columns} else ""
        return Cell(count=count, address=url("/statements", q=str(query)), denials=share)

    heads, lines = _table(facet, cell)
    return page(request, "matrix.html", error=None, caret="", heads=heads, lines=lines, note=_note(facet), **values)


def _pair_counts(facet: Facet) -> dict[tuple[str, str], int]:
    return {(count.id, count.second.id): count.count for count in facet.counts if count.second is not None}


def _table(
    facet: Facet, cell: Callable[[int, str, str], Cell]
) -> tuple[list[str], list[tuple[str, list[Cell | None]]]]:
    """Return the heads of the columns, and each row with its cells; the largest sums first."""
    counts = _pair_counts(facet)
    names: dict[str, str] = {}
    across: dict[str, int] = {}
    down: dict[str, int] = {}
    for count in facet.counts:
        if count.second is not None:
            names[f"r{count.id}"], names[f"c{count.second.id}"] = one_line(count.value), one_line(count.second.value)
            down[count.id] = down.get(count.id, 0) + count.count
            across[count.second.id] = across.get(count.second.id, 0) + count.count
    first = sorted(down, key=lambda key: (-down[key], names[f"r{key}"]))[:_SIZE]
    second = sorted(across, key=lambda key: (-across[key], names[f"c{key}"]))[:_SIZE]
    return [names[f"c{key}"] for key in second], [
        (
            names[f"r{row}"],
            [cell(counts[row, column], row, column) if (row, column) in counts else None for column in second],
        )
        for row in first
    ]


def _note(facet: Facet) -> str:
    pairs = len(facet.counts) + facet.other
    return (
        f"{pairs:,} pairs in all; at most {_SIZE} rows and columns are shown, the most frequent first." if pairs else ""
    )

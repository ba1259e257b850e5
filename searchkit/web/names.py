"""The list of names, and the page of a name."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from searchkit.archive import Archive
from searchkit.index.base import FacetRequest, Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import ENTITY_KINDS, EntityKind
from searchkit.reports.base import fields_of, read_request
from searchkit.search.answer import answer
from searchkit.search.name_profile import NamedCount, NameList, NameRecord, by_year, condition, profile
from searchkit.search.rewrite import name_value
from searchkit.statements.text import name_key
from searchkit.web.data import csv_response, format_of, json_response
from searchkit.web.reader import reader_of
from searchkit.web.rendering import MOST_BARS, Bar, Links, bars, page, width_of
from searchkit.web.results import MOST_ROWS

_LISTED = 100


class NamesRequest(Struct, frozen=True, kw_only=True):
    """Which names to list."""

    query: Annotated[str, Meta(description="Words of the name.")] = field(default="", name="q")
    kind: Annotated[EntityKind | None, Meta(description="Only names of this kind.")] = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS, description="Names at most; without it 100.")] = _LISTED


def results(request: Request) -> Response:
    """List the names that contain the words of `q`, or the most frequent ones."""
    reader = reader_of(request)
    form = format_of(request, {known.parameter for known in fields_of(NamesRequest)}, ("json", "csv"))
    given = read_request(NamesRequest, request.query_params)
    query, kind, most = given.query, given.kind or "", given.limit
    reader.archive.refresh()
    found, others = _named(reader.archive.index, query, f"entity.{kind}" if kind else "entity", most)
    listed, total = found[:most], len(found) + others
    records = tuple(
        NameRecord(id=value.id, name=value.name, kind=value.id.partition(":")[0], documents=value.count)
        for value in listed
    )
    if form == "csv":
        return csv_response(map(asdict, records), NameRecord.__struct_fields__)
    if form:
        return json_response(NameList(total=total, items=records))
    return page(
        request, "names.html", query=query, kind=kind, kinds=ENTITY_KINDS, names=records, more=total - len(listed)
    )


def _named(index: Index, query: str, field: str, most: int) -> tuple[Sequence[ValueCount], int]:
    """Return the names with these words; those that begin with them if there are none; without words the `most`
    frequent names, and how many others there are."""
    words = name_key(query).split()
    if not words:
        request = FacetRequest(field=field, size=most)
        (facet,) = index.search(SearchRequest(query=ast.All(), limit=0, facets=(request,))).facets
        return [ValueCount(id=count.id, name=count.value, count=count.count) for count in facet.counts], facet.other
    complete = index.values(ValuesRequest(field=field, value=name_value(query), any_order=False))
    if complete or len(words[-1]) < 2:
        return complete, 0
    return index.values(ValuesRequest(field=field, value=ast.Prefix(text=words[-1]))), 0


def show(request: Request) -> Response:
    """Show a person or body: statements by it and about it, over time and by target."""
    reader, url = reader_of(request), Links(request)
    form = format_of(request, (), ("json",))
    found = profile(reader.archive, request.path_params["id"])
    if form:
        return json_response(found)
    said, about = condition("speaker", found.id), condition("about", found.id)

    def query(**values: str) -> str:
        """Return the query for records with these values of fields."""
        return str(ast.conjunction(*(condition(name, value) for name, value in values.items())))

    return page(
        request,
        "name.html",
        profile=found,
        query=query,
        wrong=answer(reader.archive, reader.request(query(speaker=found.id, mark="wrong"))).result.total,
        charts=[
            _over_time("Statements", found.said_by_month, said, reader.archive, url),
            _over_time("Statements about this name", found.about_by_month, about, reader.archive, url),
        ],
    )


def _over_time(
    heading: str, counts: Sequence[NamedCount], query: ast.Node, archive: Archive, url: Links
) -> tuple[str, object]:
    """Return a heading with the numbers by month, or by year if there are too many months. A bar leads to exactly the
    statements that it counts: those certainly of its month or year."""
    unit = "month"
    if width_of([count.id for count in counts]) > MOST_BARS:
        unit, counts = "year", by_year(archive, query)
    found = [
        Bar(label=count.id, value=count.count, address=url("/statements", q=f"{query} date:={count.id}"))
        for count in counts
    ]
    return f"{heading} by {unit}", (bars(found), found) if found else None

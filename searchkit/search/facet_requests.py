"""Parse requests for facets as people write them: `speaker`, `outlet:20`, `date:week`, `speaker+about`.

The values of fields that are not in the index are counted by one search each, since there are few."""

import re
from collections.abc import Callable, Sequence

from msgspec import convert
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.base import Facet, FacetCount, FacetRequest, FacetSort, SearchRequest, SearchResult
from searchkit.index.facets import counted_query, facet_fields
from searchkit.query import ast
from searchkit.query.ast import Unit
from searchkit.query.fields import EXCLUDED_GENRES, FIELDS, Field, find
from searchkit.query.leaves import number_range
from searchkit.query.walk import without_excluded_genres
from searchkit.search.rewrite import NameExpander, is_outside, rewrite_query
from searchkit.statements.document import BY_NAME_ONLY
from searchkit.statements.outlets import Outlets

_FACET = (
    r"(?P<field>[a-z.]{1,40})(?:[+*×](?P<paired>[a-z.]{1,40}))?(?::(?P<interval>day|week|month|year))?"
    r"(?::(?P<size>\d{1,4}))?"
)


def facet_requests(
    wanted: Sequence[str], sort: FacetSort = "count", *, all_values: bool = False
) -> tuple[FacetRequest, ...]:
    """Parse facets, each `NAME[:day|week|month|year][:N]` or `NAME+NAME[:N]`. Raise UsageError for an unknown facet."""
    return tuple(dict.fromkeys(replace(_facet_request(text, sort), all_values=all_values) for text in wanted))


def _facet_request(text: str, sort: FacetSort) -> FacetRequest:
    match, field, paired = _parsed(text)
    interval: Unit | None = convert(match["interval"], Unit | None)
    by_date = field.kind == "date" and paired is None
    if interval and not by_date:
        raise UsageError(f'Facet "{text}": only dates can be counted by {interval}.', hint=f"Write {field.name}.")
    if by_date:
        interval = interval or "month"
    # A shortened histogram misleads, so dates are counted in full unless a size is given.
    size = int(match["size"]) if match["size"] else (10 if interval is None else 1000)
    if size < 1:
        raise UsageError("Facet size must be at least 1.", hint=f"Write {field.name}:10.")
    request = FacetRequest(
        field=field.name, paired=paired.name if paired else "", size=size, interval=interval, sort=sort
    )
    if paired:
        facet_fields(request, "quote")  # raises UsageError for fields that cannot be paired
    return request


def _parsed(text: str) -> tuple[re.Match[str], Field, Field | None]:
    """Return the parts of a facet, its field and the one it is paired with. Raise UsageError if one is not a facet."""
    match = re.fullmatch(_FACET, text.strip().lower())
    names = [name for name in (match["field"], match["paired"]) if name] if match else []
    named = [field for field in map(find, names) if field is not None and field.facet]
    if match is None or len(named) < len(names):
        facets = ", ".join(field.name for field in FIELDS if field.facet)
        raise UsageError(
            f'Unknown facet "{text}".',
            hint=f"Write NAME or NAME:N; date:day, week, month or year; speaker+about for pairs. Facets: {facets}.",
        )
    return match, named[0], named[1] if len(named) > 1 else None


def search_with_facets(
    executed: SearchRequest, shown: ast.Node, names: NameExpander, outlets: Callable[[], Outlets]
) -> SearchResult:
    """Search, and count the facets of `executed`, in order; outlets are named as readers see them. `shown` is the query
    as users see it."""
    indexed = [facet for facet in executed.facets if not is_outside(facet.field)]
    result = names.index.search(replace(executed, facets=tuple(indexed)))
    counted = iter(result.facets)
    facets = tuple(
        _facet(facet, shown, executed, names) if is_outside(facet.field) else next(counted) for facet in executed.facets
    )
    notes = {"outlet": "a duplicate counts for its own outlet", "watchlist": BY_NAME_ONLY}
    if any("speaker" in {facet.field, facet.paired} for facet in facets):
        notes["speaker"] = _left_out(executed, result.total, names)
    noted = (
        replace(facet, note="; ".join(filter(None, map(notes.get, (facet.field, facet.paired))))) for facet in facets
    )
    return replace(result, facets=tuple(_with_hosts(facet, outlets) for facet in noted))


def _left_out(executed: SearchRequest, total: int, names: NameExpander) -> str:
    """Return how many of the records are of a genre whose speakers are not counted; empty for none."""
    query = without_excluded_genres(executed.query)
    left_out = total - names.index.search(replace(executed, query=query, limit=0, offset=0, facets=())).total
    *genres, last = EXCLUDED_GENRES
    return f"without {left_out:,} in {', '.join(genres)} and {last}; genre:* counts all" if left_out else ""


def _with_hosts(facet: Facet, outlets: Callable[[], Outlets]) -> Facet:
    if "outlet" not in {facet.field, facet.paired}:
        return facet
    name = outlets().shown

    def shown(count: FacetCount) -> FacetCount:
        second = count.second
        if second is not None and facet.paired == "outlet":
            second = replace(second, value=name(second.id))
        return replace(count, value=name(count.id) if facet.field == "outlet" else count.value, second=second)

    return replace(facet, counts=tuple(map(shown, facet.counts)))


def _facet(request: FacetRequest, shown: ast.Node, executed: SearchRequest, names: NameExpander) -> Facet:
    """Count one facet. UsageError if it cannot be counted."""
    (field,) = fields = facet_fields(request, executed.record, indexed=False)
    within = counted_query(shown, fields, all_values=request.all_values)

    def count(value: ast.Node) -> int:
        query = rewrite_query(ast.conjunction(within, ast.Field(name=field.name, value=value)), names).executed
        return names.index.search(replace(executed, query=query, limit=0, offset=0, facets=())).total

    counts = [
        FacetCount(value=value, id=value, count=found)
        for value in field.counts
        if (found := count(number_range(value) or ast.Equals(text=value)))
    ]
    if request.sort == "count" and field.kind != "number":
        counts.sort(key=lambda one: -one.count)
    listed = counts[: request.size]
    query = rewrite_query(within, names).executed
    total = names.index.search(replace(executed, query=query, limit=0, offset=0, facets=())).total
    return Facet(
        field=field.name,
        counts=tuple(listed),
        missing=total - count(ast.Exists()),
        other=len(counts) - len(listed),
        all_values=request.all_values,
    )

"""Facets as lists of links and as bars: each value leads to the query that includes or excludes it."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from searchkit.index.base import Facet
from searchkit.index.facets import Refining
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.rewrite import shown_query
from searchkit.statements.text import counted, one_line
from searchkit.web.charts import Bar, bars
from searchkit.web.rendering import Links

# Heading of each facet; the others are called like their field.
HEADINGS = {
    "about": "about",
    "act": "what the verb does",
    "date": "published",
    "said": "said (or, if no day is stated, published)",
    "lang": "language",
    "outlet": "outlet; a duplicate counts for its own",
    "wire": "news agency",
    "changed": "changed by a later version",
    "disputed": "disputed, by the link",
    "spread": "outlets that printed it",
    "watchlist": "watchlist, by name only, identity not verified",
}


class FacetValueView(Struct, frozen=True, kw_only=True):
    """A value of a facet with its count; `exclude` is empty for a value that is selected."""

    label: str
    count: int
    chosen: bool
    include: str
    exclude: str


class FacetView(Struct, frozen=True, kw_only=True):
    """A facet for a template. `chart` is a picture of the same numbers, for dates."""

    field: str
    heading: str
    values: tuple[FacetValueView, ...]
    rest: str
    chart: Markup | None = None


def facet_views(facets: Sequence[Facet], tree: ast.Node, record: Record, url: Links) -> list[FacetView]:
    """Return the facets that have values."""
    return [_view(facet, Refining(shown_query(tree), facet, record), url) for facet in facets if facet.counts]


def _view(facet: Facet, refining: Refining, url: Links) -> FacetView:
    values = tuple(
        FacetValueView(
            label=one_line(count.value),
            count=count.count,
            chosen=count.chosen,
            include=url.here(q=refining.toggled(count), page=""),
            exclude="" if count.chosen else url.here(q=refining.excluded(count), page=""),
        )
        for count in facet.counts
    )
    rest = (
        counted(facet.other, "more value") if facet.other else "",
        f"{facet.missing:,} without a value" if facet.missing else "",
        f"{facet.unknown:,} with a less precise date" if facet.unknown else "",
    )
    chart = None
    if facet.interval is not None:
        chart = bars([Bar(label=value.label, value=value.count, address=value.include) for value in values])
    return FacetView(
        field=facet.field,
        heading=HEADINGS.get(facet.field, facet.field) + (f" by {facet.interval}" if facet.interval else ""),
        values=values,
        rest=", ".join(filter(None, rest)),
        chart=chart,
    )

"""The page of statements: who said what."""

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.index.base import FacetRequest
from searchkit.search.answer import Answer, HitRecord
from searchkit.web.rendering import Links
from searchkit.web.results import results as results_page
from searchkit.web.statement_view import StatementView, statement_view

_FACETS = (
    FacetRequest(field="date", interval="month", size=1000),
    *(FacetRequest(field=field, all_values=True) for field in ("speaker", "about", "act", "outlet", "watchlist")),
    *(FacetRequest(field=field, all_values=True, size=5) for field in ("kind", "lang")),
)


def results(request: Request) -> Response:
    """Show the statements that match `q`."""
    return results_page(request, "quote", _FACETS, "statements.html", hit_view)


def hit_view(found: Answer, hit: HitRecord, url: Links) -> StatementView | None:
    """Return a statement of an answer for a template."""
    if hit.quote is None:
        return None
    excerpt = found.excerpt(hit)
    view = statement_view(hit.quote, hit.opened, url, marks=excerpt.marks, title_marks=excerpt.title)
    return replace(view, copies=hit.hit.copies)

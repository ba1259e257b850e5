"""The pages of statements, who said what, and of documents, each with its matching statements."""

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.index.base import FacetRequest
from searchkit.search.answer import Answer, HitRecord
from searchkit.search.matches import best_statements
from searchkit.search.statement_text import date_text, gone_text, matched_entries
from searchkit.statements.text import one_line
from searchkit.web.rendering import Links, marked
from searchkit.web.results import results as results_page
from searchkit.web.statement_view import StatementView, statement_view, title_line

_STATEMENTS_SHOWN = 3
_DOCUMENT_FACETS = (
    FacetRequest(field="date", interval="month", size=1000),
    *(FacetRequest(field=field, all_values=True) for field in ("speaker", "entity", "agency", "outlet", "watchlist")),
    *(FacetRequest(field=field, all_values=True, size=5) for field in ("wire", "lang", "source")),
)
_STATEMENT_FACETS = (
    FacetRequest(field="date", interval="month", size=1000),
    *(FacetRequest(field=field, all_values=True) for field in ("speaker", "about", "act", "outlet", "watchlist")),
    *(FacetRequest(field=field, all_values=True, size=5) for field in ("kind", "lang")),
)


def statements(request: Request) -> Response:
    """Show the statements that match `q`."""
    return results_page(request, "quote", _STATEMENT_FACETS, "statements.html", hit_view)


def hit_view(found: Answer, hit: HitRecord, url: Links) -> StatementView | None:
    """Return a statement of an answer for a template."""
    if hit.quote is None:
        return None
    excerpt = found.excerpt(hit)
    view = statement_view(hit.quote, hit.opened, url, marks=excerpt.marks, title_marks=excerpt.title)
    return replace(view, copies=hit.hit.copies)


class DocumentView(Struct, frozen=True, kw_only=True):
    """A document for a template: passages that match, and its best matching statements; `more` others match."""

    id: str
    address: str
    title: Markup
    facts: tuple[str, ...]
    gone: str
    copies: int
    watchlist: tuple[str, ...]
    passages: tuple[Markup, ...]
    statements: tuple[StatementView, ...]
    more: int


def documents(request: Request) -> Response:
    """Show the documents that match `q`."""
    return results_page(request, "document", _DOCUMENT_FACETS, "documents.html", _document_view)


def _document_view(found: Answer, hit: HitRecord, url: Links) -> DocumentView:
    document, excerpt = hit.document, found.excerpt(hit)
    shown = best_statements(excerpt.statements, _STATEMENTS_SHOWN)
    facts = (document.publisher, document.wire and f"via {document.wire}", date_text(document.published))
    return DocumentView(
        id=document.id,
        address=url(f"/documents/{document.id}"),
        title=marked(title_line(document), excerpt.title),
        facts=tuple(one_line(fact) for fact in facts if fact),
        gone=gone_text(document),
        copies=hit.hit.copies,
        watchlist=matched_entries(document.matches),
        passages=tuple(
            marked(snippet.text, snippet.marks)
            for snippet in excerpt.snippets  # the line of a statement shows the words around it
            if not any(snippet.span.overlaps(matched.quote.content) for matched in shown)
        ),
        statements=tuple(  # the document lists the watchlists
            replace(statement_view(matched.quote, hit.opened, url, marks=excerpt.marks), watchlist=())
            for matched in shown
        ),
        more=len(excerpt.statements) - len(shown),
    )

"""The pages of statements, who said what, and of documents, each with its matching statements."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast, get_args

from markupsafe import Markup
from msgspec import Meta, Struct, field
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.folder import SavedFolder
from searchkit.errors import QueryError
from searchkit.index.base import Facet, FacetRequest, Sort
from searchkit.index.facets import Refining
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.query.walk import walk
from searchkit.query.words import caret
from searchkit.reports.base import fields_of, read_request
from searchkit.search.answer import Answer, HitRecord, answer
from searchkit.search.highlight import best_statements
from searchkit.search.rewrite import shown_query
from searchkit.search.statement_text import date_text, gone_text, matched_entries
from searchkit.statements.document import Quote
from searchkit.statements.text import one_line
from searchkit.web.data import answer_response, format_of
from searchkit.web.reader import Reader, reader_of
from searchkit.web.rendering import MOST_BARS, Bar, Links, bars, marked, page, statement_view, title_line, width_of

PER_PAGE = 20
MOST_PER_PAGE = 1_000
MOST_ROWS = 10_000  # of a file: a longer one would take a worker longer than the time limit of an answer
_HISTORIES = ("changed", "disputed", "spread")
_KINDS: dict[Record, str] = {"document": "documents", "quote": "statements"}
_STATEMENTS_SHOWN = 3
_DOCUMENT_FACETS = (
    FacetRequest(field="date", interval="month", size=1000),
    *(FacetRequest(field=field, all_values=True) for field in ("speaker", "entity", "agency", "outlet", "watchlist")),
    *(FacetRequest(field=field, all_values=True, size=5) for field in ("wire", "lang", "genre", "source")),
)
_STATEMENT_FACETS = (
    FacetRequest(field="date", interval="month", size=1000),
    *(FacetRequest(field=field, all_values=True) for field in ("speaker", "about", "act", "outlet", "watchlist")),
    *(FacetRequest(field=field, all_values=True, size=5) for field in ("kind", "lang", "genre")),
)
# Heading of each facet; the others are called like their field.
HEADINGS = {
    "about": "about",
    "act": "what the verb does",
    "date": "published",
    "said": "said (or, if no day is stated, published)",
    "lang": "language",
    "wire": "news agency",
    "changed": "changed by a later version",
    "disputed": "disputed, by the link",
    "spread": "outlets that printed it",
}


class Parameters(Struct, frozen=True, kw_only=True):
    """The parameters of a page of results."""

    query: Annotated[str, Meta(description="The query, as on the page; without it everything.")] = field(
        default="", name="q"
    )
    sort: Annotated[
        Sort | None, Meta(description="Order; by default relevance, and newest for a query without words.")
    ] = None
    page: Annotated[int, Meta(ge=1, le=50_000, description="Number of the page, from 1.")] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_PER_PAGE, description="Hits on a page.")] = PER_PAGE
    duplicates: Annotated[bool, Meta(description="1: list duplicates too.")] = False
    counts: Annotated[bool, Meta(description="0: leave out the counts of values.")] = True
    bom: bool = False


class _FileParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of a file with the whole list."""

    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS, description="Hits in the file.")] = MOST_ROWS


class _TableParameters(_FileParameters, frozen=True, kw_only=True):
    """The parameters of a table."""

    bom: Annotated[bool, Meta(description="1: begin with a byte order mark.")] = False


_FILES = {"csv": _TableParameters, "jsonl": _FileParameters}


def results(
    request: Request,
    record: Record,
    facets: Sequence[FacetRequest],
    template: str,
    view: Callable[[Answer, HitRecord, Links], object],
) -> Response:
    """Return a page with the records that match the query, each shown by `view`, and their facets."""
    reader = reader_of(request)
    kind = _FILES.get(request.path_params.get("format", ""), Parameters)
    form = format_of(request, {known.parameter for known in fields_of(kind)})
    given = read_request(kind, request.query_params)
    shared: dict[str, Any] = {
        "given": given,
        "kind": _KINDS[record],
        "sorts": get_args(Sort),
        "headings": HEADINGS,
        "most_rows": MOST_ROWS,
    }
    shared |= {"answer": None, "hits": (), "facets": (), "error": None}
    counts = given.counts and form in {"", "json"}
    query = replace(
        reader.request(given.query, record, limit=given.limit),
        offset=(given.page - 1) * given.limit,
        sort=given.sort or ("newest" if form == "atom" else None),
        facets=_counted((*facets, *_facets_of_histories(given.query, reader, record)), form) if counts else (),
        copies=given.duplicates,
        advise=form in {"", "json"},
    )
    try:
        found = answer(reader.archive, query)
    except QueryError as error:
        if form:
            raise
        return page(request, template, status=400, **shared | {"error": error, "caret": caret(error)})
    url = Links(request)
    has_more = found.offset + len(found.result.hits) < found.result.total
    if form:
        return answer_response(form, found, url, later=given.page + 1 if has_more else None, bom=given.bom)
    shared |= {
        "answer": found,
        "hits": [view(found, hit, url) for hit in found.records],
        "facets": facet_views(_readable(found.result.facets), found.tree, record, url),
    }
    shared |= neighbours(given.page, url, has_more=has_more)
    return page(request, template, **shared)


def _counted(facets: Sequence[FacetRequest], form: str) -> tuple[FacetRequest, ...]:
    """Return the facets to count; for a page, months also as years."""
    by_month = () if form else (facet for facet in facets if facet.interval == "month")
    return *facets, *(replace(facet, interval="year") for facet in by_month)


def _facets_of_histories(query: str, reader: Reader, record: Record) -> list[FacetRequest]:
    """Return the facets of the histories whose fields a query names: each value costs a search."""
    try:
        tree = parse(query, today=reader.today, record=record, saved=SavedFolder(reader.archive.folder)).tree
    except QueryError:  # the answer reports it
        return []
    named = {node.name for node in walk(tree) if isinstance(node, ast.Field)}
    return [FacetRequest(field=field, all_values=True) for field in _HISTORIES if field in named]


def _readable(facets: Sequence[Facet]) -> list[Facet]:
    """Return the facets, with years in place of too many months."""
    years = {facet.field: facet for facet in facets if facet.interval == "year"}
    return [
        years[facet.field]
        if facet.interval == "month" and width_of([count.id for count in facet.counts]) > MOST_BARS
        else facet
        for facet in facets
        if facet.interval != "year"
    ]


def neighbours(number: int, url: Links, *, has_more: bool) -> dict[str, str]:
    """Return the addresses of the page before and after, empty at both ends."""
    earlier = url.here(page=number - 1 if number > 2 else "") if number > 1 else ""
    return {"earlier": earlier, "later": url.here(page=number + 1) if has_more else ""}


def statements(request: Request) -> Response:
    """Show the statements that match `q`."""
    return results(request, "quote", _STATEMENT_FACETS, "statements.html", hit_view)


def hit_view(found: Answer, hit: HitRecord, url: Links) -> dict[str, Any]:
    """Return a statement of an answer for a template."""
    excerpt, quote = found.excerpt(hit), cast(Quote, hit.quote)
    view = statement_view(quote, hit.opened, url, marks=excerpt.marks, title_marks=excerpt.title)
    if hit.hit.document != hit.document.id:  # a revision that had the statement
        view["place"] = url(f"/statements/{quote.id}", revision=hit.document.revision)
    return view | {"duplicates": hit.hit.copies}


def documents(request: Request) -> Response:
    """Show the documents that match `q`."""
    return results(request, "document", _DOCUMENT_FACETS, "documents.html", _document_view)


def _document_view(found: Answer, hit: HitRecord, url: Links) -> dict[str, object]:
    """Return a document for a template: passages that match, and its best matching statements; `more` others match."""
    document, excerpt = hit.document, found.excerpt(hit)
    shown = best_statements(excerpt.statements, _STATEMENTS_SHOWN)
    facts = (document.publisher, document.wire and f"via {document.wire}", date_text(document.published))
    return {
        "id": document.id,
        "address": url(f"/documents/{document.id}"),
        "title": marked(title_line(document), excerpt.title),
        "facts": [one_line(fact) for fact in facts if fact],
        "gone": gone_text(document),
        "duplicates": hit.hit.copies,
        "watchlist": matched_entries(document.matches),
        "passages": [
            marked(snippet.text, snippet.marks)
            for snippet in excerpt.snippets  # the line of a statement shows the words around it
            if not any(snippet.span.overlaps(matched.quote.content) for matched in shown)
        ],
        "statements": [statement_view(matched.quote, hit.opened, url, marks=excerpt.marks) for matched in shown],
        "more": len(excerpt.statements) - len(shown),
    }


def facet_views(
    facets: Sequence[Facet], tree: ast.Node, record: Record, url: Links
) -> list[tuple[Facet, Refining, Markup | None]]:
    """Return the facets that have values, each with the queries of its values and, for dates, a picture."""
    views, shown = [], shown_query(tree)
    for facet in facets:
        refining = Refining(shown, facet, record)
        drawn = [
            Bar(label=one_line(count.value), value=count.count, address=url.here(q=refining.toggled(count), page=""))
            for count in (facet.counts if facet.interval else ())
        ]
        if facet.counts:
            views.append((facet, refining, bars(drawn) if drawn else None))
    return views

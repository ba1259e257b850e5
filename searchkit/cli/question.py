"""From the words and options of `query` and `quotes` to an answer with its documents and statements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from searchkit.archive import Archive
from searchkit.cli.options import facet_requests
from searchkit.cli.progress import building
from searchkit.document import Document, Quote
from searchkit.errors import UsageError
from searchkit.index.base import Facet, FacetCount, Hit, SearchRequest, SearchResult, Sort
from searchkit.index.schema import STRONG, WEAK
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.filters import filtered
from searchkit.query.parser import parse

if TYPE_CHECKING:  # most questions find something
    from searchkit.asked.advice import Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit with what the store has of it; `quote` is the statement when statements were asked for."""

    hit: Hit
    document: Document
    quote: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A result with its records. `query` is what was typed, `tree` what it was read as, filters included."""

    query: str
    tree: ast.Node
    record: Record
    offset: int
    result: SearchResult
    found: tuple[Found, ...]
    advice: "Advice | None" = None  # when nothing was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the query as typed, notes on how it was read, and the request."""

    query: str
    notes: tuple[str, ...]
    request: SearchRequest


def read(words: Sequence[str], record: Record, options: dict[str, Any]) -> Question:
    """The question that words and options make. QueryError and UsageError say what cannot be read."""
    if options["as_json"] and options["form"] not in {None, "json"}:
        raise UsageError(f"--json and --format {options['form']} exclude each other.", hint="Give one of them.")
    today = datetime.now(UTC).date()
    filters = {name: options[name] for name in ("speaker", "about", "entity", "agency", "outlet")}
    filters |= {name: options[name] for name in ("verb", "kind") if options.get(name)}
    narrowed = any(filters.values()) or options["since"] or options["until"] or options["facet"]
    query = " ".join(words)
    if not query.strip() and narrowed:
        query = "*"
    parsed = parse(query, today=today, record=record)
    tree = filtered(parsed.tree, filters, since=options["since"], until=options["until"], today=today)
    request = SearchRequest(
        query=tree,
        record=record,
        limit=options["limit"],
        offset=options["offset"],
        sort=_sort(options["sort"], tree),
        facets=facet_requests(options["facet"]),
        copies=options["copies"],
    )
    return Question(query=query, notes=parsed.notes, request=request)


def ask(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> Answer:
    """Put the question to the archive. Errors as `read`."""
    question = read(words, record, options)
    with building("Catching up the index") as progress:
        result = archive.search(question.request, progress=progress)
    for_eyes = options["as_json"] or options["form"] in {None, "table", "json"}
    return Answer(
        query=question.query,
        tree=question.request.query,
        record=record,
        offset=options["offset"],
        result=replace(result, notes=(*question.notes, *result.notes)),
        found=records(archive, result, record),
        advice=archive.advice(question.request) if for_eyes and not result.total else None,
    )


def records(archive: Archive, result: SearchResult, record: Record) -> tuple[Found, ...]:
    """The hits of `result`, of records of this kind, with what the store has of them."""
    found = []
    documents: dict[str, Document | None] = {}  # many statements of one long article must not read it as often
    for hit in result.hits:
        if hit.document not in documents:
            documents[hit.document] = archive.get(hit.document)
        document = documents[hit.document]
        # A document may have gone between the index's answer and our look into the store.
        if document is not None:
            quote = next((quote for quote in document.quotes if quote.id == hit.id), None)
            if record == "document" or quote is not None:
                found.append(Found(hit=hit, document=document, quote=quote))
    return tuple(found)


def _sort(wanted: str | None, tree: ast.Node) -> Sort:
    if wanted == "oldest":
        return "oldest"
    if wanted == "relevance" or (wanted is None and ast.asks_for_words(tree)):
        return "relevance"
    return "newest"


def refined(tree: ast.Node, facet: Facet, count: FacetCount) -> str:
    """The query that narrows `tree` to one value of a facet, in canonical form."""
    value: ast.Node
    if facet.interval is not None:
        value = ast.Range(written=count.id, start=None, end=None)
    elif facet.field == "watchlist":
        value = ast.Equals(text=count.id if count.id.endswith(WEAK) else count.id + STRONG)
    else:
        namesakes = sum(1 for other in facet.counts if other.value == count.value)
        value = ast.Equals(text=count.value if namesakes == 1 else count.id)
    return str(ast.conjunction(tree, ast.Field(name=facet.field, value=value)))

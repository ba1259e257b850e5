"""From the words and options of `query` and `quotes` to an answer with its documents and statements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from searchkit.archive import Archive
from searchkit.cli.options import facet_requests
from searchkit.cli.progress import building
from searchkit.document import Document, Quote
from searchkit.errors import UsageError
from searchkit.index.base import Hit, SearchRequest, SearchResult, Sort
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.filters import filtered
from searchkit.query.parser import parse
from searchkit.query.saved import SavedQueries


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


def ask(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> Answer:
    """Put the question to the archive. QueryError and UsageError say what cannot be read."""
    if options["as_json"] and options["form"] not in {None, "json"}:
        raise UsageError(f"--json and --format {options['form']} exclude each other.", hint="Give one of them.")
    today = datetime.now(UTC).date()
    filters = {name: options[name] for name in ("speaker", "about", "entity", "agency", "outlet")}
    filters |= {name: options[name] for name in ("verb", "kind") if options.get(name)}
    narrowed = any(filters.values()) or options["since"] or options["until"] or options["facet"]
    query = " ".join(words)
    if not query.strip() and narrowed:
        query = "*"
    parsed = parse(query, today=today, record=record, saved=saved_queries(archive, query))
    tree = filtered(parsed.tree, filters, since=options["since"], until=options["until"], today=today)
    request = SearchRequest(
        query=tree,
        record=record,
        limit=options["limit"],
        offset=options["offset"],
        sort=_sort(options["sort"], tree),
        facets=facet_requests(options["facet"], options["facet_sort"]),
        copies=options["copies"],
    )
    with building("Catching up the index") as progress:
        result = archive.search(request, progress=progress)
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
    return Answer(
        query=query,
        tree=tree,
        record=record,
        offset=options["offset"],
        result=replace(result, notes=(*parsed.notes, *result.notes)),
        found=tuple(found),
    )


def saved_queries(archive: Archive, query: str) -> SavedQueries | None:
    """The saved searches that the query may name; their room is loaded only when it names one."""
    if "saved" not in query.casefold():
        return None
    from searchkit.alerts.folder import SavedFolder

    return SavedFolder(archive.folder)


def _sort(wanted: str | None, tree: ast.Node) -> Sort:
    if wanted == "oldest":
        return "oldest"
    if wanted == "relevance" or (wanted is None and ast.asks_for_words(tree)):
        return "relevance"
    return "newest"

"""What an agent may ask an archive: functions that read, with bounded answers, for the Model Context Protocol.

Text of documents is in fields named `untrusted_quotation`: it is quoted from articles and may contain anything. Every
item has its id, address, place, digest and confidence, so that an answer can be checked. Nothing here summarizes.
"""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import unified_diff
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal

from msgspec import Meta, to_builtins
from msgspec.structs import asdict, replace

from searchkit.alerts.folder import SavedFolder
from searchkit.archive import Archive
from searchkit.errors import QueryError, SearchkitError, UsageError
from searchkit.export import citation as citations
from searchkit.export.answers import facet_rows
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.records import RECORDS, Values
from searchkit.index.base import Sort
from searchkit.reports import REPORTS, load
from searchkit.reports.base import Field, Report, fields_of
from searchkit.search.answer import Answer, HitRecord, QueryRequest, alone, answer
from searchkit.search.document_text import parts_of
from searchkit.search.facet_requests import facet_requests
from searchkit.search.statement_text import date_text, note_texts
from searchkit.statements.document import BY_NAME_ONLY, Document
from searchkit.statements.text import Span, fold, redacted, visible

Over = Literal["statements", "documents"]
MOST_ITEMS = 50
MOST_ENTRIES = 20  # of a report
CHUNK = 6_000
_MOST_PLACES = 20
_MOST_LINES = 200

Query = Annotated[
    str, Meta(description='In the query language: speaker:"Xu Guixiang" about:Tiandy act:deny date:2022..2023')
]


def _search(over: Over, describes: str) -> Callable[..., dict[str, Any]]:
    def search(
        archive: Archive,
        query: Query,
        limit: int = 10,
        page: int = 1,
        sort: Sort | None = None,
        fields: list[str] | None = None,
    ) -> dict[str, Any]:
        return _page(archive, replace(_request(archive, query, over), sort=sort), limit, page, fields)

    search.__doc__ = f"{describes} `fields` limits the keys of each item."
    return search


def count(archive: Archive, query: Query, over: Over = "statements") -> dict[str, Any]:
    """Count the statements or documents that match, without and with duplicates."""
    return _summary(answer(archive, _request(archive, query, over)))


def facet_values(archive: Archive, query: Query, facet: str, over: Over = "statements") -> dict[str, Any]:
    """Count the most frequent values of a facet among the matches: speaker, about, act, outlet, date:month,
    speaker+about:20; speaker:50 asks for 50. A row `missing` counts the matches without a value."""
    found = answer(archive, _request(archive, query, over, facet))
    rows = facet_rows(found.result.facets, found.tree, found.record)
    more = sum(facet.other for facet in found.result.facets)
    return {**_summary(found), "untrusted_quotation": list(rows), "more_values": more}


def get_statement(archive: Archive, id: str) -> dict[str, Any]:  # noqa: A002 - the name that agents know
    """Return a statement with its sentence, speaker, rivals and the rules that found it."""
    document, quote = archive.find(id)
    if quote is None:
        raise UsageError(f"{id} is the id of a document.", hint="Use read_document.")
    hit = alone(document, quote, archive.notes())
    return _statement(hit) | {
        "kind": quote.kind,
        "rule": quote.rule,
        "resolved_by": quote.speaker.resolved_by,
        "untrusted_about": [hit.opened.names.get(entity, entity) for entity in quote.about],
        "watchlist_names": [asdict(match) | {"note": BY_NAME_ONLY} for match in hit.matches],
    }


def read_document(archive: Archive, id: str, chunk: int = 1, revision: int | None = None) -> dict[str, Any]:  # noqa: A002 - as above
    """Read the text of a document in chunks of some 6,000 characters, from 1."""
    document, _ = citations.located(archive, id, revision)
    spans = _chunks(document)
    if not 1 <= chunk <= len(spans):
        raise UsageError(f"There is no chunk {chunk}.", hint=f"{document.id} has {len(spans)}.")
    span = spans[chunk - 1]
    inside = [quote.id for quote in document.quotes if span.overlaps(quote.content)]
    return _document(document) | {
        "chunk": chunk,
        "chunks": len(spans),
        "span": [span.start, span.end],
        "statements": inside,
        "untrusted_quotation": {"title": document.title, "text": span.of(document.text)},
    }


def find_in_document(archive: Archive, id: str, words: str) -> dict[str, Any]:  # noqa: A002 - as above
    """Find words in the text of a document, in any case; return their places and sentences."""
    document, _ = citations.located(archive, id)
    wanted, text = fold(words.strip()), document.text.lower()
    if len(text) != len(document.text):  # a few letters grow in lower case, which would shift the places
        text = document.text
    places: list[dict[str, Any]] = []
    start = text.find(wanted) if wanted else -1
    while start >= 0 and len(places) < _MOST_PLACES:
        span = Span(start, start + len(wanted))
        sentence = document.sentences_around(span, 400)
        places.append({"span": [span.start, span.end], "untrusted_quotation": sentence.of(document.text)})
        start = text.find(wanted, span.end)
    return _document(document) | {"places": places, "complete": start < 0}


def compare_revisions(archive: Archive, id: str, first: int, second: int) -> dict[str, Any]:  # noqa: A002 - as above
    """Compare two revisions of a document, paragraph by paragraph."""
    old, new = (citations.located(archive, id, number)[0] for number in (first, second))
    lines = list(unified_diff(_paragraphs(old), _paragraphs(new), "", "", n=0, lineterm=""))[2:]
    changed = [line for line in lines if not line.startswith("@@")]
    return {
        "id": old.id,
        "revisions": [
            {"revision": one.revision, "sha256": one.digest, "first_seen": one.first_seen} for one in (old, new)
        ],
        "same": not changed,
        "untrusted_quotation": changed[:_MOST_LINES],
        "complete": len(changed) <= _MOST_LINES,
    }


def cite(
    archive: Archive,
    id: str,  # noqa: A002 - as above
    format: Literal["text", "markdown", "bibtex", "csl-json"] = "text",  # noqa: A002 - as above
) -> dict[str, Any]:
    """Cite a statement or document."""
    document, quote = citations.located(archive, id)
    note = archive.notes().get(quote.id) if quote else None
    citation = citations.cite(document, quote, note.fields if note else None)
    return {"id": id, "untrusted_quotation": citations.FORMS[format](citation)}


def verify_evidence(archive: Archive, evidence: str) -> dict[str, Any]:
    """Compare the text of an evidence file, as `searchkit export -f evidence` writes it, with the archive."""
    content = evidence.encode("utf-8", "replace")
    check = EvidenceCheck(io.BytesIO(content), "the evidence", archive=archive)
    found = [finding.summary for finding in check.findings()]
    report = check.report
    return {
        "as_recorded": report.as_recorded,
        "seal": report.seal,
        "unchecked": list(report.unchecked),
        "counts": {status: count for status, count in report.counts.items() if count},
        "untrusted_quotation": found[:_MOST_LINES],
    }


def tool_of(report: Report) -> Callable[..., dict[str, Any]]:
    """Return the function that runs a report for an agent, with the fields of its request as parameters."""
    fields = {"query" if field.name == "query" else field.parameter: field for field in fields_of(report.request)}
    usual = min((report.limit + 1) // 2, MOST_ENTRIES)  # an agent reads every word

    def tool(archive: Archive, **given: Any) -> dict[str, Any]:
        limit, page = given.pop("limit", usual), given.pop("page", 1)
        _refuse_part(limit, MOST_ENTRIES, page)
        asked = {field.name: field.read(given.get(name) or "") for name, field in fields.items()}
        if report.in_parts:
            asked |= {"limit": limit, "offset": (page - 1) * limit}
        today, saved = datetime.now(UTC).date(), SavedFolder(archive.folder)
        found = report.run(archive, report.request(today=today, saved=saved, **asked))
        return {"untrusted_quotation": to_builtins(found)}

    parameters = [_parameter(name, field) for name, field in fields.items()]
    if report.in_parts:
        part = {"limit": usual, "page": 1}
        parameters += [Parameter(name, Parameter.KEYWORD_ONLY, default=part[name], annotation=int) for name in part]
    parameters.sort(key=lambda parameter: parameter.default is not Parameter.empty)
    first = Parameter("archive", Parameter.POSITIONAL_OR_KEYWORD, annotation=Archive)
    tool.__doc__ = report.describes
    tool.__signature__ = Signature([first, *parameters])  # type: ignore[attr-defined]
    tool.__annotations__ = {parameter.name: parameter.annotation for parameter in (first, *parameters)}
    return tool


def _parameter(name: str, field: Field) -> Parameter:
    kind: Any = Literal[field.choices] | None if field.choices else str
    default = Parameter.empty if field.required else None if field.choices else field.default
    described = Annotated[kind, Meta(description=field.text)]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=described)


TOOLS: dict[str, Callable[..., dict[str, Any]]] = {
    "search_statements": _search(
        "statements", "Find statements: who said what. All conditions hold for one statement."
    ),
    "search_documents": _search("documents", "Find articles."),
    "count": count,
    "facet_values": facet_values,
    "get_statement": get_statement,
    "read_document": read_document,
    "find_in_document": find_in_document,
    "compare_revisions": compare_revisions,
    "cite": cite,
    "verify": verify_evidence,
    **{name: tool_of(load(name)) for name in REPORTS},
}


def error_text(error: SearchkitError) -> str:
    """Return what an agent reads about an error; of an error in a query, with its place."""
    place = f" (characters {error.start} to {error.end} of the query)" if isinstance(error, QueryError) else ""
    return visible(redacted(f"{error}{place}"))


# --- items ------------------------------------------------------------------------------------------------------------


def _request(archive: Archive, query: str, over: Over, *facets: str) -> QueryRequest:
    """Return the request for a query, without hits."""
    if over not in RECORDS:
        raise UsageError(f'over is "{over}".', hint="Write statements or documents.")
    return QueryRequest(
        query=query if query.strip() else "*",
        record=RECORDS[over],
        today=datetime.now(UTC).date(),
        saved=SavedFolder(archive.folder),
        limit=0,
        facets=facet_requests(facets),
        advise=True,
    )


def _refuse_part(limit: int, most: int, page: int) -> None:
    """Raise UsageError for a part of an answer that is too large or does not exist."""
    if not 1 <= limit <= most or not 1 <= page <= 10_000:
        raise UsageError(f"limit is {limit}, page is {page}.", hint=f"limit is 1 to {most}, page 1 to 10,000.")


def _page(archive: Archive, request: QueryRequest, limit: int, page: int, fields: list[str] | None) -> dict[str, Any]:
    """Return a page of what matches a request."""
    _refuse_part(limit, MOST_ITEMS, page)
    found = answer(archive, replace(request, limit=limit, offset=(page - 1) * limit))
    items = [_document_item(hit) if hit.quote is None else _statement(hit) for hit in found.records]
    if fields:
        items = [_selected(item, fields) for item in items]
    later = page + 1 if found.offset + len(items) < found.result.total else None
    return {**_summary(found), "items": items, "next_page": later}


def _selected(item: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return the id and the `fields` of an item, those of quotations within `untrusted_quotation`. UsageError for an
    unknown name."""
    quoted = item["untrusted_quotation"]
    if unknown := [name for name in fields if name not in {*item, *quoted, "note_of_a_user"}]:
        raise UsageError(f'"{unknown[0]}" is not a field.', hint=f"Fields: {', '.join([*item, *quoted])}.")
    chosen = {name: item[name] for name in ("id", *fields) if name in item}
    inner = {name: quoted[name] for name in fields if name in quoted}
    return {"untrusted_quotation": inner} | chosen if inner else chosen


def _summary(found: Answer) -> dict[str, Any]:
    advice = found.advice
    return {
        "interpreted_as": found.result.interpreted_as,
        "total": found.result.total,
        "duplicates": found.result.duplicates,
        "notes": list(found.result.notes),
        "try_instead": [suggestion.query for suggestion in advice.suggestions] if advice else [],
    }


def _statement(hit: HitRecord) -> dict[str, Any]:
    texts = note_texts(hit.note)
    return ({"note_of_a_user": list(texts)} if texts else {}) | Values(hit).tool()


def _document_item(hit: HitRecord) -> dict[str, Any]:
    document = hit.document
    return _document(document) | {
        "statements": len(document.statements),
        "untrusted_quotation": {"title": document.title, "outlet": document.outlet, "beginning": document.text[:300]},
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "url": redacted(document.uri),
        "host": document.host,
        "revision": document.revision,
        "sha256": document.digest,
        "published": date_text(document.published),
        "language": document.language,
    }


def _chunks(document: Document) -> list[Span]:
    """Return the parts of a text: whole paragraphs, as many as fit."""
    starts = ((part, start) for part in parts_of(document, CHUNK) for start in range(part.start, part.end, CHUNK))
    return [Span(start, min(start + CHUNK, part.end)) for part, start in starts] or [Span(0, 0)]


def _paragraphs(document: Document) -> list[str]:
    return [document.title or "", *(paragraph.of(document.text) for paragraph in document.paragraphs)]

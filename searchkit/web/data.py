"""The lists of the site as data: JSON, JSON Lines, CSV and Atom, with the records of the command line."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated
from xml.etree import ElementTree as ET  # only for writing: nothing is parsed here

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.atom import add_element, feed_bytes, new_feed
from searchkit.errors import UsageError
from searchkit.export.answers import DocumentAnswer, StatementAnswer, answer_fields
from searchkit.export.records import TABLE_COLUMNS, Values, hit_fields, values_of
from searchkit.export.tables import csv_lines
from searchkit.search.answer import Answer
from searchkit.search.statement_text import date_text, matched_entries, note_texts, statement_text
from searchkit.statements.text import one_line, safe_json, xml_text
from searchkit.web.rendering import Links

_UNKNOWN_TIME = "1970-01-01T00:00:00Z"
_LONGEST_TITLE = 160
FORMATS = ("json", "jsonl", "csv", "atom")
Next = Annotated[int | None, Meta(description="The number of the next page; null on the last.")]
NextUrl = Annotated[str | None, Meta(description="The address of the next page; null on the last.")]
_TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "atom": "application/atom+xml",
}


class PagedDocuments(DocumentAnswer, kw_only=True, tag_field="schema", tag="searchkit.query/1"):
    """A page of documents that match."""

    next: Next = None
    next_url: NextUrl = None


class PagedStatements(StatementAnswer, kw_only=True, tag_field="schema", tag="searchkit.statements/1"):
    """A page of statements that match."""

    next: Next = None
    next_url: NextUrl = None


def json_response(value: Struct) -> Response:
    """Return a record as JSON; characters that hide or reorder text are escaped."""
    return Response(safe_json(value, indent=2) + "\n", media_type=_TYPES["json"])


def format_of(request: Request, known: Collection[str], formats: Collection[str] = FORMATS) -> str:
    """Return the format that the address asks for, empty for a page. UsageError for one that is not in `formats`, and
    for a parameter that is not `known`: a misspelled condition must not widen a list."""
    form: str = request.path_params.get("format", "")
    if not form:
        return ""
    if form not in formats:
        raise UsageError(f'"{form}" is not a format of this page.', hint=f"Formats: {', '.join(formats)}.")
    refuse_unknown(request, known)
    return form


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise UsageError for a parameter that is not `known`, and for one that stands twice."""
    for name in request.query_params:
        if name not in known:
            raise UsageError(f'"{name}" is not a parameter.', hint=f"Parameters: {', '.join(sorted(known))}.")
        if len(request.query_params.getlist(name)) > 1:
            raise UsageError(f'"{name}" stands twice in the address.', hint="Write each parameter once.")


def csv_response(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, bom: bool = False) -> Response:
    """Return rows as CSV; each cell is guarded."""
    return Response("".join(f"{line}\n" for line in csv_lines(rows, columns, bom=bom)), media_type=_TYPES["csv"])


def answer_response(form: str, found: Answer, url: Links, *, later: int | None, bom: bool = False) -> Response:
    """Return an answer in a format; `later` is the number of the next page, which the header Link names (RFC 8288)."""
    next_url = url.here(page=later) if later else None
    if form == "json":
        record = PagedDocuments if found.record == "document" else PagedStatements
        response = json_response(record(**answer_fields(found), next=later, next_url=next_url))
    elif form == "csv":
        columns = TABLE_COLUMNS[found.record]
        response = csv_response((values.row(columns) for values in values_of(found)), columns, bom=bom)
    elif form == "atom":
        response = Response(feed(found, url), media_type=_TYPES["atom"])
    else:
        lines = (safe_json(hit_fields(values)) for values in values_of(found))
        response = Response("".join(f"{line}\n" for line in lines), media_type=_TYPES["jsonl"])
    if next_url:
        response.headers["link"] = f'<{next_url}>; rel="next"'
    return response


def feed(found: Answer, url: Links) -> bytes:
    """Return the records of an answer as an Atom feed. Entries keep their ids, so a reader shows each once."""
    own, hits = url.absolute(url.here()), list(values_of(found))
    updated = max((hit.document.first_seen for hit in hits), default="") or _UNKNOWN_TIME
    root = new_feed(uuid.uuid5(uuid.NAMESPACE_URL, own), f"searchkit: {found.result.interpreted_as}", updated)
    ET.SubElement(root, "link", {"rel": "self", "href": own})
    for hit in hits:
        _add_entry(root, hit, url)
    return feed_bytes(root)


def _add_entry(root: ET.Element, hit: Values, url: Links) -> None:
    document, quote = hit.document, hit.quote
    said = statement_text(quote, document).sentence(document) if quote else one_line(document.title or "(no title)")
    entry = ET.SubElement(root, "entry")
    address = url.absolute(url(f"/statements/{quote.id}" if quote else f"/documents/{document.id}"))
    add_element(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"searchkit:{hit.found.hit.id}").urn)
    add_element(entry, "title", said if len(said) <= _LONGEST_TITLE else f"{said[:_LONGEST_TITLE]}…")
    add_element(entry, "updated", document.first_seen or _UNKNOWN_TIME)
    ET.SubElement(entry, "link", {"rel": "alternate", "href": xml_text(address)})
    sentence = document.sentence_of(quote).of(document.text) if quote else ""
    place = " · ".join(filter(None, (document.title or "", document.publisher, date_text(document.published))))
    summary = (said, *note_texts(hit.found.note), *matched_entries(hit.found.matches), sentence, place)
    add_element(entry, "summary", " - ".join(one_line(part) for part in summary if part))

"""The page of a document: its text with statements and names marked, a list of both, and its source."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from searchkit.archive import Archive
from searchkit.errors import ArchiveError, TryAgain, UsageError
from searchkit.export import citation as citations
from searchkit.export.records import Values, document_record
from searchkit.search.answer import alone
from searchkit.search.document_text import marked_paragraphs, parts_of, provenance_facts
from searchkit.search.statement_text import date_text, matched_entries
from searchkit.statements.document import Document
from searchkit.statements.text import counted, one_line
from searchkit.web.data import format_of, json_response
from searchkit.web.notes import readable_notes
from searchkit.web.reader import reader_of
from searchkit.web.rendering import PART, Links, cited, page, statement_view, title_line


def show(request: Request) -> Response:
    """Show a document, or with `revision` an earlier text of it; of a long one the `part` with this number."""
    reader, url = reader_of(request), Links(request)
    form = format_of(request, {"revision"}, ("json",))
    revision = number_of(request, "revision")
    document, _ = citations.located(reader.archive, request.path_params["id"], revision)
    found = alone(document, notes=readable_notes(reader.archive))
    if form:
        return json_response(document_record(Values(found)))
    address = citations.cite(document)
    parts = parts_of(document, PART)
    number = number_of(request, "part") or 1
    if number > len(parts):
        raise UsageError(f"There is no part {number}.", hint=f"{document.id} has {counted(len(parts), 'part')}.")
    part = parts[number - 1]
    shown = zip(document.paragraphs, marked_paragraphs(document), strict=True)
    return page(
        request,
        "document.html",
        document=document,
        title=title_line(document),
        published=date_text(document.published),
        paragraphs=[pieces for paragraph, pieces in shown if part.covers(paragraph)],
        part=number,
        part_count=len(parts),
        statements=[
            statement_view(quote, found.opened, url, part=number)
            for quote in document.statements
            if part.overlaps(quote.content)
        ],
        names=sorted(Counter((name.kind, name.name, name.entity_id) for name in document.mentions).items()),
        facts=facts_of(document, url, linked=reader.archive.linked(document)),
        link=address.link,
        citations=cited(document, None),
        revisions=sorted({*reader.archive.store().revision_numbers(document.id), document.revision}),
        changed=_changed_statements(reader.archive, document),
        watchlist=matched_entries(document.matches),
    )


def number_of(request: Request, name: str) -> int | None:
    """Return the whole number in a parameter; None if it is not given. UsageError for anything else."""
    written = request.query_params.get(name)
    if not written:
        return None
    if not written.isdecimal() or not 0 < len(written) < 10 or not int(written):
        raise UsageError(f'{name} is "{written}".', hint="Write a whole number from 1 on.")
    return int(written)


def facts_of(
    document: Document, url: Links, *, linked: tuple[str, ...]
) -> list[tuple[str, list[tuple[str, str]] | str]]:
    """Return the facts of a document by name, other documents as links."""
    facts: dict[str, list[tuple[str, str]] | str] = {
        name: one_line(value) for name, value in provenance_facts(document, linked).items() if value
    }
    if linked:
        facts["same address"] = [(other, url(f"/documents/{other}")) for other in linked]
    if document.copies:
        query = f"copies:{document.copies}"
        facts["copies"] = [("all copies", url("/documents", q=query, duplicates=1))]
    return list(facts.items())


def _changed_statements(archive: Archive, document: Document) -> int:
    """Return how often statements of a document changed; 0 if that cannot be read now."""
    if document.revision == 1:
        return 0
    try:
        return sum(len(revision.changes) for revision in archive.refresh_histories().changes_of(document.id))
    except (ArchiveError, TryAgain):
        return 0

"""The pages of a document (its text with statements and names marked, a list of both, its source) and of a statement:
its words in context, how it was found, and how to cite it."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.archive import Archive
from searchkit.errors import ArchiveError, NotInArchive, TryAgain, UsageError
from searchkit.export import citation as citations
from searchkit.export.records import Values, document_record, statement_facts, statement_record
from searchkit.notes.file import MAX_TEXT
from searchkit.reports.changes import change_entry, changes_of
from searchkit.reports.disputes import dispute_entry, disputes_of
from searchkit.search.answer import alone
from searchkit.search.document_text import context_of, marked_paragraphs, parts_of, provenance_facts
from searchkit.search.statement_text import date_text, matched_entries, note_texts, statement_text
from searchkit.statements.document import Document
from searchkit.statements.text import Span, counted, one_line
from searchkit.web.data import format_of, json_response
from searchkit.web.notes import MARK_LABELS, NoteForm, note_form, readable_notes
from searchkit.web.reader import reader_of
from searchkit.web.rendering import PART, Links, cited, marked, page, statement_view, title_line
from searchkit.web.reports import entry_view


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


def save_note(request: Request) -> Response:
    """Write the reader's note on a statement, or show the form again with what is wrong."""
    saved = note_form(request)
    if saved is None:
        return RedirectResponse(Links(request)(f"/statements/{request.path_params['id']}"), 303)
    return show_statement(request, saved)


def show_statement(request: Request, edited: NoteForm | None = None) -> Response:
    """Show a statement, or with `revision` as it was in an earlier text; with the form as it was `edited`."""
    reader, url = reader_of(request), Links(request)
    form = format_of(request, {"revision"}, ("json",))
    document, quote = citations.located(reader.archive, request.path_params["id"], number_of(request, "revision"))
    if quote is None:
        raise NotInArchive(f"{document.id} is the id of a document.", hint=f"Read it at /documents/{document.id}.")
    notes = readable_notes(reader.archive)
    found = alone(document, quote, notes)
    values = Values(found)
    if form:
        return json_response(statement_record(values))
    context = context_of(quote, document)
    text = context.of(document.text)
    words = (_clipped(part, context) for part in statement_text(quote, document).words)
    facts = statement_facts(values)
    view = statement_view(quote, found.opened, url)
    return page(
        request,
        "statement.html",
        status=200 if edited is None else 400,
        form=edited or NoteForm.of(notes.get(quote.id)),
        marks=MARK_LABELS,
        is_current="revision" not in request.query_params,
        view=view | {"notes": note_texts(found.note, longest=MAX_TEXT)},
        context=marked(text, sorted(words)),
        facts=[(name, one_line(value)) for name, value in facts.items() if value],
        rivals=[one_line(rival) for rival in quote.speaker.rivals],
        outcome=_outcome(reader.archive, quote.id, url),
        document=document,
        document_facts=facts_of(document, url, linked=reader.archive.linked(document)),
        link=citations.cite(document).link,
        citations=cited(document, quote, found.note),
    )


def _clipped(span: Span, outer: Span) -> Span:
    """Return the part of `span` inside `outer`, counted from its start."""
    return Span(max(span.start, outer.start) - outer.start, max(min(span.end, outer.end), outer.start) - outer.start)


def _outcome(archive: Archive, statement: str, url: Links) -> dict[str, object]:
    """Return what other versions and other articles say about a statement, which outlets printed it, and notes on what
    could not be read. What the histories lack now is a note: the page of a statement needs none."""
    try:
        archive.refresh_histories()
        quotes = archive.histories().quotes
        group = quotes.group_of(statement)
        found = [
            *map(dispute_entry, disputes_of(archive, statement)),
            *map(change_entry, changes_of(archive, statement)),
        ]
        return {
            "entries": [entry_view(entry, archive, url) for entry in found],
            "outlets": [archive.outlets().shown(outlet) for outlet in quotes.outlets_of(group)] if group else (),
            "conflicts": quotes.conflicts_of(group) if group else 0,
            "notes": archive.take_notes(),
        }
    except (ArchiveError, TryAgain) as error:
        return {"entries": (), "outlets": (), "notes": (f"Changes and disputes cannot be shown: {error}",)}

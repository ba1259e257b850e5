"""`searchkit show` and `searchkit cite`: a document or statement with its details, and as a citation."""

from collections.abc import Mapping

import click
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.document_view import document_lines, statement_lines
from searchkit.cli.options import archive_option, json_option, open_archive, terminal_options
from searchkit.cli.output import paged, say, write_json, write_lines, written_to
from searchkit.errors import NotInArchive, SearchkitError
from searchkit.export import citation as citations
from searchkit.export.records import Values, document_record, statement_record
from searchkit.notes import Note
from searchkit.search.answer import alone
from searchkit.search.statement_text import note_texts
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import one_line


@click.command("show")
@click.argument("record_id", metavar="ID")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="Show the document as it was in revision N.")
@json_option
@terminal_options
@archive_option
def show(record_id: str, revision: int | None, as_json: bool, no_pager: bool) -> None:
    """Print a document with its statements and names marked, and its source.

    ID is the id of a document or statement, as query and quotes print it, or the address or path of a document.
    Statements are marked as [1: ...], names as <...>; on a terminal they are colored instead.
    """
    with open_archive() as opened:
        document, quote = _found(opened, record_id)
        if revision is not None:
            old = opened.revision(document.id, revision)
            if old is None:
                raise NotInArchive(f"Document {document.id} has no revision {revision}; it has {document.revision}.")
            document, quote = old, None
        linked, notes = opened.linked(document), _notes(opened, document)
    values = Values(alone(document, quote, notes))
    if as_json:
        write_json(document_record(values) if quote is None else statement_record(values))
    else:
        shown = {statement: note.fields for statement, note in notes.items()}
        lines = (
            document_lines(document, linked=linked, notes=shown) if quote is None else statement_lines(values, linked)
        )
        with paged(wanted=not no_pager):
            write_lines(lines)


def _notes(archive: Archive, document: Document) -> Mapping[str, Note]:
    """Return the user's notes on the statements of a document; if they cannot be read, report why."""
    try:
        notes = archive.notes()
        return {quote.id: notes[quote.id] for quote in document.quotes if quote.id in notes}
    except SearchkitError as error:
        say(f"note: {one_line(str(error))}")
        return {}


def _found(archive: Archive, name: str) -> tuple[Document, Quote | None]:
    if "/" in name or "." in name:
        from searchkit.archive.addresses import document_at  # loads the crawler, which no id needs

        document = document_at(archive, name)
        if document is not None:
            return document, None
    return archive.find(name)


@click.command("cite")
@click.argument("record_id", metavar="ID")
@click.option(
    "-f", "--format", "form", type=click.Choice(list(citations.FORMS)), default="text", show_default=True, help="Form."
)
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The document as it was in revision N.")
@archive_option
def cite(record_id: str, form: str, revision: int | None) -> None:
    """Print a citation of a statement or document: words, speaker, outlet, title, day, address, id and hash.

    ID is as printed by query and quotes. Reported words get no quotation marks; a day that is assumed says so. A mark
    or correction by a user is part of the citation; tags and notes go to standard error.
    """
    with open_archive() as opened:
        document, quote = citations.located(opened, record_id, revision)
        note = alone(document, quote, _notes(opened, document)).note
        citation = citations.cite(document, quote, note)
    if form == "text":
        write_lines([[(citations.FORMS[form](citation), "")]])
    else:
        with written_to("-") as write:
            write(citations.FORMS[form](citation))
    if texts := note_texts(replace(note, mark="", correction="")):
        say(f"note: {' · '.join(texts)}")

"""`searchkit show` and `searchkit cite`: a document or statement with its details, and as a citation."""

from collections.abc import Callable

import click

from searchkit.archive import Archive
from searchkit.cli.document_view import document_lines, statement_lines
from searchkit.cli.options import archive_option, json_option, open_archive, terminal_options
from searchkit.cli.output import paged, write_json, write_lines, written_to
from searchkit.document import Document, Quote
from searchkit.errors import NotInArchive
from searchkit.export import citation as citations
from searchkit.export.records import shown_document, shown_statement

_CITATIONS: dict[str, Callable[[citations.Citation], str]] = {
    "text": citations.as_text,
    "markdown": citations.as_markdown,
    "bibtex": citations.as_bibtex,
    "csl-json": lambda citation: citations.as_csl_json([citation]),
}


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
        linked = opened.linked(document)
    if as_json:
        write_json(shown_document(document) if quote is None else shown_statement(quote, document))
    else:
        with paged(wanted=not no_pager):
            write_lines(
                document_lines(document, linked=linked)
                if quote is None
                else statement_lines(quote, document, linked=linked)
            )


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
    "-f", "--format", "form", type=click.Choice(list(_CITATIONS)), default="text", show_default=True, help="Form."
)
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The document as it was in revision N.")
@archive_option
def cite(record_id: str, form: str, revision: int | None) -> None:
    """Print a citation of a statement or document: words, speaker, outlet, title, day, address, id and hash.

    ID is as printed by query and quotes. Reported words get no quotation marks; a day that is assumed says so.
    """
    with open_archive() as opened:
        citation = citations.cite(*citations.located(opened, record_id, revision))
    if form == "text":
        write_lines([[(_CITATIONS[form](citation), "")]])
    else:
        with written_to("-") as write:
            write(_CITATIONS[form](citation))

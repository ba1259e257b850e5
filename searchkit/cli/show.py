"""`searchkit show`: a document or statement with all that is known of it."""

import click

from searchkit.cli.document_view import document_lines, statement_lines
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import write_json, write_lines
from searchkit.cli.output_formats import terminal_options
from searchkit.cli.pager import paged
from searchkit.document import quote_json
from searchkit.errors import NotInArchive
from searchkit.export.records import shown_record


@click.command("show")
@click.argument("record_id", metavar="ID")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The document as it was in revision N.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole record as JSON.")
@terminal_options
@archive_option
@click.pass_context
def command(
    ctx: click.Context, record_id: str, revision: int | None, as_json: bool, no_pager: bool, archive: str | None
) -> None:
    """Print a document with its statements and names marked, and where it comes from.

    ID is that of a document or of a statement, as printed by query and quotes. Statements stand in [1: ...], names in
    <...>; on a terminal they are colored instead.
    """
    with open_archive(ctx, archive) as opened:
        document, quote = opened.find(record_id)
        if revision is not None:
            old = opened.revision(document.id, revision)
            if old is None:
                raise NotInArchive(f"Document {document.id} has no revision {revision}; it has {document.revision}.")
            document, quote = old, None
    if as_json:
        kind = "document" if quote is None else "statement"
        record = (
            shown_record(document) if quote is None else {**quote_json(quote, document), "gone_at": document.gone_at}
        )
        write_json({"schema": f"searchkit.{kind}/1", **record})
    else:
        with paged(wanted=not no_pager):
            write_lines(document_lines(document) if quote is None else statement_lines(quote, document))

"""`searchkit cite`: where a statement or document stands written, as a citation."""

import click

from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import write_lines
from searchkit.cli.writing import written_to
from searchkit.export.citation import Citation, as_bibtex, as_csl_json, as_markdown, as_text, cite, located

FORMATS = ("text", "markdown", "bibtex", "csl-json")


@click.command("cite")
@click.argument("record_id", metavar="ID")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Form.")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The document as it was in revision N.")
@archive_option
def command(record_id: str, form: str, revision: int | None) -> None:
    """Print a citation of a statement or document: words, speaker, outlet, title, day, address, id and hash.

    ID is as printed by query and quotes. Reported words get no quotation marks; a day that is assumed says so.
    """
    with open_archive() as opened:
        citation = cite(*located(opened, record_id, revision))
    if form == "text":
        write_lines([[(as_text(citation), "")]])
    else:
        with written_to("-") as write:
            write(_form(citation, form))


def _form(citation: Citation, form: str) -> str:
    """The citation in a form that is read by a program."""
    if form == "markdown":
        return as_markdown(citation)
    if form == "bibtex":
        return as_bibtex(citation)
    return as_csl_json([citation])

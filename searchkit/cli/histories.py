"""`searchkit changes`, `spread`, `disputes`, `silence` and `compare`: what became of a statement."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar, get_args

import click
from msgspec import Struct

from searchkit.cli.answers import saved_queries
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import paged, progress_bar, say, write_json, write_lines, write_texts
from searchkit.export.histories.blocks import Block, changes_blocks, spread_blocks
from searchkit.export.histories.changes import ChangesRequest, changes_report
from searchkit.export.histories.spread import SpreadRequest, spread_report
from searchkit.export.histories.writing import html_page, markdown_page
from searchkit.histories.base import ChangeKind
from searchkit.text import counted, one_line

_Command = TypeVar("_Command", bound=Callable[..., Any])
FORMATS = ("table", "json", "jsonl", "markdown", "html")


def _list_options(default: int, what: str) -> Callable[[_Command], _Command]:
    def added(command: _Command) -> _Command:
        for option in (
            archive_option,
            click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if nothing is found."),
            click.option("--no-pager", is_flag=True, help="Do not use a pager."),
            click.option("--json", "as_json", is_flag=True, help="Same as --format json."),
            click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Output format (default: table)."),
            click.option("--offset", type=click.IntRange(0, 1_000_000), default=0, help=f"Number of {what} to skip."),
            click.option(
                "-n",
                "--limit",
                type=click.IntRange(1, 10_000),
                default=default,
                show_default=True,
                help=f"Number of {what}.",
            ),
        ):
            command = option(command)
        return command

    return added


def today() -> date:
    """Return the current day."""
    return datetime.now(UTC).date()


@click.command("changes")
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(get_args(ChangeKind)), help="Only changes of this kind."
)
@click.option("--speaker", default="", metavar="NAME", help="Only statements by this name, before or after the change.")
@click.option("--about", default="", metavar="NAME", help="Only statements about this name.")
@click.option("--since", default="", metavar="DAY", help="Only changes read since this day (2026-03-01).")
@click.option("--until", default="", metavar="DAY", help="Only changes read up to this day.")
@_list_options(20, "changes")
def changes(words: tuple[str, ...], kinds: tuple[ChangeKind, ...], **options: Any) -> int:
    """List silent edits: statements that a later version of an article added, removed or changed.

    Both versions are read by the same rules, so a difference is the outlet's. QUERY limits the list to articles that
    match: searchkit changes outlet:"Harbor Ledger" --kind speaker
    """
    query = " ".join(words)
    with open_archive() as archive, progress_bar("Comparing statements", first="Searching") as progress:
        archive.histories(progress=progress)
        report = changes_report(
            archive,
            ChangesRequest(
                query=query,
                today=today(),
                saved=saved_queries(archive, query),
                kinds=kinds,
                **{name: options[name] for name in ("speaker", "about", "since", "until", "limit", "offset")},
            ),
        )
    total = (
        f"{counted(report.total, 'changed statement')} in {counted(report.compared, 'article')} with several versions"
    )
    return _print(report, report.changes, changes_blocks(report), "Changed statements", total, report.notes, options)


@click.command("spread")
@click.argument("words", nargs=-1, metavar="[ID|QUERY]")
@_list_options(5, "quotations")
def spread(words: tuple[str, ...], **options: Any) -> int:
    """Show where a quotation was printed: first, by whom, with how many of its words, attributed to whom.

    ID is a statement; QUERY has the syntax of `searchkit quotes`. Quotations of six or more words are compared. Those
    with conflicting attributions come first, then those that most outlets printed.
    """
    query = " ".join(words)
    with open_archive() as archive, progress_bar("Comparing statements", first="Searching") as progress:
        archive.histories(progress=progress)
        report = spread_report(
            archive,
            SpreadRequest(
                query=query,
                today=today(),
                saved=saved_queries(archive, query),
                limit=options["limit"],
                offset=options["offset"],
            ),
        )
    total = f"{counted(report.total, 'quotation')} printed more than once"
    return _print(report, report.quotations, spread_blocks(report), "Quotations", total, report.notes, options)


# --- output -----------------------------------------------------------------------------------------------------------


def _print(
    report: Struct,
    records: Sequence[Struct],
    blocks: Iterable[Block],
    title: str,
    total: str,
    notes: Sequence[str],
    options: dict[str, Any],
) -> int:
    """Print a report in the format that the options choose; return the exit code."""
    form = "json" if options["as_json"] else options["form"] or "table"
    if form == "json":
        write_json(report)
    elif form == "jsonl":
        for record in records:
            write_json(record, indent=False)
    elif form == "markdown":
        write_texts(markdown_page(title, blocks, (total, *notes)))
    elif form == "html":
        write_texts(html_page(title, blocks, (total, *notes)))
    else:
        with paged(wanted=not options["no_pager"]):
            write_lines(_lines(blocks, options["offset"]))
            write_lines([[(total + _shown(records, options["offset"]), "dim")]])
    if form not in {"json", "markdown", "html"}:
        for note in notes:
            say(f"note: {one_line(note)}")
    return NO_HITS if options["exit_status"] and not records else 0


def _shown(records: Sequence[Struct], offset: int) -> str:
    return f", {offset + 1:,} to {offset + len(records):,} shown" if records else ""


def _lines(blocks: Iterable[Block], offset: int) -> Iterable[list[tuple[str, str]]]:
    for number, block in enumerate(blocks, offset + 1):
        yield [(f"{number}. ", "dim"), (one_line(block.title), "bold")]
        yield [(f"   {one_line(block.facts)}", "dim")]
        for line in block.lines:
            label = f"{one_line(line.label)}: " if line.label else ""
            yield [("   ", ""), (label, "dim"), (one_line(line.text), "bold red" if line.strong else "")]
            if line.source:
                yield [(f"      {one_line(line.source)}", "dim")]
        yield []

"""`searchkit changes`, `spread`, `disputes` and `silence`: what became of a statement."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, TypeVar, get_args

import click
from msgspec import Struct

from searchkit.cli.answers import saved_queries
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import paged, progress_bar, say, write_json, write_lines, write_texts
from searchkit.export.histories.blocks import (
    Block,
    changes_blocks,
    disputes_blocks,
    silence_blocks,
    silence_facts,
    spread_blocks,
)
from searchkit.export.histories.changes import ChangesRequest, changes_report
from searchkit.export.histories.disputes import DisputesRequest, disputes_report
from searchkit.export.histories.silence import SilenceRequest, silence_report
from searchkit.export.histories.spread import SpreadRequest, spread_report
from searchkit.export.histories.writing import html_page, markdown_page
from searchkit.histories.base import ChangeKind, Strength
from searchkit.statements.text import counted, one_line

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
@click.option("--since", default="", metavar="DATE", help="Only changes read since this day (2026-03-01, 7d).")
@click.option("--until", default="", metavar="DATE", help="Only changes read up to this day.")
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
    versions = f"{counted(report.compared, 'article')} with several versions in the archive"
    total = f"{counted(report.total, 'changed statement')}; {versions}"
    return _print(report, report.changes, changes_blocks(report), "Changed statements", (total,), report.notes, options)


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
    return _print(report, report.quotations, spread_blocks(report), "Quotations", (total,), report.notes, options)


@click.command("disputes")
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option("--about", default="", metavar="NAME", help="Only claims about this name, and answers by it.")
@click.option("--strength", "strengths", multiple=True, type=click.Choice(get_args(Strength)), help="Only such links.")
@_list_options(20, "disputes")
def disputes(words: tuple[str, ...], strengths: tuple[Strength, ...], **options: Any) -> int:
    """Show claims next to their denials, rejections and answers; then accusations without an answer.

    Each link says how sure it is: strong (the answer names the claim, or who makes it) or medium (the target denies).
    QUERY limits the list to articles that match:
    searchkit disputes --about Tiandy
    """
    query = " ".join(words)
    with open_archive() as archive, progress_bar("Comparing statements", first="Searching") as progress:
        archive.histories(progress=progress)
        report = disputes_report(
            archive,
            DisputesRequest(
                query=query,
                today=today(),
                saved=saved_queries(archive, query),
                strengths=strengths,
                **{name: options[name] for name in ("about", "limit", "offset")},
            ),
        )
    total = f"{counted(report.total, 'article')} with a disputed claim"
    return _print(report, report.disputes, disputes_blocks(report), "Disputes", (total,), report.notes, options)


@click.command("silence")
@click.option("--watchlist", required=True, metavar="NAME", help="The list whose entries are looked for.")
@click.option("--since", required=True, metavar="DAY", help="Published since: 2023, 2023-05, 2023-05-01 or 30d.")
@click.option("--until", default="", metavar="DAY", help="Published until (default: today).")
@_list_options(50, "names")
def silence(**options: Any) -> int:
    """List the entries of a watchlist without a statement in a period, next to what was read.

    Refusals to comment come first, with who asked. Silence in this archive does not prove silence: the first lines say
    how many articles and sources it rests on, and how many statements are missed.
    """
    with open_archive() as archive, progress_bar("Comparing statements", first="Searching") as progress:
        archive.histories(progress=progress)
        asked = {name: options[name] for name in ("watchlist", "since", "until")}
        report = silence_report(archive, SilenceRequest(today=today(), **asked))
    found = (*report.silence.refused, *report.silence.silent)
    first, last = options["offset"], options["offset"] + options["limit"]
    blocks = islice(silence_blocks(report), first, last)
    return _print(report, found[first:last], blocks, "Who is silent", silence_facts(report), report.notes, options)


# --- output -----------------------------------------------------------------------------------------------------------


def _print(
    report: Struct,
    records: Sequence[Struct],
    blocks: Iterable[Block],
    title: str,
    facts: tuple[str, ...],
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
        write_texts(markdown_page(title, blocks, (*facts, *notes)))
    elif form == "html":
        write_texts(html_page(title, blocks, (*facts, *notes)))
    else:
        with paged(wanted=not options["no_pager"]):
            write_lines([(fact, "dim")] for fact in facts[:-1])
            write_lines(_lines(blocks, options["offset"]))
            write_lines([[(facts[-1] + _shown(records, options["offset"]), "dim")]])
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

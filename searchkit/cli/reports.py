"""The commands of the table of reports, each made from its row."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from inspect import cleandoc
from itertools import chain, islice
from typing import Any

import click

from searchkit.cli.answers import saved_queries
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import Segment, paged, progress_bar, say_notes, write_json, write_lines, write_texts
from searchkit.export.report import written
from searchkit.reports import load
from searchkit.reports.base import Entry, Field, Report, fields_of
from searchkit.statements.text import one_line

FORMATS = ("table", "json", "jsonl", "markdown", "html")
_SVG = "svg"  # a picture of the first entry
_MOST = 10_000


def command(name: str) -> click.Command:
    """Return the command of a report."""
    report = load(name)
    made = click.Command(name, callback=partial(_run, report), help=cleandoc(report.help))
    shown, forms = click.IntRange(1, _MOST), (*FORMATS, *((_SVG,) if report.picture is not None else ()))
    made.params = [
        *map(_parameter, fields_of(report.request)),
        click.Option(
            ["-n", "--limit"], type=shown, default=report.limit, show_default=True, help=f"Number of {report.entries}."
        ),
        click.Option(
            ["--offset"], type=click.IntRange(0, 1_000_000), default=0, help=f"Number of {report.entries} to skip."
        ),
        click.Option(["-f", "--format", "form"], type=click.Choice(forms), help="Output format (default: table)."),
        click.Option(["--json", "as_json"], is_flag=True, help="Same as --format json."),
        click.Option(["--no-pager"], is_flag=True, help="Do not use a pager."),
        click.Option(["-e", "--exit-status"], is_flag=True, help="Exit with 1 if nothing is found."),
    ]
    return archive_option(made)


def _parameter(field: Field) -> click.Parameter:
    if field.name == "query":
        return click.Argument(["query"], nargs=-1, metavar=field.extra.get("metavar", "[QUERY]"))
    text = field.extra.get("option", field.text)
    names = [f"--{field.parameter}", field.name]
    if field.choices:
        return click.Option(names, multiple=field.several, type=click.Choice(field.choices), help=text)
    default = {} if field.required else {"default": field.default}
    metavar = field.extra.get("metavar", "NAME")
    return click.Option(names, required=field.required, metavar=metavar, help=text, **default)


def _run(report: Report, **options: Any) -> int:
    """Run a report and print its result in the format that the options choose; return the exit code."""
    asked = {field.name: options[field.name] for field in fields_of(report.request)}
    if "query" in asked:
        asked["query"] = " ".join(asked["query"])
    if report.in_parts:
        asked |= {"limit": options["limit"], "offset": options["offset"]}
    with open_archive() as archive, progress_bar("Comparing statements", first="Searching") as progress:
        if report.compares:
            archive.refresh_histories(progress=progress)
        saved = saved_queries(archive, asked.get("query", ""))
        result = report.run(archive, report.request(today=datetime.now(UTC).date(), saved=saved, **asked))
    part = slice(None) if report.in_parts else slice(options["offset"], options["offset"] + options["limit"])
    records = report.records(result)[part]
    form = "json" if options["as_json"] else options["form"] or "table"
    if form == "json":
        write_json(result)
    elif form == "jsonl":
        for record in records:
            write_json(record, indent=False)
    else:
        view = report.view(result)
        entries = islice(view.entries, part.start, part.stop)
        if form == _SVG and report.picture is not None:
            write_texts(chain.from_iterable(map(report.picture, islice(entries, 1))))
        elif form == "table":
            first = options["offset"] + 1
            shown = f", {first:,} to {first + len(records) - 1:,} shown" if records else ""
            with paged(wanted=not options["no_pager"]):
                write_lines([(fact, "dim")] for fact in view.facts[:-1])
                write_lines(_lines(entries, first))
                write_lines([[(view.facts[-1] + shown, "dim")]])
        else:
            template, remarks = f"entries.{'md' if form == 'markdown' else 'html'}", (*view.facts, *result.notes)
            write_texts(written(template, title=report.title, entries=entries, remarks=remarks))
    if form in {"table", "jsonl"}:
        say_notes(result.notes)
    return NO_HITS if options["exit_status"] and not records else 0


def _lines(entries: Iterable[Entry], first: int) -> Iterator[list[Segment]]:
    for number, entry in enumerate(entries, first):
        yield [(f"{number}. ", "dim"), (one_line(entry.title), "bold")]
        yield [(f"   {one_line(entry.facts)}", "dim")]
        for line in entry.lines:
            label = f"{one_line(line.label)}: " if line.label else ""
            yield [("   ", ""), (label, "dim"), (one_line(line.words), "bold red" if line.strong else "")]
            if line.where:
                yield [(f"      {one_line(line.where)}", "dim")]
        for remark in entry.remarks:
            yield [(f"   {one_line(remark)}", "dim")]
        yield []

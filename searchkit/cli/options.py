"""Options that several commands share, and what they mean."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

import click

from searchkit.archive import Archive
from searchkit.cli.completion import complete_facet
from searchkit.cli.output_formats import form_options, terminal_options
from searchkit.config import Config, load
from searchkit.errors import UsageError
from searchkit.index.base import FacetRequest, FacetSort
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, find

# Options that narrow a question by the field of their name.
FILTERS = ("speaker", "about", "entity", "agency", "outlet", "verb", "kind")
_Command = TypeVar("_Command", bound=Callable[..., Any])
_FACET = (
    r"(?P<field>[a-z.]{1,40})(?:[+*×](?P<paired>[a-z.]{1,40}))?(?::(?P<interval>day|week|month|year))?"
    r"(?::(?P<size>\d{1,4}))?"
)
_INTERVALS: dict[str, Unit] = {unit: unit for unit in get_args(Unit)}
_QUERY = re.compile(r"""-[^-].{0,2000}[\s:"({]""", re.DOTALL)
_CLUSTER = re.compile(r"-[^\W\d_]{2,60}")


class QueryCommand(click.Command):
    """A command whose arguments are a query: a word that starts with "-" must not pass for a bundle of options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # shell completion
            return super().parse_args(ctx, args)
        # A quoted query that begins with "-" cannot be a bundle of options; a blank keeps click from trying.
        args = [f" {argument}" if _QUERY.match(argument) else argument for argument in args]
        words = args.index("--") if "--" in args else len(args)
        for argument in args[:words]:
            if _CLUSTER.match(argument) and not argument.startswith("--"):
                raise click.UsageError(
                    f'"{argument}" can be read as options or as a word to leave out. To leave out a word write '
                    f"NOT {argument[1:]}, or put -- before the query, or quote the whole query.",
                    ctx,
                )
        # Click would take the next word of the query for the number of a bare --open.
        for number, argument in enumerate(args[:words]):
            if argument == "--open":
                if number + 1 < len(args) and args[number + 1].isdecimal():
                    raise click.UsageError(
                        f'"--open {args[number + 1]}" can be read in two ways. For hit {args[number + 1]} write '
                        f"--open={args[number + 1]}, and a word of the query before --open.",
                        ctx,
                    )
                args[number] = "--open=0"
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name.startswith("--"):
                raise
            word = error.option_name[1:]
            raise click.UsageError(
                f"{error.format_message()} To leave out a word write NOT {word}, or put -- before the query.", ctx
            ) from error


def archive_option(command: _Command) -> _Command:
    """`--archive PATH` on a command, as on `searchkit` itself."""
    return click.option("--archive", type=click.Path(), help="Folder of the archive.")(command)


def settings(ctx: click.Context, archive: str | None, **flags: Any) -> Config:
    """The settings, with this command's flags on top. ConfigError as `config.load`."""
    return load({"archive": archive or ctx.obj, **flags})


def open_archive(ctx: click.Context, archive: str | None) -> Archive:
    """The archive that flags and settings name. ArchiveError as `Archive.open`."""
    return Archive.open(settings(ctx, archive).archive)


def facet_requests(wanted: Sequence[str], sort: FacetSort = "count") -> tuple[FacetRequest, ...]:
    """`NAME[:day|week|month|year][:N]` or `NAME+NAME[:N]` each. UsageError for a field that has no facet."""
    return tuple(dict.fromkeys(_facet_request(text, sort) for text in wanted))


def _facet_request(text: str, sort: FacetSort) -> FacetRequest:
    match = re.fullmatch(_FACET, text.strip().lower())
    field = find(match["field"]) if match else None
    paired = find(match["paired"]) if match and match["paired"] else None
    unknown = match is not None and match["paired"] and (paired is None or not paired.facet)
    if match is None or field is None or not field.facet or unknown:
        names = ", ".join(field.name for field in FIELDS if field.facet)
        raise UsageError(
            f'"{text}" is no facet.',
            hint="Write NAME or NAME:N; date:day, week, month or year; speaker+about for pairs. Facets: " + names + ".",
        )
    interval = _INTERVALS.get(match["interval"] or "")
    if field.kind == "date" and paired is None:
        interval = interval or "month"
    elif interval:
        raise UsageError(f'"{text}": only dates are counted by {interval}.', hint=f"Write --facet {field.name}.")
    # A histogram with a hole at its end misleads, so dates are counted in full unless a number is given.
    size = int(match["size"]) if match["size"] else (10 if interval is None else 1000)
    if size < 1:
        raise UsageError(f'"{text}" asks for no values.', hint="Write a number from 1.")
    request = FacetRequest(
        field=field.name, paired=paired.name if paired else "", size=size, interval=interval, sort=sort
    )
    if paired:
        from searchkit.index.facets import facet_fields

        facet_fields(request, "quote")  # says which fields make no pair
    return request


def question_options(command: _Command) -> _Command:
    """The options that `query` and `quotes` share: filters, facets, order, paging, format."""
    for option in reversed(
        (
            click.option("--speaker", multiple=True, metavar="NAME", help="Only statements by NAME; again: or by."),
            click.option("--about", multiple=True, metavar="NAME", help="Only statements about NAME."),
            click.option("--entity", multiple=True, metavar="NAME", help="Only where NAME is named."),
            click.option("--agency", multiple=True, metavar="NAME", help="Only where the official body is named."),
            click.option("--outlet", multiple=True, metavar="NAME", help="Only published by NAME."),
            click.option(
                "--verb", multiple=True, metavar="VERB", help="Only with this reporting verb, in any form: say, denied."
            ),
            click.option(
                "--kind",
                multiple=True,
                type=click.Choice(["direct", "mixed", "indirect"]),
                help="Only statements of this kind.",
            ),
            click.option("--since", default="", metavar="DATE", help="Published on DATE or later (2022, 2022-12, 7d)."),
            click.option("--until", default="", metavar="DATE", help="Published on DATE or earlier."),
            click.option(
                "--facet",
                multiple=True,
                metavar="NAME[:N]",
                shell_complete=complete_facet,
                help="Count values: speaker, outlet:20, date:week, speaker+about for pairs.",
            ),
            click.option(
                "--facet-sort",
                type=click.Choice(["count", "value"]),
                default="count",
                help="Order of the values of facets (default: count; dates are always in order of time).",
            ),
            click.option(
                "--sort",
                type=click.Choice(["relevance", "newest", "oldest"]),
                help="Order of the hits (default: relevance; newest when the query asks for no words).",
            ),
            click.option("-n", "--limit", type=click.IntRange(0, 10_000), default=10, show_default=True, help="Hits."),
            click.option("--offset", type=click.IntRange(0, 1_000_000), default=0, help="Hits to skip."),
            click.option("--copies", is_flag=True, help="List every copy of a text, not the first of them alone."),
            form_options,
            click.option("--count", is_flag=True, help="Print how many there are, and nothing else."),
            click.option(
                "--open",
                "open_hit",
                type=click.IntRange(0, 1_000_000),
                metavar="[=N]",
                help="Open the source of the one hit, or of hit N, with the program that shows such.",
            ),
            click.option(
                "--batch",
                metavar="FILE|-",
                help="Run many queries: one a line, or CSV with the columns name and query. - is standard input.",
            ),
            click.option("--score", is_flag=True, help="Show the score of each hit."),
            click.option("-e", "--exit-status", is_flag=True, help="Exit 1 when nothing was found."),
            click.option("-v", "--verbose", is_flag=True, help="Say how the query was read."),
            terminal_options,
            click.option(
                "--explain", is_flag=True, help="Show how the query was read, hits by clause and time; no hits."
            ),
            archive_option,
        )
    ):
        command = option(command)
    return command

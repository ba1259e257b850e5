"""`searchkit help`: the topics (query, fields, dates, exit codes) and the help of each command.

The tables of fields and exit codes are those that the program itself uses.
"""

from collections.abc import Callable, Iterable
from textwrap import fill

import click
from click.shell_completion import CompletionItem

from searchkit.cli.errors import EXIT_CODES
from searchkit.query.examples import DATES, QUERIES
from searchkit.query.fields import ENTITY_KINDS, FIELDS

# Pages fit a terminal of 80 columns; the longest example has 38 characters.
_COLUMNS = 80
_LEFT = 38


@click.command("help")
@click.argument(
    "topic",
    nargs=-1,
    metavar="[TOPIC]",
    shell_complete=lambda ctx, _parameter, typed: [
        *(CompletionItem(name) for name in TOPICS if name.startswith(typed)),
        *ctx.find_root().command.shell_complete(ctx.find_root(), typed),
    ],
)
@click.pass_context
def command(ctx: click.Context, topic: tuple[str, ...]) -> None:
    """Explain a TOPIC: query, fields, dates, exit-codes, or a command (`searchkit help watchlist add`).

    `searchkit help query` is a cheat sheet of the query language.
    """
    name = " ".join(topic)
    known = f"Topics: {', '.join(TOPICS)}, and every command: searchkit help TOPIC"
    if name in TOPICS:
        click.echo(TOPICS[name]())
        return
    context = ctx.find_root()
    for part in topic:
        group = context.command
        subcommand = group.get_command(context, part) if isinstance(group, click.Group) else None
        if subcommand is None:
            raise click.UsageError(f"There is no help on {name!r}. {known}", ctx)
        context = click.Context(subcommand, info_name=part, parent=context)
    click.echo(context.get_help())
    if not topic:
        click.echo(f"\n{known}")


def query_page() -> str:
    """Return the cheat sheet of the query language."""
    return _page(
        "Separate words must all match.",
        _rows(QUERIES),
        "Write operators in capitals: AND, OR, NOT, NEAR, ADJ. searchkit refuses an ambiguous query, marks the "
        "place and suggests a correction; -v shows how it read a query.",
        "saved:NAME stands for a saved search. watchlist:=EX-2 finds the entry EX-2 of a watchlist, "
        "watchlist:=EX-2/strong only its strong matches.",
        "The shell strips quotation marks. Put the complete query in single quotes:",
        "  searchkit query '\"double standard\" speaker:Xu'",
        f"Fields: {' '.join(field.name for field in FIELDS if '.' not in field.name)}",
        "More: searchkit help fields, searchkit help dates. Options: searchkit query --help",
    )


def fields_page() -> str:
    """Return the table of all fields of the query language."""
    rows = [
        (
            " or ".join((field.name, *field.aliases)),
            f"{field.describes}{'' if len(field.records) > 1 else '; documents only'}{' +' if field.facet else ''}",
        )
        for field in FIELDS
        if not field.name.startswith("entity.")
    ]
    return _page(
        "Fields: write NAME:VALUE. Fields with a + are also facets: --facet NAME.",
        _rows(rows),
        "Names by kind, all with a +:",
        "\n".join(f"  entity.{kind}" for kind in ENTITY_KINDS),
        'has:NAME matches any value, like NAME:*. Write exact:"..." and saved:NAME in the same way.',
    )


def dates_page() -> str:
    """Return the ways to write points and ranges in time."""
    return _page(
        "The fields date (of publication), said, seen and gone take dates:",
        _rows(DATES),
        "A year, month or week means the complete period. Weeks begin on Monday. 15/12/2022 is refused: write "
        "2022-12-15.",
        "A document of which only the month is known matches every day of it. date:month-unknown finds dates without a "
        "known month; also day-unknown. --since and --until take the same "
        "points in time.",
    )


def exit_codes_page() -> str:
    """Return the meaning of each exit code."""
    return _page(
        "Exit codes, for scripts:", "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
    )


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        fill(
            right,
            _COLUMNS,
            initial_indent=f"  {left:{_LEFT}}  ",
            subsequent_indent=" " * (_LEFT + 4),
            break_on_hyphens=False,
        )
        for left, right in pairs
    )


def _page(*parts: str) -> str:
    """Join paragraphs and tables; wrap only the paragraphs."""
    return "\n\n".join(
        part if part.startswith("  ") else fill(part, _COLUMNS, break_on_hyphens=False) for part in parts
    )


TOPICS: dict[str, Callable[[], str]] = {
    "query": query_page,
    "fields": fields_page,
    "dates": dates_page,
    "exit-codes": exit_codes_page,
}

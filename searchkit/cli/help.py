"""`searchkit help`: the topics (query, fields, dates, exit codes) and the help of each command.

Tests run the examples on seeds/. The tables of fields and exit codes are those that the program itself uses.
"""

from collections.abc import Callable, Iterable
from textwrap import fill

import click
from click.shell_completion import CompletionItem

from searchkit.cli.errors import EXIT_CODES
from searchkit.query.fields import ENTITY_KINDS, FIELDS

# Query, and what it finds. Each finds something in seeds/.
QUERIES: tuple[tuple[str, str], ...] = (
    ("Tiandy Xu", "both words, in any of their forms"),
    ("Tiandy OR Hikvision", "either word"),
    ("Tiandy -camera", "without the second; also NOT camera"),
    ("license (Ostrava OR Meridian)", "parentheses group"),
    ('"double standard"', "these words in a row, as written"),
    ('"regional government"~3', "in order, up to 3 words between"),
    ("Tiandy NEAR/5 list", "in either order; ADJ/5: in this order"),
    ("sanction*", "words that start with this"),
    ("Tiandi~1", "one letter may differ; ~2: two letters"),
    ("U.S. list", "the country, also as US; us is the pronoun"),
    ('exact:"U.S."', "these words with punctuation and accents, in any case"),
    ("speaker:Xu", "the field contains this word"),
    ('speaker:"Xu Guixiang"', "the field contains these words in a row"),
    ('outlet:="Atlas Wire"', "the full name, or its id"),
    ("speaker:(Xu OR Aske)", "the field contains any of these"),
    ("outlet:/harbor.{0,9}/", "a regular expression that matches full names"),
    ("speaker:*", "the field has any value; has:speaker is the same"),
    ("-wire:*", "the field has no value"),
    ("date:2022-12..2023", "from December 2022 to the end of 2023"),
    ("date:>=2023 verb:denied", "since 2023; a verb in any form"),
    ("quote:{speaker:Xu about:Tiandy law}", "one statement that matches all of it"),
    ("-quote:{speaker:Xu}", "documents without such a statement"),
    ("*", "everything"),
)
# Points in time. Those relative to today may find nothing.
DATES: tuple[tuple[str, str], ...] = (
    ("date:2022", "in 2022"),
    ("date:2022-12", "in December 2022"),
    ("date:2022-W50", "in this week of the year, Monday to Sunday"),
    ("date:2022-12-19", "on this day"),
    ("date:>2022", "after the end of 2022; also >=, < and <="),
    ("date:2022-12..2023", "from the start of the first to the end of the last"),
    ("date:..2022", "until the end of 2022"),
    ("date:[2022-12 TO 2023-03]", "the same as 2022-12..2023-03"),
    ("date:{2022 TO 2024}", "between the two, excluding both"),
    ("date:=2022-12", "certainly in this month; without = also if only the year is known"),
    ("said:2022-12", "statements made then; date is the day of publication"),
    ("date:7d", "today and the six days before; also 4w, 3mo, 2y"),
    ("date:today", "also yesterday"),
    ("date:last-week", "Monday to Sunday; also this-week, this-month, last-month, this-year, last-year"),
    ("-date:*", "without a date"),
)
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

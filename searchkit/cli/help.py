"""`searchkit help`: the topics (query, fields, dates, exit codes) and the help of each command."""

from collections.abc import Iterable
from textwrap import fill

import click
from click.shell_completion import CompletionItem

from searchkit.cli.errors import EXIT_CODES
from searchkit.files import shipped_text
from searchkit.query.examples import DATES, QUERIES
from searchkit.query.fields import ENTITY_KINDS, FIELDS

# Pages fit a terminal of 80 columns; the longest example has 38 characters.
_COLUMNS = 80
TOPICS = ("query", "fields", "dates", "exit-codes")
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
        click.echo(page(name))
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


def page(topic: str) -> str:
    """Return the page of a topic; its text is in topics/, its tables are those that the program itself uses."""
    fields = {
        " or ".join((field.name, *field.aliases)): field.describes
        + ("" if len(field.records) > 1 else "; documents only")
        + (" +" if field.facet else "")
        for field in FIELDS
        if not field.name.startswith("entity.")
    }
    tables = {
        "queries": _rows(QUERIES),
        "dates": _rows(DATES),
        "fields": _rows(fields.items()),
        "names": " ".join(field.name for field in FIELDS if "." not in field.name),
        "kinds": "\n".join(f"  entity.{kind}" for kind in ENTITY_KINDS),
        "codes": "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items()),
    }
    parts = shipped_text("searchkit.cli", f"topics/{topic}").strip().split("\n\n")
    # Only paragraphs are wrapped, not tables.
    return "\n\n".join(
        text if text.startswith("  ") else fill(text, _COLUMNS, break_on_hyphens=False)
        for text in (part.format(**tables) for part in parts)
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

"""`searchkit query`: ask for documents."""

from typing import Any

import click

from searchkit.cli.completion import complete_query
from searchkit.cli.options import QueryCommand, question_options
from searchkit.cli.query_runner import run


@click.command("query", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="QUERY", shell_complete=complete_query)
@question_options
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Ask the archive for documents.

    Words side by side must all be there. Also: OR, NOT or -, ( ), "exact words", prefix*, field:value,
    date:2022-12..2023, quote:{speaker:Xu about:Tiandy}. The shell eats quotation marks: write '"exact words"'.

    Below each document stand the statements that matched: those that by themselves meet a part of the query.
    """
    return run(ctx, words, "document", options)

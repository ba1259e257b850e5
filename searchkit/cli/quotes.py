"""`searchkit quotes`: ask for statements."""

from typing import Any

import click

from searchkit.cli.completion import complete_query
from searchkit.cli.options import QueryCommand, question_options
from searchkit.cli.query_runner import run


@click.command("quotes", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@question_options
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Ask the archive for statements: who said what, about whom, when, and where it is written.

    QUERY is the language of `searchkit query`; a bare word is looked for in the words of the statement. Without a
    query, options alone select: searchkit quotes --speaker "Xu Guixiang" --about Tiandy
    """
    return run(ctx, words, "quote", options)

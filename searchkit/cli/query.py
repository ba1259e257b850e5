"""`searchkit query` and `searchkit quotes`: search documents, search statements."""

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
    """Search documents.

    Separate words must all match. Also: OR, NOT or -, ( ), "exact words", prefix*, field:value, date:2022-12..2023,
    quote:{speaker:Xu about:Tiandy}. The shell strips quotation marks: write '"exact words"'.

    Each document is followed by its matching statements: those that match a clause of the query by themselves.
    """
    return run(ctx, words, "document", options)


@click.command("quotes", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@question_options
@click.pass_context
def quotes(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Search statements: who said what, about whom, when, and where it was published.

    QUERY has the syntax of `searchkit query`; words without a field are searched in the words of the statement. Without
    a query, the options select statements: searchkit quotes --speaker "Xu Guixiang" --about Tiandy
    """
    return run(ctx, words, "quote", options)

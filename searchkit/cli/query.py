"""`searchkit query`: ask for documents."""

from typing import Any

import click

from searchkit.cli.answers import print_answer
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import QueryCommand, open_archive, question_options
from searchkit.cli.question import ask


@click.command("query", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="QUERY")
@question_options
@click.option("--score", is_flag=True, help="Show the score of each hit.")
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Ask the archive for documents.

    Words side by side must all be there. Also: OR, NOT or -, ( ), "exact words", prefix*, field:value,
    date:2022-12..2023, quote:{speaker:Xu about:Tiandy}. The shell eats quotation marks: write '"exact words"'.
    """
    with open_archive(ctx, options.pop("archive")) as archive:
        if options["explain"]:
            from searchkit.cli.explaining import print_explanation

            return print_explanation(archive, words, "document", options)
        answer = ask(archive, words, "document", options)
        print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0

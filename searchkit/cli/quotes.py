"""`searchkit quotes`: ask for statements."""

from typing import Any

import click

from searchkit.cli.answers import print_answer
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import QueryCommand, open_archive, question_options
from searchkit.cli.question import ask


@click.command("quotes", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]")
@question_options
@click.option("--verb", multiple=True, metavar="VERB", help="Only with this reporting verb, in any form: say, denied.")
@click.option("--kind", multiple=True, type=click.Choice(["direct", "mixed", "indirect"]), help="Only of this kind.")
@click.option("--score", is_flag=True, help="Show the score of each hit.")
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Ask the archive for statements: who said what, about whom, when, and where it is written.

    QUERY is the language of `searchkit query`; a bare word is looked for in the words of the statement. Without a
    query, options alone select: searchkit quotes --speaker "Xu Guixiang" --about Tiandy
    """
    with open_archive(ctx, options.pop("archive")) as archive:
        if options["explain"]:
            from searchkit.cli.explaining import print_explanation

            return print_explanation(archive, words or ("*",), "quote", options)
        answer = ask(archive, words or ("*",), "quote", options)
        print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0

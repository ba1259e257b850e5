"""`searchkit query` and `searchkit statements`: print an answer, count, open a source, explain, or run a batch."""

from collections.abc import Sequence
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli.answers import answer_from_options, kind_of, print_answer
from searchkit.cli.completion import complete_query
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import QueryCommand, form_of, open_archive, question_options
from searchkit.cli.output import say, say_notes, write_texts
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.statements.text import counted, one_line


@click.command("query", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="QUERY", shell_complete=complete_query)
@question_options
def command(words: tuple[str, ...], **options: Any) -> int:
    """Search documents.

    Separate words must all match. Also: OR, NOT or -, ( ), "exact words", prefix*, field:value, date:2022-12..2023,
    quote:{speaker:Xu about:Tiandy}. The shell strips quotation marks: write '"exact words"'.

    Each document is followed by its matching statements: those that match a clause of the query by themselves.
    """
    return _run(words, "document", options)


@click.command("statements", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@question_options
def statements(words: tuple[str, ...], **options: Any) -> int:
    """Search statements: who said what, about whom, when, and where it was published.

    QUERY has the syntax of `searchkit query`; words without a field are searched in the words of the statement. Without
    a query, the options select statements: searchkit statements --speaker "Xu Guixiang" --about Tiandy
    """
    return _run(words, "quote", options)


def _run(words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Answer the query in words and options; return the exit code."""
    form = form_of(options)
    if form.fields:  # unknown fields are an error before the archive is opened
        from searchkit.cli.answer_data import chosen  # as in `print_answer`

        chosen(form.fields, record, ())
    _refuse_together(options, form.name)
    with open_archive() as archive:
        if options["batch"] is not None:
            from searchkit.cli.batch import run_batch

            if any(word.strip() for word in words):
                raise UsageError("--batch reads its queries from a file.", hint="Omit the query, or --batch.")
            return run_batch(archive, options["batch"], record, options)
        if not words and record == "quote":
            words = ("*",)
        if options["explain"]:
            from searchkit.cli.explaining import print_explanation

            return print_explanation(archive, words, record, options)
        if options["open_hit"] is not None:
            return _open(archive, words, record, options)
        if options["count"]:
            answer = answer_from_options(archive, words, record, {**options, "limit": 0})
            write_texts([str(answer.result.total)])
            say_notes(answer.result.notes)
            if options["verbose"]:
                say(f"read as: {one_line(answer.result.interpreted_as)}")
        else:
            answer = answer_from_options(archive, words, record, options)
            print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


def _refuse_together(options: dict[str, Any], form: str) -> None:
    """Raise UsageError for two options of which each decides what is printed."""
    ways = ("explain", "count", "open_hit", "batch")
    given = [f"--{name.removesuffix('_hit')}" for name in ways if options[name]]
    if given and given[0] in {"--count", "--open"}:
        shapes = {"--format": form != "table", "--fields": options["fields"], "--facet": options["facet"]}
        given += [name for name, is_given in shapes.items() if is_given]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} cannot be combined.", hint="Choose one of them.")


def _open(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Open the source of the hit with the chosen number, and print its address."""
    from searchkit.cli.opening import open_address, source_address

    number = options["open_hit"]
    answer = answer_from_options(archive, words, record, {**options, "limit": 1, "offset": number - 1})
    total, found = answer.result.total, next(iter(answer.records), None)
    if not total:
        say(f"No {kind_of(answer)}s match {one_line(answer.result.interpreted_as)}")
        return NO_HITS if options["exit_status"] else 0
    if found is None:
        raise UsageError(f"No hit {number}: {counted(total, kind_of(answer))} match.", hint=f"Choose 1 to {total}.")
    address = source_address(found.document)
    open_address(address)
    write_texts([address])
    return 0

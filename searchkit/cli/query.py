"""`searchkit query` and `searchkit statements`: print an answer, count, open a source, explain, or run a batch."""

import sys
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

# `--open` without a number: the only hit.
_ONLY_HIT = 0


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
    ways = {
        "--explain": options["explain"],
        "--count": options["count"],
        "--open": options["open_hit"] is not None,
        "--batch": options["batch"],
    }
    shapes = {"--format": form != "table", "--fields": options["fields"], "--facet": options["facet"]}
    chosen_ways = [name for name, is_given in ways.items() if is_given]
    chosen_shapes = [name for name, is_given in shapes.items() if is_given]
    for way in ("--count", "--open"):
        if way in chosen_ways and chosen_shapes:
            shape = chosen_shapes[0]
            raise UsageError(f"{way} and {shape} cannot be combined.", hint=f"Omit {way} or {shape}.")
    if chosen_ways == ["--count", "--batch"]:
        hint = "Omit --count: without --limit, --batch prints only the number of hits of each query."
        raise UsageError("--count and --batch cannot be combined.", hint=hint)
    if len(chosen_ways) > 1:
        raise UsageError(f"{chosen_ways[0]} and {chosen_ways[1]} cannot be combined.", hint="Choose one of them.")


def _open(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Open the source of the only hit, or of the hit with the chosen number."""
    from searchkit.cli.opening import opened

    if not sys.stdout.isatty():
        raise UsageError(
            "--open needs an interactive terminal.", hint="In a pipe, print addresses: --format csv --fields url"
        )
    number = options["open_hit"]
    answer = answer_from_options(archive, words, record, {**options, "limit": 1, "offset": max(0, number - 1)})
    total, kind = answer.result.total, kind_of(answer)
    if number == _ONLY_HIT and total > 1:
        raise UsageError(f"{counted(total, kind)} match.", hint="Choose a hit by its number: --open=1")
    found = next(iter(answer.records), None)
    if found is None:
        if not total:
            say(f"No {kind} matches {one_line(answer.result.interpreted_as)}")
            return NO_HITS if options["exit_status"] else 0
        raise UsageError(f"No hit {number}: {counted(total, kind)} match.", hint=f"Choose a number up to {total}.")
    write_texts([opened(found.document)])
    return 0

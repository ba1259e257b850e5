"""What `query` and `quotes` do with a question: print its answer, count, open a source, or take many."""

from collections.abc import Sequence
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli.answers import print_answer
from searchkit.cli.errors import NO_HITS
from searchkit.cli.hit_fields import chosen
from searchkit.cli.options import open_archive
from searchkit.cli.output import counted, is_terminal, one_line, say, write_texts
from searchkit.cli.output_formats import form_of
from searchkit.cli.question import ask
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.search.answer import Answer

# `--open` without a number: of the one hit there is.
_THE_ONE = 0


def run(ctx: click.Context, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Answer the question that words and options put; returns the exit code."""
    # What cannot be is refused before anything is looked for.
    form = form_of(options)
    if form.fields:
        chosen(form.fields, record, ())
    _refuse_together(options, form.name)
    with open_archive(ctx, options.pop("archive")) as archive:
        if options["batch"] is not None:
            from searchkit.cli.batch import run_batch

            if any(word.strip() for word in words):
                raise UsageError("--batch takes its queries from a file.", hint="Leave the query out, or --batch.")
            return run_batch(archive, options["batch"], record, options)
        if not words and record == "quote":
            words = ("*",)
        if options["explain"]:
            from searchkit.cli.explaining import print_explanation

            return print_explanation(archive, words, record, options)
        if options["open_hit"] is not None:
            return _open(archive, words, record, options)
        if options["count"]:
            answer = ask(archive, words, record, {**options, "limit": 0})
            _count(answer, verbose=options["verbose"])
        else:
            answer = ask(archive, words, record, options)
            print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


def _refuse_together(options: dict[str, Any], form: str) -> None:
    shapes = {"--format": form != "table", "--fields": options["fields"], "--facet": options["facet"]}
    given = [name for name, is_given in shapes.items() if is_given]
    for flag, wanted, what in (
        ("--count", options["count"], "prints a number alone"),
        ("--open", options["open_hit"] is not None, "opens a source and prints its address alone"),
    ):
        if wanted and given:
            raise UsageError(f"{flag} {what}.", hint=f"Leave out {flag} or {given[0]}.")
    ways = {
        "--explain": options["explain"],
        "--count": options["count"],
        "--open": options["open_hit"] is not None,
        "--batch": options["batch"],
    }
    both = [name for name, is_given in ways.items() if is_given]
    if len(both) > 1:
        raise UsageError(f"{both[0]} and {both[1]} exclude each other.", hint="Give one of them.")


def _count(answer: Answer, *, verbose: bool) -> None:
    write_texts([str(answer.result.total)])
    for note in answer.result.notes:
        say(f"note: {one_line(note)}")
    if verbose:
        say(f"read as: {one_line(answer.result.interpreted_as)}")


def _open(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Open the source of one hit: the one there is, or that of the number asked for, as it is printed before hits."""
    import sys

    from searchkit.cli.opening import opened

    if not is_terminal(sys.stdout):
        raise UsageError("--open is for a terminal.", hint="In a pipe, print addresses: --format csv --fields url")
    number = options["open_hit"]
    answer = ask(archive, words, record, {**options, "limit": 1, "offset": max(0, number - 1)})
    total, kind = answer.result.total, "document" if record == "document" else "statement"
    if number == _THE_ONE and total > 1:
        raise UsageError(
            f"{counted(total, kind)} match: which of them is to be opened?", hint="Write its number: --open=1"
        )
    found = next(iter(answer.records), None)
    if found is None:
        if not total:
            say(f"No {kind} matches {one_line(answer.result.interpreted_as)}")
            return NO_HITS if options["exit_status"] else 0
        raise UsageError(f"There is no hit {number}: {counted(total, kind)} match.", hint="Write a number up to that.")
    write_texts([opened(found.document)])
    return 0

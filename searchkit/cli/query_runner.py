"""Run `query` and `quotes`: print the answer, count, open a source, explain, or run a batch."""

from collections.abc import Sequence
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli.answers import print_answer
from searchkit.cli.errors import NO_HITS
from searchkit.cli.hits import chosen
from searchkit.cli.options import form_of, open_archive
from searchkit.cli.output import counted, is_terminal, one_line, say, write_texts
from searchkit.cli.question import ask
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.search.answer import Answer

# `--open` without a number: the only hit.
_ONLY_HIT = 0


def run(ctx: click.Context, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Answer the query in words and options; return the exit code."""
    form = form_of(options)
    if form.fields:
        chosen(form.fields, record, ())
    _refuse_together(options, form.name)
    with open_archive(ctx, options.pop("archive")) as archive:
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
            answer = ask(archive, words, record, {**options, "limit": 0})
            _count(answer, verbose=options["verbose"])
        else:
            answer = ask(archive, words, record, options)
            print_answer(answer, options)
    return NO_HITS if options["exit_status"] and not answer.result.total else 0


def _refuse_together(options: dict[str, Any], form: str) -> None:
    shapes = {"--format": form != "table", "--fields": options["fields"], "--facet": options["facet"]}
    given = [name for name, is_given in shapes.items() if is_given]
    for flag, wanted in (
        ("--count", options["count"]),
        ("--open", options["open_hit"] is not None),
    ):
        if wanted and given:
            raise UsageError(f"{flag} and {given[0]} cannot be combined.", hint=f"Omit {flag} or {given[0]}.")
    ways = {
        "--explain": options["explain"],
        "--count": options["count"],
        "--open": options["open_hit"] is not None,
        "--batch": options["batch"],
    }
    both = [name for name, is_given in ways.items() if is_given]
    if len(both) > 1:
        raise UsageError(f"{both[0]} and {both[1]} cannot be combined.", hint="Choose one of them.")


def _count(answer: Answer, *, verbose: bool) -> None:
    write_texts([str(answer.result.total)])
    for note in answer.result.notes:
        say(f"note: {one_line(note)}")
    if verbose:
        say(f"read as: {one_line(answer.result.interpreted_as)}")


def _open(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Open the source of the only hit, or of the hit with the chosen number."""
    import sys

    from searchkit.cli.opening import opened

    if not is_terminal(sys.stdout):
        raise UsageError(
            "--open needs an interactive terminal.", hint="In a pipe, print addresses: --format csv --fields url"
        )
    number = options["open_hit"]
    answer = ask(archive, words, record, {**options, "limit": 1, "offset": max(0, number - 1)})
    total, kind = answer.result.total, "document" if record == "document" else "statement"
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

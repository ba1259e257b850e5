"""`searchkit inspect`: what searchkit understands of a document; nothing is stored."""

import json
import sys
from datetime import UTC, datetime
from typing import BinaryIO

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.output import one_line, say, write_json, write_lines
from searchkit.cli.portrait import document_lines
from searchkit.crawl import Refused
from searchkit.document import Document, to_json


@click.command("inspect")
@click.argument("paths", nargs=-1, metavar="PATH|-")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read JSON Lines of {"id", "text"} (from PATH or standard input), write one record a line with the same id.',
)
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], as_json: bool, jsonl: bool) -> int:
    """Print what searchkit understands of a document: title, dates, names, statements and their speakers.

    Nothing is stored. With --jsonl, a record's offsets count code points of its own "text".
    """
    if jsonl:
        if len(paths) > 1:
            raise click.UsageError("--jsonl reads one file, or standard input.", ctx)
        return _inspect_lines(paths[0] if paths else "-")
    if not paths:
        raise click.UsageError("Name what to inspect: a file, or - for standard input.", ctx)
    from searchkit.crawl import FileOptions, resources
    from searchkit.ingest import annotate

    now = datetime.now(UTC)
    failed = shown = 0
    for resource in resources(paths, FileOptions(), now=now, stdin=sys.stdin.buffer):
        made = resource if isinstance(resource, Refused) else annotate(resource, now)
        if isinstance(made, Refused):
            failed += 1
            _say_refused(made)
            continue
        if as_json:
            write_json({"schema": "searchkit.inspect/1", **to_json(made)}, indent=len(paths) == 1)
        else:
            if shown:
                click.echo()
            write_lines(document_lines(made))
        shown += 1
    return SOME_FAILED if failed else 0


def _say_refused(made: Document | Refused) -> None:
    if isinstance(made, Refused):
        say(f"failed: {one_line(made.uri)}: {one_line(made.reason)}")


def _inspect_lines(path: str) -> int:
    if path == "-":
        return _write_records(sys.stdin.buffer)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - click hands us the path as typed
            return _write_records(file)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from error


def _write_records(lines: BinaryIO) -> int:
    from searchkit.crawl import FileOptions
    from searchkit.crawl.records import records
    from searchkit.ingest import annotate

    now = datetime.now(UTC)
    failed = 0
    for resource in records(lines, "stdin:", FileOptions(), now=now):
        made = resource if isinstance(resource, Refused) else annotate(resource, now)
        if isinstance(resource, Refused) or isinstance(made, Refused):
            failed += 1
            _say_refused(made)
        else:
            record = to_json(made) | {"id": json.loads(resource.body).get("id")}
            write_json({"schema": "searchkit.inspect/1", **record}, indent=False)
    return SOME_FAILED if failed else 0

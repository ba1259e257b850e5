"""`searchkit inspect`: what searchkit understands of a document; nothing is stored."""

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
from msgspec import Struct

from searchkit.cli.document_view import document_lines
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.explanation import explained_json
from searchkit.cli.options import settings
from searchkit.cli.output import one_line, say, write_json, write_lines
from searchkit.crawl import Refused
from searchkit.document import Document, Resource
from searchkit.export.records import shown_record
from searchkit.extract.register import Register
from searchkit.extract.speakers.explanation import Explanation

SCHEMA = "searchkit.inspect/1"


@click.command("inspect")
@click.argument("paths", nargs=-1, metavar="PATH|-")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read JSON Lines of {"id", "text"} (from PATH or standard input), write one record a line with the same id.',
)
@click.option(
    "--explain",
    is_flag=True,
    help="Say which rules made each statement, who was not taken as speaker, what is no statement.",
)
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], as_json: bool, jsonl: bool, explain: bool) -> int:
    """Print what searchkit understands of a document: title, dates, names, statements and their speakers.

    Nothing is stored. Aliases and watchlists of the archive, if there is one, are applied.

    With --jsonl, a record's offsets count code points of its own "text".
    """
    from searchkit.names.loading import load

    reading = _Reading(register=load(settings(ctx, None).archive), explain=explain)
    if jsonl:
        if len(paths) > 1:
            raise click.UsageError("--jsonl reads one file, or standard input.", ctx)
        return _inspect_lines(paths[0] if paths else "-", reading)
    if not paths:
        raise click.UsageError("Name what to inspect: a file, or - for standard input.", ctx)
    from searchkit.crawl import FileOptions, resources

    now, shown = datetime.now(UTC), 0

    def show(_resource: Resource, made: Document, explained: Explanation | None) -> None:
        nonlocal shown
        if as_json:
            write_json(_record(made, explained), indent=len(paths) == 1)
        else:
            if shown:
                click.echo()
            write_lines(document_lines(made, explained))
        shown += 1

    return _inspect(resources(paths, FileOptions(), now=now, stdin=sys.stdin.buffer), now, reading, show)


class _Reading(Struct, frozen=True, kw_only=True):
    """How documents are read: what the user says about names, and whether to explain."""

    register: Register | None
    explain: bool


def _record(document: Document, explained: Explanation | None) -> dict[str, Any]:
    record = {"schema": SCHEMA, **shown_record(document)}
    return record if explained is None else explained_json(record, explained)


def _inspect(
    found: Iterable[Resource | Refused],
    now: datetime,
    reading: _Reading,
    show: Callable[[Resource, Document, Explanation | None], None],
) -> int:
    """Show each document made of what was `found`, and say of the others why not; returns the exit code."""
    from searchkit import ingest

    reader: ingest.Reader[Document | Explanation]
    reader = ingest.Reader(ingest.explain if reading.explain else ingest.annotate, now=now, register=reading.register)
    failed = 0
    with reader:
        for resource in found:
            made = resource if isinstance(resource, Refused) else reader.read(resource)
            if isinstance(made, Refused):
                failed += 1
                say(f"failed: {one_line(made.uri)}: {one_line(made.reason)}")
            elif isinstance(resource, Resource):
                explained = made if isinstance(made, Explanation) else None
                show(resource, made.document if isinstance(made, Explanation) else made, explained)
    return SOME_FAILED if failed else 0


def _inspect_lines(path: str, reading: _Reading) -> int:
    from searchkit.crawl.base import STDIN

    if path == "-":
        return _inspect_records(sys.stdin.buffer, STDIN, reading)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - click hands us the path as typed
            return _inspect_records(file, Path(path).absolute().as_uri(), reading)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from error


def _inspect_records(lines: BinaryIO, base: str, reading: _Reading) -> int:
    from searchkit.crawl import FileOptions
    from searchkit.crawl.records import records

    def show(resource: Resource, made: Document, explained: Explanation | None) -> None:
        given = {"id": json.loads(resource.body).get("id")}
        write_json({**_record(made, explained), **given}, indent=False)

    now = datetime.now(UTC)
    return _inspect(records(lines, base, FileOptions(), now=now), now, reading, show)

"""`searchkit inspect`: what searchkit understands of a document; nothing is stored."""

import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import BinaryIO

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import settings
from searchkit.cli.output import one_line, say, write_json, write_lines
from searchkit.cli.portrait import document_lines
from searchkit.crawl import Refused
from searchkit.document import Document, Resource, to_json
from searchkit.extract.register import Register

SCHEMA = "searchkit.inspect/1"


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

    Nothing is stored. Aliases and watchlists of the archive, if there is one, are applied.

    With --jsonl, a record's offsets count code points of its own "text".
    """
    from searchkit.entities.folder import load

    register = load(settings(ctx, None).archive)
    if jsonl:
        if len(paths) > 1:
            raise click.UsageError("--jsonl reads one file, or standard input.", ctx)
        return _inspect_lines(paths[0] if paths else "-", register)
    if not paths:
        raise click.UsageError("Name what to inspect: a file, or - for standard input.", ctx)
    from searchkit.crawl import FileOptions, resources

    now, shown = datetime.now(UTC), 0

    def show(_resource: Resource, made: Document) -> None:
        nonlocal shown
        if as_json:
            write_json({"schema": SCHEMA, **to_json(made)}, indent=len(paths) == 1)
        else:
            if shown:
                click.echo()
            write_lines(document_lines(made))
        shown += 1

    return _inspect(resources(paths, FileOptions(), now=now, stdin=sys.stdin.buffer), now, register, show)


def _inspect(
    found: Iterable[Resource | Refused],
    now: datetime,
    register: Register | None,
    show: Callable[[Resource, Document], None],
) -> int:
    """Show each document made of what was `found`, and say of the others why not; returns the exit code."""
    from searchkit.ingest import annotate

    failed = 0
    for resource in found:
        made = resource if isinstance(resource, Refused) else annotate(resource, now, register)
        if isinstance(resource, Resource) and isinstance(made, Document):
            show(resource, made)
        elif isinstance(made, Refused):
            failed += 1
            say(f"failed: {one_line(made.uri)}: {one_line(made.reason)}")
    return SOME_FAILED if failed else 0


def _inspect_lines(path: str, register: Register | None) -> int:
    if path == "-":
        return _inspect_records(sys.stdin.buffer, register)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - click hands us the path as typed
            return _inspect_records(file, register)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from error


def _inspect_records(lines: BinaryIO, register: Register | None) -> int:
    from searchkit.crawl import FileOptions
    from searchkit.crawl.records import records

    def show(resource: Resource, made: Document) -> None:
        given = {"id": json.loads(resource.body).get("id")}
        write_json({"schema": SCHEMA, **to_json(made), **given}, indent=False)

    now = datetime.now(UTC)
    return _inspect(records(lines, "stdin:", FileOptions(), now=now), now, register, show)

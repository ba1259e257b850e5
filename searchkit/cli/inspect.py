"""`searchkit inspect`: what searchkit extracts from a document; nothing is stored."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import click
from msgspec import Meta, Struct, UnsetType

from searchkit import ingest
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import json_option, settings
from searchkit.cli.output import opened_input, say, write_json, write_lines
from searchkit.cli.show import document_lines
from searchkit.crawl.base import STDIN, FileOptions, Noted, Part, Refused
from searchkit.crawl.files import resources
from searchkit.crawl.records import records
from searchkit.export.records import Values, document_fields, placed
from searchkit.names.aliases import load
from searchkit.records import DOCUMENT, STATEMENT, Count, DocumentRecord, StatementRecord, projection
from searchkit.search.answer import alone
from searchkit.statements import Explanation, ReadSentence, Register
from searchkit.statements.document import Document, Resource
from searchkit.statements.text import one_line


class RejectedSpeaker(Struct, frozen=True, kw_only=True):
    """A name that is not the speaker."""

    name: str
    start: Count
    end: Count
    reason: str


ExplainedStatement = projection(
    "ExplainedStatement",
    "A statement, with --explain also the candidates that were rejected as its speaker.",
    (StatementRecord,),
    (*STATEMENT, "rejected"),
    types={"rejected": tuple[RejectedSpeaker, ...] | UnsetType},
)


class Unreported(Struct, frozen=True, kw_only=True):
    """A reporting verb or quotation that made no statement."""

    start: Count
    end: Count
    text: str
    reason: str


InspectedDocument = projection(
    "InspectedDocument",
    "The record that `searchkit index` would store; --jsonl prints one a line.",
    (DocumentRecord,),
    (*DOCUMENT, "sentences", "unreported"),
    tag="searchkit.inspect/1",
    types={
        "id": Annotated[Any, Meta(description="With --jsonl the id of the input record, unchanged.")],
        "statements": tuple[ExplainedStatement, ...],  # type: ignore[valid-type]
        "sentences": Annotated[
            tuple[ReadSentence, ...] | UnsetType,
            Meta(description="With --explain: what the reader sees in each sentence with an attribution (English)."),
        ],
        "unreported": Annotated[
            tuple[Unreported, ...] | UnsetType,
            Meta(description="With --explain: reporting verbs and quotations that made no statement."),
        ],
    },
)


@click.command("inspect")
@click.argument("paths", nargs=-1, metavar="PATH|-")
@json_option
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read JSON Lines of {"id", "text"} from PATH or standard input; print a record per line with the same id.',
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show which rules made each statement, which speakers were rejected, and what is not a statement.",
)
def command(paths: tuple[str, ...], as_json: bool, jsonl: bool, explain: bool) -> int:
    """Print what searchkit extracts from a document: title, dates, names, statements and their speakers.

    Nothing is stored. Aliases and watchlists of the archive, if there is one, are applied.

    With --jsonl, a record's offsets count code points of its own "text".
    """
    config = settings()
    inspector = _Inspector(load(config.archive), explain=explain)
    if jsonl:
        if len(paths) > 1:
            raise click.UsageError("--jsonl reads a single file, or standard input.")
        path = paths[0] if paths else "-"
        with opened_input(path) as lines:
            base = STDIN if path == "-" else Path(path).absolute().as_uri()
            for resource, made, explained in inspector.documents(
                records(Part(uri=base, stream=lines), FileOptions(), now=inspector.now)
            ):
                write_json(_record(made, explained, id=json.loads(resource.body).get("id")), indent=False)
        return inspector.exit_code
    if not paths:
        raise click.UsageError("Name what to inspect: a file, or - for standard input.")
    found = resources(paths, FileOptions(ocr=config.ocr), now=inspector.now, stdin=sys.stdin.buffer)
    for number, (_, made, explained) in enumerate(inspector.documents(found)):
        if as_json:
            write_json(_record(made, explained), indent=len(paths) == 1)
        else:
            if number:
                click.echo()
            write_lines(document_lines(made, explained))
    return inspector.exit_code


def _record(document: Document, explained: Explanation | None, **changes: Any) -> Struct:
    values = Values(alone(document))
    quotes = {quote.id: values.within(quote).of(STATEMENT) for quote in document.statements}
    fields = document_fields(values) | changes
    if explained is None:
        return InspectedDocument(
            **fields | {"statements": tuple(ExplainedStatement(**quote) for quote in quotes.values())}
        )
    text = explained.document.text
    fields["statements"] = tuple(
        ExplainedStatement(
            **quotes[quote.id], rejected=tuple(placed(RejectedSpeaker, candidate) for candidate in rejected)
        )
        for quote, rejected in zip(document.quotes, explained.rejected, strict=True)
        if quote.id in quotes
    )
    unreported = tuple(placed(Unreported, part, text=part.span.of(text)) for part in explained.unreported)
    return InspectedDocument(**fields, sentences=explained.sentences, unreported=unreported)


class _Inspector:
    """Reads documents, with the user's names and perhaps explanations; reports the resources that fail."""

    def __init__(self, register: Register | None, *, explain: bool) -> None:
        self.now = datetime.now(UTC)
        self.exit_code = 0
        self._reader: ingest.Reader[Document | Explanation]
        self._reader = ingest.Reader(ingest.explain if explain else ingest.annotate, now=self.now, register=register)

    def documents(
        self, found: Iterable[Resource | Refused | Noted]
    ) -> Iterator[tuple[Resource, Document, Explanation | None]]:
        """Yield each document with its resource, and its explanation if there is one."""
        with self._reader:
            for resource in found:
                if isinstance(resource, Noted):
                    say(f"note: {one_line(resource.uri)}: {one_line(resource.note)}")
                    continue
                made = resource if isinstance(resource, Refused) else self._reader.read(resource)
                if isinstance(made, Refused):
                    self.exit_code = SOME_FAILED
                    say(f"failed: {one_line(made.uri)}: {one_line(made.reason)}")
                elif isinstance(resource, Resource):
                    explained = made if isinstance(made, Explanation) else None
                    yield resource, made.document if isinstance(made, Explanation) else made, explained

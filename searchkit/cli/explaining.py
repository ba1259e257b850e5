"""`--explain`: how a query was read, the engine's version of it, hits per clause and time per stage."""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from searchkit.archive import Archive
from searchkit.cli.answers import request_from_options
from searchkit.cli.options import form_of
from searchkit.cli.output import Segment, progress_bar, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, Version
from searchkit.search.answer import Records
from searchkit.search.explain import ExplainedNode, Explanation, explain
from searchkit.search.rewrite import NameExpander
from searchkit.statements.text import counted, one_line


class ExplanationRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.explain/1"):
    """How a query was read, and the hits of each clause."""

    query: Annotated[str, Meta(description="As typed.")]
    syntax: Version
    interpreted_as: Annotated[str, Meta(description="As read.")]
    over: Record
    total: Count
    lines: Annotated[tuple[ExplainedNode, ...], Meta(description="A line for each node, from the root down.")]
    engine: Annotated[str, Meta(description="The query as the engine runs it; the format may change.")]
    notes: tuple[str, ...]
    seconds: Annotated[dict[str, float], Meta(description="Time spent, by stage.")]
    complete: Annotated[bool, Meta(description="Whether all nodes are listed.")]


def print_explanation(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Explain the query in words and options instead of answering it, as lines or JSON."""
    form = form_of(options).name
    if form not in {"table", "json"}:
        raise UsageError(f"--explain and --format {form} cannot be combined.", hint="Omit --format, or use --json.")
    started = time.perf_counter()
    request = request_from_options(archive, words, record, options)
    search_request, notes = request.search_request()
    parsed = time.perf_counter() - started
    with progress_bar("Updating the index", first="Searching") as progress:
        result = archive.search(search_request, progress=progress)
    # Read the records only to measure how long that takes.
    started = time.perf_counter()
    for _ in Records(archive, record, result.hits):
        pass
    fetched = time.perf_counter() - started
    explanation = explain(search_request, NameExpander(archive.index, record, archive.refreshed_values))
    explanation = replace(
        explanation,
        notes=tuple(dict.fromkeys((*notes, *result.notes, *explanation.notes))),
        seconds={"parse": parsed, **explanation.seconds, "records": fetched},
    )
    if form == "json":
        seconds = {stage: round(taken, 6) for stage, taken in explanation.seconds.items()}
        write_json(
            ExplanationRecord(query=str(request.query), syntax=SYNTAX, **{**asdict(explanation), "seconds": seconds})
        )
    else:
        write_lines(_lines(explanation))
    return 0


def _lines(explanation: Explanation) -> Iterator[list[Segment]]:
    kinds = {"document": "document", "quote": "statement"}
    yield [("read as  ", "dim"), (one_line(explanation.interpreted_as), "bold")]
    yield []
    for line in explanation.lines:
        clause = "" if line.node in {"And", "Or", "Not", "Scope"} else f"{one_line(line.query)}  "
        yield [
            (f"{counted(line.hits, kinds[line.over]):>18}  ", "dim"),
            (f"{'  ' * line.depth}{clause}", "bold"),
            (line.read, "dim"),
        ]
    if not explanation.complete:
        yield [("The query has more nodes than shown.", "dim")]
    yield []
    yield [("lookups  ", "dim"), (one_line(explanation.engine), "")]
    taken = ", ".join(f"{stage} {seconds * 1000:.1f} ms" for stage, seconds in explanation.seconds.items())
    yield [("time     ", "dim"), (taken, "")]
    yield [("found    ", "dim"), (counted(explanation.total, kinds[explanation.over]), "")]
    for note in explanation.notes:
        yield [("note     ", "dim"), (one_line(note), "")]

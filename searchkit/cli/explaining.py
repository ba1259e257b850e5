"""`--explain`: how a query was read, what the engine makes of it, hits by clause and time by stage."""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from searchkit.archive import Archive
from searchkit.cli.options import form_of
from searchkit.cli.output import Segment, counted, one_line, write_json, write_lines
from searchkit.cli.progress import progress_bar
from searchkit.cli.question import read
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, Version
from searchkit.search.answer import Records
from searchkit.search.explain import ExplainedNode, Explanation, explain
from searchkit.search.name_expansion import NameExpander


class ExplanationRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.explain/1"):
    """How a query was read, and the hits of each clause."""

    query: Annotated[str, Meta(description="As typed.")]
    syntax: Version
    interpreted_as: Annotated[str, Meta(description="As read.")]
    over: Record
    total: Count
    lines: Annotated[tuple[ExplainedNode, ...], Meta(description="A line for each node, from the root down.")]
    engine: Annotated[str, Meta(description="The query in the engine's own words; not stable.")]
    notes: tuple[str, ...]
    seconds: Annotated[dict[str, float], Meta(description="Time spent, by stage.")]
    complete: Annotated[bool, Meta(description="Whether all nodes are listed.")]


def print_explanation(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Explain the question in words and options instead of answering it; as JSON when that is asked for."""
    form = form_of(options).name
    if form not in {"table", "json"}:
        raise UsageError(f"--explain has no form {form}.", hint="Leave --format out, or write --json.")
    started = time.perf_counter()
    request = read(archive, words, record, options)
    search_request, notes = request.search_request()
    parsed = time.perf_counter() - started
    with progress_bar("Updating the index", first="Searching") as progress:
        result = archive.search(search_request, progress=progress)
    started = time.perf_counter()
    for _ in Records(archive, record, result.hits):
        pass
    fetched = time.perf_counter() - started
    told = explain(search_request, NameExpander(archive.index, record))
    told = replace(
        told,
        notes=tuple(dict.fromkeys((*notes, *result.notes, *told.notes))),
        seconds={"parse": parsed, **told.seconds, "records": fetched},
    )
    if form == "json":
        seconds = {stage: round(taken, 6) for stage, taken in told.seconds.items()}
        write_json(ExplanationRecord(query=str(request.query), syntax=SYNTAX, **{**asdict(told), "seconds": seconds}))
    else:
        write_lines(_lines(told))
    return 0


def _lines(told: Explanation) -> Iterator[list[Segment]]:
    kinds = {"document": "document", "quote": "statement"}
    yield [("read as  ", "dim"), (one_line(told.interpreted_as), "bold")]
    yield []
    for line in told.lines:
        asked = "" if line.node in {"And", "Or", "Not", "Scope"} else f"  {one_line(line.query)}"
        yield [
            (f"{counted(line.hits, kinds[line.over]):>18}  ", "dim"),
            (f"{'  ' * line.depth}{line.node}", ""),
            (asked, "bold"),
            (f"  {line.read}", "dim"),
        ]
    if not told.complete:
        yield [("The query has more nodes than are shown.", "dim")]
    yield []
    yield [("engine   ", "dim"), (one_line(told.engine), "")]
    taken = ", ".join(f"{stage} {seconds * 1000:.1f} ms" for stage, seconds in told.seconds.items())
    yield [("time     ", "dim"), (taken, "")]
    yield [("found    ", "dim"), (counted(told.total, kinds[told.over]), "")]
    for note in told.notes:
        yield [("note     ", "dim"), (one_line(note), "")]

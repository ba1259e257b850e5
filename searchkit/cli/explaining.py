"""`--explain`: how a query was read, hits per clause and time per stage."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.answers import request_from_options
from searchkit.cli.options import form_of
from searchkit.cli.output import Segment, progress_bar, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.search.explain import ExplanationRecord, explain
from searchkit.search.rewrite import NameExpander
from searchkit.statements.text import counted, one_line


def print_explanation(archive: Archive, words: Sequence[str], record: Record, options: dict[str, Any]) -> int:
    """Explain the query in words and options instead of answering it, as lines or JSON."""
    form = form_of(options).name
    if form not in {"table", "json"}:
        raise UsageError(f"--explain and --format {form} cannot be combined.", hint="Omit --format, or use --json.")
    request = request_from_options(archive, words, record, options)
    search_request, notes = request.search_request()
    with progress_bar("Updating the index", first="Searching") as progress:
        result = archive.search(replace(search_request, limit=0, offset=0, facets=()), progress=progress)
    explanation = explain(
        str(request.query), search_request, NameExpander(archive.index, record, archive.refreshed_values)
    )
    explanation = replace(
        explanation,
        notes=tuple(dict.fromkeys((*notes, *result.notes, *explanation.notes))),
        seconds={stage: round(taken, 6) for stage, taken in explanation.seconds.items()},
    )
    if form == "json":
        write_json(explanation)
    else:
        write_lines(_lines(explanation))
    return 0


def _lines(explanation: ExplanationRecord) -> Iterator[list[Segment]]:
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
    taken = ", ".join(f"{stage} {seconds * 1000:.1f} ms" for stage, seconds in explanation.seconds.items())
    yield [("time     ", "dim"), (taken, "")]
    yield [("found    ", "dim"), (counted(explanation.total, kinds[explanation.over]), "")]
    for note in explanation.notes:
        yield [("note     ", "dim"), (one_line(note), "")]

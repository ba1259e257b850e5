"""The answer to a question in every form: for people, and as JSON, JSON Lines, CSV, TSV and ids."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import to_builtins

from searchkit.cli import facets as facet_forms
from searchkit.cli.hit_fields import COLUMNS, DEFAULTS, Hit, chosen
from searchkit.cli.hit_lines import hit_lines, table_lines
from searchkit.cli.output import (
    Segment,
    counted,
    one_line,
    say,
    write_csv,
    write_json,
    write_lines,
    write_texts,
)
from searchkit.cli.output_formats import Form, form_of
from searchkit.cli.pager import paged
from searchkit.query.parser import SYNTAX
from searchkit.search.answer import Answer

SCHEMA = {"document": "searchkit.query/1", "quote": "searchkit.quotes/1"}


def print_answer(answer: Answer, options: Mapping[str, Any]) -> None:
    """Print `answer` in the form that `options` ask for. UsageError for fields that there are not."""
    form = form_of(options)
    facets = answer.result.facets
    if form.name == "json":
        write_json(answer_json(answer, json_fields(answer, form)))
    elif facets and not options["limit"] and form.name in {"csv", "tsv", "jsonl"}:
        _print_facets(answer, form)
    elif form.name == "jsonl":
        fields = json_fields(answer, form)
        for hit in _hits(answer):
            write_json(hit.as_json(fields), indent=False, end=form.end)
    elif form.name in {"csv", "tsv"}:
        columns = chosen(form.fields, answer.record, COLUMNS[answer.record]) if form.fields else COLUMNS[answer.record]
        rows = ({name: hit.cell(name) for name in columns} for hit in _hits(answer))
        write_csv(rows, columns, delimiter=form.delimiter, end=form.end)
    elif form.name == "ids":
        write_texts((hit.id for hit in answer.result.hits), end=form.end)
    else:
        fields = chosen(form.fields, answer.record, ()) if form.fields else ()
        with paged(wanted=not options.get("no_pager")):
            write_lines(_lines(answer, form, fields, with_score=options["score"]))
    if facets and form.name not in {"json", "table"} and (options["limit"] or form.name == "ids"):
        say(f"note: {form.name} has no place for facets; table and json have, and csv, tsv and jsonl with --limit 0.")
    if form.name not in {"json", "table"}:
        _tell_left_out(answer, options)
    if form.name != "json":
        for note in answer.result.notes:
            say(f"note: {one_line(note)}")
        if options["verbose"]:
            say(f"read as: {one_line(answer.result.interpreted_as)} ({answer.result.took * 1000:.0f} ms)")


def _tell_left_out(answer: Answer, options: Mapping[str, Any]) -> None:
    """Lines in a file look like all there are."""
    total, written = answer.result.total, len(answer.result.hits)
    if options["limit"] and answer.offset + written < total:
        kind = "document" if answer.record == "document" else "statement"
        say(f"note: {counted(total, kind)}, {written:,} written; --limit writes more, searchkit export all.")


def _print_facets(answer: Answer, form: Form) -> None:
    """Facets alone: nothing but their rows."""
    facets = answer.result.facets
    rows = facet_forms.facet_rows(facets, answer.tree, answer.record)
    if form.name == "jsonl":
        for row in rows:
            write_json(row, indent=False, end=form.end)
    else:
        write_csv(rows, facet_forms.COLUMNS, delimiter=form.delimiter, end=form.end)
    for note in facet_forms.cut_notes(facets):
        say(f"note: {note}")


def json_fields(answer: Answer, form: Form) -> tuple[str, ...] | None:
    """The fields of a hit that `form` asks for; None for the usual ones. UsageError for one that there is not."""
    return chosen(form.fields, answer.record, DEFAULTS[answer.record]) if form.fields else None


def _hits(answer: Answer) -> Iterator[Hit]:
    return (Hit(answer, found) for found in answer.records)


def answer_json(answer: Answer, fields: Sequence[str] | None = None) -> dict[str, Any]:
    """The whole answer as plain data, with these `fields` of each hit."""
    result = answer.result
    return {
        "schema": SCHEMA[answer.record],
        "query": answer.query,
        "interpreted_as": result.interpreted_as,
        "syntax": SYNTAX,
        "total": result.total,
        "total_exact": result.total_exact,
        "offset": answer.offset,
        "seconds": round(result.took, 4),
        "notes": list(result.notes),
        "advice": None if answer.advice is None else to_builtins(answer.advice),
        "hits": [hit.as_json(fields) for hit in _hits(answer)],
        "facets": facet_forms.facets_json(result.facets, answer.tree, answer.record),
    }


# --- for people ------------------------------------------------------------------------------------------------------


def _lines(answer: Answer, form: Form, fields: Sequence[str], *, with_score: bool) -> Iterator[list[Segment]]:
    result = answer.result
    kind = "document" if answer.record == "document" else "statement"
    if not result.total:
        yield [(f"No {kind} matches {result.interpreted_as}", "")]
        if answer.advice is not None:
            from searchkit.cli.advising import advice_lines

            yield from advice_lines(answer.advice, kind)
    hits = _hits(answer)
    if fields and not form.adds:
        yield from table_lines(list(hits), fields)
        yield []
        hits = iter(())
    for number, hit in enumerate(hits, answer.offset + 1):
        yield from hit_lines(hit, number, fields=fields, with_score=with_score)
        yield []
    for facet in result.facets:
        yield from facet_forms.facet_lines(facet, answer.tree, answer.record)
        yield []
    if result.total:
        first, last = answer.offset + 1, answer.offset + len(result.hits)
        shown = f", {first} to {last} shown" if len(result.hits) < result.total and result.hits else ""
        yield [(f"{counted(result.total, kind)}{shown}", "dim")]

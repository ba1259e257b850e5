"""`--batch`: run many queries. A failed query is reported; the others run."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO

from msgspec import UNSET, Meta, Struct, UnsetType, convert

from searchkit.archive import Archive
from searchkit.cli.answer_data import json_fields
from searchkit.cli.answers import query_request, saved_queries
from searchkit.cli.errors import NO_HITS, SOME_FAILED
from searchkit.cli.options import Form, form_of
from searchkit.cli.output import Segment, opened_input, say, write_csv, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.export.answers import AnswerRecord, answer_fields
from searchkit.query.fields import Record
from searchkit.records import Count, Version, projection
from searchkit.search.answer import Answer, QueryRequest, answer
from searchkit.statements.text import counted, one_line

_TAG = "searchkit.batch/1"
COLUMNS = ("line", "name", "query", "interpreted_as", "total", "error")
_SHOWN = 50


class _BatchLine(Struct, kw_only=True):
    line: Annotated[Version, Meta(description="The line of the file, from 1.")]
    name: Annotated[str | None, Meta(description="The name of the query, if it has a name.")]


class BatchFault(Struct, kw_only=True):
    """Why a query has no answer."""

    message: str
    hint: Annotated[str, Meta(description="What to do; may be empty.")]
    code: Annotated[str | UnsetType, Meta(description="Of an invalid query; stable.")] = UNSET
    start: Annotated[Count | UnsetType, Meta(description="Where in the query, in code points.")] = UNSET
    end: Count | UnsetType = UNSET


class BatchError(_BatchLine, kw_only=True, tag_field="schema", tag=_TAG):
    """A query without an answer."""

    query: str
    error: BatchFault


BatchAnswer = projection("BatchAnswer", "An answer.", (_BatchLine, AnswerRecord), tag=_TAG)


class Line(Struct, frozen=True, kw_only=True):
    """A query of the file: its line number, its name if it has one, and why the line is invalid if it is."""

    number: int
    query: str = ""
    name: str = ""
    fault: str = ""


def run_batch(archive: Archive, path: str, record: Record, options: Mapping[str, Any]) -> int:
    """Run every query of the file at `path` ("-": standard input), print each answer, and return the exit code.

    Raise UsageError for an unreadable file and for an unsupported output format.
    """
    form = _form(options)
    if form.name != "jsonl":
        options = {**options, "limit": 0}
    # One day for all queries: "7d" must not change its meaning at midnight.
    today, seen, notes = datetime.now(UTC).date(), Counter[str](), set[str]()
    # Refuse invalid options once, not for each line.
    query_request("*", record, options, today=today, saved=None).search_request()

    def request_of(line: Line) -> QueryRequest:
        if line.fault:
            raise UsageError(line.fault)
        saved = saved_queries(archive, line.query)
        return query_request(line.query, record, options, today=today, saved=saved)

    def answered(line: Line) -> Answer | UsageError:
        """Answer a query; report failures and notes, but not all of them."""
        try:
            found = answer(archive, request_of(line))
        except UsageError as error:
            seen["failed"] += 1
            if seen["failed"] <= _SHOWN:
                name = f" ({one_line(line.name)})" if line.name else ""
                say(f"failed: line {line.number}{name}: {one_line(str(error))}")
            return error
        seen["hits"] += found.result.total
        for note in found.result.notes if len(notes) < _SHOWN else ():
            if note not in notes:
                notes.add(note)
                say(f"note: {one_line(note)}")
        return found

    with opened_input(path) as file:

        def results() -> Iterator[tuple[Line, Answer | UsageError]]:
            for line in read_lines(file):
                seen["queries"] += 1
                yield line, answered(line)
                sys.stdout.flush()  # a program that writes queries and reads answers gets each at once

        if form.name == "jsonl":
            for line, found in results():
                write_json(_record(line, found, form), indent=False)
        elif form.name in {"csv", "tsv"}:
            rows = (_row(line, found) for line, found in results())
            write_csv(rows, COLUMNS, delimiter=form.delimiter, bom=form.bom)
        else:
            write_lines([_summary(line, found)] for line, found in results())
    counts = f"{seen['queries'] - seen['failed']:,} answered, {seen['failed']:,} failed"
    say(f"{counted(seen['queries'], 'query', 'queries')}: {counts}")
    if seen["failed"]:
        return SOME_FAILED
    return NO_HITS if options["exit_status"] and not seen["hits"] else 0


def _form(options: Mapping[str, Any]) -> Form:
    form = form_of(options)
    if form.name in {"json", "ids"}:
        raise UsageError(
            f"--batch and --format {form.name} cannot be combined.", hint="Choose --format jsonl, csv, tsv or table."
        )
    if form.name != "jsonl" and form.fields:
        raise UsageError(f"--batch --format {form.name} prints no hits.", hint="--fields works with --batch --jsonl.")
    if form.name != "jsonl" and options["facet"]:
        raise UsageError(f"--batch --format {form.name} prints no facets.", hint="--facet works with --batch --jsonl.")
    return form


# --- output -----------------------------------------------------------------------------------------------------------


def _record(line: Line, found: Answer | UsageError, form: Form) -> Struct:
    place: dict[str, Any] = {"line": line.number, "name": line.name or None}
    if isinstance(found, Answer):
        return BatchAnswer(**place, **{**answer_fields(found, json_fields(found, form)), "query": line.query})
    return BatchError(**place, query=line.query, error=convert(found, BatchFault, from_attributes=True))


def _row(line: Line, found: Answer | UsageError) -> dict[str, object]:
    row: dict[str, object] = {"line": line.number, "name": line.name, "query": line.query}
    if isinstance(found, Answer):
        return {**row, "interpreted_as": found.result.interpreted_as, "total": found.result.total}
    return {**row, "error": str(found)}


def _summary(line: Line, found: Answer | UsageError) -> Segment:
    name = one_line(line.name or line.query)
    if isinstance(found, Answer):
        return f"{found.result.total:>9,}  {name}", ""
    return f"{'failed':>9}  {name}: {one_line(str(found))}", "red"


# --- input ------------------------------------------------------------------------------------------------------------


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the queries of a file: one per line, or one per row of CSV below a header with `name` and `query`.

    Skip empty lines and lines that begin with #. A row is a single line. An invalid line yields a Line with its fault.
    """
    header: tuple[str, list[str]] | None = None
    is_first = True
    for number, written in enumerate(file, 1):
        try:
            text = written.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError:
            yield Line(number=number, fault="The line is not UTF-8.")
            continue
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if is_first and (header := _header(text)) is not None:
            is_first = False
            continue
        is_first = False
        yield _row_below(*header, number, text) if header else Line(number=number, query=text.strip())


def _header(text: str) -> tuple[str, list[str]] | None:
    """Return delimiter and columns of the rows below a header; None if the line is not a header."""
    for delimiter in ",;\t":
        columns = [cell.strip().lower() for cell in _cells(text, delimiter)]
        if {"name", "query"} <= set(columns) and len(set(columns)) == len(columns):
            return delimiter, columns
    return None


def _row_below(delimiter: str, columns: list[str], number: int, text: str) -> Line:
    cells = _cells(text, delimiter)
    if len(cells) != len(columns):
        return Line(number=number, fault=f'Invalid row. Put a query with "{delimiter}" or quotes in quotes.')
    by_name = dict(zip(columns, cells, strict=True))
    return Line(number=number, query=by_name["query"].strip(), name=by_name["name"].strip())


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []

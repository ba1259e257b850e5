"""`--batch`: run many queries. A failed query is reported; the others run."""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from msgspec import UNSET, Meta, Struct, UnsetType, convert

from searchkit.archive import Archive
from searchkit.cli.answer_data import json_fields
from searchkit.cli.answers import query_request, saved_queries
from searchkit.cli.errors import NO_HITS, SOME_FAILED
from searchkit.cli.options import Form, form_of
from searchkit.cli.output import progress_bar, say, write_csv, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.export.answers import AnswerRecord, answer_fields
from searchkit.query.fields import Record
from searchkit.query.scanner import MAX_QUERY
from searchkit.records import Count, Version, projection
from searchkit.search.answer import Answer, answer
from searchkit.statements.text import counted, one_line

_TAG = "searchkit.batch/1"
COLUMNS = ("line", "name", "query", "interpreted_as", "total", "error")
# Four bytes per character, and space for a name and quotes.
_LONGEST_LINE = 4 * MAX_QUERY + 10_000
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


class _Result(Struct, frozen=True, kw_only=True):
    """A line with its answer or its error."""

    line: Line
    answer: Answer | None = None
    error: UsageError | None = None


def run_batch(archive: Archive, path: str, record: Record, options: Mapping[str, Any]) -> int:
    """Run every query of the file at `path` ("-": standard input), print each answer, and return the exit code.

    Raise UsageError for an unreadable file and for an unsupported output format.
    """
    form = _form(options)
    if form.name != "jsonl":
        options = {**options, "limit": 0}
    batch = _Batch(archive, record, options)
    with _opened(path) as file, progress_bar("Searching") if not sys.stdout.isatty() else nullcontext() as progress:
        results = batch.results(read_lines(file), progress)
        if form.name == "jsonl":
            for result in results:
                write_json(_record(result, form), indent=False, end=form.end)
        elif form.name in {"csv", "tsv"}:
            write_csv(map(_row, results), COLUMNS, delimiter=form.delimiter, end=form.end, bom=form.bom)
        else:
            write_lines([(text, style)] for text, style in map(_summary, results))
    batch.report()
    if batch.failed:
        return SOME_FAILED
    return NO_HITS if options["exit_status"] and not batch.hits else 0


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


class _Batch:
    """Answers the lines in turn and counts them; keeps failures and notes for the end."""

    def __init__(self, archive: Archive, record: Record, options: Mapping[str, Any]) -> None:
        self._archive = archive
        self._record = record
        self._options = options
        # One day for all queries: "7d" must not change its meaning at midnight.
        self._today = datetime.now(UTC).date()
        self._failures: list[str] = []
        self._notes: dict[str, None] = {}
        self._queries = self.failed = self.hits = 0

    def results(self, lines: Iterator[Line], progress: Any) -> Iterator[_Result]:
        """Yield the result of every line."""
        # Refuse invalid options once, not for each line.
        query_request("*", self._record, self._options, today=self._today, saved=None).search_request()
        for line in lines:
            self._queries += 1
            try:
                found = self._answer(line)
            except UsageError as error:
                self.failed += 1
                if len(self._failures) < _SHOWN:
                    name = f" ({one_line(line.name)})" if line.name else ""
                    self._failures.append(f"failed: line {line.number}{name}: {one_line(str(error))}")
                yield _Result(line=line, error=error)
            else:
                self.hits += found.result.total
                for note in found.result.notes[: max(0, _SHOWN - len(self._notes))]:
                    self._notes[note] = None
                yield _Result(line=line, answer=found)
            sys.stdout.flush()  # a program that writes queries and reads answers gets each at once
            if progress is not None:
                progress(self._queries, 0)

    def _answer(self, line: Line) -> Answer:
        if line.fault:
            raise UsageError(line.fault)
        saved = saved_queries(self._archive, line.query)
        request = query_request(line.query, self._record, self._options, today=self._today, saved=saved)
        return answer(self._archive, request)

    def report(self) -> None:
        """Print failures, notes and counts on standard error."""
        for failure in self._failures:
            say(failure)
        if self.failed > len(self._failures):
            say(f"... and {self.failed - len(self._failures):,} more; the output lists all.")
        for note in self._notes:
            say(f"note: {one_line(note)}")
        answered = self._queries - self.failed
        say(f"{counted(self._queries, 'query', 'queries')}: {answered:,} answered, {self.failed:,} failed")


# --- output -----------------------------------------------------------------------------------------------------------


def _record(result: _Result, form: Form) -> Struct:
    line, error = result.line, result.error
    place: dict[str, Any] = {"line": line.number, "name": line.name or None}
    if result.answer is not None:
        fields = answer_fields(result.answer, json_fields(result.answer, form))
        return BatchAnswer(**place, **{**fields, "query": line.query})
    fault = convert(error, BatchFault, from_attributes=True)
    return BatchError(**place, query=line.query, error=fault)


def _row(result: _Result) -> dict[str, object]:
    line = result.line
    row: dict[str, object] = {"line": line.number, "name": line.name, "query": line.query}
    if result.answer is not None:
        return {**row, "interpreted_as": result.answer.result.interpreted_as, "total": result.answer.result.total}
    return {**row, "error": str(result.error)}


def _summary(result: _Result) -> tuple[str, str]:
    name = one_line(result.line.name or result.line.query)
    if result.answer is not None:
        return f"{result.answer.result.total:>9,}  {name}", ""
    return f"{'failed':>9}  {name}: {one_line(str(result.error))}", "red"


# --- input ------------------------------------------------------------------------------------------------------------


def _opened(path: str) -> Any:
    if path == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{one_line(path)}: {reason}.", hint="--batch reads a file, or - for standard input."
        ) from error


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the queries of a file: one per line, or one per row of CSV below a header with `name` and `query`.

    Skip empty lines and lines that begin with #. A row is a single line. An invalid line yields a Line with its fault.
    Only one line is in memory.
    """
    read: Callable[[int, str], Line] | None = None
    is_first = True
    for number, written in enumerate(_bounded(file), 1):
        text = None
        with suppress(UnicodeDecodeError):
            text = written.decode("utf-8-sig" if number == 1 else "utf-8")
        if len(written) > _LONGEST_LINE:
            yield Line(number=number, fault=f"The line is longer than {_LONGEST_LINE:,} bytes.")
        elif text is None:
            yield Line(number=number, fault="The line is not UTF-8.")
        elif not text.strip() or text.lstrip().startswith("#"):
            continue
        elif is_first and (header := _header(text)) is not None:
            read = header
        else:
            yield read(number, text) if read else Line(number=number, query=text.strip())
        is_first = False


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines without their ends; cut lines that are too long one byte over the limit."""
    while line := file.readline(_LONGEST_LINE + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(_LONGEST_LINE)):
            pass
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _header(text: str) -> Callable[[int, str], Line] | None:
    """Return a function that reads the rows below a header; None if the line is not a header."""
    for delimiter in ",;\t":
        columns = [cell.strip().lower() for cell in _cells(text, delimiter) or ()]
        if "name" in columns and "query" in columns and len(set(columns)) == len(columns):
            return partial(_row_below, delimiter, columns)
    return None


def _row_below(delimiter: str, columns: list[str], number: int, text: str) -> Line:
    cells = _cells(text, delimiter)
    if cells is None:
        return Line(number=number, fault="Invalid row: unbalanced quotes.")
    if len(cells) != len(columns):
        fault = (
            f"The row has {counted(len(cells), 'cell')} for {counted(len(columns), 'column')}. "
            f'Put a query with "{delimiter}" in quotes.'
        )
        return Line(number=number, fault=fault)
    by_name = dict(zip(columns, cells, strict=True))
    return Line(number=number, query=by_name["query"].strip(), name=by_name["name"].strip())


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None

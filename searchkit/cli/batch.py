"""`--batch`: many queries in one go. A bad one is told and never stops the rest."""

import csv
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.cli.answers import answer_json, json_fields
from searchkit.cli.errors import NO_HITS, SOME_FAILED
from searchkit.cli.output import counted, is_terminal, one_line, say, write_csv, write_json, write_lines
from searchkit.cli.output_formats import Form, form_of
from searchkit.cli.progress import building
from searchkit.cli.question import request_of, saved_queries
from searchkit.errors import QueryError, UsageError
from searchkit.query.fields import Record
from searchkit.query.scanner import MAX_QUERY
from searchkit.search.answer import Answer, answer

SCHEMA = "searchkit.batch/1"
COLUMNS = ("line", "name", "query", "interpreted_as", "total", "error")
# Four bytes a sign, and room for a name and for what a sheet puts around both.
_LONGEST_LINE = 4 * MAX_QUERY + 10_000
# Of many failures or notes a person reads the first; the output has them all.
_TOLD = 50


class Line(Struct, frozen=True, kw_only=True):
    """One query: the line it stands on, from 1; its name, if it has one; why it cannot be read, if it cannot."""

    number: int
    query: str
    name: str = ""
    fault: str = ""


class _Done(Struct, frozen=True, kw_only=True):
    """A line with its answer, or with the error instead."""

    line: Line
    answer: Answer | None = None
    error: UsageError | None = None


def run_batch(archive: Archive, path: str, record: Record, options: Mapping[str, Any]) -> int:
    """Ask every query of the file at `path` ("-": standard input), print as they are answered; returns the exit code.

    UsageError for a file that cannot be read, and for a form that batches do not have.
    """
    form = _form(options)
    # The first of the day asked about is the day of all: "7d" must not change its meaning at midnight.
    asking = _Asking(archive, record, _with_hits(options, form), datetime.now(UTC).date())
    with _opened(path) as file, building("Asking") if not is_terminal(sys.stdout) else nullcontext() as progress:
        done = asking.each(read_lines(file), progress)
        if form.name == "jsonl":
            for one in done:
                write_json(_json(one, form), indent=False, end=form.end)
        elif form.name in {"csv", "tsv"}:
            write_csv(map(_row, done), COLUMNS, delimiter=form.delimiter, end=form.end)
        else:
            write_lines([(text, style)] for text, style in map(_told, done))
    asking.tell()
    if asking.failed:
        return SOME_FAILED
    return NO_HITS if options["exit_status"] and not asking.hits else 0


def _form(options: Mapping[str, Any]) -> Form:
    form = form_of(options)
    if form.name in {"json", "ids"}:
        raise UsageError(f"--batch has no form {form.name}.", hint="Write --format jsonl, csv, tsv or table.")
    if form.name != "jsonl" and form.fields:
        raise UsageError(f"--batch prints no hits as {form.name}.", hint="--fields goes with --batch --jsonl.")
    if form.name != "jsonl" and options["facet"]:
        raise UsageError(f"--batch prints no facets as {form.name}.", hint="--facet goes with --batch --jsonl.")
    return form


def _with_hits(options: Mapping[str, Any], form: Form) -> dict[str, Any]:
    return dict(options) if form.name == "jsonl" else {**options, "limit": 0}


class _Asking:
    """Asks one line after the other, and remembers what is to be said at the end."""

    def __init__(self, archive: Archive, record: Record, options: dict[str, Any], today: date) -> None:
        self._archive = archive
        self._record = record
        self._options = options
        self._today = today
        self._failures: list[str] = []
        self._notes: dict[str, None] = {}
        self.asked = self.failed = self.hits = 0

    def each(self, lines: Iterator[Line], progress: Any) -> Iterator[_Done]:
        """Every line, answered or with its error."""
        # Options that cannot be are refused once, not for each line.
        request_of("*", self._record, self._options, today=self._today, saved=None).search_request()
        for line in lines:
            self.asked += 1
            done = self._one(line)
            if done.error is not None:
                self._note_failure(line, done.error)
            elif done.answer is not None:
                self.hits += done.answer.result.total
            yield done
            # Whoever asks as answers come gets each at once.
            sys.stdout.flush()
            if progress is not None:
                progress(self.asked, 0)

    def _one(self, line: Line) -> _Done:
        if line.fault:
            return _Done(line=line, error=UsageError(line.fault))
        try:
            saved = saved_queries(self._archive, line.query)
            request = request_of(line.query, self._record, self._options, today=self._today, saved=saved)
            given = answer(self._archive, request)
        except UsageError as error:
            return _Done(line=line, error=error)
        for note in given.result.notes:
            if len(self._notes) < _TOLD:
                self._notes[note] = None
        return _Done(line=line, answer=given)

    def _note_failure(self, line: Line, error: UsageError) -> None:
        self.failed += 1
        if len(self._failures) < _TOLD:
            name = f" ({one_line(line.name)})" if line.name else ""
            self._failures.append(f"failed: line {line.number}{name}: {one_line(str(error))}")

    def tell(self) -> None:
        """What went wrong, what there is to say, and how many were asked."""
        for failure in self._failures:
            say(failure)
        if self.failed > len(self._failures):
            say(f"... and {self.failed - len(self._failures):,} more; the output has them all.")
        for note in self._notes:
            say(f"note: {one_line(note)}")
        say(f"{counted(self.asked, 'query', 'queries')}: {self.asked - self.failed:,} answered, {self.failed:,} failed")


# --- what is printed -------------------------------------------------------------------------------------------------


def _json(done: _Done, form: Form) -> dict[str, Any]:
    line = done.line
    told: dict[str, Any] = {"schema": SCHEMA, "line": line.number, "name": line.name or None, "query": line.query}
    if done.answer is not None:
        given = answer_json(done.answer, json_fields(done.answer, form))
        return {**told, **{name: value for name, value in given.items() if name not in told}}
    error = done.error or UsageError("")
    fault: dict[str, Any] = {"message": error.message, "hint": error.hint}
    if isinstance(error, QueryError):
        fault |= {"code": error.code, "start": error.start, "end": error.end}
    return {**told, "error": fault}


def _row(done: _Done) -> dict[str, object]:
    line = done.line
    row: dict[str, object] = {"line": line.number, "name": line.name, "query": line.query}
    if done.answer is not None:
        return {**row, "interpreted_as": done.answer.result.interpreted_as, "total": done.answer.result.total}
    return {**row, "error": str(done.error)}


def _told(done: _Done) -> tuple[str, str]:
    """The number before the name, so that a column stands straight although nobody knows what is to come."""
    name = one_line(done.line.name or done.line.query)
    if done.answer is not None:
        return f"{done.answer.result.total:>9,}  {name}", ""
    return f"{'failed':>9}  {name}: {one_line(str(done.error))}", "red"


# --- what is read ----------------------------------------------------------------------------------------------------


def _opened(path: str) -> Any:
    if path == "-":
        if sys.stdin is None:
            raise UsageError("Standard input is closed.", hint="--batch takes a file, or - for standard input.")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{one_line(path)}: {reason}.", hint="--batch takes a file, or - for standard input."
        ) from error


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The queries of a file: one a line, or, below a header with `name` and `query`, one a row of CSV.

    Empty lines and lines that begin with # are none. A row is one line. What is no UTF-8, too long or no row is a Line
    with its fault. Never more than one line is in memory.
    """
    header: _Header | None = None
    begun = False
    for number, written in enumerate(_bounded(file), 1):
        text = _decoded(written.removeprefix(b"\xef\xbb\xbf") if number == 1 else written)
        if text is None:
            begun = True
            yield Line(number=number, query="", fault="The line is not UTF-8.")
        elif len(written) > _LONGEST_LINE:
            begun = True
            yield Line(number=number, query="", fault=f"The line is longer than {_LONGEST_LINE:,} bytes.")
        elif text.strip() and not text.lstrip().startswith("#"):
            if not begun:
                begun, header = True, _header(text)
                if header is not None:
                    continue
            yield Line(number=number, query=text.strip()) if header is None else header.row(number, text)


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file without their ends; of one that is too long the beginning, one byte over the limit."""
    while line := file.readline(_LONGEST_LINE + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(_LONGEST_LINE)):
            pass
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        # Where a line that is too long was cut, a sign may have been.
        return line[: error.start].decode() if len(line) > _LONGEST_LINE and error.end == len(line) else None


class _Header(Struct, frozen=True, kw_only=True):
    """The columns of a sheet of queries."""

    delimiter: str
    columns: tuple[str, ...]

    def row(self, number: int, text: str) -> Line:
        cells = _cells(text, self.delimiter)
        if cells is None:
            return Line(number=number, query="", fault="The row cannot be read: its quotation marks do not pair.")
        if len(cells) != len(self.columns):
            fault = (
                f"The row has {counted(len(cells), 'cell')}, and there are {counted(len(self.columns), 'column')}. "
                f'A query with "{self.delimiter}" stands in quotation marks.'
            )
            return Line(number=number, query="", fault=fault)
        by_name = dict(zip(self.columns, cells, strict=True))
        return Line(number=number, query=by_name["query"].strip(), name=by_name["name"].strip())


def _header(text: str) -> _Header | None:
    for delimiter in ",;\t":
        columns = tuple(cell.strip().lower() for cell in _cells(text, delimiter) or ())
        if "name" in columns and "query" in columns and len(set(columns)) == len(columns):
            return _Header(delimiter=delimiter, columns=columns)
    return None


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None

"""`--batch`: run many queries. A failed query is reported; the others run."""

import csv
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from msgspec import UNSET, Meta, Struct, UnsetType

from searchkit.archive import Archive
from searchkit.cli.answers import AnswerRecord, answer_fields, json_fields, request_of, saved_queries
from searchkit.cli.errors import NO_HITS, SOME_FAILED
from searchkit.cli.options import Form, form_of
from searchkit.cli.output import counted, is_terminal, one_line, progress_bar, say, write_csv, write_json, write_lines
from searchkit.errors import QueryError, UsageError
from searchkit.query.fields import Record
from searchkit.query.scanner import MAX_QUERY
from searchkit.records import Count, Version, joined
from searchkit.search.answer import Answer, answer

_TAG = "searchkit.batch/1"
COLUMNS = ("line", "name", "query", "interpreted_as", "total", "error")
# Four bytes a sign, and room for a name and for what a sheet puts around both.
_LONGEST_LINE = 4 * MAX_QUERY + 10_000
# Of many failures or notes a person reads the first; the output has them all.
_TOLD = 50


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


BatchAnswer = joined("BatchAnswer", "An answer.", _BatchLine, AnswerRecord, tag=_TAG)


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
    """Run every query of the file at `path` ("-": standard input), print each answer, and return the exit code.

    Raise UsageError for an unreadable file and for an unsupported output format.
    """
    form = _form(options)
    # The first of the day asked about is the day of all: "7d" must not change its meaning at midnight.
    asking = _Asking(archive, record, _with_hits(options, form), datetime.now(UTC).date())
    with _opened(path) as file, progress_bar("Asking") if not is_terminal(sys.stdout) else nullcontext() as progress:
        done = asking.each(read_lines(file), progress)
        if form.name == "jsonl":
            for one in done:
                write_json(_record(one, form), indent=False, end=form.end)
        elif form.name in {"csv", "tsv"}:
            write_csv(map(_row, done), COLUMNS, delimiter=form.delimiter, end=form.end)
        else:
            write_lines([(text, style)] for text, style in map(_summary, done))
    asking.tell()
    if asking.failed:
        return SOME_FAILED
    return NO_HITS if options["exit_status"] and not asking.hits else 0


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
            say(f"... and {self.failed - len(self._failures):,} more; the output lists all.")
        for note in self._notes:
            say(f"note: {one_line(note)}")
        say(f"{counted(self.asked, 'query', 'queries')}: {self.asked - self.failed:,} answered, {self.failed:,} failed")


# --- what is printed -------------------------------------------------------------------------------------------------


def _record(done: _Done, form: Form) -> Struct:
    line: dict[str, Any] = {"line": done.line.number, "name": done.line.name or None}
    if done.answer is not None:
        fields = answer_fields(done.answer, json_fields(done.answer, form))
        return BatchAnswer(**line, **{**fields, "query": done.line.query})
    error = done.error or UsageError("")
    place: dict[str, Any] = {}
    if isinstance(error, QueryError):
        place = {"code": error.code, "start": error.start, "end": error.end}
    return BatchError(**line, query=done.line.query, error=BatchFault(message=error.message, hint=error.hint, **place))


def _row(done: _Done) -> dict[str, object]:
    line = done.line
    row: dict[str, object] = {"line": line.number, "name": line.name, "query": line.query}
    if done.answer is not None:
        return {**row, "interpreted_as": done.answer.result.interpreted_as, "total": done.answer.result.total}
    return {**row, "error": str(done.error)}


def _summary(done: _Done) -> tuple[str, str]:
    name = one_line(done.line.name or done.line.query)
    if done.answer is not None:
        return f"{done.answer.result.total:>9,}  {name}", ""
    return f"{'failed':>9}  {name}: {one_line(str(done.error))}", "red"


# --- what is read ----------------------------------------------------------------------------------------------------


def _opened(path: str) -> Any:
    if path == "-":
        if sys.stdin is None:
            raise UsageError("Standard input is closed.", hint="--batch reads a file, or - for standard input.")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{one_line(path)}: {reason}.", hint="--batch reads a file, or - for standard input."
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
            return Line(number=number, query="", fault="Invalid row: unbalanced quotes.")
        if len(cells) != len(self.columns):
            fault = (
                f"The row has {counted(len(cells), 'cell')} for {counted(len(self.columns), 'column')}. "
                f'Put a query with "{self.delimiter}" in quotes.'
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

"""An answer in any of the formats of an export but evidence, line by line."""

from collections.abc import Iterator
from datetime import datetime

from searchkit.export.records import COLUMNS, export_record, export_row
from searchkit.export.report import Report, written
from searchkit.export.tables import csv_lines
from searchkit.search.answer import Answer, Progress
from searchkit.statements.text import safe_json

FORMATS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")


def export_lines(
    answer: Answer,
    form: str,
    *,
    query: str,
    made_at: datetime,
    title: str = "",
    newest_first: bool = False,
    bom: bool = False,
    progress: Progress | None = None,
) -> Iterator[str]:
    """Return the lines of an export, without line ends. `query` is the text that the user typed; `title` is for
    reports, `bom` for csv and tsv."""
    if form == "jsonl":
        return (safe_json(export_record(found)) for found in answer.records.through(progress))
    if form in {"csv", "tsv"}:
        rows = map(export_row, answer.records.through(progress))
        return csv_lines(rows, COLUMNS[answer.record], delimiter="\t" if form == "tsv" else ",", bom=bom)
    what = "Statements" if answer.record == "quote" else "Documents"
    title = title or f"{what}: {answer.result.interpreted_as}"
    report = Report(answer, title=title, query=query, made_at=made_at, newest_first=newest_first, progress=progress)
    return written("report.html" if form == "html" else "report.md", title=report.title, report=report)

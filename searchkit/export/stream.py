"""An answer in any of the formats of an export, line by line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from searchkit.export.evidence.form import EvidenceWriter
from searchkit.export.records import COLUMNS, as_row, export_record
from searchkit.export.report import Report
from searchkit.export.report_html import html_lines
from searchkit.export.report_markdown import markdown_lines
from searchkit.export.tables import csv_lines
from searchkit.search.answer import Answer, Progress
from searchkit.text import safe_json

FORMATS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")


class ExportStream:
    """The lines of an export in one of FORMATS; evidence is of statements only.

    `folder` is that of the archive, `query` the text that the user typed; `title` is for reports, `bom` for csv and
    tsv.
    """

    def __init__(
        self,
        answer: Answer,
        form: str,
        *,
        folder: Path,
        query: str,
        made_at: datetime,
        title: str = "",
        newest_first: bool = False,
        bom: bool = False,
    ) -> None:
        self._answer = answer
        self._form = form
        self._evidence: EvidenceWriter | None = None
        if form == "evidence":
            self._evidence = EvidenceWriter(answer, folder=folder, query=query, made_at=made_at)
        self._query = query
        self._made_at = made_at
        self._title = title
        self._newest_first = newest_first
        self._bom = bom

    @property
    def sha256(self) -> str:
        """The checksum in the last line of evidence, once that is written; empty for other formats."""
        return self._evidence.sealed.sha256 if self._evidence and self._evidence.sealed else ""

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """Return the lines, without line ends."""
        answer, form = self._answer, self._form
        if self._evidence is not None:
            return self._evidence.lines(progress)
        if form == "jsonl":
            return (safe_json(export_record(found)) for found in answer.records.through(progress))
        if form in {"csv", "tsv"}:
            rows = map(as_row, answer.records.through(progress))
            return csv_lines(rows, COLUMNS[answer.record], delimiter="\t" if form == "tsv" else ",", bom=self._bom)
        what = "Statements" if answer.record == "quote" else "Documents"
        report = Report(
            answer,
            title=self._title or f"{what}: {answer.result.interpreted_as}",
            query=self._query,
            made_at=self._made_at,
            newest_first=self._newest_first,
            progress=progress,
        )
        return html_lines(report) if form == "html" else markdown_lines(report)

"""An answer in any of the formats of an export, line by line."""

from collections.abc import Iterator
from datetime import datetime

from searchkit.archive import Archive
from searchkit.export.evidence.form import EvidenceEnd
from searchkit.export.evidence.writing import CapturesWriter, EvidenceWriter
from searchkit.export.records import COLUMNS, export_record, export_row
from searchkit.export.report import Report
from searchkit.export.tables import csv_lines
from searchkit.export.templates import written
from searchkit.search.answer import Answer, Progress
from searchkit.statements.text import safe_json

FORMATS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")


class ExportStream:
    """The lines of an export in one of FORMATS; evidence is of statements only.

    `query` is the text that the user typed; `title` is for reports, `bom` for csv and tsv, `captures` and `timestamp`
    for evidence, as in EvidenceWriter.
    """

    def __init__(
        self,
        answer: Answer,
        form: str,
        *,
        archive: Archive,
        query: str,
        made_at: datetime,
        title: str = "",
        newest_first: bool = False,
        bom: bool = False,
        captures: CapturesWriter | None = None,
        timestamp: str = "",
    ) -> None:
        self._answer = answer
        self._form = form
        self._evidence: EvidenceWriter | None = None
        if form == "evidence":
            self._evidence = EvidenceWriter(
                answer, archive=archive, query=query, made_at=made_at, captures=captures, timestamp=timestamp
            )
        self._query = query
        self._made_at = made_at
        self._title = title
        self._newest_first = newest_first
        self._bom = bom

    @property
    def sealed(self) -> EvidenceEnd | None:
        """The seal of evidence, once it is written; None for other formats."""
        return self._evidence.sealed if self._evidence else None

    @property
    def seal_line(self) -> str:
        """The line of the seal, which a time stamp is about."""
        return safe_json(self.sealed) if self.sealed else ""

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """Return the lines, without line ends."""
        answer, form = self._answer, self._form
        if self._evidence is not None:
            return self._evidence.lines(progress)
        if form == "jsonl":
            return (safe_json(export_record(found)) for found in answer.records.through(progress))
        if form in {"csv", "tsv"}:
            rows = map(export_row, answer.records.through(progress))
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
        return written("report.html" if form == "html" else "report.md", title=report.title, report=report)

"""The lines of an export in each of its forms."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit.cli.output import csv_line
from searchkit.export.records import COLUMNS, as_json, as_row
from searchkit.search.answer import Answer
from searchkit.text import safe_json

if TYPE_CHECKING:
    from searchkit.archive.index_sync import Progress
    from searchkit.export.report.model import Report

FORMS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")


class Export:
    """A selection, and what is told of it in a file; `seal` is what to keep elsewhere, once evidence is written."""

    def __init__(
        self,
        selection: Answer,
        *,
        folder: Path,
        query: str,
        title: str,
        made_at: datetime,
        newest_first: bool,
    ) -> None:
        self._selection = selection
        self._folder = folder
        self._query = query
        self._title = title
        self._made_at = made_at
        self._newest_first = newest_first
        self.seal = ""

    def lines(self, form: str, progress: "Progress | None" = None) -> Iterator[str]:
        """All lines in this one of FORMS, made as they are asked for."""
        match form:
            case "csv":
                return self._rows(",", progress)
            case "tsv":
                return self._rows("\t", progress)
            case "markdown":
                from searchkit.export.report.markdown import markdown_lines

                return markdown_lines(self._dossier(progress))
            case "html":
                from searchkit.export.report.html import html_lines

                return html_lines(self._dossier(progress))
            case "evidence":
                return self._evidence(progress)
        return (safe_json(as_json(found)) for found in self._selection.records.through(progress))

    def _rows(self, delimiter: str, progress: "Progress | None") -> Iterator[str]:
        columns = COLUMNS[self._selection.record]
        yield csv_line(columns, delimiter)
        for found in self._selection.records.through(progress):
            row = as_row(found)
            yield csv_line((row.get(column) for column in columns), delimiter)

    def _dossier(self, progress: "Progress | None") -> "Report":
        from searchkit.export.report.model import Report

        what = "Statements" if self._selection.record == "quote" else "Documents"
        return Report(
            self._selection,
            title=self._title or f"{what}: {self._selection.result.interpreted_as}",
            query=self._query,
            made_at=self._made_at,
            newest_first=self._newest_first,
            progress=progress,
        )

    def _evidence(self, progress: "Progress | None") -> Iterator[str]:
        from searchkit.export.evidence.form import EvidenceWriter

        writer = EvidenceWriter(self._selection, folder=self._folder, query=self._query, made_at=self._made_at)
        yield from writer.lines(progress)
        if writer.sealed is not None:
            self.seal = f", sha-256 {writer.sealed.sha256}"

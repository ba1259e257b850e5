"""An archive for notebooks and scripts: statements and documents as rows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, get_args

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.export.records import export_record, export_row
from searchkit.index.base import Sort
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, Answer, QueryRequest, answer


class Rows:
    """The matches of a query, read from the archive as they are iterated; usable while the archive is open.

    Each is the record of `searchkit export -f jsonl`. Show `statement` or `sentence` of it, never `text` alone.
    """

    def __init__(self, found: Answer) -> None:
        self._found = found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._found.records)

    def __iter__(self) -> Iterator[Any]:
        return iter(map(export_record, self._found.records))

    @property
    def total(self) -> int:
        """How many records match; rows may be fewer if there was a limit. Duplicates count once."""
        return self._found.result.total

    @property
    def interpreted_as(self) -> str:
        """The query in canonical form, with dates as days."""
        return self._found.result.interpreted_as

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know about the answer."""
        return self._found.result.notes

    def to_records(self) -> list[dict[str, Any]]:
        """Return flat rows, the columns of `searchkit export -f csv`, for pandas, polars or DuckDB."""
        return [*map(export_row, self._found.records)]


class OpenArchive(Struct, frozen=True):
    """An archive that was opened for reading, for one thread. Use it as a context manager, or call `close`."""

    archive: Archive

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self.archive.close()

    def statements(
        self, query: str = "*", *, limit: int | None = None, sort: Sort | None = None, duplicates: bool = False
    ) -> Rows:
        """Return the statements that match; all conditions hold for one statement. QueryError for a bad query,
        UsageError for a `limit` or `sort` that does not exist."""
        return self._rows(query, "quote", limit, sort, duplicates)

    def documents(
        self, query: str = "*", *, limit: int | None = None, sort: Sort | None = None, duplicates: bool = False
    ) -> Rows:
        """Return the documents that match. QueryError for a query that cannot be read, UsageError as above."""
        return self._rows(query, "document", limit, sort, duplicates)

    def _rows(self, query: str, record: Record, limit: int | None, sort: Sort | None, duplicates: bool) -> Rows:
        if limit is not None and (not isinstance(limit, int) or limit < 0):
            raise UsageError(f"limit is {limit!r}.", hint="Write a whole number from 0, or None for all.")
        if sort is not None and sort not in get_args(Sort):
            raise UsageError(f"sort is {sort!r}.", hint=f"Write {', '.join(get_args(Sort))}.")
        request = QueryRequest(
            query=query,
            record=record,
            today=datetime.now(UTC).date(),
            limit=ALL if limit is None else limit,
            sort=sort,
            copies=duplicates,
        )
        return Rows(answer(self.archive, request))


def open_archive(folder: str | Path) -> OpenArchive:
    """Open the archive in `folder` for reading. ArchiveError if there is none."""
    return OpenArchive(Archive.open(Path(folder)))

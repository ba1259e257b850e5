"""The reader of a request: what they may do, and the archive they read, which stays open between requests."""

import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request

from searchkit.alerts.folder import SavedFolder
from searchkit.archive import Archive
from searchkit.archive.folder import MARKER, STORE
from searchkit.config.private import Role
from searchkit.errors import ArchiveError, Forbidden, SearchkitError
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.answer import QueryRequest
from searchkit.web.failures import log

# How often a server asks for names, saved searches and notes that other machines changed.
_EXCHANGE_SECONDS = 2.0


class Reader(Struct, frozen=True, kw_only=True):
    """Who asks, and of which archive. `name` is empty without a login; `site` is the title of the archive."""

    archive: Archive
    site: str
    role: Role = "reader"
    name: str = ""
    can_log_out: bool = False

    @property
    def can_edit(self) -> bool:
        """Whether the reader may change marks, saved searches and alerts."""
        return self.role == "editor"

    @property
    def today(self) -> date:
        """The day for relative dates."""
        return datetime.now(UTC).date()

    def request(self, query: str | ast.Node, record: Record = "quote", *, limit: int = 0) -> QueryRequest:
        """Return the request for a query of this reader; without words it finds everything."""
        if isinstance(query, str) and not query.strip():
            query = "*"
        saved = SavedFolder(self.archive.folder)
        return QueryRequest(query=query, record=record, today=self.today, saved=saved, limit=limit)

    def refuse_changes(self) -> None:
        """Raise Forbidden unless the reader may edit."""
        if not self.can_edit:
            raise Forbidden("You may read this archive, but not change anything in it.", hint="Log in as an editor.")


def reader_of(request: Request) -> Reader:
    """Return the reader of a request."""
    reader: Reader = request.state.reader
    return reader


class ServedArchive:
    """The archive in a folder, which may be removed, restored or rebuilt at any time: then it is opened again."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._archive: Archive | None = None
        self._files: tuple[tuple[int, int] | None, ...] = ()
        self._exchanged = -_EXCHANGE_SECONDS

    def current(self) -> Archive:
        """Return the open archive. ArchiveError if there is none now."""
        files = tuple(_identity(self._folder / name) for name in (MARKER, STORE))
        if files != self._files:
            self.close()
            self._files = files
        if self._archive is None:
            if files[0] is None:
                raise ArchiveError(
                    f"The archive {self.name} is not there.", hint="If it is being restored, try again in a moment."
                )
            self._archive = Archive.open(self._folder)
        if time.monotonic() - self._exchanged > _EXCHANGE_SECONDS:
            self._archive.exchange_files()
            self._exchanged = time.monotonic()
        return self._archive

    def send_files(self) -> None:
        """Send what an editor has changed to the other machines of a shared store. An error is only logged: the change
        is saved here, and the next request sends it."""
        try:
            if self._archive is not None:
                self._archive.exchange_files(is_end=True)
        except SearchkitError as error:
            log(f"a change was saved here, but not sent to other machines: {error}")

    def prepare(self) -> None:
        """Update an index that a killed run left behind, before the time of an answer counts."""
        with suppress(SearchkitError):  # the first request reports it
            archive = self.current()
            if not archive.is_empty:
                archive.refresh()

    def close(self) -> None:
        """Close the archive; the next request opens it."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""The reader of a request: the archive they read, and what they may do."""

from datetime import UTC, date, datetime

from msgspec import Struct
from starlette.requests import Request

from searchkit.archive import Archive
from searchkit.config.private import Role
from searchkit.errors import Forbidden


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

    def refuse_changes(self) -> None:
        """Raise Forbidden unless the reader may edit."""
        if not self.can_edit:
            raise Forbidden("You may read this archive, but not change anything in it.", hint="Log in as an editor.")


def reader_of(request: Request) -> Reader:
    """Return the reader of a request."""
    reader: Reader = request.state.reader
    return reader

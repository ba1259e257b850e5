"""The values that the store takes and returns, and the log of its changes."""

import os
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from searchkit.errors import ArchiveError
from searchkit.files import parse_json
from searchkit.sqlite import Connection
from searchkit.statements.document import BEGINNING, MAX_SEQUENCE, Document, LogPosition

REPAIR_HINT = "Save the intact rows: searchkit repair"

Progress = Callable[[int, int], None]
"""Called with (done, total) documents or files; with (done, 0) during a last, uncounted step."""
PutStatus = Literal["added", "updated", "unchanged"]
# The reason of a failure by which a page that was fetched again did not replace its stored article begins with this.
SHOWS_LESS = "the page shows less: "
IS_SHORTER = f"substr(reason, 1, {len(SHOWS_LESS)}) = '{SHOWS_LESS}'"
# The columns of SourceCounts and StoreCounts.
COUNTED = {
    "failures": f"count(*) FILTER (WHERE NOT {IS_SHORTER})",
    "shows_less": f"count(*) FILTER (WHERE {IS_SHORTER})",
}
COUNTS = ", ".join(f"(SELECT {count} FROM failures) AS {name}" for name, count in COUNTED.items())  # noqa: S608 - ours


class Shared(Struct, frozen=True, kw_only=True):
    """What an archive shares with other machines: the address of its store in PostgreSQL, and the folder of captures.
    Empty: it is in the archive's folder. `identity` is the name of that store, which stays when its address changes."""

    store: str = ""
    captures: str = ""
    identity: str = ""


class Known(Struct, frozen=True, kw_only=True):
    """A known resource: the digest of its bytes and the document made from them, since when it is gone (empty if it is
    available), and when the bytes were fetched (ISO 8601 UTC)."""

    digest: str
    document: str
    gone_at: str = ""
    fetched_at: str = ""


class Put(Struct, frozen=True, kw_only=True):
    """The result of storing a document. `document` has its stored revision and first_seen; `replaces` is the address of
    the replaced revision if it differs.

    `variant_of` is the resource of the document that contains the text already, so that nothing was stored. `former` is
    the resource that this one replaces. `rival` is the address of a page with another text that has the same canonical
    URL. `displaced` is the document that was at the resource before, if it is at no other address now.
    """

    status: PutStatus
    document: Document
    replaces: str = ""
    variant_of: str = ""
    former: str = ""
    rival: str = ""
    displaced: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """A change of a document: its id, and the document as it is now (None if it was deleted)."""

    position: LogPosition
    document_id: str
    document: Document | None


class StoreCounts(Struct, frozen=True, kw_only=True):
    """The size of a store. `outdated` documents were annotated by another extractor version, `gone` documents are no
    longer available at their source, `failures` are resources and parts that cannot be read, `shows_less` pages that
    now show less than their stored article. `failed_sentences` lost their statements to a fault in a rule."""

    documents: int
    statements: int
    revisions: int
    outdated: int
    gone: int = 0
    failures: int = 0
    failed_sentences: int = 0
    shows_less: int = 0


class Prunable(Struct, frozen=True, kw_only=True):
    """The documents that may be removed within some locations, and how many are known there."""

    documents: tuple[str, ...]
    known: int


def lies_within(uri: str, location: str) -> bool:
    """Return whether a resource belongs to a location: to a folder or site, or to the container that it is.

    Members of containers and records of JSON Lines have addresses with a `#`."""
    place = location.rstrip("/")
    return uri == place or uri.startswith((f"{place}/", f"{place}#"))


class WorkerRecord(Struct, frozen=True, kw_only=True):
    """A worker that is alive."""

    name: str
    doing: str
    since: Annotated[str, Meta(description="When it began, ISO 8601 UTC.")]
    seen: Annotated[str, Meta(description="When it last renewed its lease, ISO 8601 UTC.")]
    pages: Annotated[int, Meta(ge=0, description="Pages that it read.")]
    rate: Annotated[float, Meta(description="Pages per second, in the last minute.", ge=0)]


class WorkRecord(Struct, frozen=True, kw_only=True):
    """What workers do (`searchkit work`)."""

    workers: tuple[WorkerRecord, ...]
    unread: Annotated[int, Meta(ge=0, description="Pages that were fetched and are not yet read.")]
    claimed: Annotated[int, Meta(ge=0, description="How many of these a worker has.")]
    sources: Annotated[dict[str, str], Meta(description="Sources that are being fetched, each with its worker.")]
    hosts: Annotated[dict[str, str], Meta(description="Hosts, each with the only worker that asks it.")]


# --- the log of changes -----------------------------------------------------------------------------------------------


class ChangeLog:
    """The numbered changes of a store; each has a random mark."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection, for this package alone."""
        return self._connection

    @property
    def sequence(self) -> int:
        """Number of the last committed or pending change; 0 if the store is empty."""
        return self.position.sequence

    @property
    def position(self) -> LogPosition:
        """The last committed or pending change."""
        last = "SELECT sequence || ' ' || mark FROM changes ORDER BY sequence DESC LIMIT 1"
        for found in self._connection.cached_column(last):
            sequence, _, mark = found.partition(" ")
            return LogPosition(int(sequence), mark)
        return BEGINNING

    def has(self, position: LogPosition) -> bool:
        """Return whether the change log has this position. If not, what was made from the log up to there was made from
        another store, or from a later state of this one before a backup was restored."""
        if position.sequence > MAX_SEQUENCE:
            return False
        mark = self._connection.scalar("SELECT mark FROM changes WHERE sequence = ?", position.sequence)
        return bool(position == BEGINNING or mark == position.mark)

    def changed(self, after: int) -> list[str]:
        """Return the ids of the documents changed since sequence number `after`."""
        return self._connection.column(
            "SELECT DISTINCT document FROM changes WHERE sequence > ? ORDER BY document", after
        )

    def commit(self) -> None:
        """Make all pending changes durable: they are on disk when this returns. Raises StorageFull."""
        self._connection.commit()

    def rollback(self) -> None:
        """Discard all pending changes."""
        self._connection.rollback()

    def _log(self, documents: Iterable[str], at: str, *, kind: str = "put") -> int:
        """Log a change of each document, in order of ids; return the number of the last change."""
        sequence = 0
        for document_id in sorted(documents):
            sequence = self._connection.insert_row(
                "INSERT INTO changes (document, kind, at, mark) VALUES (?, ?, ?, ?)",
                *(document_id, kind, at, os.urandom(8).hex()),
            )
        return sequence


def from_json_column(written: str) -> Any:
    """Return the value in a column of JSON. Raises ArchiveError if it is damaged."""
    try:
        return parse_json(written)
    except (ValueError, TypeError) as error:
        raise ArchiveError(f"In the store a row cannot be read: {error}.", hint=REPAIR_HINT) from error

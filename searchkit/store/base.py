"""The Store protocol and the values that pass through it."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from searchkit.document import Document
from searchkit.store.connection import sql_text
from searchkit.store.quarantine import Quarantine

if TYPE_CHECKING:  # compiles large patterns; a query compares no texts
    from searchkit.store.near_duplicates import Sketch

PutStatus = Literal["added", "updated", "unchanged"]
# A source's newest documents, which show whether its pages are still read as well as before.
NEWEST = 20


class Known(Struct, frozen=True, kw_only=True):
    """A known resource: the digest of its bytes and the document made from them, since when it is gone (empty if it is
    available), and when the bytes were fetched (ISO 8601 UTC)."""

    digest: str
    document: str
    gone_at: str = ""
    fetched_at: str = ""


class Put(Struct, frozen=True, kw_only=True):
    """The result of storing a document. `document` has its stored revision and first_seen; `replaces` is the address of
    the replaced revision if it differs."""

    status: PutStatus
    document: Document
    replaces: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """A change of a document: its id, and the document as it is now (None if it was deleted)."""

    sequence: int
    document_id: str
    document: Document | None


class Failure(Struct, frozen=True, kw_only=True):
    """A resource, or a part of one, that could not be read, and the reason.

    `container` is the file that contains it, unless its address shows that. `digest` is that of its bytes, empty if
    there were none; `version` is that of the program; `at` is when it first failed (ISO 8601 UTC). Failures with the
    same `key` are the same failure.
    """

    uri: str
    digest: str
    source: str
    reason: str
    at: str
    version: str
    container: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Address, container, digest and reason, as stored: one address may have several bad parts."""
        return sql_text(self.uri), sql_text(self.container), self.digest, sql_text(self.reason)


class StoreCounts(Struct, frozen=True, kw_only=True):
    """The size of a store. `outdated` documents were annotated by another extractor version, `gone` documents are no
    longer available at their source, `failures` are resources and parts that cannot be read."""

    documents: int
    statements: int
    revisions: int
    outdated: int
    gone: int = 0
    failures: int = 0


class Coverage(Struct, frozen=True, kw_only=True):
    """How many of the documents have a publication date (not a guess), a byline, and a statement."""

    documents: int = 0
    dated: int = 0
    signed: int = 0
    quoted: int = 0


class SourceCounts(Struct, frozen=True, kw_only=True):
    """What a source provided; its name is empty for what was added manually.

    `newest` are the NEWEST documents by first_seen, `earlier` all others. `last_run` and `last_success` are times (ISO
    8601 UTC), empty for never; `last_reason` says why the last run failed. `description` is the source's description in
    that run.
    """

    source: str
    documents: int = 0
    gone: int = 0
    failures: int = 0
    newest: Coverage = Coverage()
    earlier: Coverage = Coverage()
    last_run: str = ""
    last_success: str = ""
    last_reason: str = ""
    description: str = ""


class Prunable(Struct, frozen=True, kw_only=True):
    """The documents that may be removed within some locations, and how many are known there."""

    documents: tuple[str, ...]
    known: int


class Store(Protocol):
    """Documents by id, with revisions and a change log. There is one writer; readers see committed batches only.

    Changes are pending until `commit`.
    """

    @property
    def sequence(self) -> int:
        """Number of the last committed or pending change; 0 if the store is empty."""

    # --- documents ---------------------------------------------------------------------------------------------------

    def put(
        self, document: Document, *, resource: str, digest: str, sketch: "Sketch | None" = None, container: str = ""
    ) -> Put:
        """Store a document made from the bytes with this `digest` at `resource`, or in `container`.

        The `sketch` decides which documents it duplicates; without one, it duplicates none."""

    def replace_annotations(self, document: Document, sketch: "Sketch | None" = None) -> bool:
        """Replace the annotations of the stored document without a revision.

        Return False if the stored article is missing or differs."""

    def delete(self, document_id: str, at: str) -> None:
        """Remove a document with its revisions and all that is known of its resources."""

    def get(self, document_id: str) -> Document | None:
        """Return the current document."""

    def revision(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document (the first is 1)."""

    def ids(self) -> Iterator[str]:
        """Yield the ids of all documents, in order, as of the first one."""

    def revision_numbers(self, document_id: str) -> tuple[int, ...]:
        """Return the numbers of the earlier revisions of a document."""

    def changes(self, after: int, at_hand: Mapping[str, Document] | None = None) -> Iterator[Change]:
        """Yield the last change of each document changed since sequence number `after`, in order.

        Documents `at_hand` (by id, as last put) are not read again."""

    def outdated(self, extractor_version: str) -> Iterator[Document]:
        """Yield the documents that another extractor version annotated. The caller may replace documents."""

    # --- resources ---------------------------------------------------------------------------------------------------

    def known(self, uri: str) -> Known | None:
        """Return what is known of a resource."""

    def touch(self, uri: str, seen_at: str, *, source: str = "", container: str = "") -> bool:
        """Record that an unchanged resource was seen again; return whether it was marked as gone.

        A `source` takes over resources that were added manually."""

    def note_member(self, uri: str, container: str) -> None:
        """Record that the file `container` contains the resource."""

    def mark_gone(self, uri: str, at: str, *, container: str = "") -> str | None:
        """Record that a resource is gone, or gone from `container`.

        It is gone once neither its address nor a file has it, and its document once all its resources are gone. Return
        the document's id; None if nothing changed: the resource is unknown, already gone, or available elsewhere."""

    def unseen(self, location: str, seen: Collection[str]) -> list[str]:
        """Return the available resources at their own addresses within `location` that are not among `seen`."""

    def missing_members(self, location: str, met: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
        """Return the container and address of each member that files within `location` contained when last read and
        that is not among those `met` (addresses by container)."""

    def prunable(self, locations: Collection[str]) -> Prunable:
        """Return the documents that are gone and were never found outside `locations`."""

    # --- failures and sources ----------------------------------------------------------------------------------------

    def is_known_failure(self, failure: Failure) -> bool:
        """Whether this failure is stored with the same program version."""

    def failures(self, uri: str, container: str = "") -> tuple[Failure, ...]:
        """Return why a resource could not be read when last tried."""

    def failures_within(self, location: str) -> Iterator[Failure]:
        """Yield the failures within `location`, or in files there. The caller may forget them."""

    def failures_of(self, source: str) -> tuple[Failure, ...]:
        """Return the failures of a source, by address; for the empty name, those of resources added manually."""

    def note_failure(self, failure: Failure) -> None:
        """Store a failure until it is forgotten or its document is removed."""

    def forget_failure(self, failure: Failure) -> None:
        """Remove a failure: the resource was read, is gone, or now fails otherwise."""

    def note_run(self, source: str, at: str, *, ok: bool, reason: str = "", description: str = "") -> None:
        """Store the time and result of a source's run; `reason` says why it failed."""

    def sources(self) -> tuple[SourceCounts, ...]:
        """Return counts for each source that has documents, failures or runs, by name."""

    @property
    def quarantine(self) -> Quarantine:
        """The resources that have crashed workers."""

    # --- the complete store ------------------------------------------------------------------------------------------

    def extractors(self) -> frozenset[str]:
        """Return the versions that annotated the documents. Fast: every query asks for it."""

    def extractor_versions(self) -> dict[str, int]:
        """Return how many documents each extractor version annotated."""

    def surfaces(self) -> Iterator[dict[str, set[str]]]:
        """Yield for each document how each entity is written in it, by entity id. Reads every record."""

    def counts(self, extractor_version: str) -> StoreCounts:
        """Return the size of the store."""

    def commit(self) -> None:
        """Make all pending changes durable: they are on disk when this returns. Raises StorageFull."""

    def rollback(self) -> None:
        """Discard all pending changes."""

    def close(self) -> None:
        """Close the files and discard pending changes."""

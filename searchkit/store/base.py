"""What a store is, and the values that pass through it."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from searchkit.document import Document
from searchkit.store.connection import sql_text

if TYPE_CHECKING:  # a search compares no texts
    from searchkit.store.near_duplicates import Sketch
    from searchkit.store.quarantine import Quarantine

PutStatus = Literal["added", "updated", "unchanged"]
# A source's newest documents, which tell whether its pages are still read as well as before.
NEWEST = 20


class Known(Struct, frozen=True, kw_only=True):
    """What the store remembers of a resource: the digest of its bytes when last read, the document made of them, since
    when it is not there any more (empty while it is), and when those bytes were fetched (ISO 8601 UTC)."""

    digest: str
    document: str
    gone_at: str = ""
    fetched_at: str = ""


class Put(Struct, frozen=True, kw_only=True):
    """What became of a document handed to the store. `document` carries its revision and first_seen as stored.

    `replaces` is the address that the replaced revision came from, when that is another.
    """

    status: PutStatus
    document: Document
    replaces: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """One step in the life of a document: its id, and the document as it is now (None when deleted)."""

    sequence: int
    document_id: str
    document: Document | None


class Failure(Struct, frozen=True, kw_only=True):
    """A resource, or a part of one, that could not be read, and why.

    `container` is the file that holds it, where its address does not tell. `digest` is that of its bytes, empty when
    none were to be had; `version` that of the program that failed on them, `at` when it was first told (ISO 8601 UTC).
    What has the same `key` is the same failure.
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
        """Address, container, digest and reason, as they are stored: one address may have several bad parts."""
        return sql_text(self.uri), sql_text(self.container), self.digest, sql_text(self.reason)


class StoreCounts(Struct, frozen=True, kw_only=True):
    """How much a store holds; `outdated` documents were annotated by another extractor version than asked about.

    `gone` documents are those whose source does not have them any more; `failures` resources, and parts of such, that
    cannot be read.
    """

    documents: int
    statements: int
    revisions: int
    outdated: int
    gone: int = 0
    failures: int = 0


class Coverage(Struct, frozen=True, kw_only=True):
    """Of so many documents, how many have a date of publication (no guess), a byline, a statement."""

    documents: int = 0
    dated: int = 0
    signed: int = 0
    quoted: int = 0


class SourceCounts(Struct, frozen=True, kw_only=True):
    """What came of one source; its name is empty for what was given by hand.

    `newest` are the NEWEST documents first seen last, `earlier` all others. `last_run` and `last_success` are times
    (ISO 8601 UTC), empty for never; `last_reason` says why the last run failed, empty when it did not. `description` is
    what it was asked for then, as `note_run` was told.
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
    """The documents that may be removed below some addresses, and how many are known there in all."""

    documents: tuple[str, ...]
    known: int


def lies_within(uri: str, location: str) -> bool:
    """Whether a resource belongs to a location: to a folder or site below it, or to the container that it is.

    Parts of containers and records of JSON Lines are named behind a `#`."""
    place = location.rstrip("/")
    return uri == place or uri.startswith((f"{place}/", f"{place}#"))


class Store(Protocol):
    """Documents by id, with revisions and a change log. One writer; readers see committed batches only.

    What changes something is pending until `commit`.
    """

    @property
    def sequence(self) -> int:
        """Number of the last committed or pending change; 0 when empty."""

    # --- documents ---------------------------------------------------------------------------------------------------

    def put(
        self, document: Document, *, resource: str, digest: str, sketch: "Sketch | None" = None, container: str = ""
    ) -> Put:
        """Take in a document made from the bytes with this `digest` at `resource`, which is there, or in `container`.

        Its `sketch` decides of which documents it is a copy; without one it is of none."""

    def replace_annotations(self, document: Document, sketch: "Sketch | None" = None) -> bool:
        """Put the annotations of `document` in the place of those stored: a change, but no revision.

        False when the stored article is gone or another one now."""

    def delete(self, document_id: str, at: str) -> None:
        """Remove a document with its revisions and all that is known of its resources."""

    def get(self, document_id: str) -> Document | None:
        """The document as it is now."""

    def revision(self, document_id: str, number: int) -> Document | None:
        """The document as it was in its revision `number` (1 is the first)."""

    def ids(self) -> Iterator[str]:
        """The ids of all documents, in order. Until it ends, this store is read as it was when it began."""

    def revision_numbers(self, document_id: str) -> tuple[int, ...]:
        """The numbers of the revisions before the one that the document has now."""

    def changes(self, after: int, at_hand: Mapping[str, Document] | None = None) -> Iterator[Change]:
        """The last change of each document changed since sequence number `after`, in order.

        Documents `at_hand` (by id, as last put) need not be read."""

    def outdated(self, extractor_version: str) -> Iterator[Document]:
        """The documents that another extractor version annotated, by id. Documents may be replaced meanwhile."""

    # --- resources ---------------------------------------------------------------------------------------------------

    def known(self, uri: str) -> Known | None:
        """What is remembered of the resource `uri`."""

    def touch(self, uri: str, seen_at: str, *, source: str = "", container: str = "") -> bool:
        """Note that the resource was seen again, unchanged. Whether it had been gone.

        A `source` takes over what was given by hand before."""

    def note_held(self, uri: str, container: str) -> None:
        """Note that the file `container` holds what has the address `uri`."""

    def mark_gone(self, uri: str, at: str, *, container: str = "") -> str | None:
        """Note that a resource is not there any more; with a `container`, that it is not in that file any more.

        It is gone when neither its own address nor any file has it, and its document when no other resource has that.
        Returns the document's id; None when the resource is not known, was gone already, or is still to be had."""

    def unseen(self, location: str, seen: Collection[str]) -> list[str]:
        """The resources whose own address lies within `location`, that are not gone, and not among `seen`; in order."""

    def unmet(self, location: str, met: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
        """What files within `location` held when last read, and is not among those `met` in them: container and
        address. `met` are addresses by container."""

    def prunable(self, locations: Collection[str]) -> Prunable:
        """The documents that are gone and were never to be had outside `locations`."""

    # --- failures and sources ----------------------------------------------------------------------------------------

    def is_told(self, failure: Failure) -> bool:
        """Whether this failure, by `key` and version, is remembered."""

    def failures(self, uri: str, container: str = "") -> tuple[Failure, ...]:
        """Why the resource could not be read when last tried; nothing when it could, or was not tried."""

    def failures_within(self, location: str) -> Iterator[Failure]:
        """The failures of what lies within `location`, or in files there. They may be forgotten meanwhile."""

    def failures_of(self, source: str) -> tuple[Failure, ...]:
        """The failures that count for a source; of the empty name, those of what was given by hand. By address."""

    def note_failure(self, failure: Failure) -> None:
        """Remember a failure until it is forgotten, or its document removed."""

    def forget_failure(self, failure: Failure) -> None:
        """Forget a failure: the resource was read, is gone, or fails otherwise now."""

    def note_run(self, source: str, at: str, *, ok: bool, reason: str = "", description: str = "") -> None:
        """Remember when a source was asked last, and whether it gave what it has; `reason` says why it did not.
        `description` stands for what it was asked for."""

    def sources(self) -> tuple[SourceCounts, ...]:
        """What came of each source that has documents, failures or runs; by name. Reads no record."""

    @property
    def quarantine(self) -> "Quarantine":
        """What ends the worker processes that read it."""

    # --- the whole ---------------------------------------------------------------------------------------------------

    def extractors(self) -> frozenset[str]:
        """The versions of what annotated the documents; asked at every query."""

    def extractor_versions(self) -> dict[str, int]:
        """How many documents each extractor version annotated."""

    def surfaces(self) -> Iterator[dict[str, set[str]]]:
        """For each document the ways in which each entity is written in it, by entity id. Reads every record."""

    def counts(self, extractor_version: str) -> StoreCounts:
        """How much there is."""

    def commit(self) -> None:
        """Make everything pending durable: synced to disk when this returns. StorageFull when there is no room."""

    def rollback(self) -> None:
        """Forget everything pending."""

    def close(self) -> None:
        """Release the files; anything pending is forgotten."""

"""What a store is, and the values that pass through it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from searchkit.document import Document

if TYPE_CHECKING:  # a search compares no texts
    from searchkit.store.quarantine import Quarantine
    from searchkit.store.sketches import Sketch

PutStatus = Literal["added", "updated", "unchanged"]
# A source's newest documents, which tell whether its pages are still read as well as before.
NEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers of a resource: the digest of its bytes when last read, the document made of them, since
    when it is not there any more (empty while it is), and when those bytes were fetched (ISO 8601 UTC)."""

    digest: str
    document: str
    gone_at: str = ""
    fetched_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What became of a document handed to the store. `document` carries its revision and first_seen as stored.

    `replaces` is the address that the replaced revision came from, when that is another.
    """

    status: PutStatus
    document: Document
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step in the life of a document: its id, and the document as it is now (None when deleted)."""

    sequence: int
    document_id: str
    document: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A resource that could not be read, and why. `digest` is that of its bytes, empty when none were to be had;
    `version` that of the program that failed on them."""

    uri: str
    digest: str
    source: str
    reason: str
    at: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """How much a store holds; `outdated` documents were annotated by another extractor version than asked about.

    `gone` documents are those whose source does not have them any more; `failures` resources that cannot be read.
    """

    documents: int
    statements: int
    revisions: int
    outdated: int
    gone: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of so many documents, how many have a date of publication (no guess), a byline, a statement."""

    documents: int = 0
    dated: int = 0
    signed: int = 0
    quoted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCounts:
    """What came of one source; its name is empty for what was given by hand.

    `newest` are the NEWEST documents first seen last, `earlier` all others. `last_run` and `last_success` are times
    (ISO 8601 UTC), empty for never; `last_reason` says why the last run failed, empty when it did not.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prunable:
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

    def put(self, document: Document, *, resource: str, digest: str, sketch: "Sketch | None" = None) -> Put:
        """Take in a document made from the bytes with this `digest` at `resource`, which is there.

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

    def changes(self, after: int, at_hand: Mapping[str, Document] | None = None) -> Iterator[Change]:
        """The last change of each document changed since sequence number `after`, in order.

        Documents `at_hand` (by id, as last put) need not be read."""

    def outdated(self, extractor_version: str) -> Iterator[Document]:
        """The documents that another extractor version annotated, by id. Documents may be replaced meanwhile."""

    # --- resources ---------------------------------------------------------------------------------------------------

    def known(self, uri: str) -> Known | None:
        """What is remembered of the resource `uri`."""

    def touch(self, uri: str, seen_at: str, *, source: str = "") -> bool:
        """Note that the resource was seen again, unchanged. Whether it had been gone.

        A `source` takes over what was given by hand before."""

    def mark_gone(self, uri: str, at: str) -> str | None:
        """Note that a resource is not there any more. Its document is gone too when no other address has it.

        Returns the document's id; None when the resource is not known, or was gone already."""

    def unseen(self, location: str, seen: Collection[str]) -> list[str]:
        """The resources that lie within `location`, are not gone, and not among `seen`; in order."""

    def prunable(self, locations: Collection[str]) -> Prunable:
        """The documents that are gone and have no address outside `locations`."""

    # --- failures and sources ----------------------------------------------------------------------------------------

    def failure(self, uri: str) -> Failure | None:
        """Why the resource could not be read when last tried; None when it could, or was not tried."""

    def note_failure(self, failure: Failure) -> None:
        """Remember a failure until the resource is read, or is gone."""

    def forget_failures(self, location: str, seen: Collection[str], expected: Callable[[str], bool]) -> None:
        """Forget the failures of resources that lie within `location`, were `expected` and are not among `seen`."""

    def note_run(self, source: str, at: str, *, ok: bool, reason: str = "") -> None:
        """Remember when a source was asked last, and whether it gave what it has; `reason` says why it did not."""

    def sources(self) -> tuple[SourceCounts, ...]:
        """What came of each source that has documents, failures or runs; by name. Reads no record."""

    @property
    def quarantine(self) -> "Quarantine":
        """What ends the worker processes that read it."""

    # --- the whole ---------------------------------------------------------------------------------------------------

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

"""What a store is, and the values that pass through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from searchkit.document import Document

PutStatus = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers of a resource: the digest of its bytes when last read, and the document made of them."""

    digest: str
    document: str


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
class StoreCounts:
    """How much a store holds; `outdated` documents were annotated by another extractor version than asked about."""

    documents: int
    statements: int
    revisions: int
    outdated: int


class Store(Protocol):
    """Documents by id, with revisions and a change log. One writer; readers see committed batches only."""

    @property
    def sequence(self) -> int:
        """Number of the last committed or pending change; 0 when empty."""

    def known(self, uri: str) -> Known | None:
        """What is remembered of the resource `uri`."""

    def put(self, document: Document, *, resource: str, digest: str) -> Put:
        """Take in a document made from the bytes with this `digest` at `resource`. Pending until `commit`."""

    def replace_annotations(self, document: Document) -> bool:
        """Put the annotations of `document` in the place of those stored: a change, but no revision. Pending until
        `commit`. False when the stored article is gone or another one now."""

    def outdated(self, extractor_version: str) -> Iterator[Document]:
        """The documents that another extractor version annotated, by id. Documents may be replaced meanwhile."""

    def extractor_versions(self) -> dict[str, int]:
        """How many documents each extractor version annotated."""

    def touch(self, uri: str, seen_at: str) -> None:
        """Note that the resource was seen again, unchanged. Pending until `commit`."""

    def commit(self) -> None:
        """Make everything pending durable: synced to disk when this returns. StorageFull when there is no room."""

    def rollback(self) -> None:
        """Forget everything pending."""

    def get(self, document_id: str) -> Document | None:
        """The document as it is now."""

    def revision(self, document_id: str, number: int) -> Document | None:
        """The document as it was in its revision `number` (1 is the first)."""

    def changes(self, after: int) -> Iterator[Change]:
        """The last change of each document changed since sequence number `after`, in order."""

    def surfaces(self) -> Iterator[dict[str, set[str]]]:
        """For each document the ways in which each entity is written in it, by entity id. Reads every record."""

    def counts(self, extractor_version: str) -> StoreCounts:
        """How much there is."""

    def close(self) -> None:
        """Release the files; anything pending is forgotten."""

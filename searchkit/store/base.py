"""The values that the store takes and returns."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from searchkit.statements.document import Document, LogPosition

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


class WorkerRow(Struct, frozen=True, kw_only=True):
    """A worker. `version` is that of searchkit, `names` that of its sources, aliases and watchlists. `pages` counts
    those that it read, `rate` is pages per second in the last minute. Times are seconds since 1970."""

    number: int
    name: str
    version: str
    names: str
    started_at: float
    seen_at: float
    doing: str
    pages: int
    rate: float


class WorkReport(Struct, frozen=True, kw_only=True):
    """What is under way: the workers that are alive, how many pages were fetched and not yet read, how many of these
    are claimed, and the claimed sources and hosts with the names of their workers."""

    workers: tuple[WorkerRow, ...]
    unread: int
    claimed: int
    sources: Mapping[str, str]
    hosts: Mapping[str, str]

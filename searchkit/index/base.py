"""The index protocol, its values, and the engines that implement it.

Of records that are copies of each other, one is listed and counted, unless the request asks for all. Totals and counts
are exact. Scores order the hits of one answer and are not comparable otherwise. Sorting by date puts undated records
last. An Index belongs to one thread; any number of them may read a folder while one writes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Self, TypeAlias

from msgspec import Meta, Struct, field

from searchkit.errors import ConfigError
from searchkit.loading import load
from searchkit.query.ast import All, Exists, Node, Unit
from searchkit.query.fields import Record

if TYPE_CHECKING:  # a search needs no documents
    from searchkit.statements.document import Document, LogPosition

# Increase with every change of the meaning of rows: an index of another version is rebuilt from the store.
SCHEMA_VERSION = 12
Sort = Literal["relevance", "newest", "oldest"]
Interval = Unit
FacetSort = Literal["count", "value"]
# Most ids of copies in a hit; the query `copies:GROUP` finds all.
COPY_IDS = 20
_ANY, _EVERYTHING = Exists(), All()


class FacetRequest(Struct, frozen=True, kw_only=True):
    """A request for counts of a field, or of pairs of its values with those of `paired` in the same statement.

    `interval` is for date fields (default: month). At most `size` values are returned in order of `sort`. With
    `all_values`, conditions of the query that select values of this field are ignored (query/walk.py), so that other
    values show; for dates and pairs they apply.
    """

    field: str
    paired: str = ""
    size: int = 10
    interval: Interval | None = None
    sort: FacetSort = "count"
    all_values: bool = False


class FacetValue(Struct, frozen=True, kw_only=True):
    """One value of a field. `value` is for display, `id` is the entity id or the key (`2022-12`). `named`: the name is
    unique among all counted values, so queries do not need the id."""

    value: str
    id: str
    named: bool = True


class FacetCount(FacetValue, frozen=True, kw_only=True):
    """The number of records with a value, or with a pair of values."""

    count: int
    second: FacetValue | None = None


class GapRecord(Struct, frozen=True, kw_only=True):
    """Intervals without records that are too many to list."""

    after: Annotated[str, Meta(description="The last interval with records before the gap.")]
    before: Annotated[str, Meta(description="The first interval with records after it.")]
    length: Annotated[int, Meta(ge=0, description="How many intervals lie between.")]


class Facet(Struct, frozen=True, kw_only=True):
    """The counts of one field over all hits, by count and then by value; dates in order of time.

    `missing` records have no value, `unknown` ones a date in no single interval. `other` distinct values are not shown
    (of dates, the earliest). Intervals without records count as 0 in short gaps; longer gaps are in `gaps`. Among
    copies each value counts once. `all_values` is that of the request. `note` says what the counts leave out, or do not
    prove.
    """

    field: str
    paired: str = ""
    interval: Interval | None = None
    counts: tuple[FacetCount, ...]
    missing: int
    unknown: int = 0
    other: int
    gaps: tuple[GapRecord, ...] = ()
    error_bound: int = 0
    all_values: bool = False
    note: str = ""


class SearchRequest(Struct, frozen=True, kw_only=True):
    """A query for records of one kind, the hits to list and the facets to count. With `copies`, all copies count."""

    query: Node
    record: Record = "document"
    limit: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    facets: tuple[FacetRequest, ...] = ()
    copies: bool = False


class ValuesRequest(Struct, frozen=True, kw_only=True):
    """A request for the values of a name or keyword field that match `value` (a leaf or an Or of leaves; default: all).

    A name matches if any record spells it so: it is the same entity everywhere. With `any_order`, a name matches if it
    has a spelling with exactly the words of `value`. Values are counted over the records that match `query`.
    """

    field: str
    value: Node = _ANY
    any_order: bool = False
    query: Node = _EVERYTHING
    record: Record = "document"
    copies: bool = False


class ValueCount(Struct, frozen=True, kw_only=True):
    """A value or word and the number of records with it; keywords and words are their own ids. `alone`: in these
    records no other value has this name, and this value has no other name."""

    id: str
    name: str
    count: int
    alone: bool = True


class RankedValuesRequest(Struct, frozen=True, kw_only=True):
    """A request for the values of several name fields together, over all records, copies included. Only values whose
    ids begin with one of `kinds` (default: all) and a colon, and with none of `without`. `size` is at least 1."""

    fields: tuple[tuple[Record, str], ...]
    size: int
    kinds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class RankedValue(Struct, frozen=True, kw_only=True):
    """A value, and the number of records with it in each field of the request. The name is that of the first field."""

    id: str
    name: str
    counts: tuple[int, ...]

    def order(self) -> tuple[int, int, str, str]:
        """Return the order of values: by the first count, by the sum of the others, by name."""
        return -self.counts[0], -sum(self.counts[1:]), self.name, self.id


class RankedValues(Struct, frozen=True, kw_only=True):
    """The first values in order, and how many there are in total."""

    total: int
    values: tuple[RankedValue, ...]


class Hit(Struct, frozen=True, kw_only=True):
    """One record found. `document` is the id of its document (its own for a document). `copies` other matching records
    are copies of it; `copy_ids` are the first COPY_IDS of them."""

    id: str
    document: str
    score: float
    copies: int = 0
    copy_ids: tuple[str, ...] = ()


class SearchResult(Struct, frozen=True, kw_only=True):
    """The answer. `total` counts all matching records, copies once; `duplicates` are the other matching copies.
    `took` is the time in seconds.

    `interpreted_as` (the canonical query) and `notes` (for the user) are filled in by search/answer.py.
    """

    hits: tuple[Hit, ...]
    total: int
    duplicates: int = 0
    total_exact: bool = True
    facets: tuple[Facet, ...] = ()
    took: float = 0.0
    interpreted_as: str = ""
    notes: tuple[str, ...] = field(default=())


ReadDocument: TypeAlias = "Callable[[str], Document | None]"
"""Returns a document of the store by its id; the index has no copy of the texts, which `exact:` compares."""


def without_store(document_id: str) -> None:
    """Return no document: an index that is not searched needs none."""


class IndexWriter(Protocol):
    """One open batch: invisible to readers before `commit`, dropped if its `with` block ends without one."""

    def put(self, documents: "Iterable[Document]") -> None:
        """Add or replace documents (by id) with all their statements."""

    def work(self, documents: Sequence[bytes], read: Callable[[bytes], "Document"]) -> Callable[[], Any]:
        """Return a function, for another process, that writes the segments of documents in bytes, which the function
        `read` reads, for `adopt`."""

    def adopt(self, segments: Any) -> None:
        """Add or replace the documents of segments that the function of `work` has written in this batch."""

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents and their statements; unknown ids are ignored."""

    def commit(self, sequence: int, *, mark: str = "", last: bool = True) -> None:
        """Make the batch durable and visible. `sequence` and `mark` are the last change of the store in it.
        Merging can wait until the `last` batch of a run, or until `optimize`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Index(Protocol):
    """An index over documents and statements, derived from the store and safe to delete.

    Methods raise ArchiveError if the index is corrupt, and UsageError for facets and patterns that are not valid.
    """

    @property
    def applied(self) -> int:
        """The store's sequence number of the last change in this index; 0 if it is new."""

    @property
    def position(self) -> "LogPosition":
        """The last change in this index, with its mark."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a query."""

    def matched(
        self, conditions: Sequence[Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of the matching records of these documents, copies included."""

    def source_checksums(self, document_ids: Collection[str], record: Record) -> dict[str, str]:
        """Return the `source_checksum` of which each record of these documents was made, by the id of the record."""

    def counts(self) -> dict[Record, int]:
        """Return the number of records of each kind."""

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        """Return the matching values, most frequent first. UsageError for a field without values."""

    def ranked_values(self, request: RankedValuesRequest) -> RankedValues:
        """Return the first values of several fields. UsageError for a field without values."""

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        """Return the words of a text or name field within `distance` edits of `word`, most frequent first."""

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        """Return the first and last day of a date field; None if no record has a date."""

    def writer(self) -> IndexWriter:
        """Open a batch. The caller must hold the archive's lock."""

    def verify(self) -> None:
        """Verify the checksums of all files. DamagedIndex if one differs."""

    def optimize(self) -> None:
        """Merge what many commits have written, so that queries are faster. Slow; the caller must hold the lock."""

    def expunge(self) -> None:
        """Remove deleted records from all files; the caller must hold the lock."""

    def size(self) -> int:
        """Return the bytes that the index takes on disks, copies included."""

    def replace(self, fill: "Callable[[Index], None]") -> None:
        """Let `fill` write a new index next to this one, then put it in the place of this one, in one step. The caller
        must hold the lock."""

    def drop(self) -> None:
        """Remove the index; the caller must hold the lock. The next commit makes a new one."""

    def close(self) -> None:
        """Release files; the next call opens them again."""


# --- engines ----------------------------------------------------------------------------------------------------------


# Scheme to class, called with the index's folder.
_ENGINES = {
    "whoosh": "searchkit.index.whoosh.searcher:WhooshIndex",
    "opensearch": "searchkit.cluster.opensearch.searcher:OpenSearchIndex",
}
_EMBEDDED = "whoosh"
# The file in the folder of a cluster's index with the name that the archive writes into its indexes.
OWNER = "owner"
# The folder of the index of statements that articles no longer have (archive/former.py).
FORMER = "former"


def engine_scheme(uri: str) -> str:
    """Return the scheme of an engine's URI, which is also the name of its folder. ConfigError for an unknown engine."""
    scheme = uri.partition(":")[0]
    if scheme not in _ENGINES:
        known = ", ".join(f'"{name}:"' for name in sorted(_ENGINES))
        raise ConfigError(f'Unknown engine "{uri}".', hint=f"Known engines: {known}.")
    return scheme


def engine_names() -> frozenset[str]:
    """Return the names of the folders of all indexes."""
    return frozenset((*_ENGINES, FORMER))


def is_embedded(uri: str) -> bool:
    """Return whether the engine keeps its index in files of the archive."""
    return engine_scheme(uri) == _EMBEDDED


def name_owner(folder: Path, owner: str) -> None:
    """Let all archives of one `owner` write to the same index on a cluster; without it, each has a name of its own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / OWNER).write_text(owner, "ascii")


def open_index(uri: str, folder: Path, read: ReadDocument = without_store) -> Index:
    """Open the index at `uri` (`whoosh:`, `opensearch:https://host:9200/prefix`) with its files in `folder`, which the
    first commit creates. It reads texts of the store with `read`.

    ConfigError for an unknown engine; ArchiveError when the index is corrupt.
    """
    opened = load(_ENGINES[engine_scheme(uri)])
    index: Index = opened(folder, read) if is_embedded(uri) else opened(folder, read, uri)
    return index

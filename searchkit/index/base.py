"""What an index is: the protocols every engine fulfils, and the values that pass through them.

Of records that are copies of each other, one is listed and counted, unless all are asked for. Facets count records of
the kind asked for, each value as often as the query narrowed to it finds records (index/facet_queries.py). Totals
and counts
are exact, or say by how much they may be off. Scores order hits of one answer and are comparable to nothing else.
Sorting by date (schema.day_fields) puts undated records last, both ways. Of what cannot be counted or read as a
pattern, engines raise UsageError. An Index belongs to one
thread; any number of them, in any process, may read a folder while one writes.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, Self

from msgspec import Struct, field

from searchkit.query.ast import All, Exists, Node, Unit
from searchkit.query.fields import Record

if TYPE_CHECKING:  # a search needs no documents
    from searchkit.document import Document

Sort = Literal["relevance", "newest", "oldest"]
Interval = Unit
FacetSort = Literal["count", "value"]
# More ids of copies than this beside one hit are nobody's reading; `copies:GROUP` finds all.
COPY_IDS = 20
# So many values that one condition chooses are shown whatever their counts; words that mean more choose no names.
MOST_CHOSEN = 20
_ANY, _EVERYTHING = Exists(), All()


class Choice(Struct, frozen=True, kw_only=True):
    """A condition of a query that chooses values of a facet's own field, and the `keys` (values.value_key of their ids)
    of the values that it means in the archive, the most frequent first."""

    condition: Node
    keys: tuple[str, ...]


class FacetRequest(Struct, frozen=True, kw_only=True):
    """Counts wanted for one field, or for pairs of its values with those of a second field, `paired`, in one and the
    same statement; `interval` for date fields only (default month); at most `size` values, in order of `sort`, and
    beyond them the values of `chosen`, MOST_CHOSEN a choice."""

    field: str
    paired: str = ""
    size: int = 10
    interval: Interval | None = None
    sort: FacetSort = "count"
    chosen: tuple[Choice, ...] = ()


class FacetValue(Struct, frozen=True, kw_only=True):
    """One value of a field. `value` is for display, `id` is the entity id or the key (`2022-12`).

    `named`: whether the name alone tells it from all others that were counted, and the id need not be asked for.
    """

    value: str
    id: str
    named: bool = True


class FacetCount(FacetValue, frozen=True, kw_only=True):
    """How many records have one value; of a pair, `second` is the value of the second field. `chosen`: whether any of
    the choices of the request means it."""

    count: int
    chosen: bool = False
    second: FacetValue | None = None


class FacetGap(Struct, frozen=True, kw_only=True):
    """So many intervals (`length`) without a record between two that have some, `after` and `before`."""

    after: str
    before: str
    length: int


class Facet(Struct, frozen=True, kw_only=True):
    """Counts of one field over all hits, most frequent first, equal counts by value; dates in order of time.

    The conditions at the top of the query that choose values of this very field (query/walk.py) do not count, so
    that other values can be seen; for dates and pairs they do. `missing` records have no value, `unknown` ones a date
    that lies in no single interval. `other` is the number of distinct values that are not shown: of dates the latest
    are kept. Intervals without records are counted as 0, in short gaps; longer ones are told in `gaps`.

    Of records that are copies of each other each value counts once, whichever of them has it; `copies` counts all.
    """

    field: str
    paired: str = ""
    interval: Interval | None = None
    counts: tuple[FacetCount, ...]
    missing: int
    unknown: int = 0
    other: int
    gaps: tuple[FacetGap, ...] = ()
    error_bound: int = 0
    chosen: tuple[Choice, ...] = ()


class SearchRequest(Struct, frozen=True, kw_only=True):
    """A question to an index: which records match `query`, which of them to list, what to count.

    Of matching records that are copies of each other the first is listed and counted
    (index/duplicate_collapsing.py); with `copies`
    all are.
    """

    query: Node
    record: Record = "document"
    limit: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    facets: tuple[FacetRequest, ...] = ()
    copies: bool = False


class ValuesRequest(Struct, frozen=True, kw_only=True):
    """Which values a name or keyword field has, of those that fulfil `value` (a leaf of a query, or an Or of
    leaves; all by default).

    A name fulfils it when it does so anywhere in the archive: by its id it is the same wherever it stands. With
    `any_order`, for names: those with a spelling that is made of the words of `value` and no others, in any order.
    Values are counted over the records that match `query`, copies of one as one unless `copies`.
    """

    field: str
    value: Node = _ANY
    any_order: bool = False
    query: Node = _EVERYTHING
    record: Record = "document"
    copies: bool = False


class ValueCount(Struct, frozen=True, kw_only=True):
    """A value or a word of the archive: its `id` and `name` (both the same for keywords and words), and how many
    records have it. `alone`: in these records it has no other name, and no other value has this one."""

    id: str
    name: str
    count: int
    alone: bool = True


class Hit(Struct, frozen=True, kw_only=True):
    """One record found. `id` is the record's own; `document` is the document it belongs to (itself, for documents).

    `copies` other records match that are copies of it; `copy_ids` are the first COPY_IDS of them, in their order.
    """

    id: str
    document: str
    score: float
    copies: int = 0
    copy_ids: tuple[str, ...] = ()


class SearchResult(Struct, frozen=True, kw_only=True):
    """The answer. `total` counts all matching records, copies of one as one, not the hits listed. `took` is seconds
    spent in the engine.

    `interpreted_as` is the canonical query with dates resolved; `notes` are things the reader should know about how it
    was read. Both are filled in by the archive.
    """

    hits: tuple[Hit, ...]
    total: int
    total_exact: bool = True
    facets: tuple[Facet, ...] = ()
    took: float = 0.0
    interpreted_as: str = ""
    notes: tuple[str, ...] = field(default=())


class IndexWriter(Protocol):
    """One open batch: invisible to readers before `commit`, dropped when its `with` block is left without one."""

    def put(self, documents: "Iterable[Document]") -> None:
        """Add or replace documents (by id) with all their statements."""

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents and their statements; unknown ids are fine."""

    def commit(self, sequence: int) -> None:
        """Make the batch durable and visible. `sequence` is the last change of the store it contains."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Index(Protocol):
    """An index over documents and statements. Safe to delete: everything in it comes from the store."""

    @property
    def applied(self) -> int:
        """Store sequence number of the last change this index contains; 0 when new."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. ArchiveError when the index is damaged."""

    def matched(
        self, conditions: Sequence[Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of those records of these documents that match it: of their statements,
        or of the documents themselves. Duplicates are not collapsed."""

    def counts(self) -> dict[Record, int]:
        """How many records of each kind it holds."""

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        """The values asked for that some record has, most frequent first. UsageError for a field without values."""

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        """The words of a text or name field within `distance` edits of `word`, as analysis makes them, most frequent
        first; `word` itself may be among them."""

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        """The first and the last day of a date field; None when no record has any."""

    def explain(self, request: SearchRequest) -> str:
        """What the engine looks for, in its own words: for eyes only."""

    def writer(self) -> IndexWriter:
        """Open a batch. The caller holds the archive's lock: an index never has two writers."""

    def optimize(self) -> None:
        """Merge what many commits have written, so that queries are faster. Slow; the caller holds the lock."""

    def expunge(self) -> bool:
        """Leave nothing of removed records in any file, earlier states included; whether that was done. An engine that
        cannot do that says so, and is made anew from the store by the caller, who is as for `writer`."""

    def close(self) -> None:
        """Release files. Further calls are errors."""

"""Everything that answers a question, one record at a time.

The question is asked once, so that all of it is of one state of the index, and what is held of the answer are ids.
Documents come from the store one by one and are forgotten again: an export of a whole archive takes hardly more memory
than one of a day.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from searchkit.document import Document, Quote, WatchlistMatch
from searchkit.errors import NotInArchive
from searchkit.index.base import Hit, SearchRequest, Sort

if TYPE_CHECKING:
    from searchkit.archive.archive import Archive
    from searchkit.archive.index_sync import Progress
    from searchkit.query.ast import Node
    from searchkit.query.fields import Record

# Statements of one document stand together when sorted by date, and seldom far apart otherwise.
_DOCUMENTS_HELD = 16


class Opened(Struct, frozen=True, kw_only=True, dict=True):  # a dict, for what it remembers
    """A document, with what is asked of it for each of its statements."""

    document: Document

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Canonical names by entity id."""
        return self.document.names()

    @cached_property
    def matched(self) -> Mapping[str, tuple[WatchlistMatch, ...]]:
        """Watchlist matches by statement id."""
        return self.document.matched()

    @cached_property
    def quotes(self) -> Mapping[str, Quote]:
        """Statements by id."""
        return {quote.id: quote for quote in self.document.quotes}


class Selected(Struct, frozen=True, kw_only=True):
    """One record of a selection; `quote` is the statement when statements were asked for."""

    opened: Opened
    quote: Quote | None
    hit: Hit

    @property
    def document(self) -> Document:
        return self.opened.document


class Selection:
    """All records that match a query, or the first `limit` of them in the order of `sort`. Made by `select`."""

    def __init__(
        self,
        archive: "Archive",
        record: "Record",
        hits: tuple[Hit, ...],
        *,
        total: int,
        interpreted_as: str,
        notes: tuple[str, ...],
    ) -> None:
        self.record = record
        self.hits = hits
        self.total = total
        self.interpreted_as = interpreted_as
        self.notes = notes
        self._archive = archive
        self._opened = lru_cache(maxsize=_DOCUMENTS_HELD)(self._open)

    def __len__(self) -> int:
        """How many records are selected; `total` match."""
        return len(self.hits)

    def __iter__(self) -> Iterator[Selected]:
        return self.through()

    def through(self, progress: "Progress | None" = None) -> Iterator[Selected]:
        """The records in order. One that has left the archive since the question was asked is not among them."""
        for done, hit in enumerate(self.hits, 1):
            with suppress(NotInArchive):
                yield self.get(hit)
            if progress is not None:
                progress(done, len(self.hits))

    def get(self, hit: Hit) -> Selected:
        """What one of `hits` is. NotInArchive when it has left the archive meanwhile."""
        opened = self.document(hit.document)
        quote = opened.quotes.get(hit.id)
        if quote is None and self.record == "quote":
            raise NotInArchive(f"{hit.id} is not in the archive any more.")
        return Selected(opened=opened, quote=quote, hit=hit)

    def document(self, document_id: str) -> Opened:
        """A document of the selection. NotInArchive as `get`."""
        opened = self._opened(document_id)
        if opened is None:
            raise NotInArchive(f"{document_id} is not in the archive any more.")
        return opened

    def _open(self, document_id: str) -> Opened | None:
        document = self._archive.get(document_id)
        return None if document is None else Opened(document=document)


def select(
    archive: "Archive",
    query: "Node",
    record: "Record",
    *,
    sort: Sort = "newest",
    copies: bool = False,
    limit: int | None = None,
    notes: tuple[str, ...] = (),
    progress: "Progress | None" = None,
) -> Selection:
    """Ask `archive` for all records that match, or the first `limit`; `copies` and errors as `Archive.search`.

    `notes` are what there was to say of the query when it was read.
    """
    request = SearchRequest(query=query, record=record, limit=0, sort=sort, copies=copies)
    total = archive.search(request, progress=progress).total
    wanted = total if limit is None else min(limit, total)
    result = archive.search(
        SearchRequest(query=query, record=record, limit=wanted, sort=sort, copies=copies), progress=progress
    )
    return Selection(
        archive,
        record,
        result.hits,
        total=result.total,
        interpreted_as=result.interpreted_as,
        notes=(*notes, *result.notes),
    )

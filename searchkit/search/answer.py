"""Answer a query: the one path for the command line, alerts and export.

The query is parsed, narrowed by filters, rewritten and executed; documents are read from the store as hits are
iterated. An answer is usable while its archive is open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import NotInArchive, SearchkitError, StorageFull
from searchkit.index.base import FacetRequest, Hit, Index, SearchRequest, SearchResult, Sort
from searchkit.loading import load
from searchkit.notes import Note, NoteFields, NotesById
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import Parsed, SavedQueries, parse
from searchkit.query.walk import clauses, filtered, has_words, interpreted
from searchkit.search.did_you_mean import names_notes, spelling_notes
from searchkit.search.highlight import (
    STATEMENT,
    TITLE,
    TITLE_OF_STATEMENT,
    DocumentMatcher,
    Snippet,
    StatementMatch,
    best_statements,
    complete,
    matches,
    passages,
)
from searchkit.search.rewrite import NameExpander, Owner, rewrite_query
from searchkit.statements.document import Document, DocumentOutline, Quote, WatchlistMatch
from searchkit.statements.outlets import Outlets
from searchkit.statements.text import Span

if TYPE_CHECKING:  # most queries match something
    from searchkit.search.zero_hits import Advice

ALL = 10_000_000
"""The limit that lists every hit."""
# The statements of an article are scattered among the hits.
_DOCUMENTS_CACHED = 16

Progress = Callable[[int, int], None]
"""Called with (done, total)."""


class StoredRecord(Protocol):
    """The record of a document, verified and decoded on demand."""

    def outline(self) -> DocumentOutline:
        """Return the fields from which excerpts are cut."""

    def document(self) -> Document:
        """Return the document."""


class SearchableArchive(Protocol):
    """The parts of an archive that answering a query needs. `hindrance` is why the disk kept the last `refresh` from
    completing the index."""

    hindrance: StorageFull | None

    @property
    def former(self) -> "SearchableArchive":
        """The statements that articles no longer have."""

    @property
    def index(self) -> Index:
        """The index."""

    def refresh(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the index up to date with the store; return notes for the reader if that was not possible."""

    def get(self, document_id: str, /) -> Document | None:
        """Return a stored document, or None."""

    def get_several(self, document_ids: Sequence[str], /) -> Mapping[str, StoredRecord]:
        """Return the records of these documents by id. Only `get` reports rows that cannot be read."""

    def notes(self) -> NotesById[Note]:
        """Return the user's notes on statements. ArchiveError if they cannot be read."""

    def outlets(self) -> Outlets:
        """Return the outlets of the documents in the index."""

    def refreshed_values(self, field: str, /) -> Mapping[str, Sequence[Owner]]:
        """Return the statements by their values in a field that is not in the index, up to date. Errors as `notes`."""

    def watchlist_notes(self, value: ast.Node, record: Record, /) -> tuple[str, ...]:
        """Return why no record has `value` in the field watchlist; empty if no list of the archive has it."""


class QueryRequest(Struct, frozen=True, kw_only=True):
    """A query to answer: as text, or as a tree that was parsed before.

    `filters` are values by field, `since` and `until` days of publication, `saved` the searches that the text may
    name. Without `sort`, a query that searches text is sorted by relevance, any other newest first. `advise`: explain
    an empty answer.
    """

    query: str | ast.Node
    record: Record = "document"
    today: date
    filters: Mapping[str, Sequence[str]] = {}
    since: str = ""
    until: str = ""
    saved: SavedQueries | None = None
    limit: int = 10
    offset: int = 0
    sort: Sort | None = None
    facets: tuple[FacetRequest, ...] = ()
    copies: bool = False
    advise: bool = False

    def search_request(self) -> tuple[SearchRequest, tuple[str, ...]]:
        """Return the request for the index, and notes on how the text was read. QueryError and UsageError."""
        parsed = (
            parse(self.query, today=self.today, record=self.record, saved=self.saved)
            if isinstance(self.query, str)
            else Parsed(tree=self.query)
        )
        tree = parsed.tree
        if any(self.filters.values()) or self.since or self.until:
            tree = filtered(tree, self.filters, since=self.since, until=self.until, today=self.today)
        request = SearchRequest(
            query=tree,
            record=self.record,
            limit=self.limit,
            offset=self.offset,
            sort=self.sort or ("relevance" if has_words(tree) else "newest"),
            facets=self.facets,
            copies=self.copies,
        )
        return request, parsed.notes


class OpenDocument:
    """A document, decoded when it is needed, with lookups that its statements share, and the user's `notes` on
    statements. ArchiveError if its record is corrupt."""

    def __init__(self, *, document: Document | StoredRecord, notes: Mapping[str, Note] = MappingProxyType({})) -> None:
        self._stored = document
        self.notes = notes

    @cached_property
    def document(self) -> Document:
        """The document."""
        return self._stored if isinstance(self._stored, Document) else self._stored.document()

    @cached_property
    def outline(self) -> Document | DocumentOutline:
        """What excerpts are cut from: the document if it was decoded before."""
        if isinstance(self._stored, Document) or "document" in self.__dict__:
            return self.document
        return self._stored.outline()

    def note(self, statement_id: str) -> NoteFields:
        """Return the user's note on a statement; empty fields if there is none."""
        note = self.notes.get(statement_id)
        return NoteFields() if note is None else note.fields

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


class HitRecord(Struct, frozen=True, kw_only=True):
    """A hit with its stored document; `quote` is the statement if the query was over statements."""

    hit: Hit
    opened: OpenDocument
    quote: Quote | None

    @property
    def document(self) -> Document:
        """The document."""
        return self.opened.document

    @property
    def note(self) -> NoteFields:
        """The user's note on the statement."""
        return self.opened.note("" if self.quote is None else self.quote.id)

    @property
    def matches(self) -> Sequence[WatchlistMatch]:
        """The watchlist entries that the record names."""
        if self.quote is None:
            return self.document.matches
        return self.opened.matched.get(self.quote.id, ())


def alone(
    document: Document, quote: Quote | None = None, notes: Mapping[str, Note] = MappingProxyType({})
) -> HitRecord:
    """Return a document or statement as an answer would have it, without the query."""
    hit = Hit(id=document.id if quote is None else quote.id, document=document.id, score=0)
    return HitRecord(hit=hit, opened=OpenDocument(document=document, notes=notes), quote=quote)


class Records:
    """The documents and statements behind hits, read from the store on each iteration.

    Hits whose record has left the store since the index answered are skipped.
    """

    def __init__(
        self,
        archive: SearchableArchive,
        record: Record,
        hits: tuple[Hit, ...],
        notes: Mapping[str, Note] = MappingProxyType({}),
    ) -> None:
        self.record = record
        self._notes = notes
        self.hits = hits
        self._archive = archive
        self.document = lru_cache(maxsize=_DOCUMENTS_CACHED)(self._open)
        self._ahead: Mapping[str, StoredRecord] = {}

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.hits)

    def through(self, progress: Progress | None = None) -> Iterator[HitRecord]:
        """Yield the records in order and report progress."""
        for done, hit in enumerate(self.hits, 1):
            if done % _DOCUMENTS_CACHED == 1:
                hits = self.hits[done - 1 : done - 1 + _DOCUMENTS_CACHED]
                self._ahead = self._archive.get_several([ahead.document for ahead in hits])
            try:
                record = self.get(hit)
            except NotInArchive:
                record = None
            if record is not None:
                yield record
            if progress is not None:
                progress(done, len(self.hits))

    def get(self, hit: Hit) -> HitRecord:
        """Return the record of one of the hits. NotInArchive if it has left the archive."""
        opened = self.document(hit.document)
        quote = opened.quotes.get(hit.id) if self.record == "quote" else None
        if quote is None and self.record == "quote":
            raise NotInArchive(f"{hit.id} is no longer in the archive.")
        return HitRecord(hit=hit, opened=opened, quote=quote)

    def _open(self, document_id: str) -> OpenDocument:
        """Return the document of a hit. NotInArchive as `get`."""
        document = self._ahead.get(document_id) or self._archive.get(document_id)
        if document is None:
            raise NotInArchive(f"{document_id} is no longer in the archive.")
        return OpenDocument(document=document, notes=self._notes)

    __iter__ = through


class Excerpt:
    """The parts of a hit that answer the query `tree`, each computed when it is needed."""

    def __init__(self, found: HitRecord, tree: ast.Node, matcher: DocumentMatcher) -> None:
        self._opened, self._quote = found.opened, found.quote
        self._tree, self._matcher = tree, matcher

    @cached_property
    def _clauses(self) -> Mapping[ast.Node, tuple[str, frozenset[str]]]:
        return self._matcher.of(self._opened.outline)

    def _bound(self, condition: ast.Node, field: str) -> Sequence[Span]:
        """Return the words (for the field `quote`) or the sentences (for `text`) of the statements that match a scope
        or a condition on `quote`, in order."""
        _, found = self._clauses.get(condition, ("", frozenset()))
        if found.isdisjoint([quote.id for quote in self._opened.outline.quotes]):
            return ()
        document = self._opened.document
        parts = [part for quote in document.quotes if quote.id in found for part in document.parts_of(quote)]
        return [part.content if field == "quote" else document.sentence_of(part) for part in parts]

    @cached_property
    def _contents(self) -> Sequence[Span]:
        """The words of the statement, in parts."""
        return self._opened.document.spans_of(self._quote) if self._quote else ()

    @cached_property
    def title(self) -> tuple[Span, ...]:
        """The matches in the title."""
        title = self._opened.outline.title or ""
        if self._quote is not None:
            return matches(title, self._tree, fields=TITLE_OF_STATEMENT)
        return matches(title, self._tree, fields=TITLE)

    @cached_property
    def marks(self) -> tuple[Span, ...]:
        """The matches in the text, of a statement in its words."""
        text = self._opened.outline.text
        if self._quote is None:
            return matches(text, self._tree, statements_of=self._bound)
        return tuple(mark for part in self._contents for mark in matches(text, self._tree, fields=STATEMENT, part=part))

    @cached_property
    def snippets(self) -> tuple[Snippet, ...]:
        """Passages of a document, or the words of a statement as one."""
        outline, marks = self._opened.outline, self.marks
        if self._quote is not None:
            return tuple(complete(outline.text, content, marks) for content in self._contents)
        return passages(
            outline.text,
            marks,
            within=outline.paragraphs,
            statements=[quote.content for quote in outline.quotes],
            matched=() if marks else [match.quote.content for match in best_statements(self.statements, 2)],
        )

    @cached_property
    def statements(self) -> tuple[StatementMatch, ...]:
        """The statements of a document that matched, in text order."""
        matched: dict[str, list[str]] = {}
        for written, ids in self._clauses.values() if self._quote is None else ():
            for quote in self._opened.outline.quotes:
                if quote.id in ids:
                    matched.setdefault(quote.id, []).append(written)
        quotes = self._opened.document.quotes if matched else ()
        return tuple(
            [StatementMatch(quote=quote, clauses=tuple(matched[quote.id])) for quote in quotes if quote.id in matched]
        )


class Answer(Struct, frozen=True, kw_only=True):
    """The result of a query with its records.

    `query` is the text as typed, `tree` the query with filters. `offset` hits before the first of these were skipped.
    `advice` explains an empty answer, if that was requested.
    """

    query: str
    tree: ast.Node
    record: Record
    offset: int
    result: SearchResult
    records: Records
    matcher: DocumentMatcher
    advice: "Advice | None" = None

    def excerpt(self, found: HitRecord) -> Excerpt:
        """Return the parts of one of the records that answer the query."""
        return Excerpt(found, self.tree, self.matcher)


def answer(archive: SearchableArchive, request: QueryRequest, *, progress: Progress | None = None) -> Answer:
    """Answer a query from an index that is up to date with the store, or say in a note that it is not.

    QueryError if the text cannot be parsed, UsageError for other mistakes in the request, ArchiveError if the index is
    damaged, TryAgain if the archive cannot be read or indexed now.
    """
    search_request, notes = request.search_request()
    archive = archive.former if asks_for_former(search_request.query, request.record) else archive
    result, names = _execute(archive, search_request, progress)
    tree = search_request.query
    user_notes: Mapping[str, Note] = {}
    try:
        user_notes = archive.notes()
    except SearchkitError as error:  # the statements can be shown without them
        notes = (*notes, str(error))
    advice = None
    if request.advise and not result.total:
        advice = load("searchkit.search.zero_hits:advise")(
            search_request, names, watchlist_notes=archive.watchlist_notes
        )
    return Answer(
        query=request.query if isinstance(request.query, str) else str(request.query),
        tree=tree,
        record=request.record,
        offset=request.offset,
        result=replace(result, notes=(*notes, *result.notes)),
        records=Records(archive, request.record, result.hits, user_notes),
        matcher=DocumentMatcher(tree, [hit.document for hit in result.hits], names),
        advice=advice,
    )


def search(archive: SearchableArchive, request: SearchRequest, *, progress: Progress | None = None) -> SearchResult:
    """Return the result of a request, with notes, without its records. Errors as `answer`."""
    archive = archive.former if asks_for_former(request.query, request.record) else archive
    return _execute(archive, request, progress)[0]


def asks_for_former(tree: ast.Node, record: Record) -> bool:
    """Return whether a query is about statements that articles no longer have: `current:no`, `changed:removed`."""
    if record == "document":
        return False
    named = [
        (clause.field, getattr(clause.value, "text", "")) for clause in clauses(tree, record) if not clause.excludes
    ]
    changed = [value for field, value in named if field == "changed"]
    return ("current", "no") in named or (bool(changed) and {"removed", "hidden"}.issuperset(changed))


def _execute(
    archive: SearchableArchive, request: SearchRequest, progress: Progress | None
) -> tuple[SearchResult, NameExpander]:
    notes = archive.refresh(progress=progress)
    names = NameExpander(archive.index, request.record, archive.refreshed_values)
    rewritten = rewrite_query(request.query, names)
    executed = replace(request, query=rewritten.executed, copies=request.copies or rewritten.copies)
    if request.facets:
        search_with_facets = load("searchkit.search.facet_requests:search_with_facets")
        result: SearchResult = search_with_facets(executed, rewritten.shown, names, archive.outlets)
    else:
        result = archive.index.search(executed)
    if archive.hindrance is not None and not result.total:
        raise archive.hindrance  # nothing in an incomplete index is not nothing in the archive
    notes = (*notes, *rewritten.notes, *names.notes)
    if not result.total or any(
        clause.kind in {"name", "keyword"} for clause in clauses(rewritten.shown, request.record)
    ):
        notes += names_notes(rewritten.shown, executed, names)
    notes += tuple(spelling_notes(rewritten.shown, request, archive.index))
    return replace(result, interpreted_as=interpreted(rewritten.shown), notes=(*notes, *result.notes)), names

"""A question put to an archive, and its answer with the documents and statements found."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from searchkit.document import Document, Quote
from searchkit.index.base import Hit, SearchRequest, SearchResult
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.highlight import STATEMENT, TITLE, TITLE_BESIDE_STATEMENT, Snippet, matches, passages, whole
from searchkit.search.matches import Matched, Reading
from searchkit.text import Span

if TYPE_CHECKING:  # most questions find something
    from searchkit.search.zero_hits import Advice

# Statements of one article lie scattered among the hits; so many documents are kept at hand meanwhile.
_AT_HAND = 64


class SearchableArchive(Protocol):
    """The parts of an archive that answering a query needs."""

    def search(self, request: SearchRequest, *, progress: Callable[[int, int], None] | None = None) -> SearchResult:
        """Return the hits of `request`."""

    def get(self, document_id: str, /) -> Document | None:
        """Return a stored document, or None."""


class Found(Struct, frozen=True, kw_only=True):
    """One hit with what the store has of it; `quote` is the statement when statements were asked for."""

    hit: Hit
    document: Document
    quote: Quote | None


class Excerpt(Struct, frozen=True, kw_only=True):
    """What of a hit answers the query: matches in its title and in its text, as spans; passages of a document, or the
    words of the statement as one; of a document the statements that matched, those that meet most first
    (search/matches.py)."""

    title: tuple[Span, ...]
    marks: tuple[Span, ...]
    snippets: tuple[Snippet, ...]
    statements: tuple[Matched, ...]


class Records:
    """The documents and statements behind hits, read from the store while they are walked through, each time anew.

    A hit whose document has gone from the store since the index answered is left out.
    """

    def __init__(self, archive: SearchableArchive, record: Record, hits: tuple[Hit, ...]) -> None:
        self._archive = archive
        self._record = record
        self._hits = hits

    def __iter__(self) -> Iterator[Found]:
        at_hand: dict[str, Document | None] = {}
        for hit in self._hits:
            if hit.document not in at_hand:
                if len(at_hand) >= _AT_HAND:
                    del at_hand[next(iter(at_hand))]
                at_hand[hit.document] = self._archive.get(hit.document)
            document = at_hand[hit.document]
            if document is None:
                continue
            if self._record == "document":
                yield Found(hit=hit, document=document, quote=None)
                continue
            quote = next((quote for quote in document.quotes if quote.id == hit.id), None)
            if quote is not None:
                yield Found(hit=hit, document=document, quote=quote)


class Answer(Struct, frozen=True, kw_only=True):
    """A result with its records. `query` is what was typed, `tree` what it was read as, filters included, `sought` the
    same with saved searches written out; `offset` is how many hits before the first of these were skipped. `found`
    needs the archive open. `advice` is why nothing was found, where whoever asked wanted to know."""

    query: str
    tree: ast.Node
    sought: ast.Node
    record: Record
    offset: int
    result: SearchResult
    found: Records
    advice: "Advice | None" = None

    def excerpt(self, found: Found) -> Excerpt:
        """What of one of the records found answers the query."""
        document, quote = found.document, found.quote
        title = document.title or ""
        if quote is not None:
            marks = matches(document.text, self.sought, fields=STATEMENT, part=quote.content)
            return Excerpt(
                title=matches(title, self.sought, fields=TITLE_BESIDE_STATEMENT),
                marks=marks,
                snippets=(whole(document.text, quote.content, marks),),
                statements=(),
            )
        reading = Reading(document, self.sought)
        statements = reading.statements()
        marks = matches(document.text, reading.met, meeting=reading.meeting, passage=reading.body)
        shown = passages(
            document.text,
            marks,
            within=document.paragraphs,
            statements=[quote.content for quote in document.quotes],
            matched=[one.quote.content for one in statements],
        )
        return Excerpt(
            title=matches(title, reading.met, fields=TITLE, passage=reading.title),
            marks=marks,
            snippets=shown,
            statements=statements,
        )


def answer(
    archive: SearchableArchive,
    request: SearchRequest,
    *,
    query: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Answer:
    """Put a question to the archive. `query` is how it was written, by default its canonical form.

    Errors as `Archive.search`.
    """
    result = archive.search(request, progress=progress)
    return Answer(
        query=query or str(request.query),
        tree=request.query,
        sought=ast.expanded(request.query),
        record=request.record,
        offset=request.offset,
        result=result,
        found=Records(archive, request.record, result.hits),
    )

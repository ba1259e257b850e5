"""One quote, many outlets: who printed the same words, and whether they attribute them to the same speaker."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.export.histories.sides import StatementSide, side
from searchkit.histories.base import Spread
from searchkit.histories.spread import spread
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.scanner import SavedQueries
from searchkit.records import Count, Share
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.statements.document import Document, Quote

# Groups that a list shows in full would take a page each.
MOST_LISTED = 50
_STATEMENT = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-[0-9]{1,4})?", re.ASCII)
# Statements of an answer whose quotations are looked up one by one.
_FEW = 30_000


class AppearanceRecord(Struct, frozen=True, kw_only=True):
    """A quotation as one outlet printed it."""

    statement: StatementSide
    day: Annotated[str, Meta(description="Day of publication, ISO 8601; otherwise the day the archive first saw it.")]
    day_known: Annotated[bool, Meta(description="Whether `day` is the day of publication, by the article's own date.")]
    seen: Annotated[str, Meta(description="Day the archive first saw the article, ISO 8601.")]
    share: Annotated[Share, Meta(description="Share of the fullest version's words that it has.")]
    kept: Annotated[
        tuple[tuple[int, int], ...],
        Meta(description="The words that it has, as offsets into `fullest.text`."),
    ]


class ConflictRecord(Struct, frozen=True, kw_only=True):
    """The same words attributed to two speakers."""

    first: StatementSide
    second: StatementSide
    confidence: Annotated[float, Meta(ge=0, le=1, description="Confidence of the weaker attribution.")]


class SpreadRecord(Struct, frozen=True, kw_only=True):
    """A quotation in all its appearances, the earliest first."""

    id: Annotated[str, Meta(description="ID of one of its statements.")]
    outlets: Count
    documents: Count
    wires: Annotated[tuple[str, ...], Meta(description="The news agencies credited.")]
    conflicts: tuple[ConflictRecord, ...]
    fullest: Annotated[StatementSide, Meta(description="The version with the most words.")]
    appearances: tuple[AppearanceRecord, ...]
    more: Annotated[Count, Meta(description="Later appearances that are not listed.")] = 0


class SpreadReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.spread/1"):
    """Quotations by the number of outlets that printed them."""

    query: str
    total: Annotated[Count, Meta(description="Quotations that match and were printed more than once.")]
    quotations: tuple[SpreadRecord, ...]
    notes: tuple[str, ...] = ()


class SpreadRequest(Struct, frozen=True, kw_only=True):
    """Which quotations to list: one by the id of a statement, or those that a query over statements finds."""

    query: str
    today: date
    saved: SavedQueries | None = None
    limit: int = 5
    offset: int = 0


def spread_report(archive: Archive, request: SpreadRequest) -> SpreadReport:
    """Return the quotations that a query finds, those with conflicting attributions first, then those that most outlets
    printed. QueryError, NotInArchive and UsageError for mistakes in it, other errors as `Archive.histories`."""
    quotes = archive.histories().quotes
    notes: tuple[str, ...] = ()
    written = request.query.strip()
    if written in {"", "*"}:
        listed, total = quotes.groups(request.limit, request.offset)
    elif _STATEMENT.fullmatch(written):
        archive.find(written)
        groups = [group] if (group := quotes.group_of(written)) else []
        listed, total = groups[request.offset : request.offset + request.limit], len(groups)
    else:
        query = parse(request.query, today=request.today, record="quote", saved=request.saved).tree
        asked = QueryRequest(query=query, record="quote", today=request.today, limit=_FEW, copies=True)
        found = answer(archive, asked).result
        if found.total > _FEW:  # most statements were printed once, and the index knows these fastest
            several = ast.conjunction(query, ast.Field(name="spread", value=ast.Exists()))
            found = answer(archive, replace(asked, query=several, limit=ALL)).result
        groups = quotes.groups_of([hit.id for hit in found.hits])
        listed, total, notes = groups[request.offset : request.offset + request.limit], len(groups), found.notes
    return SpreadReport(
        query=request.query,
        total=total,
        quotations=tuple(record for group in listed if (record := _record(archive, group)) is not None),
        notes=(*notes, *archive.take_notes()),
    )


def _record(archive: Archive, group: str) -> SpreadRecord | None:
    quotes = archive.histories().quotes
    members = quotes.first_members(group, MOST_LISTED)
    documents = {document: archive.get(document) for document in dict.fromkeys(document for _, document in members)}
    statements = {
        quote.id: (document, quote)
        for document in documents.values()
        if document is not None
        for quote in document.statements
    }
    known = [statements[statement] for statement, _ in members if statement in statements]
    if len(known) < 2:
        return None
    outlets, in_documents, total = quotes.sizes(group)
    return replace(
        _spread_record(spread(known), statements),
        outlets=outlets,
        documents=in_documents,
        more=total - len(known),
    )


def _spread_record(found: Spread, statements: dict[str, tuple[Document, Quote]]) -> SpreadRecord:
    document, quote = statements[found.fullest]
    offsets = _Offsets(document, quote)
    return SpreadRecord(
        id=found.id,
        outlets=found.outlets,
        documents=len({appearance.document for appearance in found.appearances}),
        wires=found.wires,
        conflicts=tuple(
            ConflictRecord(
                first=side(*statements[conflict.statements[0]]),
                second=side(*statements[conflict.statements[1]]),
                confidence=conflict.confidence,
            )
            for conflict in found.conflicts
        ),
        fullest=side(document, quote),
        appearances=tuple(
            AppearanceRecord(
                statement=side(*statements[appearance.statement]),
                day=appearance.day,
                day_known=appearance.day_known,
                seen=statements[appearance.statement][0].first_seen[:10],
                share=round(appearance.share, 2),
                kept=offsets.of((span.start, span.end) for span in appearance.kept),
            )
            for appearance in found.appearances
        ),
    )


class _Offsets:
    """Translates places in a document into places in the joined words of a statement."""

    def __init__(self, document: Document, quote: Quote) -> None:
        self._parts: list[tuple[int, int, int]] = []
        at = 0
        for part in document.parts_of(quote):
            self._parts.append((part.content.start, part.content.end, at))
            at += part.content.end - part.content.start + len(" … ")

    def of(self, places: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple(
            (at + max(start, first) - first, at + min(end, last) - first)
            for start, end in places
            for first, last, at in self._parts
            if max(start, first) < min(end, last)
        )

"""Silent edits: how later versions of an article changed its statements."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.archive import Archive
from searchkit.export.histories.days import first_day, last_day, refuse_reversed
from searchkit.export.histories.sides import StatementSide, side
from searchkit.histories.base import ChangeKind, StatementChange
from searchkit.histories.database import RevisionChanges, Side
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.scanner import SavedQueries
from searchkit.records import Count
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import name_key, one_line

# How each kind of change is called for readers.
KINDS: dict[ChangeKind, str] = {
    "added": "added",
    "removed": "removed",
    "reworded": "reworded",
    "speaker": "attributed to another speaker",
    "verb": "reported with another verb",
    "date": "another date",
    "number": "another number",
    "hidden": "hidden by the page",
    "struck-out": "struck out",
    "shows-less": "the page shows less",
}


class ChangeRecord(Struct, frozen=True, kw_only=True):
    """A statement that differs between two versions of an article. Extraction is the same for both versions, so the
    difference is the outlet's."""

    document: Annotated[str, Meta(description="ID of the document.")]
    kinds: tuple[ChangeKind, ...]
    old: Annotated[StatementSide | None, Meta(description="In the older version; null if it was added.")]
    new: Annotated[StatementSide | None, Meta(description="In the newer version; null if it was removed.")]
    after: Annotated[str, Meta(description="When the older version was read, ISO 8601 UTC.")]
    before: Annotated[str, Meta(description="When the newer version was read: it was changed between the two.")]
    developing: Annotated[bool, Meta(description="The change lies in the first 24 hours after publication.")]
    correction: Annotated[str, Meta(description="The outlet's own note on the correction; empty for none.")]
    likeness: Annotated[float, Meta(ge=0, le=1, description="Share of words that both have in common.")]
    rule: Annotated[str, Meta(description="The rule that linked the two.")]

    @property
    def words(self) -> str:
        """What changed, in words."""
        return ", ".join(KINDS[kind] for kind in self.kinds)

    @property
    def shown(self) -> StatementSide:
        """The side that names the article: the newer, if it has the statement."""
        return self.new or self.old  # type: ignore[return-value]  # one of them exists


class ChangesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.changes/1"):
    """Changed statements, the last read first."""

    query: str
    total: Annotated[Count, Meta(description="Changed statements in the articles that match.")]
    compared: Annotated[Count, Meta(description="Articles with more than one version.")]
    changes: tuple[ChangeRecord, ...]
    notes: tuple[str, ...] = ()


class ChangesRequest(Struct, frozen=True, kw_only=True):
    """Which changes to list: in the articles that a query finds, of these kinds, with these words in the name of a
    speaker or target, read from one day to another (dates of the query language; empty for no limit)."""

    query: str = ""
    today: date
    saved: SavedQueries | None = None
    kinds: tuple[ChangeKind, ...] = ()
    speaker: str = ""
    about: str = ""
    since: str = ""
    until: str = ""
    limit: int = 20
    offset: int = 0


def changes_report(archive: Archive, request: ChangesRequest) -> ChangesReport:
    """Return the changes that a request asks for. QueryError and UsageError for mistakes in it, other errors as
    `Archive.histories`."""
    histories = archive.histories()
    documents, notes = _documents(archive, request)
    parties: list[tuple[Side, frozenset[str]]] = []
    asked: tuple[tuple[Side, str], ...] = (("speaker", request.speaker), ("about", request.about))
    for side_name, words in asked:
        if words:
            entities = frozenset(entity for entity in histories.parties(side_name) if _has_words(entity, words))
            parties.append((side_name, entities))
            within = histories.with_party(side_name, entities)
            documents = within if documents is None else documents & within
    period = _period(request)
    found = (
        (revision, change)
        for revision in histories.changes(*period)
        if documents is None or revision.document in documents
        for change in revision.changes
        if _is_wanted(change, request.kinds, parties)
    )
    listed = list(islice(found, request.offset, request.offset + request.limit))
    if documents is None and not request.kinds:
        total = histories.count_changes(*period)
    else:
        total = request.offset + len(listed) + sum(1 for _ in found)
    return ChangesReport(
        query=request.query,
        total=total,
        compared=histories.compared(),
        changes=tuple(_records(archive, listed)),
        notes=(*notes, *archive.take_notes()),
    )


def _period(request: ChangesRequest) -> tuple[str, str]:
    """Return between which times of reading changes are listed, as beginnings of ISO 8601."""
    first = first_day(request.since, "since", request.today) if request.since else date.min
    last = last_day(request.until, "until", request.today) if request.until else date.max
    refuse_reversed(first, last)
    return first.isoformat(), f"{last.isoformat()}~"


def changes_of(archive: Archive, statement: str) -> tuple[ChangeRecord, ...]:
    """Return the changes from or to a statement, the newest first."""
    found = [
        (revision, change)
        for revision in archive.histories().changes_of(statement.partition("-")[0])
        for change in revision.changes
        if any(quote is not None and quote.id == statement for quote in (change.old, change.new))
    ]
    return tuple(_records(archive, found))


def _documents(archive: Archive, request: ChangesRequest) -> tuple[set[str] | None, tuple[str, ...]]:
    """Return the documents that match the query, with notes; None for all."""
    if not request.query.strip():
        return None, ()
    query = parse(request.query, today=request.today, saved=request.saved).tree
    changed = ast.conjunction(query, ast.Field(name="changed", value=ast.Exists()))
    found = answer(archive, QueryRequest(query=changed, today=request.today, limit=ALL, copies=True)).result
    return {hit.document for hit in found.hits}, found.notes


def _is_wanted(
    change: StatementChange, kinds: Collection[ChangeKind], parties: Collection[tuple[Side, frozenset[str]]]
) -> bool:
    return (not kinds or not set(kinds).isdisjoint(change.kinds)) and all(
        any(_has_party(quote, side_name, entities) for quote in (change.old, change.new) if quote is not None)
        for side_name, entities in parties
    )


def _has_party(quote: Quote, side_name: Side, entities: frozenset[str]) -> bool:
    if side_name == "about":
        return not entities.isdisjoint(quote.about)
    return bool({quote.speaker.entity_id, quote.speaker.represents} & entities)


def _has_words(entity: str, words: str) -> bool:
    own = name_key(entity.partition(":")[2].replace("-", " ")).split()
    return all(word in own for word in name_key(words).split())


def _records(archive: Archive, found: Collection[tuple[RevisionChanges, StatementChange]]) -> Iterator[ChangeRecord]:
    read: dict[tuple[str, int], Document | None] = {}

    def revision(document: str, number: int) -> Document | None:
        if (document, number) not in read:
            read[document, number] = archive.revision_alike(document, number)
        return read[document, number]

    for revision_changes, change in found:
        older = revision(revision_changes.document, revision_changes.older) if change.old else None
        newer = revision(revision_changes.document, revision_changes.newer)
        yield ChangeRecord(
            document=revision_changes.document,
            kinds=change.kinds,
            old=side(older, change.old) if older is not None and change.old is not None else None,
            new=side(newer, change.new) if newer is not None and change.new is not None else None,
            after=change.after,
            before=change.before,
            developing=change.developing,
            correction=one_line(change.correction.of(newer.text)) if change.correction and newer else "",
            likeness=round(change.likeness, 2),
            rule=change.rule,
        )

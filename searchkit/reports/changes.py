"""Silent edits: how later versions of an article changed its statements."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct, field

from searchkit.archive import Archive
from searchkit.histories import CHANGE_WORDS, ChangeKind, StatementChange
from searchkit.histories.database import RevisionChanges, Side
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.records import Count
from searchkit.reports.base import Entry, Line, Report, ReportRequest, StatementSide, View, asked, days_between, side
from searchkit.reports.picture import parts, picture
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.statements.document import Quote
from searchkit.statements.text import counted, name_key, one_line


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
        return ", ".join(CHANGE_WORDS[kind] for kind in self.kinds)

    @property
    def title(self) -> str:
        """The title of the article: of the newer version, if that has the statement."""
        shown = self.new or self.old
        return one_line(shown.title) if shown else ""


class ChangesReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.changes/1"):
    """Changed statements, the last read first."""

    query: str
    total: Annotated[Count, Meta(description="Changed statements in the articles that match.")]
    compared: Annotated[Count, Meta(description="Articles with more than one version.")]
    changes: tuple[ChangeRecord, ...]
    notes: tuple[str, ...] = ()


_READ = "2026-03-01"


class ChangesRequest(ReportRequest, frozen=True, kw_only=True):
    """Which changes to list: in the articles that a query finds, of these kinds, with these words in the name of a
    speaker or target, read from one day to another (dates of the query language; empty for no limit)."""

    query: Annotated[str, asked("Articles to look at", "Only articles that match.")] = field(default="", name="q")
    kinds: Annotated[tuple[ChangeKind, ...], asked("Kind", "Only changes of this kind.")] = field(
        default=(), name="kind"
    )
    speaker: Annotated[
        str,
        asked(
            "Speaker",
            "Only statements by this name.",
            option="Only statements by this name, before or after the change.",
        ),
    ] = ""
    about: Annotated[str, asked("About", "Only statements about this name.")] = ""
    since: Annotated[
        str,
        asked(
            "Read since",
            "Only changes read since this day.",
            example=_READ,
            form="date",
            metavar="DATE",
            option=f"Only changes read since this day ({_READ}, 7d).",
        ),
    ] = ""
    until: Annotated[
        str, asked("Until", "Only changes read up to this day.", example=_READ, form="date", metavar="DATE")
    ] = ""
    limit: int = 20
    offset: int = 0


def changes_report(archive: Archive, request: ChangesRequest) -> ChangesReport:
    """Return the changes that a request asks for. QueryError and UsageError for mistakes in it, other errors as
    `Archive.refresh_histories`."""
    histories = archive.refresh_histories()
    documents, notes = _documents(archive, request)
    parties: list[tuple[Side, frozenset[str]]] = []
    wanted: tuple[tuple[Side, str], ...] = (("speaker", request.speaker), ("about", request.about))
    for side_name, words in wanted:
        if words:
            entities = frozenset(entity for entity in histories.parties(side_name) if _has_words(entity, words))
            parties.append((side_name, entities))
            within = histories.with_party(side_name, entities)
            documents = within if documents is None else documents & within
    first, last = days_between(request.since, request.until, request.today, last=date.max)
    period = first.isoformat(), f"{last.isoformat()}~"  # all times of the last day
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
    revision = cache(archive.revision_alike)
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


# --- view -------------------------------------------------------------------------------------------------------------


def changes_view(report: ChangesReport) -> View:
    """Return what readers see of the changes."""
    versions = f"{counted(report.compared, 'article')} with several versions in the archive"
    return View((f"{counted(report.total, 'changed statement')}; {versions}",), map(change_entry, report.changes))


def change_entry(change: ChangeRecord) -> Entry:
    """Return a change as an entry: both versions, and between which captures the statement changed."""
    developing = "; within 24 hours of publication (developing)" if change.developing else ""
    gone = change.rule if {"shows-less", "hidden", "struck-out"} & {*change.kinds} else "not in the article any more"
    size = f" ({sized})" if (sized := _size(change)) else ""
    note = Line(label="the outlet's note", text=change.correction, document=change.document)
    return Entry(
        title=change.title or "(no title)",
        facts=f"{change.words}{size}; changed between {_time(change.after)} and {_time(change.before)}{developing}",
        lines=(
            Line(label="was", side=change.old) if change.old else Line(label="was", text="not in the article yet"),
            Line(label="now", side=change.new) if change.new else Line(label="now", text=gone, strong=True),
            *((note,) if change.correction else ()),
        ),
        document=change.document,
        form="versions",
        compared=f"Compared: the versions read {_time(change.after)} and {_time(change.before)}, by the same rules",
        at=change.before,
    )


def _size(change: ChangeRecord) -> str:
    """Return how many words the article lost and gained."""
    sides = (side.statement if side else "" for side in (change.old, change.new))
    counts = (sum(len(text.split()) for text, differs in half if differs) for half in parts(*sides))
    done = zip(counts, ("removed", "added"), strict=True)
    return ", ".join(f"{counted(count, 'word')} {what}" for count, what in done if count)


def _time(at: str) -> str:
    """Return a time as `2026-03-03 10:15 UTC`."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) > 10 else at or "an unknown time"


REPORT = Report(
    name="changes",
    title="Changed statements",
    describes="Statements that a later version of an article added, removed or changed, the last read first.",
    intro="Statements that a later version of an article added, removed or changed. Both versions were read by the "
    "same rules, so a difference is the outlet's.",
    help="""List silent edits: statements that a later version of an article added, removed or changed.

    Both versions are read by the same rules, so a difference is the outlet's. QUERY limits the list to articles that
    match: searchkit changes outlet:"Harbor Ledger" --kind speaker
    """,
    entries="changes",
    limit=20,
    request=ChangesRequest,
    result=ChangesReport,
    run=changes_report,
    view=changes_view,
    lists=("changes",),
    example="?limit=5",
    picture=picture,
)

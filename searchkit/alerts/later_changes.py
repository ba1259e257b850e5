"""Find the reported statements of an alert that later versions of their articles changed or removed.

Only versions read since the last run count, so that a newer extractor reports nothing. Several changes of a statement
are one. A statement that is there again, or that the alert knows as it is now, is not reported. The ledger gets a
record for each, so that each is reported once.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.alerts.items import Item, ItemBuilder, unpacked
from searchkit.archive import Archive
from searchkit.histories.base import ChangeKind, StatementChange
from searchkit.histories.database import Histories, RevisionChanges
from searchkit.search.answer import OpenDocument
from searchkit.search.statement_text import in_words
from searchkit.statements.document import Document, Quote
from searchkit.store.alerts import AlertLedger, AlertRecord, AlertState, key_parts, statement_key
from searchkit.wording.alike import are_same, compared, overlap

# Only so many earlier statements before and after the place are compared, which keeps the cost linear.
_NEIGHBORS = 50


def key_of(quote: Quote) -> str:
    """Return what identifies a statement for alerts."""
    verb = f"{'not ' if quote.negated else ''}{quote.verb or ''}"
    return statement_key(quote.id, verb, quote.speaker.entity_id or quote.speaker.name or "")


def around(records: Sequence[AlertRecord], place: int) -> slice:
    """Return which records are around a place of the text; `records` are in the order of the text."""
    at = bisect_left(records, place, key=lambda record: record.first)
    return slice(max(0, at - _NEIGHBORS), at + _NEIGHBORS)


class LaterChange(Struct, frozen=True, kw_only=True):
    """A statement that an alert has `reported`, and what became of it: `quote` is the statement as it is now in
    `document`, None if it was removed. `key` is the record for the ledger."""

    reported: AlertRecord
    change: Literal["changed", "removed"]
    key: str
    document: Document
    quote: Quote | None = None
    kinds: tuple[ChangeKind, ...] = ()

    def record(self, query: str) -> AlertRecord:
        """Return the record for the ledger, without its item."""
        record = replace(self.reported, record=self.key, change=self.change, query=query, run=0, item="")
        if self.quote is None:
            return record
        span = self.quote.content
        words = compared(span.of(self.document.text))
        return replace(record, digest=self.document.digest, first=span.start, last=span.end, words=words)

    def item(self, builder: ItemBuilder, reported_at: str) -> Item:
        """Return the item: the reported one again, or the statement as it is now next to its reported words."""
        before = unpacked(self.reported.item)
        doubts = before.doubts[1:] if before.section == "old" else before.doubts
        before = replace(
            before,
            section="weak" if before.section == "weak" else "uncertain" if doubts else "new",
            doubts=doubts,
            change=self.change,
            kinds=self.kinds,
            copies=0,
            told_at=reported_at,
        )
        if self.quote is None:
            return before
        now = builder.item(OpenDocument(document=self.document), self.quote, change=self.change)
        return replace(
            now,
            section=before.section,
            group=before.group,
            why=before.why,
            entries=before.entries,
            doubts=doubts,
            kinds=self.kinds,
            was=f"{before.lead} {before.text}".strip(),
        )


def find_later_changes(
    archive: Archive,
    histories: Callable[[], Histories],
    ledger: AlertLedger,
    state: AlertState,
    found: Collection[str],
) -> Iterator[LaterChange]:
    """Yield what later versions changed in the statements that the alert of this `state` has reported; `found` are the
    records that its query finds new in this run."""
    for document_id in ledger.reported_in_changed(state.name, state.sequence):
        document = archive.get(document_id)
        steps = [] if document is None else _steps(archive, histories, document, state.last_run)
        if document is None or not steps:
            continue
        records = ledger.in_document(state.name, document_id)
        follower = _Follower(archive, document, records)
        for step in steps:
            follower.follow(step)
        known, done = (
            {record.record for record in records}.union(found),
            {(each.record, each.change) for each in records},
        )
        for later in follower.changes():
            # The beginning alone identifies a statement: its end may have changed.
            is_known = later.quote is not None and later.key in known and later.key != later.reported.record
            if not is_known and (later.key, later.change) not in done:
                done |= {(later.key, "changed"), (later.key, "removed")}
                yield later


class EarlierVersions:
    """What statements were before later versions of their articles changed them, since a time."""

    def __init__(self, archive: Archive, histories: Callable[[], Histories], since: str) -> None:
        self._archive = archive
        self._histories = histories
        self._since = since
        self._document: Document | None = None
        self._changes: dict[str, tuple[int, StatementChange]] = {}
        self._revisions: dict[int, Document | None] = {}

    def before(self, document: Document, quote: Quote) -> tuple[str, tuple[ChangeKind, ...]]:
        """Return a statement as it was before, in one line, and what changed; nothing if it is the same or new."""
        if document is not self._document:
            self._document, self._revisions = document, {}
            steps = _steps(self._archive, self._histories, document, self._since)
            self._changes = {
                change.new.id: (step.older, change)
                for step in steps
                for change in step.changes
                if change.new is not None
            }
        older, change = self._changes.get(quote.id, (0, None))
        if change is None or change.old is None:
            return "", ()
        if older not in self._revisions:
            self._revisions[older] = self._archive.revision_alike(document.id, older)
        revision = self._revisions[older]
        return ("", ()) if revision is None else (in_words(change.old, revision).statement, change.kinds)

    def is_inserted(self, document: Document, quote: Quote | None) -> bool:
        """Return whether an edit of the article since then added a statement, or the match of the article."""
        if document.fetched_at < self._since:
            return False
        for number in range(document.revision - 1, 0, -1):
            earlier = self._archive.revision(document.id, number)
            if earlier is not None and earlier.fetched_at < self._since:
                if quote is None:
                    return earlier.digest != document.digest
                return document.sentence_of(quote).of(document.text) not in earlier.text
        return False


def _steps(
    archive: Archive, histories: Callable[[], Histories], document: Document, since: str
) -> list[RevisionChanges]:
    """Return how the statements of a document changed in its revisions read since a time, the oldest first."""
    if document.revision == 1 or document.parsed_at < since:
        return []
    steps: list[RevisionChanges] = []
    for step in histories().changes_of(document.id):
        if step.newer > document.revision:  # what the page shows now, which replaces nothing
            continue
        newer = document if step.newer == document.revision else archive.revision(document.id, step.newer)
        if newer is None or newer.parsed_at < since:
            break
        steps.append(step)
    return steps[::-1]


class _Followed(Struct, kw_only=True):
    """A reported statement: its id in the last revision seen, and what the last change was."""

    reported: AlertRecord
    id: str
    old: Quote | None = None
    is_removed: bool = False
    kinds: tuple[ChangeKind, ...] = ()

    def apply(self, changes: Sequence[StatementChange]) -> None:
        """Note how a step changed the statement, of which several sentences may have changed."""
        new = next((change.new for change in changes if change.new is not None), None)
        self.old = changes[0].old
        self.kinds = tuple(dict.fromkeys(kind for change in changes for kind in change.kinds))
        self.is_removed = new is None
        self.id = self.id if new is None else new.id


class _Follower:
    """Follows the reported statements of a document from revision to revision."""

    def __init__(self, archive: Archive, document: Document, records: Iterable[AlertRecord]) -> None:
        self._archive = archive
        self._document = document
        reported = {key_parts(record.record)[0]: record for record in sorted(records, key=_run_of) if record.item}
        self._records = sorted(reported.values(), key=lambda record: record.first)
        self._followed = [_Followed(reported=record, id=key_parts(record.record)[0]) for record in self._records]

    def follow(self, step: RevisionChanges) -> None:
        """Apply what a step changed."""
        by_statement: dict[str, list[StatementChange]] = {}
        for change in step.changes:
            if change.old is not None and "shows-less" not in change.kinds:
                by_statement.setdefault(change.old.id, []).append(change)
        by_id: dict[str, list[_Followed]] = {}
        for followed in self._followed:
            by_id.setdefault(followed.id, []).append(followed)
        older: Document | None = None
        for statement_id, changes in by_statement.items():
            chosen = by_id.get(statement_id)
            if chosen is None and changes[0].old is not None:
                older = older or self._archive.revision_alike(self._document.id, step.older)
                chosen = self._alike(older, changes[0].old) if older is not None else []
            for followed in chosen or ():
                followed.apply(changes)

    def _alike(self, older: Document, old: Quote) -> list[_Followed]:
        """Return the reported statement that is `old` as this version of the extractor finds it."""
        ids = {quote.id for quote in older.quotes}
        words, place = compared(old.content.of(older.text)), (old.content.start, old.content.end)
        for followed in self._followed[around(self._records, place[0])]:
            record = followed.reported
            if followed.id not in ids and not followed.is_removed:
                is_here = record.digest == older.digest and overlap((record.first, record.last), place)
                if is_here or are_same(record.words, words):
                    return [followed]
        return []

    def changes(self) -> Iterator[LaterChange]:
        """Yield what the steps together changed; a statement that is there again has not changed."""
        by_key = {key_of(quote): quote for quote in self._document.quotes}
        by_id = {quote.id: quote for quote in self._document.quotes}
        for followed in self._followed:
            reported, old, removed = followed.reported, followed.old, followed.is_removed
            now = by_key.get(reported.record)
            if old is None or (now is not None and self._text(now) == compared(unpacked(reported.item).text)):
                continue
            now = now or (by_key.get(key_of(old)) if removed else by_id.get(followed.id))
            if now is not None or removed:
                yield LaterChange(
                    reported=reported,
                    change="removed" if now is None else "changed",
                    key=key_of(now or old),
                    document=self._document,
                    quote=now,
                    kinds=followed.kinds,
                )

    def _text(self, quote: Quote) -> str:
        return compared(" ".join(part.content.of(self._document.text) for part in self._document.parts_of(quote)))


def _run_of(record: AlertRecord) -> int:
    return record.run

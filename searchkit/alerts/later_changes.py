"""What later versions of an article changed in its statements since the last run of an alert.

Two versions are compared: the last one that was read before that run, annotated as the article is now, so that a newer
extractor changes nothing, and the one that is stored now. So several changes of a statement count as one, and a change
that was taken back does not count. The ledger gets a record for each statement, so that it is reported once.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.alerts.items import Item, ItemBuilder, unpacked
from searchkit.archive import Archive
from searchkit.histories import ChangeKind, StatementChange
from searchkit.histories.changes import changes
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


class Edits:
    """How the statements of a document differ from those of its last version read before a time; none without one."""

    def __init__(self, archive: Archive, document: Document, since: str) -> None:
        self.document = document
        self.older: Document | None = None
        for number in range(document.revision - 1, 0, -1) if document.parsed_at >= since else ():
            revision = archive.revision(document.id, number)
            if revision is not None and revision.parsed_at < since:
                self.older = archive.revision_alike(document.id, number)
                break
        self.by_old: dict[str, list[StatementChange]] = {}
        self._by_new: dict[str, StatementChange] = {}
        for change in self._changes():
            if change.old is not None:
                self.by_old.setdefault(change.old.id, []).append(change)
            if change.new is not None:
                self._by_new[change.new.id] = change

    def _changes(self) -> Sequence[StatementChange]:
        older = self.older
        if older is None or older.extractor_version != self.document.extractor_version:
            return ()
        return changes(older, self.document)

    def before(self, quote: Quote) -> tuple[str, tuple[ChangeKind, ...]]:
        """Return a statement as it was before, in one line, and what changed; nothing if it is the same or new."""
        change = self._by_new.get(quote.id)
        if self.older is None or change is None or change.old is None:
            return "", ()
        return in_words(change.old, self.older).statement, change.kinds

    def has_inserted(self, quote: Quote | None) -> bool:
        """Return whether an edit added a statement, or changed the text of an article that matches."""
        if self.older is None or quote is None:
            return self.older is not None and self.older.digest != self.document.digest
        return self.document.sentence_of(quote).of(self.document.text) not in self.older.text


class LaterChange(Struct, frozen=True, kw_only=True):
    """A statement that an alert has `reported`, and what became of it: `quote` is the statement as it is now in
    `document`, None if it was removed. `key` is the record for the ledger."""

    reported: AlertRecord
    key: str
    document: Document
    quote: Quote | None = None
    kinds: tuple[ChangeKind, ...] = ()

    @property
    def change(self) -> Literal["changed", "removed"]:
        """What became of it."""
        return "removed" if self.quote is None else "changed"

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
        section = "weak" if before.section == "weak" else "uncertain" if doubts else "new"
        as_before = {"section": section, "doubts": doubts, "change": self.change, "kinds": self.kinds}
        if self.quote is None:
            return replace(before, **as_before, copies=0, told_at=reported_at)
        now = builder.item(OpenDocument(document=self.document), self.quote, change=self.change)
        was = f"{before.lead} {before.text}".strip()
        return replace(now, **as_before, group=before.group, why=before.why, entries=before.entries, was=was)


def find_later_changes(
    archive: Archive, ledger: AlertLedger, state: AlertState, found: Collection[str]
) -> Iterator[LaterChange]:
    """Yield what later versions changed in the statements that the alert of this `state` has reported; `found` are the
    records that its query finds new in this run."""
    for document_id in ledger.reported_in_changed(state.name, state.sequence):
        document = archive.get(document_id)
        edits = None if document is None else Edits(archive, document, state.last_run)
        if edits is None or not edits.by_old:
            continue
        records = ledger.in_document(state.name, document_id)
        known = {record.record for record in records}.union(found)
        done = {(each.record, each.change) for each in records}
        for later in _later_changes(edits, records):
            # The beginning alone identifies a statement: its end may have changed.
            is_known = later.quote is not None and later.key in known and later.key != later.reported.record
            if not is_known and (later.key, later.change) not in done:
                done |= {(later.key, "changed"), (later.key, "removed")}
                yield later


def _later_changes(edits: Edits, records: Sequence[AlertRecord]) -> Iterator[LaterChange]:
    """Yield what became of the reported statements; of one in several sentences several may have changed."""
    newest_last = sorted((record for record in records if record.item), key=lambda record: record.run)
    reported = {key_parts(record.record)[0]: record for record in newest_last}
    in_order = sorted(reported.values(), key=lambda record: record.first)
    for statement_id, own in edits.by_old.items():
        old = own[0].old
        record = reported.get(statement_id) or (_alike(edits, in_order, old) if old is not None else None)
        if record is not None and old is not None:
            now = next((change.new for change in own if change.new is not None), None)
            kinds = tuple(dict.fromkeys(kind for change in own for kind in change.kinds))
            key = key_of(now or old)
            yield LaterChange(reported=record, key=key, document=edits.document, quote=now, kinds=kinds)


def _alike(edits: Edits, records: Sequence[AlertRecord], old: Quote) -> AlertRecord | None:
    """Return the record of a reported statement that is `old` as this version of the extractor finds it."""
    older = edits.older
    if older is None:
        return None
    ids = {quote.id for quote in older.quotes}
    words, place = compared(old.content.of(older.text)), (old.content.start, old.content.end)
    for record in records[around(records, place[0])]:
        if key_parts(record.record)[0] not in ids:
            is_here = record.digest == older.digest and overlap((record.first, record.last), place)
            if is_here or are_same(record.words, words):
                return record
    return None

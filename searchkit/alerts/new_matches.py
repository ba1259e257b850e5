"""Find the new matches of an alert: its query answered as usual, without what it found before.

The same statement may return under another id: if a new extractor ends it elsewhere, if the page is corrected, or in a
duplicate. Such matches are not new, unless a duplicate names somebody else. The same words with another speaker or verb
are another statement; what an edit adds to an old article is new. Each record is checked once. If the query
is the same as in the last run, resolved dates included, only documents changed since then are searched.

What other articles say may make an old statement match: a query of disputes searches the documents that others touched
too. Such a query has its own memory, because a statement that the alert knew for another reason may be disputed later.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache, partial

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.alerts.folder import SavedFolder
from searchkit.alerts.items import Change, Item, ItemBuilder, dispute_lines, packed
from searchkit.alerts.later_changes import Edits, LaterChange, around, find_later_changes, key_of
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.errors import SearchkitError, TryAgain
from searchkit.histories import ChangeKind
from searchkit.histories.database import Histories
from searchkit.index.base import Hit, SearchRequest
from searchkit.index.ranking import Precedence, in_order
from searchkit.index.rows import copy_precedence
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.walk import interpreted, walk, without_excluded_genres
from searchkit.search.answer import ALL, OpenDocument, QueryRequest, answer, asks_for_former
from searchkit.search.rewrite import NameExpander, is_outside, rewrite_query, shown_query
from searchkit.search.statement_text import date_text
from searchkit.statements.document import Document, LogPosition, Quote
from searchkit.statements.text import counted
from searchkit.store.alerts import AlertLedger, AlertRecord, AlertState, key_parts, query_key
from searchkit.wording.alike import are_alike, are_same, compared, is_corrected, overlap

# Above this, searching everything and dropping known matches is as fast as naming the documents.
_MAX_NAMED = 1_000
# A match found a month after its publication is not new: a crawl of an archive finds thousands.
_MAX_AGE_DAYS = 30
# Fields that depend on other versions and other articles, and fields that depend on the user.
_LINK_FIELDS, _NOTE_FIELDS = frozenset(("changed", "current", "disputed", "spread")), frozenset(("mark", "tag"))
_NO_PRECEDENCE = Precedence(outlet="", wire="", published="", first_seen="")

Parties = frozenset[tuple[str, str]]


def _parties(opened: OpenDocument, quote: Quote | None) -> Parties:
    """Return the parties of a statement or a complete article: the watchlist entries matched in it, and its speakers.
    A duplicate may name somebody whom its original leaves out; whoever watches that name must be informed."""
    matches = opened.document.matches if quote is None else opened.matched.get(quote.id, ())
    quotes = opened.document.quotes if quote is None else (quote,)
    speakers = {("", quote.speaker.entity_id) for quote in quotes if quote.speaker.entity_id}
    return frozenset(speakers.union((match.watchlist, match.entry_id) for match in matches))


class NewMatches(Struct, kw_only=True):
    """The result of a search. `reported` are records with their `items`; `known` records are remembered but not
    reported, `baseline` of them because they existed before. `failed` matches are missing because a rule failed.
    `notes` are for the reader."""

    state: AlertState
    reported: list[AlertRecord] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    known: list[AlertRecord] = field(default_factory=list)
    baseline: int = 0
    notes: list[str] = field(default_factory=list)
    failed: int = 0

    def attempt(self, make: Callable[[], None]) -> None:
        """Add what `make` adds. A failure in searchkit costs one match."""
        try:
            make()
        except (MemoryError, SearchkitError):
            raise
        except Exception:  # noqa: BLE001  counted, and noted for the reader
            self.failed += 1


class _Match(Struct, frozen=True, kw_only=True):
    """A matching record that was not found before; `quote` is None for a document. `fresh`: its article was added,
    changed or removed since the last run; `inserted`: one of the `edits` of the article since then added it. `change`
    compares it to earlier matches. `was` is the statement before an edit changed these `kinds`."""

    opened: OpenDocument
    quote: Quote | None
    edits: Callable[[], Edits]
    fresh: bool
    inserted: bool = False
    change: Change = "added"
    was: str = ""
    kinds: tuple[ChangeKind, ...] = ()

    @property
    def document(self) -> Document:
        return self.opened.document

    @property
    def parties(self) -> Parties:
        return _parties(self.opened, self.quote)

    @property
    def key(self) -> str:
        return self.document.id if self.quote is None else key_of(self.quote)

    @property
    def words(self) -> str:
        return "" if self.quote is None else compared(self.quote.content.of(self.document.text))


class _Since(Struct, frozen=True, kw_only=True):
    """What happened since the last run of an alert, at the time `at`: documents that were `changed`, None for the first
    run, and documents `touched` by others. `memory` is the `query_key` to whose records the query is limited."""

    at: str = ""
    changed: frozenset[str] | None = None
    touched: frozenset[str] = frozenset()
    memory: str = ""

    def is_fresh(self, document: Document) -> bool:
        """Return whether what a document says, or what others say about it, is new."""
        return self.is_changed(document) or document.id in self.touched

    def is_changed(self, document: Document) -> bool:
        """Return whether the document itself is new, changed or gone."""
        if self.changed is None:
            return True
        return document.id in self.changed and max(document.last_seen, document.gone_at) >= self.at

    def is_linked(self, document: Document) -> bool:
        """Return whether only other documents say something new about it."""
        return document.id in self.touched and not self.is_changed(document)


def parse_search(archive: Archive, search: SavedSearch, today: date) -> ast.Node:
    """Parse a saved search. QueryError if that fails."""
    return parse(search.query, today=today, record=search.record, saved=SavedFolder(archive.folder)).tree


def find_new_matches(
    archive: Archive,
    ledger: AlertLedger,
    search: SavedSearch,
    state: AlertState,
    *,
    now: datetime,
    backfill: bool = False,
) -> NewMatches:
    """Find what is new for an alert. Its first run only remembers all matches, unless `backfill`.

    QueryError and UsageError if the query fails, TryAgain if the index cannot be updated now.
    """
    run = _Run(archive, ledger, search, state, now, backfill)
    run.consider_matches()
    run.report()
    _add_notes(run.found, search, edited=run.edited)
    return run.found


class _Run:
    """A run of an alert, which considers the matches and reports those that are new. Errors as `find_new_matches`."""

    def __init__(
        self,
        archive: Archive,
        ledger: AlertLedger,
        search: SavedSearch,
        state: AlertState,
        now: datetime,
        backfill: bool,
    ) -> None:
        self._tree = tree = parse_search(archive, search, now.date())
        self._is_former = asks_for_former(tree, search.record)
        archive = archive.former if self._is_former else archive
        self._archive, self._ledger, self._search = archive, ledger, search
        self._backfill, self._today = backfill, now.date()
        sync_notes = archive.catch_up()
        if archive.index.position != archive.store().position:
            raise TryAgain(" ".join(sync_notes))
        self._at, position = now.isoformat(timespec="seconds"), archive.index.position
        self._executed = rewrite_query(
            without_excluded_genres(tree), NameExpander(archive.index, search.record, archive.refreshed_values)
        ).executed
        written_query = f"{search.record}s: {tree}"  # stored
        resolved_query = f"{search.record}s: {interpreted(shown_query(tree))}"
        if not archive.store().has(LogPosition(state.sequence, state.mark)):
            state = replace(state, sequence=0)  # a backup was restored
        self._state = state
        self._first = not state.since
        self.edited = not self._first and state.written_query != written_query
        self._query = query_key(written_query)
        fields = {node.name for node in walk(tree) if isinstance(node, ast.Field) and is_outside(node.name)}
        self._asks_for_disputes = "disputed" in fields
        self._since = _since(archive, ledger, state, self._query if fields & _LINK_FIELDS else "")
        self._is_same_query = state.last_resolved_query == resolved_query and not fields & _NOTE_FIELDS
        self._earlier = _EarlierMatches(ledger, search.name, archive, self._since.memory)
        self._candidates: list[_Match] = []
        self.found = NewMatches(
            state=replace(
                state,
                written_query=written_query,
                last_resolved_query=resolved_query,
                sequence=position.sequence,
                mark=position.mark,
                since=state.since or self._at,
                last_run=self._at,
                failure="",
            ),
            notes=list(sync_notes),
        )

    def consider_matches(self) -> None:
        """Remember the matches that are not new, and keep the others."""
        for match in self._unknown():
            self.found.attempt(partial(self._consider, match))

    def _consider(self, match: _Match) -> None:
        is_known = bool(self._since.memory) and match.key in self._ledger.known(self._search.name, [match.key])
        is_baseline = (self._first and not self._backfill) or (self.edited and (is_known or not match.fresh))
        change = None if is_baseline else self._earlier.compare(match)
        if change is None:
            self.found.known.append(self._record(match))
            self.found.baseline += is_baseline
        else:
            self._candidates.append(self._with_change(match, "linked" if is_known else change))

    def _with_change(self, match: _Match, change: Change) -> _Match:
        """Return a match with its `change` compared to earlier matches, and to earlier versions of its article."""
        document, quote = match.document, match.quote
        if self._is_former:
            return replace(match, change="removed")
        edits = match.edits()
        inserted = self._since.changed is not None and edits.has_inserted(quote)
        if change == "added" and not inserted and self._since.is_linked(document):
            change = "linked"
        is_edit = inserted or change in {"reworded", "reattributed"}
        was, kinds = edits.before(quote) if is_edit and quote is not None else ("", ())
        if inserted and change == "added":
            change = "changed" if was else "inserted"
        return replace(match, change=change, inserted=inserted, was=was, kinds=kinds)

    def _record(self, match: _Match) -> AlertRecord:
        first, last = _place(match.quote)
        return AlertRecord(
            alert=self._search.name,
            record=match.key,
            document=match.document.id,
            digest=match.document.digest,
            first=first,
            last=last,
            words=match.words,
            change=match.change,
            query=self._query,
        )

    def report(self) -> None:
        """Report the new matches, and what later versions changed in statements that were reported before."""
        found, candidates, archive = self.found, self._candidates, self._archive
        later: list[LaterChange] = []
        if not (self._first or self._is_former) and self._search.record == "quote":
            keys = {record.record for record in found.known}.union(match.key for match in candidates)
            found.attempt(lambda: later.extend(find_later_changes(archive, self._ledger, self._state, keys)))
        documents = [changed.document for changed in later] + [match.document for match in candidates]
        items = ItemBuilder(archive.index, self._search, self._tree, self._at, documents, archive.refreshed_values)
        for match, copies in _without_copies(candidates):
            found.attempt(partial(self._report_match, items, match, copies))
        for changed in later:
            found.attempt(partial(self._report_change, items, changed))
        if found.items:
            found.state = replace(found.state, last_new=self._at)
        if found.failed and not (self._first or self.edited):  # the next run tries again; what was found now is known
            found.state = replace(found.state, sequence=self._state.sequence, mark=self._state.mark)

    def _report_match(self, items: ItemBuilder, match: _Match, copies: Sequence[_Match]) -> None:
        old = "" if self._backfill or self._is_former or match.inserted else _oldness(match)
        item = items.item(match.opened, match.quote, change=match.change, old=old, copies=len(copies))
        disputes = self._archive.histories().disputes_of(match.document.id) if self._asks_for_disputes else ()
        dispute = tuple(dispute_lines(match.document, match.quote, disputes))
        item = replace(item, was=match.was, kinds=match.kinds, dispute=dispute)
        self.found.reported.append(replace(self._record(match), item=packed(item)))
        self.found.known += map(self._record, copies)
        self.found.items.append(item)

    def _report_change(self, items: ItemBuilder, changed: LaterChange) -> None:
        item = changed.item(items, self._at)
        self.found.items.append(item)
        self.found.reported.append(replace(changed.record(self._query), item=packed(item)))

    def _unknown(self) -> Iterator[_Match]:
        """Yield the matches that the ledger does not know, newest first."""
        search, since = self._search, self._since
        hits = self._hits()
        known = self._ledger.known(search.name, (hit.id for hit in hits), since.memory)
        known_ids = {key_parts(record)[0] for record in known}
        by_document: dict[str, set[str]] = {}
        for hit in hits:  # the same words may have another speaker or verb only if the document was changed
            if hit.id not in known_ids or since.changed is None or hit.document in since.changed:
                by_document.setdefault(hit.document, set()).add(hit.id)
        for document_id, ids in by_document.items():
            document = self._archive.get(document_id)
            if document is None:
                continue
            opened = OpenDocument(document=document)
            fresh, edits = since.is_fresh(document), cache(partial(Edits, self._archive, document, since.at))
            if search.record == "document" and document.id not in known:
                yield _Match(opened=opened, quote=None, edits=edits, fresh=fresh)
            for quote in document.quotes:
                if quote.id in ids and key_of(quote) not in known:
                    yield _Match(opened=opened, quote=quote, edits=edits, fresh=fresh)

    def _hits(self) -> Sequence[Hit]:
        """Return the matches, newest first. If the query is the same as in the last run, only those in documents that
        were changed or touched since then: that costs as much as there are such documents."""
        record, since, index = self._search.record, self._since, self._archive.index
        request = SearchRequest(query=self._executed, record=record, limit=ALL, sort="newest", copies=True)
        named = sorted((since.changed or frozenset()) | since.touched)
        if not self._first and self._is_same_query and len(named) <= _MAX_NAMED:
            (matched,) = index.matched((self._executed,), named, record)
            request = replace(request, query=ast.Ids(ids=matched))
        return index.search(request).hits


def _since(archive: Archive, ledger: AlertLedger, state: AlertState, memory: str) -> _Since:
    """Return what happened since the last run of an alert; with a `memory` for a query of histories."""
    histories = _histories(archive) if memory else None
    if not state.since:
        return _Since(memory=memory)
    touched = histories.touched(state.sequence) if histories is not None else ()
    changed = frozenset(ledger.changed(state.sequence))
    return _Since(at=state.last_run, changed=changed, touched=frozenset(touched), memory=memory)


def _histories(archive: Archive) -> Histories:
    """Return the histories with every change of the store. TryAgain if they cannot be updated now."""
    histories = archive.refresh_histories()
    if histories.position != archive.store().position:
        raise TryAgain("The histories cannot be updated now: the alerts were not run.", hint="Run the command again.")
    return histories


def newest(archive: Archive, search: SavedSearch, *, now: datetime, count: int) -> list[Item]:
    """Return the newest `count` matches of a saved search as items. Errors as `find_new_matches`."""
    tree = parse_search(archive, search, now.date())
    found = answer(
        archive,
        QueryRequest(
            query=without_excluded_genres(tree), record=search.record, today=now.date(), limit=count, sort="newest"
        ),
    )
    records = list(found.records)
    at = now.isoformat(timespec="seconds")
    items = ItemBuilder(
        archive.index, search, tree, at, (record.document for record in records), archive.refreshed_values
    )
    return [items.item(record.opened, record.quote, copies=record.hit.copies) for record in records]


def _add_notes(found: NewMatches, search: SavedSearch, *, edited: bool) -> None:
    if edited:
        found.notes.append(f"the query of {search.name} was changed: {found.baseline:,} older matches count as known")
    if found.failed:
        missing = counted(found.failed, "match", "matches")
        found.notes.append(f"{missing} of {search.name} left out: a rule of searchkit failed; please report it")


# --- matches that were not found before -------------------------------------------------------------------------------


class _EarlierMatches:
    """What an alert found before in the article of a match, and in the duplicates of that article."""

    def __init__(self, ledger: AlertLedger, alert: str, archive: Archive, memory: str) -> None:
        self._ledger = ledger
        self._alert = alert
        self._archive = archive
        self._memory = memory
        self._document: Document | None = None
        self._replaced: list[AlertRecord] = []
        self._copies: list[AlertRecord] = []

    def compare(self, match: _Match) -> Change | None:
        """Return how a match differs from earlier ones; None if it was found under another id: a statement of the same
        text with other boundaries, or in other spelling, or a duplicate that names no other party."""
        if match.document is not self._document:
            self._load(match.document)
        document, quote, words = match.document, match.quote, match.words
        attribution = key_parts(match.key)[1:]
        change: Change = "added"
        place = _place(quote)
        for record in self._replaced[around(self._replaced, place[0])]:
            if record.digest == document.digest and overlap((record.first, record.last), place):
                return None
            if is_corrected(record.words, words):
                if key_parts(record.record)[1:] == attribution:
                    return None
                change = "reattributed"
            elif change == "added" and (are_same(record.words, words) or are_alike(record.words, words)):
                change = "reworded"
        copies = [record for record in self._copies if quote is None or _is_copied(record.words, record.record, match)]
        if copies and self._name_all(copies, match.parties):
            return None
        return change

    def _name_all(self, copies: list[AlertRecord], parties: Parties) -> bool:
        """Return whether the duplicates name all these parties. Usually the first does, so that few are read."""
        for record in copies:
            if not parties:
                return True
            document = self._archive.get(record.document)
            if document is not None:
                opened = OpenDocument(document=document)
                parties -= _parties(opened, opened.quotes.get(key_parts(record.record)[0]))
        return not parties

    def _load(self, document: Document) -> None:
        """Look up what was found in an article; statements that still exist are left out."""
        self._document = document
        existing = {document.id, *map(key_of, document.quotes)}
        found = self._ledger.in_document(self._alert, document.id, self._memory)
        replaced = (record for record in found if record.record not in existing)
        self._replaced = sorted(replaced, key=lambda record: record.first)
        copies = self._ledger.in_copies(self._alert, document.copies, self._memory) if document.copies else []
        self._copies = [record for record in copies if record.document != document.id]


def _place(quote: Quote | None) -> tuple[int, int]:
    return (quote.content.start, quote.content.end) if quote else (0, 0)


def _is_copied(words: str, key: str, match: _Match) -> bool:
    """Return whether a statement has the words and the verb of one in a duplicate."""
    return are_same(words, match.words) and key_parts(key)[1] == key_parts(match.key)[1]


def _without_copies(matches: Iterable[_Match]) -> Iterator[tuple[_Match, list[_Match]]]:
    """Yield each match with its duplicates that name no other party. The order of duplicates is that of every search
    (index/ranking.py)."""
    groups: dict[str, list[_Match]] = {}
    for match in matches:
        groups.setdefault(match.document.copies or match.document.id, []).append(match)
    for group in groups.values():
        if not group[0].document.copies:
            yield from ((match, []) for match in group)
            continue
        documents = {match.document.id: match.document for match in group}
        order = in_order(
            {document_id: copy_precedence(document) or _NO_PRECEDENCE for document_id, document in documents.items()}
        )
        firsts: list[tuple[_Match, list[_Match]]] = []
        for match in sorted(group, key=lambda match: order.index(match.document.id)):
            own = match.parties
            for first, copies in firsts:
                is_other = first.document.id != match.document.id
                is_copy = is_other and (match.quote is None or _is_copied(first.words, first.key, match))
                if is_copy and own <= first.parties:
                    copies.append(match)
                    break
            else:
                firsts.append((match, []))
        yield from firsts


def _oldness(match: _Match) -> str:
    """Return why a match is not new; empty if it is."""
    document, published = match.document, match.document.published
    seen = document.first_seen[:10]
    latest = published.latest if published is not None and published.confidence != "low" else None
    if latest and seen and (date.fromisoformat(seen) - latest).days > _MAX_AGE_DAYS:
        return f"an older article: published {date_text(published)}, first seen here {seen}"
    return "" if match.fresh else f"in the archive since {seen}, found only now"

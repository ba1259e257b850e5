"""What is new for one alert: its query asked as ever, less what it has found before.

takes:    an archive, its ledger, a saved search, what is known of it, the time
gives:    what is to be told, what is only to be remembered, and the state from which the next run goes on
does not: write, send
traps:    the same statement may come under another id: when a new extractor ends it elsewhere, when a page is mended,
          in a copy; none of these is news, but a copy that names somebody else is

Every record that matches is either found before, or looked at here once. Where the question is word for word the one
asked last, days included, only documents that the store has changed since can match newly, so only those are asked for.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.alerts.folder import SavedFolder
from searchkit.alerts.items import Change, Item, ItemBuilder, packed
from searchkit.alerts.named_parties import Named, Whom
from searchkit.alerts.searches import SavedSearch
from searchkit.alerts.statement_similarity import are_alike, are_same, compared, overlap
from searchkit.archive import Archive
from searchkit.document import Document, Quote
from searchkit.errors import TryAgain
from searchkit.export.format import date_text
from searchkit.index.duplicate_collapsing import Precedence, in_order
from searchkit.index.rows import copy_precedence
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.walk import expanded, interpreted
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.search.rewrite import shown_query
from searchkit.store.alerts import AlertLedger, AlertRecord, AlertState

# Above this, asking for all and leaving out what is known is no slower than naming the documents.
_NAMED = 1_000
# News that is found a month after it was published is not news: a crawl of an archive finds thousands.
_OLD_DAYS = 30
# What counts as far more than usual: so many at once, so many times the mean, after so many runs that found something.
_MANY, _TIMES, _RUNS = 20, 5, 5
# A statement is looked for among so many before and behind its place: a page with thousands of them that all change at
# every visit must not cost their square.
_NEAR = 50
_NO_PRECEDENCE = Precedence(outlet="", wire="", published="", first_seen="")


class News(Struct, kw_only=True):
    """What asking gave. `told` are records with their items; `known` records that are remembered and never told, of
    which `baseline` because they were there before. `notes` are for the reader."""

    state: AlertState
    told: list[AlertRecord] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    known: list[AlertRecord] = field(default_factory=list)
    baseline: int = 0
    notes: list[str] = field(default_factory=list)


class _Finding(Struct, frozen=True, kw_only=True):
    """One record that matches and was not found before; `quote` is None for a document. `fresh`: its article came,
    changed or went since the last run. `change` is what it is compared to what was found before."""

    document: Document
    quote: Quote | None
    fresh: bool
    change: Change = "added"

    @property
    def id(self) -> str:
        return self.document.id if self.quote is None else self.quote.id

    @property
    def words(self) -> str:
        return "" if self.quote is None else compared(self.quote.content.of(self.document.text))

    def record(self, alert: str) -> AlertRecord:
        span = self.quote.content if self.quote else None
        return AlertRecord(
            alert=alert,
            record=self.id,
            document=self.document.id,
            digest=self.document.digest,
            first=span.start if span else 0,
            last=span.end if span else 0,
            words=self.words,
            change=self.change,
        )


def read(archive: Archive, search: SavedSearch, today: date) -> ast.Node:
    """The tree of a saved search. QueryError when it cannot be read."""
    return parse(search.query, today=today, record=search.record, saved=SavedFolder(archive.folder)).tree


def look(
    archive: Archive,
    ledger: AlertLedger,
    search: SavedSearch,
    state: AlertState | None,
    *,
    now: datetime,
    backfill: bool = False,
) -> News:
    """Ask an alert. Its first run remembers all there is and tells nothing, unless `backfill`.

    QueryError and UsageError when it cannot be asked, TryAgain when the index cannot be brought up to date now."""
    tree = read(archive, search, now.date())
    question = f"{search.over}: {expanded(tree)}"
    resolved = f"{search.over}: {interpreted(shown_query(tree))}"
    behind = archive.catch_up()
    if behind:
        raise TryAgain(behind[0])
    at = now.isoformat(timespec="seconds")
    first = state is None or not state.since
    edited = state is not None and not first and state.question != question
    since = state.last_run if state and not first else ""
    changed = None if state is None or first else set(ledger.changed(state.sequence))
    same_question = state is not None and state.asked == resolved
    only = sorted(changed) if changed is not None and same_question and len(changed) <= _NAMED else None
    news = News(
        state=AlertState(
            name=search.name,
            question=question,
            asked=resolved,
            sequence=ledger.sequence,
            since=at if state is None or first else state.since,
            last_run=at,
            last_new=state.last_new if state else "",
            failure="",
        )
    )
    named = Named()
    before = _Before(ledger, search.name, archive, named)
    candidates: list[_Finding] = []
    for finding in _unknown(archive, ledger, search, tree, now.date(), only, changed, since):
        if (first and not backfill) or (edited and not finding.fresh):
            news.known.append(finding.record(search.name))
            news.baseline += 1
        elif (change := before.change(finding)) is None:
            news.known.append(finding.record(search.name))
        else:
            candidates.append(replace(finding, change=change))
    items = ItemBuilder(archive.index, search, tree, at, (finding.document for finding in candidates))
    for finding, copies in _without_copies(candidates, named):
        news.known += [copy.record(search.name) for copy in copies]
        old = "" if backfill else _oldness(finding)
        item = items.item(finding.document, finding.quote, change=finding.change, old=old, copies=len(copies))
        news.items.append(item)
        news.told.append(replace(finding.record(search.name), item=packed(item)))
    if news.items:
        news.state = replace(news.state, last_new=at)
    _add_notes(news, ledger, search, edited=edited)
    return news


def newest(archive: Archive, search: SavedSearch, *, now: datetime, count: int) -> list[Item]:
    """The newest `count` of all that a saved search finds, as an alert on it would tell them. Errors as `look`."""
    request = QueryRequest(
        query=read(archive, search, now.date()), record=search.record, today=now.date(), limit=count, sort="newest"
    )
    found = answer(archive, request)
    records = list(found.records)
    at = now.isoformat(timespec="seconds")
    items = ItemBuilder(archive.index, search, found.tree, at, (record.document for record in records))
    return [items.item(record.document, record.quote, copies=record.hit.copies) for record in records]


def _add_notes(news: News, ledger: AlertLedger, search: SavedSearch, *, edited: bool) -> None:
    if edited:
        news.notes.append(f"the query of {search.name} has changed: {news.baseline:,} older matches count as known")
    runs, found = ledger.usual(search.name)
    if runs >= _RUNS and len(news.items) >= _MANY and len(news.items) > _TIMES * found / runs:
        news.notes.append(
            f"{search.name} finds far more than usual: {len(news.items):,}, and {found / runs:.0f} in other runs"
        )


# --- what matches and was not found before ----------------------------------------------------------------------------


def _unknown(
    archive: Archive,
    ledger: AlertLedger,
    search: SavedSearch,
    tree: ast.Node,
    today: date,
    only: list[str] | None,
    changed: set[str] | None,
    since: str,
) -> Iterator[_Finding]:
    """The matches that the ledger does not have, newest first; `only` those in these documents."""
    if only is not None and not only:
        return
    query = tree
    if only is not None:
        named = ast.disjunction(*(ast.Equals(text=document) for document in only))
        query = ast.conjunction(tree, ast.Field(name="id", value=named))
    request = QueryRequest(query=query, record=search.record, today=today, limit=ALL, sort="newest", copies=True)
    hits = answer(archive, request).result.hits
    known = ledger.known(search.name, (hit.id for hit in hits))
    by_document: dict[str, set[str]] = {}
    for hit in hits:
        if hit.id not in known:
            by_document.setdefault(hit.document, set()).add(hit.id)
    for document_id, ids in by_document.items():
        document = archive.get(document_id)
        if document is None:
            continue
        came = max(document.last_seen, document.gone_at)
        fresh = changed is None or (document_id in changed and came >= since)
        if search.record == "document":
            yield _Finding(document=document, quote=None, fresh=fresh)
        for quote in document.quotes:
            if quote.id in ids:
                yield _Finding(document=document, quote=quote, fresh=fresh)


class _Before:
    """What an alert has found before, beside a finding: in its article, and in the copies of that."""

    def __init__(self, ledger: AlertLedger, alert: str, archive: Archive, named: Named) -> None:
        self._ledger = ledger
        self._alert = alert
        self._archive = archive
        self._named = named
        self._document: Document | None = None
        self._replaced: list[AlertRecord] = []
        self._copies: list[AlertRecord] = []

    def change(self, finding: _Finding) -> Change | None:
        """What a finding is compared to what was found before; None when that was the same under another id: a
        statement whose bounds or spelling have changed, or a copy of it that names nobody else."""
        if finding.document is not self._document:
            self._turn_to(finding.document)
        document, quote, words = finding.document, finding.quote, finding.words
        change: Change = "added"
        place = (quote.content.start, quote.content.end) if quote else (0, 0)
        near = bisect_left(self._replaced, place[0], key=lambda before: before.first)
        for before in self._replaced[max(0, near - _NEAR) : near + _NEAR]:
            if before.digest == document.digest and overlap((before.first, before.last), place):
                return None
            if are_same(before.words, words):
                return None
            if are_alike(before.words, words):
                change = "reworded"
        copies = [before for before in self._copies if quote is None or are_same(before.words, words)]
        if copies and self._name_all(copies, self._named.by(document, quote)):
            return None
        return change

    def _name_all(self, copies: list[AlertRecord], whom: Whom) -> bool:
        """Whether what was found before names all of these. The first copy mostly does: few are read."""
        for before in copies:
            if not whom:
                return True
            document = self._archive.get(before.document)
            if document is not None:
                quote = next((quote for quote in document.quotes if quote.id == before.record), None)
                whom -= self._named.by(document, quote)
        return not whom

    def _turn_to(self, document: Document) -> None:
        """Look up what was found in another article; what is a statement of its own still is not looked at."""
        self._document = document
        there = {document.id, *(quote.id for quote in document.quotes)}
        found = self._ledger.in_document(self._alert, document.id)
        replaced = (before for before in found if before.record not in there)
        self._replaced = sorted(replaced, key=lambda before: before.first)
        copies = self._ledger.in_copies(self._alert, document.copies) if document.copies else []
        self._copies = [before for before in copies if before.document != document.id]


def _without_copies(findings: Iterable[_Finding], named: Named) -> Iterator[tuple[_Finding, list[_Finding]]]:
    """Each finding with its copies that name nobody else; of several the one is first that every search would show
    (index/duplicate_collapsing.py)."""
    groups: dict[str, list[_Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.document.copies or finding.document.id, []).append(finding)
    for group in groups.values():
        if not group[0].document.copies:
            yield from ((finding, []) for finding in group)
            continue
        documents = {finding.document.id: finding.document for finding in group}
        order = in_order({one: copy_precedence(document) or _NO_PRECEDENCE for one, document in documents.items()})
        firsts: list[tuple[_Finding, list[_Finding]]] = []
        for finding in sorted(group, key=lambda finding: order.index(finding.document.id)):
            for first, copies in firsts:
                other = first.document.id != finding.document.id
                same = other and (finding.quote is None or are_same(first.words, finding.words))
                if same and named.by(finding.document, finding.quote) <= named.by(first.document, first.quote):
                    copies.append(finding)
                    break
            else:
                firsts.append((finding, []))
        yield from firsts


# --- how it is told ---------------------------------------------------------------------------------------------------


def _oldness(finding: _Finding) -> str:
    """Why a finding is no news; empty when it is."""
    document = finding.document
    seen = document.first_seen[:10]
    published = document.published
    latest = published.latest if published is not None and published.confidence != "low" else None
    if latest and seen and (date.fromisoformat(seen) - latest).days > _OLD_DAYS:
        return f"published {date_text(published)}, first seen {seen}"
    return "" if finding.fresh else f"in the archive since {seen}, and found only now"

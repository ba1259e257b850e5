"""Create, check and describe saved searches, for every interface that edits them."""

from collections import ChainMap
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from searchkit.alerts.folder import SavedFile, SavedFolder, load_all
from searchkit.alerts.new_matches import parse_search
from searchkit.alerts.searches import AlertSettings, Over, SavedSearch
from searchkit.alerts.sinks import SinkFailed, SinkOptions
from searchkit.alerts.sinks import file_of as sink_file
from searchkit.archive import Archive
from searchkit.errors import QueryError, UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.parser import SavedQuery, parse
from searchkit.query.walk import interpreted
from searchkit.records import Count
from searchkit.store.alerts import AlertState

SAVED_TAG = "searchkit.saved/1"
# An estimate is the mean of this many weeks before the newest publication.
_WEEKS = 8


class SavedRecord(Struct, frozen=True, kw_only=True):
    """A saved search; with `fault` one whose file is invalid."""

    name: Annotated[str, Meta(description="Its name, which is that of its file.")]
    query: Annotated[str | UnsetType, Meta(description="As written; relative dates stay relative.")] = UNSET
    over: Annotated[Over | UnsetType, Meta(description="What it finds.")] = UNSET
    note: Annotated[str | UnsetType, Meta(description="Its purpose.")] = UNSET
    alert: AlertSettings | UnsetType | None = UNSET
    fault: Annotated[str | UnsetType, Meta(description="Why its file or its query is invalid.")] = UNSET


class SavedList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SAVED_TAG):
    """All saved searches."""

    total: Count
    items: tuple[SavedRecord, ...]


class AlertRecord(Struct, frozen=True, kw_only=True):
    """An alert and its state."""

    name: str
    query: str | None
    over: Over | None
    sinks: tuple[str, ...]
    every: str | None
    since: Annotated[str | None, Meta(description="When its first run was, ISO 8601 UTC; null for never.")]
    last_run: Annotated[str | None, Meta(description="When it last ran; null for never.")]
    last_new: Annotated[str | None, Meta(description="When it last found something new; null for never.")]
    found: Annotated[Count, Meta(description="Items reported so far.")]
    owed: Annotated[Count, Meta(description="Items that a sink has not accepted yet.")]
    off: Annotated[bool, Meta(description="Came with a restored backup, and is not confirmed yet.")]
    reason: Annotated[str, Meta(description="Why the alert or its sink failed; empty if all is well.")]


class Found(Struct, frozen=True, kw_only=True):
    """What a saved search finds today: all matches, those first seen in the last 7 days, and the mean a week, by day of
    publication, in the weeks before the newest publication in the archive."""

    interpreted_as: str
    total: int = 0
    recent: int = 0
    per_week: float = 0.0


def refuse_unusable(search: SavedSearch, options: SinkOptions) -> None:
    """Raise UsageError for a sink to which no run may send."""
    from searchkit.alerts import sending  # loads urllib3, which most searches do not need

    for address in search.alert.addresses if search.alert else ():
        try:
            if address.kind == "atom":
                sink_file(address, options)
            elif address.kind == "webhook":
                sending.refuse_unusable(address, options)
        except SinkFailed as error:
            raise UsageError(f"The sink {address.shown} cannot be used: {error.reason}.") from None


def checked(archive: Archive) -> list[SavedFile]:
    """Return all saved searches, with the fault of each whose file or query is invalid."""
    found = []
    for kept in load_all(archive.folder):
        try:
            if kept.search is not None:
                parse_search(archive, kept.search, datetime.now(UTC).date())
            found.append(kept)
        except UsageError as error:
            found.append(replace(kept, fault=error))
    return found


def canonical(archive: Archive, search: SavedSearch) -> tuple[SavedSearch, tuple[str, ...]]:
    """Return the search with its query in canonical form, and notes of the parser. A query that names saved searches
    stays as typed, and one whose canonical form is nested too deep to be read again.

    The parser sees the search itself among the saved searches, so that it finds a cycle.
    """
    own = {search.name: SavedQuery(query=search.query, record=search.record)}
    known = ChainMap(own, SavedFolder(archive.folder))  # type: ignore[arg-type]  # written to only in its first map
    parsed = parse(search.query, today=datetime.now(UTC).date(), record=search.record, saved=known)
    query = search.query.strip()
    if "saved:" not in query.casefold():
        with suppress(QueryError):
            parse(str(parsed.tree), today=datetime.now(UTC).date(), record=search.record)
            query = str(parsed.tree)
    return replace(search, query=query), parsed.notes


def count_of(archive: Archive, search: SavedSearch, today: date, extra: str = "") -> int:
    """Return how many records a saved search finds, of those that match the query `extra`. QueryError for a query that
    cannot be read."""
    tree = parse_search(archive, search, today)
    both = ast.conjunction(tree, parse(extra, today=today).tree) if extra else tree
    return archive.search(SearchRequest(query=both, record=search.record, limit=0)).total


def found_today(archive: Archive, search: SavedSearch) -> Found:
    """Return the query with today's dates, and how much it finds. QueryError for a query that cannot be read."""
    today = datetime.now(UTC).date()
    tree = parse_search(archive, search, today)
    if archive.is_empty:
        return Found(interpreted_as=interpreted(tree))
    every = archive.search(SearchRequest(query=tree, record=search.record, limit=0))
    if not every.total:
        return Found(interpreted_as=every.interpreted_as)
    days = archive.index.days("date", "document")
    last = min(days[1], today) if days else today
    return Found(
        interpreted_as=every.interpreted_as,
        total=every.total,
        recent=count_of(archive, search, today, "seen:7d"),
        per_week=count_of(archive, search, today, f"date:{last - timedelta(weeks=_WEEKS)}..{last}") / _WEEKS,
    )


def alert_text(alert: AlertSettings) -> str:
    """Return where and when an alert reports, in one line."""
    every = "each run" if alert.every == "run" else f"every {alert.every}"
    grouped = f"; grouped by {alert.group_by}" if alert.group_by else ""
    return f"{', '.join(alert.shown_sinks)}; {every}{grouped}"


def saved_record(kept: SavedFile) -> SavedRecord:
    """Return the record of a saved search, without secrets."""
    search, fault = kept.search, str(kept.fault) if kept.fault else UNSET
    if search is None:
        return SavedRecord(name=kept.name, fault=fault)
    alert = search.alert and replace(search.alert, sinks=search.alert.shown_sinks)
    return SavedRecord(name=kept.name, fault=fault, query=search.query, over=search.over, note=search.note, alert=alert)


def saved_list(searches: Iterable[SavedFile]) -> SavedList:
    """Return the records of saved searches."""
    items = tuple(map(saved_record, searches))
    return SavedList(total=len(items), items=items)


def alert_records(archive: Archive) -> tuple[AlertRecord, ...]:
    """Return the alerts with their state."""
    ledger = None if archive.is_empty else archive.store().alerts
    states = ledger.states() if ledger else {}
    found, owed = (ledger.counts(), ledger.pending_counts()) if ledger else ({}, {})
    records = []
    for kept in load_all(archive.folder):
        if not kept.is_alert:
            continue
        state, search = states.get(kept.name) or AlertState(name=kept.name), kept.search
        alert = search.alert if search else None
        records.append(
            AlertRecord(
                name=kept.name,
                query=search.query if search else None,
                over=search.over if search else None,
                sinks=alert.shown_sinks if alert else (),
                every=alert.every if alert else None,
                since=state.since or None,
                last_run=state.last_run or None,
                last_new=state.last_new or None,
                found=found.get(kept.name, 0),
                owed=owed.get(kept.name, 0),
                off=kept.off,
                reason=str(kept.fault) if kept.fault else state.failure,
            )
        )
    return tuple(records)

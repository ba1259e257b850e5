"""Create, check and describe saved searches, for every interface that edits them."""

import re
from collections import ChainMap
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, cast
from urllib.parse import urlsplit

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from searchkit.alerts.folder import SavedFile, SavedFolder, load_all
from searchkit.alerts.new_matches import parse_search
from searchkit.alerts.searches import AlertSettings, Every, GroupBy, Over, SavedSearch
from searchkit.alerts.sinks import SinkFailed, SinkOptions, sink_address
from searchkit.alerts.sinks import file_of as sink_file
from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.query.scanner import SavedQuery
from searchkit.query.walk import interpreted
from searchkit.records import Count, Share
from searchkit.store.alerts import AlertState

SAVED_TAG = "searchkit.saved/1"
# An estimate is the mean of this many weeks before the newest publication.
_WEEKS = 8


class AlertSettingsRecord(Struct, frozen=True, kw_only=True):
    """What an alert does."""

    sinks: Annotated[
        tuple[str, ...],
        Meta(description="Where it reports: stdout, atom:FILE, sendmail:ADDRESS, webhook:URL."),
    ]
    every: Annotated[Every, Meta(description="How often it runs.")]
    group_by: Annotated[str | None, Meta(description="How its digest is grouped; null to choose by the query.")]
    min_confidence: Annotated[Share, Meta(description="A statement below it is not a headline.")]
    per_group: Annotated[Count, Meta(description="Items of a group that a digest lists.")]


class SavedRecord(Struct, frozen=True, kw_only=True):
    """A saved search; with `fault` one whose file is invalid."""

    name: Annotated[str, Meta(description="Its name, which is that of its file.")]
    query: Annotated[str | UnsetType, Meta(description="As written; relative dates stay relative.")] = UNSET
    over: Annotated[Over | UnsetType, Meta(description="What it finds.")] = UNSET
    note: Annotated[str | UnsetType, Meta(description="Its purpose.")] = UNSET
    alert: AlertSettingsRecord | UnsetType | None = UNSET
    fault: Annotated[str | UnsetType, Meta(description="Why its file or its query is invalid.")] = UNSET


class SavedList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SAVED_TAG):
    """All saved searches."""

    saved: tuple[SavedRecord, ...]


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


def alert_settings(
    sinks: Sequence[str],
    every: str | None,
    group_by: str | None,
    min_confidence: float | None,
    *,
    options: SinkOptions,
) -> AlertSettings:
    """Return the settings of an alert from the values typed; empty values are the defaults.

    UsageError for a sink that is not valid, or that the settings in `options` do not allow."""
    alert = AlertSettings()
    try:
        addresses = tuple(dict.fromkeys(sink_address(sink) for sink in sinks))
    except ValueError as error:
        raise UsageError(f"Sink: {error}.") from None
    for address in addresses:
        parts = urlsplit(address.target)
        if address.kind == "atom":
            try:
                sink_file(address, options)
            except SinkFailed as error:
                raise UsageError(f"Sink: {error.reason}.") from None
        if parts.scheme == "http" and parts.hostname not in options.allow_hosts:
            raise UsageError(
                f"The sink {address.shown} is not encrypted.",
                hint="Write https://..., or list the host in alert_hosts.",
            )
    return AlertSettings(
        sinks=addresses or alert.sinks,
        every=cast("Every", every or alert.every),
        group_by=cast("GroupBy | None", group_by),
        min_confidence=alert.min_confidence if min_confidence is None else min_confidence,
    )


def refuse_unusable(alert: AlertSettings | None, options: SinkOptions) -> None:
    """Raise UsageError for a webhook to which no run may post."""
    from searchkit.alerts import webhook  # loads urllib3, which most searches do not need

    for sink in alert.sinks if alert else ():
        if sink.kind == "webhook":
            try:
                webhook.refuse_unusable(sink, options)
            except SinkFailed as error:
                raise UsageError(f"The sink {sink.shown} cannot be used: {error.reason}.") from None


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
    """Return the search with its query in canonical form, and notes of the parser.

    The parser sees the search itself among the saved searches, so that it finds a cycle.
    """
    own = {search.name: SavedQuery(query=search.query, record=search.record)}
    known = ChainMap(own, SavedFolder(archive.folder))  # type: ignore[arg-type]  # written to only in its first map
    parsed = parse(search.query, today=datetime.now(UTC).date(), record=search.record, saved=known)
    return replace(search, query=str(parsed.tree)), parsed.notes


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


def users_of(archive: Archive, name: str) -> list[str]:
    """Return the names of other saved searches that use this one."""
    clause = re.compile(rf"saved:{re.escape(name)}(?![\w-])")
    others = (kept.search for kept in load_all(archive.folder) if kept.search and kept.name != name)
    return [search.name for search in others if clause.search(search.query.casefold())]


def alert_text(alert: AlertSettings) -> str:
    """Return where and when an alert reports, in one line."""
    sinks = ", ".join(sink.shown for sink in alert.sinks)
    every = "each run" if alert.every == "run" else f"every {alert.every}"
    return f"{sinks}; {every}" + (f"; grouped by {alert.group_by}" if alert.group_by else "")


def saved_record(kept: SavedFile) -> SavedRecord:
    """Return the record of a saved search."""
    search = kept.search
    if search is None:
        return SavedRecord(name=kept.name, fault=str(kept.fault))
    alert = search.alert
    return SavedRecord(
        name=kept.name,
        fault=str(kept.fault) if kept.fault else UNSET,
        query=search.query,
        over=search.over,
        note=search.note,
        alert=None
        if alert is None
        else AlertSettingsRecord(**{**asdict(alert), "sinks": tuple(sink.shown for sink in alert.sinks)}),
    )


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
                sinks=tuple(sink.shown for sink in alert.sinks) if alert else (),
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

"""A run over the alerts of an archive: each is asked, what is new is remembered, and told to the sinks.

takes:    an open archive, the time
gives:    a report: what each alert found, what each sink took, what failed
does not: decide when to run (cron does); fetch or index anything
traps:    one alert that fails stops no other, and keeps what it knows; what is found is committed before it is sent,
          and a sink is done with it only once it took it
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from searchkit.alerts.digests import Digest, message_id
from searchkit.alerts.folder import Kept, load_all
from searchkit.alerts.items import Item, unpacked
from searchkit.alerts.new_matches import News, look, newest
from searchkit.alerts.searches import PERIODS, SavedSearch
from searchkit.alerts.sinks.addresses import SinkAddress
from searchkit.alerts.sinks.base import Sink, SinkFailed, SinkOptions, opened
from searchkit.archive import Archive
from searchkit.errors import ArchiveError, NotInArchive, UsageError
from searchkit.store.alerts import AlertLedger, AlertState, Delivery


class AlertReport(Struct, frozen=True, kw_only=True):
    """What one alert found: `new` headlines, `others` in the sections below them, `baseline` that were there before
    and count as known. `reason` says why it could not be asked, empty when it could."""

    name: str
    new: int = 0
    others: int = 0
    baseline: int = 0
    first: bool = False
    reason: str = ""


class SinkReport(Struct, frozen=True, kw_only=True):
    """What one sink was told: how many items it took, or the reason why it did not."""

    sink: str
    items: int = 0
    reason: str = ""


class AlertsReport(Struct, frozen=True, kw_only=True):
    """What a run over the alerts did. `run` is its number, None when it found nothing; alerts that were not due are not
    in it. `notes` are for the user."""

    run: int | None = None
    alerts: tuple[AlertReport, ...] = ()
    sinks: tuple[SinkReport, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """How many headlines there are."""
        return sum(alert.new for alert in self.alerts)

    @property
    def others(self) -> int:
        """How much else was found."""
        return sum(alert.others for alert in self.alerts)

    @property
    def failures(self) -> tuple[str, ...]:
        """What failed, a line each."""
        asked = [f"alert {alert.name} could not be asked: {alert.reason}" for alert in self.alerts if alert.reason]
        told = [f"{sink.sink} was not told: {sink.reason}" for sink in self.sinks if sink.reason]
        return (*asked, *told)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "run": self.run,
            "new": self.new,
            "others": self.others,
            "asked": {alert.name: {"new": alert.new, "others": alert.others} for alert in self.alerts},
            "told": {sink.sink: sink.items for sink in self.sinks if not sink.reason},
            "failures": list(self.failures),
            "notes": list(self.notes),
        }


def run(
    archive: Archive,
    *,
    options: SinkOptions,
    now: datetime,
    names: Collection[str] = (),
    backfill: bool = False,
) -> AlertsReport:
    """Ask the alerts that are due, or those with these `names`, and tell their sinks what is new.

    With `backfill` the first run of an alert tells all there is, where it else only remembers it. NotInArchive for a
    name that no saved search has, UsageError for one that is no alert; ArchiveLocked when another writer is at work.
    """
    kept = load_all(archive.folder)
    chosen = _chosen(kept, names)
    if not chosen:
        return AlertsReport()
    with archive.held(), archive.ledger() as ledger:
        asked = _Run(archive, ledger, now, backfill=backfill)
        for one in chosen:
            asked.ask(one, named=bool(names))
        asked.finish()
        sinks = _Telling(ledger, kept, options, now).tell()
    return AlertsReport(run=asked.number, alerts=tuple(asked.reports), sinks=tuple(sinks), notes=tuple(asked.notes))


def trial(archive: Archive, search: SavedSearch, *, now: datetime, count: int) -> Digest:
    """A digest of the newest `count` matches, new or not: what an alert would look like. Nothing is remembered.

    QueryError when the search cannot be read."""
    items = tuple(newest(archive, search, now=now, count=count))
    at = now.isoformat(timespec="seconds")
    key = message_id(0, at, search.name, [(item.alert, item.id, item.change) for item in items])
    return _digest(key, 0, at, items, (), [search])


def send(digest: Digest, search: SavedSearch, options: SinkOptions) -> list[SinkReport]:
    """Give a digest to every sink of an alert, and remember nothing of it."""
    reports = []
    for address in search.alert.sinks if search.alert else ():
        try:
            opened(address, options, lambda _count: ()).send(digest)
            reports.append(SinkReport(sink=address.shown, items=len(digest.items)))
        except SinkFailed as error:
            reports.append(SinkReport(sink=address.shown, reason=error.reason))
    return reports


def stored(archive: Archive, number: int | None = None) -> Digest:
    """What the run with this number, or the last, found, as it was told. NotInArchive when there is no such run."""
    ledger = archive.alert_ledger()
    found = ledger.run(number)
    if found is None:
        raise NotInArchive(
            "No run of alerts has found anything yet." if number is None else f"There is no run {number} of alerts.",
            hint="searchkit alerts list says when each alert last found something.",
        )
    searches = [one.search for one in load_all(archive.folder) if one.search is not None]
    return _digest("", found.number, found.at, _items(ledger.items(found.number)), found.notes, searches)


def _chosen(kept: Sequence[Kept], names: Collection[str]) -> list[Kept]:
    """The files to ask: what is no alert for sure is left out."""
    by_name = {one.name: one for one in kept}
    for name in names:
        if name not in by_name:
            alerts = [one.name for one in kept if one.search is not None and one.search.alert is not None]
            raise NotInArchive(f'There is no alert "{name}".', hint=f"Alerts: {', '.join(alerts) or 'none yet'}.")
        search = by_name[name].search
        if search is not None and search.alert is None:
            raise UsageError(f'"{name}" is a saved search, and no alert.', hint="Write a line [alert] into its file.")
    return [
        one for one in kept if (one.name in names or not names) and (one.search is None or one.search.alert is not None)
    ]


class _Run:
    """The first half of a run: alerts are asked, one committed after the other."""

    def __init__(self, archive: Archive, ledger: AlertLedger, now: datetime, *, backfill: bool) -> None:
        self._archive = archive
        self._ledger = ledger
        self._now = now
        self._backfill = backfill
        self._states = ledger.states()
        self.number: int | None = None
        self.reports: list[AlertReport] = []
        self.notes: list[str] = []

    def ask(self, one: Kept, *, named: bool) -> None:
        """Ask one alert if it is due or was `named`."""
        search, state = one.search, self._states.get(one.name)
        if search is None or search.alert is None:
            self._fail(one.name, one.fault or UsageError("it is no alert"))
            return
        if not named and state is not None and not self._is_due(search, state):
            return
        try:
            news = look(self._archive, self._ledger, search, state, now=self._now, backfill=self._backfill)
        except UsageError as error:
            self._fail(search.name, error)
        else:
            self._remember(search, news, first=state is None or not state.since)

    def _is_due(self, search: SavedSearch, state: AlertState) -> bool:
        period = PERIODS[search.alert.every if search.alert else "run"]
        if not state.last_run or state.failure:
            return True
        passed = self._now - datetime.fromisoformat(state.last_run)
        return passed >= period or passed < timedelta(0)  # a clock was set back

    def _fail(self, name: str, error: UsageError) -> None:
        self._ledger.rollback()
        self._ledger.note_failure(name, str(error))
        self._ledger.commit()
        self.reports.append(AlertReport(name=name, reason=str(error)))

    def _remember(self, search: SavedSearch, news: News, *, first: bool) -> None:
        ledger = self._ledger
        if news.told and self.number is None:
            self.number = ledger.begin_run(self._now.isoformat(timespec="seconds"))
        told = [replace(record, run=self.number or 0) for record in news.told]
        ledger.add([*told, *news.known])
        ledger.owe(told, [sink.key for sink in search.alert.sinks] if search.alert else [])
        ledger.note_asked(news.state)
        ledger.commit()
        new = sum(item.section == "new" for item in news.items)
        others = len(news.items) - new
        self.notes += news.notes
        self.reports.append(AlertReport(name=search.name, new=new, others=others, baseline=news.baseline, first=first))

    def finish(self) -> None:
        """Keep with the run what else there is to say."""
        if self.number is not None:
            failed = [f"alert {one.name} could not be asked: {one.reason}" for one in self.reports if one.reason]
            self._ledger.note(self.number, [*failed, *self.notes])
            self._ledger.commit()


class _Telling:
    """The second half: each sink is told what it is owed, in one message, and that is remembered once it took it."""

    def __init__(self, ledger: AlertLedger, kept: Sequence[Kept], options: SinkOptions, now: datetime) -> None:
        self._ledger = ledger
        self._searches = [one.search for one in kept if one.search is not None and one.search.alert is not None]
        self._unreadable = {one.name for one in kept if one.search is None}
        self._options = options
        self._now = now

    def tell(self) -> list[SinkReport]:
        """Tell every sink of the alerts there are."""
        sinks: dict[str, SinkAddress] = {}
        for search in self._searches:
            own = {sink.key: sink for sink in (search.alert.sinks if search.alert else ())}
            sinks.update(own)
            self._ledger.release(search.name, own)
        # What is no alert any more owes nothing; what cannot be read now may be mended.
        there = self._unreadable.union(search.name for search in self._searches)
        for name in self._ledger.open_deliveries().keys() - there:
            self._ledger.release(name, ())
        self._ledger.commit()
        reports = []
        for key, address in sinks.items():
            taken = 0
            try:
                for message, owed in self._messages(key):
                    self._send(message, owed, key, address)
                    taken += len(owed)
            except SinkFailed as error:
                reports.append(SinkReport(sink=address.shown, items=taken, reason=error.reason))
            else:
                if taken:
                    reports.append(SinkReport(sink=address.shown, items=taken))
        return reports

    def _messages(self, key: str) -> list[tuple[str, list[Delivery]]]:
        """What a sink is owed, by message: those that were tried before as they were, then one with all that is new.

        Weak matches alone are no message; they go with the next one."""
        messages: dict[str, list[Delivery]] = {}
        for owed in self._ledger.owed(key):
            messages.setdefault(owed.message, []).append(owed)
        unsent = messages.pop("", [])
        if any(item.section != "weak" for item in _items(owed.item for owed in unsent)):
            number, at = self._run_of(unsent)
            message = message_id(number, at, key, [(one.alert, one.record, one.change) for one in unsent])
            messages[message] = unsent
        return list(messages.items())

    def _send(self, message: str, owed: list[Delivery], key: str, address: SinkAddress) -> None:
        number, at = self._run_of(owed)
        items = _items(one.item for one in owed)
        found = self._ledger.run(number)
        digest = _digest(message, number, at, items, found.notes if found else (), self._searches)
        if not owed[0].message:
            self._ledger.put_into(message, key, owed)
            self._ledger.commit()
        self._open(address, key).send(digest)
        self._ledger.accept(message, key, self._now.isoformat(timespec="seconds"))
        self._ledger.commit()

    def _open(self, address: SinkAddress, key: str) -> Sink:
        return opened(address, self._options, lambda count: _items(self._ledger.accepted(key, count)))

    def _run_of(self, owed: Sequence[Delivery]) -> tuple[int, str]:
        """Number and time of the newest run that found one of them."""
        number = max(one.run for one in owed)
        found = self._ledger.run(number)
        return number, found.at if found else ""


def _items(stored_items: Iterable[str]) -> tuple[Item, ...]:
    try:
        return tuple(unpacked(item) for item in stored_items)
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"What an alert told cannot be read: {error!r}.", hint="Restore a backup.") from error


def _digest(
    message: str, number: int, at: str, items: tuple[Item, ...], notes: Sequence[str], searches: Sequence[SavedSearch]
) -> Digest:
    return Digest(
        message=message,
        run=number,
        at=at,
        items=items,
        notes=tuple(notes),
        per_group={search.name: search.alert.per_group for search in searches if search.alert is not None},
        about={search.name: search.note for search in searches},
    )

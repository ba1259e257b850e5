"""Run the alerts of an archive: search, remember what is new, and deliver it to the sinks.

An alert that fails does not stop the others and keeps its state. Matches are committed before they are sent, and owed
to a sink until it accepts them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from searchkit.alerts import AlertReport, AlertsReport, SinkReport
from searchkit.alerts.digests import Digest, digest_lines, message_id
from searchkit.alerts.folder import SavedFile, load_all, refuse_off
from searchkit.alerts.items import Item, unpacked
from searchkit.alerts.new_matches import NewMatches, find_new_matches, newest
from searchkit.alerts.searches import PERIODS, Every, SavedSearch
from searchkit.alerts.sinks import SinkAddress, SinkFailed, SinkOptions, file_of, write_failed
from searchkit.archive import Archive
from searchkit.errors import ArchiveError, NotInArchive, SearchkitError, UsageError, reason_of
from searchkit.store.alerts import AlertLedger, AlertRun, AlertState, Delivery


def run(
    archive: Archive, *, options: SinkOptions, now: datetime, names: Collection[str] = (), backfill: bool = False
) -> AlertsReport:
    """Run the alerts that are due, or those with these `names`, and send what is new to their sinks.

    With `backfill` the first run of an alert reports all matches instead of only remembering them. NotInArchive for an
    unknown name, UsageError for a saved search without alert or one that is off, ArchiveLocked while another process
    writes.
    """
    files = load_all(archive.folder)
    for name in names:
        refuse_off(archive.folder, name)
    off = [file.name for file in files if file.off]
    notes = (
        [f"alerts that are off until you confirm them (searchkit alerts confirm NAME): {', '.join(off)}"] if off else []
    )
    chosen = [file for file in _chosen(files, names) if not file.off]
    if not chosen:
        return AlertsReport(notes=tuple(notes))
    with archive.changing() as store:
        runner = _AlertRunner(archive, store.alerts, now, backfill=backfill)
        for file in chosen:
            runner.run(file, named=bool(names))
        runner.finish()
        sinks = _Deliverer(store.alerts, files, options, now).deliver()
    return AlertsReport(
        run=runner.number, alerts=tuple(runner.reports), sinks=tuple(sinks), notes=(*notes, *runner.notes)
    )


def trial(archive: Archive, search: SavedSearch, *, now: datetime, count: int) -> Digest:
    """Return a digest of the newest `count` matches, new or not, without remembering it. QueryError for a bad query."""
    items = tuple(newest(archive, search, now=now, count=count))
    run = AlertRun(number=0, at=now.isoformat(timespec="seconds"), notes=())
    key = message_id(run, search.name, [(item.alert, item.id, item.change) for item in items])
    return _digest(key, run, items, [search])


def send(digest: Digest, search: SavedSearch, options: SinkOptions) -> list[SinkReport]:
    """Send a digest to every sink of an alert without remembering it."""

    def sent(address: SinkAddress) -> Iterator[int]:
        deliver(digest, address, options, lambda _count: ())
        yield len(digest.items)

    return [_report(address, sent(address)) for address in (search.alert.addresses if search.alert else ())]


def _report(address: SinkAddress, counts: Iterable[int]) -> SinkReport:
    """Return how many items a sink accepted, which `counts` yields for each message, or why it did not."""
    accepted, reason = 0, ""
    try:
        for count in counts:
            accepted += count
    except SinkFailed as error:
        reason = error.reason
    except (MemoryError, SearchkitError):
        raise
    except Exception as error:  # noqa: BLE001  a failure costs one message, which stays owed
        reason = reason_of(error)
    return SinkReport(sink=address.shown, items=accepted, reason=reason)


def stored(archive: Archive, number: int | None = None) -> Digest:
    """Return what the run with this number, or the last, reported. NotInArchive if there is no such run."""
    ledger = archive.store().alerts
    found = ledger.run(number)
    if found is None:
        raise NotInArchive(
            "No run has found anything yet." if number is None else f"There is no run {number} of alerts.",
            hint="See when each alert last found something: searchkit alerts list",
        )
    searches = [file.search for file in load_all(archive.folder) if file.search is not None]
    return _digest("", found, _items(ledger.items(found.number)), searches)


def _chosen(files: Sequence[SavedFile], names: Collection[str]) -> list[SavedFile]:
    """Return the files to run; searches without alert are left out."""
    by_name = {file.name: file for file in files}
    for name in names:
        if name not in by_name:
            alerts = [file.name for file in files if file.search is not None and file.search.alert is not None]
            raise NotInArchive(f'There is no alert "{name}".', hint=f"Alerts: {', '.join(alerts) or 'none yet'}.")
        search = by_name[name].search
        if search is not None and search.alert is None:
            raise UsageError(
                f'"{name}" is a saved search, but not an alert.',
                hint="To make it an alert, add a line [alert] to its file.",
            )
    return [file for file in files if (file.name in names or not names) and file.is_alert]


class _AlertRunner:
    """The first half of a run: runs alerts and commits each."""

    def __init__(self, archive: Archive, ledger: AlertLedger, now: datetime, *, backfill: bool) -> None:
        self._archive = archive
        self._ledger = ledger
        self._now = now
        self._backfill = backfill
        self._states = ledger.states()
        self.number: int | None = None
        self.reports: list[AlertReport] = []
        self.notes: list[str] = []

    def run(self, file: SavedFile, *, named: bool) -> None:
        """Run an alert if it is due or was `named`."""
        search, state = file.search, self._states.get(file.name) or AlertState(name=file.name)
        if search is None or search.alert is None:
            self._fail(file.name, file.fault or UsageError("it is not an alert"))
            return
        if not named and not self._is_due(search.alert.every, state):
            return
        try:
            found = find_new_matches(self._archive, self._ledger, search, state, now=self._now, backfill=self._backfill)
        except UsageError as error:
            self._fail(search.name, error)
        except (MemoryError, SearchkitError):
            raise
        except Exception as error:  # noqa: BLE001  a failure in searchkit costs one alert; it is stored and reported
            self._fail(search.name, UsageError(f"a rule of searchkit failed ({reason_of(error)}); please report it"))
        else:
            self._remember(search, found, first=not state.since)

    def _is_due(self, every: Every, state: AlertState) -> bool:
        if not state.last_run or state.failure:
            return True
        passed = self._now - datetime.fromisoformat(state.last_run)
        return passed >= PERIODS[every] or passed < timedelta(0)  # a clock was set back

    def _fail(self, name: str, error: UsageError) -> None:
        self._ledger.rollback()
        self._ledger.note_failure(name, str(error))
        self._ledger.commit()
        self.reports.append(AlertReport(name=name, reason=str(error)))

    def _remember(self, search: SavedSearch, found: NewMatches, *, first: bool) -> None:
        ledger = self._ledger
        if found.reported and self.number is None:
            self.number = ledger.begin_run(self._now.isoformat(timespec="seconds"))
        reported = [replace(record, run=self.number or 0) for record in found.reported]
        ledger.add([*reported, *found.known])
        ledger.add_deliveries(reported, [sink.key for sink in search.alert.addresses] if search.alert else [])
        ledger.save_state(found.state)
        ledger.commit()
        new = sum(item.section == "new" for item in found.items)
        others = len(found.items) - new
        self.notes += found.notes
        self.reports.append(AlertReport(name=search.name, new=new, others=others, baseline=found.baseline, first=first))

    def finish(self) -> None:
        """Store failures and notes with the run."""
        if self.number is not None:
            failures = [f"alert {report.name} failed: {report.reason}" for report in self.reports if report.reason]
            self._ledger.note(self.number, [*failures, *self.notes])
            self._ledger.commit()


class _Deliverer:
    """The second half of a run: sends each sink what it is owed, and records what it accepted."""

    def __init__(self, ledger: AlertLedger, files: Sequence[SavedFile], options: SinkOptions, now: datetime) -> None:
        self._ledger = ledger
        self._searches = [file.search for file in files if file.search and file.search.alert and not file.off]
        self._waiting = {file.name for file in files if file.search is None or file.off}
        self._options = options
        self._now = now

    def deliver(self) -> list[SinkReport]:
        """Send every sink of the alerts what it is owed."""
        sinks: dict[str, SinkAddress] = {}
        for search in self._searches:
            own = {sink.key: sink for sink in (search.alert.addresses if search.alert else ())}
            sinks.update(own)
            self._ledger.release(search.name, own)
        # A search that is no longer an alert owes nothing; a file that cannot be read now may be fixed later, and an
        # alert that is off may be confirmed.
        existing = self._waiting.union(search.name for search in self._searches)
        for name in self._ledger.pending_counts().keys() - existing:
            self._ledger.release(name, ())
        self._ledger.commit()
        reports = [_report(address, self._delivered(key, address)) for key, address in sinks.items()]
        return [report for report in reports if report.items or report.reason]

    def _messages(self, key: str) -> list[tuple[str, list[Delivery]]]:
        """Return what a sink is owed, by message: unchanged those that failed before, then one with everything new.

        Weak matches alone are not sent; they wait for the next message."""
        messages: dict[str, list[Delivery]] = {}
        for owed in self._ledger.pending(key):
            messages.setdefault(owed.message, []).append(owed)
        unsent = messages.pop("", [])
        if any(item.section != "weak" for item in _items(owed.item for owed in unsent)):
            keys = [(delivery.alert, delivery.record, delivery.change) for delivery in unsent]
            messages[message_id(self._run_of(unsent), key, keys)] = unsent
        return list(messages.items())

    def _delivered(self, key: str, address: SinkAddress) -> Iterator[int]:
        """Send a sink what it is owed; yield how many items each message had."""
        for message, owed in self._messages(key):
            digest = _digest(message, self._run_of(owed), _items(each.item for each in owed), self._searches)
            if not owed[0].message:
                self._ledger.assign(message, key, owed)
                self._ledger.commit()
            deliver(digest, address, self._options, lambda count: _items(self._ledger.accepted(key, count)))
            self._ledger.accept(message, key, self._now.isoformat(timespec="seconds"))
            self._ledger.commit()
            yield len(owed)

    def _run_of(self, owed: Sequence[Delivery]) -> AlertRun:
        """Return the newest run that found one of them."""
        number = max(delivery.run for delivery in owed)
        return self._ledger.run(number) or AlertRun(number=number, at="", notes=())


def _items(stored_items: Iterable[str]) -> tuple[Item, ...]:
    try:
        return tuple(unpacked(item) for item in stored_items)
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"A stored item of an alert cannot be read: {error!r}.", hint="Restore a backup.") from error


def _digest(message: str, run: AlertRun, items: tuple[Item, ...], searches: Sequence[SavedSearch]) -> Digest:
    return Digest(
        message=message,
        run=run.number,
        at=run.at,
        items=items,
        notes=run.notes,
        per_group={search.name: search.alert.per_group for search in searches if search.alert is not None},
        about={search.name: search.note for search in searches},
    )


def deliver(
    digest: Digest, address: SinkAddress, options: SinkOptions, earlier: Callable[[int], Iterable[Item]]
) -> None:
    """Send a digest to the sink at an address; `earlier` as in `atom.write_feed`. SinkFailed if it was not accepted.

    Modules for XML, mail and HTTP are loaded only for the sinks that need them."""
    match address.kind:
        case "stdout":
            if options.write is None:
                raise SinkFailed("standard output is closed")
            try:
                options.write([*digest_lines(digest), ""])
            except OSError as error:
                raise write_failed("standard output", error) from error
        case "atom":
            from searchkit.alerts.atom import write_feed  # loads XML

            write_feed(digest, file_of(address, options), earlier)
        case "sendmail":
            from searchkit.alerts.sending import send_mail  # loads email

            send_mail(digest, address.target, options)
        case "webhook":
            from searchkit.alerts.sending import post  # loads HTTP and TLS

            post(digest, address, options)

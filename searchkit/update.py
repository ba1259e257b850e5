"""A run: what sources give is taken in, and told in one line of the archive's log.

takes:    an open archive, sources, the time
gives:    a report: what came, what is gone, what failed, source by source; the same as one JSON line in `runs.jsonl`
does not: decide when to run (cron does), print
traps:    the archive is held for the whole run, so that a second run is told at once; a source that cannot be had is a
          line in the report, not an exception
"""

import errno
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Self

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.config.sources import FILE_KINDS
from searchkit.crawl import FileOptions, is_expected, resources, whole_addresses
from searchkit.crawl.base import FORGOTTEN, Found, Source
from searchkit.document import Resource
from searchkit.errors import ArchiveError, SearchkitError, StorageFull
from searchkit.ingest import Batch, IngestOptions, Outcome
from searchkit.store.base import SourceCounts
from searchkit.store.locations import lies_within
from searchkit.text import redacted

if TYPE_CHECKING:
    from searchkit.alerts.running import AlertsReport
    from searchkit.alerts.sinks.base import SinkOptions
    from searchkit.crawl.web.clock import Pace
    from searchkit.crawl.web.crawler import Crawler
    from searchkit.crawl.web.http import HttpOptions

LOG = "runs.jsonl"
STATUSES = ("added", "updated", "unchanged", "gone", "skipped", "failed")
# What the log calls them: it tells of articles, not of what was done with them.
_LOGGED = {"added": "new", "updated": "changed"}
# A log that lists ten thousand failures every hour fills the disk; `searchkit update --json` prints them all.
_REASONS_LOGGED = 20
# Cron starts a job some seconds late on one hour and in time on the next; a source due hourly is due then. Of a day it
# is half an hour, or a source due daily would be read earlier each day.
_EARLY = 0.05
_EARLY_AT_MOST = timedelta(minutes=30)
_UNKNOWN_TOLD = 5
# A run is told as one line; this much of the end of the log holds the last ones.
_TAIL_BYTES = 262_144


class RunOptions(Struct, frozen=True, kw_only=True):
    """How a run works. `contact` goes into the user agent; `warc` is a folder for WARC files of what is fetched;
    `stdin` is what the location `-` of a folder source reads. With `sinks` the run ends with the alerts. `http` are the
    limits on asking web servers, where they are to be others; `pace` is how time goes by, for simulations."""

    ingest: IngestOptions
    contact: str = ""
    warc: Path | None = None
    max_file_bytes: int = FileOptions().max_bytes
    stdin: BinaryIO | None = None
    sinks: "SinkOptions | None" = None
    http: "HttpOptions | None" = None
    pace: "Pace" = time


class SourceReport(Struct, frozen=True, kw_only=True):
    """What came of one source: how many of each status, and why it could not be had (empty when it could)."""

    name: str
    counts: Mapping[str, int]
    reason: str = ""


class RunReport(Struct, frozen=True, kw_only=True):
    """What a run did. `told` are outcomes with a reason; `notes` are for the user. `seconds` is its whole time."""

    command: Literal["index", "update"]
    at: datetime
    seconds: float
    counts: Mapping[str, int]
    statements: int
    annotated_again: int
    told: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[SourceReport, ...] = ()
    alerts: "AlertsReport | None" = None

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """What could not be taken in; what an earlier run told already counts as skipped."""
        return tuple(outcome for outcome in self.told if outcome.status == "failed")

    @property
    def ok(self) -> bool | None:
        """Whether every source that was asked could be had; None when none was due."""
        if self.command == "update" and not self.sources:
            return None
        return not any(source.reason for source in self.sources)

    @property
    def gone(self) -> tuple[Outcome, ...]:
        """What is not there any more, with the reasons."""
        return tuple(outcome for outcome in self.told if outcome.status == "gone")

    @property
    def withheld(self) -> tuple[Outcome, ...]:
        """What its publishers ask not to take, as far as it is news."""
        return tuple(outcome for outcome in self.told if outcome.withheld and not outcome.known)

    def as_json(self, *, most: int | None = None) -> dict[str, Any]:
        """The report as plain data; of each list of reasons at most so many."""
        return {
            "schema": "searchkit.run/1",
            "command": self.command,
            "at": self.at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            **_logged(self.counts),
            "statements": self.statements,
            "annotated_again": self.annotated_again,
            "ok": self.ok,
            "sources": {
                source.name: {**_logged(source.counts), "reason": redacted(source.reason)} for source in self.sources
            },
            "failures": _reasons(self.failed[:most]),
            "gone_because": _reasons(self.gone[:most]),
            "withheld": _reasons(self.withheld[:most]),
            **({} if self.alerts is None else {"alerts": self.alerts.as_json()}),
        }


def _reasons(outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    return [{"uri": redacted(one.uri), "reason": redacted(one.reason)} for one in outcomes]


def _logged(counts: Mapping[str, int]) -> dict[str, int]:
    return {_LOGGED.get(status, status): counts.get(status, 0) for status in STATUSES}


def due(sources: Iterable[Source], known: Iterable[SourceCounts], now: datetime) -> tuple[Source, ...]:
    """The sources whose last run is as long ago as they ask for, failed, asked for something else, or never was."""
    counts = {one.source: one for one in known}

    def is_due(source: Source) -> bool:
        last = due_at(source, counts.get(source.name))
        # A run that is still to come was noted by a clock that has been set back since.
        return last is None or last - source.every > now or now >= last - min(source.every * _EARLY, _EARLY_AT_MOST)

    return tuple(source for source in sources if is_due(source))


def due_at(source: Source, known: SourceCounts | None) -> datetime | None:
    """When a source is due, of which so much is `known`; None for at once: it was never asked, failed, or is described
    otherwise now."""
    if known is None or not known.last_run or known.last_reason:
        return None
    # An older searchkit has not remembered the description.
    if known.description not in {"", source.description()}:
        return None
    return datetime.fromisoformat(known.last_run) + source.every


class Renewal(Struct, frozen=True, kw_only=True):
    """How many documents were annotated again, which could not be, and what the user should know of it."""

    count: int
    failed: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()


Watch = Callable[[str, int], None]
"""Called with what is going on (the name of a source, or empty) and how many of its resources have come so far."""


def run(
    archive: Archive,
    sources: Iterable[Source],
    *,
    command: Literal["index", "update"],
    options: RunOptions,
    now: datetime,
    watch: Watch | None = None,
) -> RunReport:
    """Take in what `sources` have, annotate again what is outdated, run the alerts, and write the log.

    Errors as `Archive.ingest`: then the log has no line, and what was committed stays. A log that cannot be written is
    told before anything is done.
    """
    started = time.monotonic()
    tally = _Tally()
    reports = []
    with archive.held(), _Log(archive.folder / LOG) as log, _Web(archive.folder, options, now) as web:
        for source in sources:
            report = _take(archive, source, web, tally, options, now, watch)
            if source.name:
                reports.append(report)
        again = renew(archive, options=options.ingest, now=now, watch=watch)
        told = None
        if options.sinks is not None:
            from searchkit.alerts import running  # `index` runs none

            told = running.run(archive, options=options.sinks, now=web.clock())
        done = RunReport(
            command=command,
            at=now,
            seconds=time.monotonic() - started,
            counts=dict(tally.counts),
            statements=tally.statements,
            annotated_again=again.count,
            told=(*tally.told, *again.failed),
            notes=(*tally.notes, *again.notes),
            sources=tuple(reports),
            alerts=told,
        )
        log.write(done)
        web.heard()
    return done


def renew(
    archive: Archive, *, options: IngestOptions, now: datetime, follow: bool = True, watch: Watch | None = None
) -> Renewal:
    """Annotate again what another searchkit, or other aliases and watchlists, annotated. Errors as
    `Archive.reannotate`, which also says what `follow` means."""
    if not archive.outdated():
        return Renewal(count=0)
    count, failed = 0, []
    for batch in archive.reannotate(options=options, now=now, follow=follow):
        failed += [outcome for outcome in batch.outcomes if outcome.status == "failed"]
        count += sum(outcome.status != "failed" for outcome in batch.outcomes)
        if watch:
            watch("again", count)
    unknown = archive.unknown_documents()
    notes = [f"aliases.toml names a document that is not in the archive: {name}" for name in unknown[:_UNKNOWN_TOLD]]
    if len(unknown) > _UNKNOWN_TOLD:
        notes.append(f"in all {len(unknown):,} documents that aliases.toml names are not in the archive")
    return Renewal(count=count, failed=tuple(failed), notes=tuple(notes))


def last_success(folder: Path) -> datetime | None:
    """When the last update of the archive in `folder` was made in which every source could be had, or none was due, as
    one that failed always is; None for never."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            told = json.loads(line)
            if told["command"] == "update" and told["ok"] is not False:
                return datetime.fromisoformat(told["at"])
        except (ValueError, KeyError, TypeError):  # cut by a power failure, or by where we began to read
            continue
    return None


class _Tally(Struct, kw_only=True):
    """What batches hold, counted. `statements` are those of documents that are new or changed."""

    counts: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    told: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        made = {outcome.id for outcome in batch.outcomes if outcome.status in {"added", "updated"}}
        self.counts.update(outcome.status for outcome in batch.outcomes)
        self.statements += sum(len(document.quotes) for document in batch.changed if document.id in made)
        self.told += [outcome for outcome in batch.outcomes if outcome.reason]
        self.notes += batch.notes


class _Web:
    """The crawler of a run, made when a source needs it; and the clock, which goes on from the time of the run."""

    def __init__(self, folder: Path, options: RunOptions, now: datetime) -> None:
        self._folder = folder
        self._options = options
        self._now = now
        self._started = options.pace.monotonic()
        self._crawler: Crawler | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._crawler is not None:
            self._crawler.close()

    def crawler(self) -> "Crawler":
        if self._crawler is None:
            from searchkit.archive.erasure.blocklist import Blocklist
            from searchkit.crawl.web.crawler import Crawler, CrawlOptions
            from searchkit.crawl.web.http import HttpOptions

            crawl = CrawlOptions(
                http=replace(self._options.http or HttpOptions(), contact=self._options.contact),
                retry_failed=self._options.ingest.retry_failed,
                warc=self._options.warc,
                is_forgotten=Blocklist.load(self._folder).__contains__,
                pace=self._options.pace,
            )
            self._crawler = Crawler(self._folder, crawl, clock=self.clock)
        return self._crawler

    def heard(self) -> None:
        """The run is told: what the crawler told of pages need not be told again."""
        if self._crawler is not None:
            self._crawler.heard()

    def clock(self) -> datetime:
        """The time of the run, and what has passed since."""
        return self._now + timedelta(seconds=self._options.pace.monotonic() - self._started)


def _take(
    archive: Archive,
    source: Source,
    web: _Web,
    tally: _Tally,
    options: RunOptions,
    now: datetime,
    watch: Watch | None,
) -> SourceReport:
    """Fetch and take in what one source has; and remember, if it has a name, how that went."""
    before, told = Counter(tally.counts), len(tally.told)
    # What has no source is named by hand, by a path or an address: so even what is in quarantine is tried again.
    by_hand = () if source.name else (*source.locations, *whole_addresses(source.locations))
    ingest = replace(options.ingest, source=source.name, named=by_hand)
    limits = FileOptions(max_bytes=options.max_file_bytes, include=source.include, exclude=source.exclude)
    crawler = None if source.kind in FILE_KINDS else web.crawler()
    found = _files(source, limits, options, now) if crawler is None else crawler.run(source)
    whole = whole_addresses(source.locations) if crawler is None else ()
    had: set[str] = set()
    batches = archive.ingest(
        _watched(_noting(found, whole, had), source, watch),
        options=ingest,
        now=now,
        complete=whole,
        expected=partial(is_expected, options=limits),
    )
    lost = 0
    for batch in batches:
        lost += _add(tally, batch, source, crawler)
    if crawler is not None and lost:
        for batch in archive.ingest(crawler.again(), options=ingest, now=now):
            _add(tally, batch, source, crawler)
    # A source has failed when what it was told to read cannot be had; a page of it that fails is only that page, and so
    # is a line of a file that gave others.
    places = {*source.locations, *whole} - had
    reason = next((one.reason for one in tally.told[told:] if one.uri in places and _is_trouble(one, source)), "")
    if source.kind == "urls" and tally.counts == before:
        # Nothing was due, so nothing was learned: what failed last is still failing.
        reason = next((one.last_reason for one in archive.sources() if one.source == source.name), "")
    if source.name:
        archive.note_run(source.name, now=now, ok=not reason, reason=reason, description=source.description())
    return SourceReport(name=source.name, counts=dict(tally.counts - before), reason=reason)


def _add(tally: _Tally, batch: Batch, source: Source, crawler: "Crawler | None") -> int:
    """Count a batch, and tell the crawler what became of its pages, now that it is in the store; how many of them the
    archive has lost."""
    lost = 0
    outcomes = []
    for outcome in batch.outcomes:
        if crawler is not None and outcome.lost:
            crawler.lose(outcome.uri)
            lost += 1
            continue
        if crawler is not None:
            unread = outcome.reason if outcome.status == "failed" or outcome.known else ""
            changed = outcome.status in {"added", "updated"}
            crawler.settle(outcome.uri, changed=changed, unread=unread, same=outcome.same)
        outcomes.append(_asked_by_hand(outcome, source) if crawler is not None and not source.name else outcome)
    tally.add(replace(batch, outcomes=tuple(outcomes)))
    return lost


def _asked_by_hand(outcome: Outcome, source: Source) -> Outcome:
    """Who asks for an address by hand is told when nothing came of it, though it was told before or may pass."""
    if (
        outcome.status != "skipped"
        or outcome.withheld
        or outcome.reason == FORGOTTEN
        or outcome.uri not in source.locations
    ):
        return outcome
    return replace(outcome, status="failed", known=False)


def _is_trouble(outcome: Outcome, source: Source) -> bool:
    """Whether the source has failed with this location of its. One of its pages that was told already (of a list that
    a person wrote, and may leave as it is) is no news; a feed or a folder that cannot be had is, until it can."""
    if outcome.withheld or outcome.reason == FORGOTTEN or (outcome.known and source.kind == "urls"):
        return False
    return outcome.status in {"failed", "skipped"}


def _files(source: Source, limits: FileOptions, options: RunOptions, now: datetime) -> Iterator[Found]:
    """What stands in files, with what the source is known to be."""
    known = {name: value for name in ("outlet", "language") if (value := getattr(source, name))}
    for found in resources(source.locations, limits, now=now, stdin=options.stdin):
        if isinstance(found, Resource):
            yield replace(found, source=source.name, defaults={**found.defaults, **known})
        else:
            yield found


def _noting(found: Iterator[Found], places: Iterable[str], had: set[str]) -> Iterator[Found]:
    """What is `found`, and into `had` those of the `places` that gave anything."""
    left = set(places)
    for one in found:
        if left and isinstance(one, Resource):
            gave = {place for place in left if lies_within(one.container or one.uri, place)}
            left -= gave
            had |= gave
        yield one


def _watched(found: Iterator[Found], source: Source, watch: Watch | None) -> Iterator[Found]:
    for done, one in enumerate(found, 1):
        if watch:
            watch(source.name, done)
        yield one


class _Log:
    """The archive's log, opened before there is anything to write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._translated(error) from error
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._descriptor)

    def write(self, report: RunReport) -> None:
        """Add one line; in one write, so that no other line can come between. One that a power cut has cut short stays
        a line of its own."""
        line = json.dumps(report.as_json(most=_REASONS_LOGGED), ensure_ascii=True) + "\n"
        try:
            size = os.lseek(self._descriptor, 0, os.SEEK_END)
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
                line = f"\n{line}"
            os.write(self._descriptor, line.encode("ascii"))
        except OSError as error:
            raise self._translated(error) from error

    def _translated(self, error: OSError) -> SearchkitError:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return StorageFull(
                f"There is no room left to write {self._path}.", hint="Free some space; documents are kept."
            )
        return ArchiveError(
            f"The log {self._path} cannot be written: {(error.strerror or 'unknown').lower()}.",
            hint="Check its permissions, or move it away.",
        )

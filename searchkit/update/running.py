"""Run over sources: fetch, index, re-annotate, run the alerts, and write one line to the archive's log `runs.jsonl`.

The archive is locked for the complete run: what the crawler has recorded must agree with what the store has, and only
the lock shows that a request under way belongs to a run that was killed. Because the lock is held while servers answer,
the time of a run is limited. Sources on the web are fetched at the same time. A source that fails is reported, not
raised.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.alerts import running
from searchkit.alerts.sinks import SinkOptions
from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.names_notes import unknown_documents
from searchkit.config.sources import FILE_KINDS
from searchkit.crawl.base import FORGOTTEN, Clock, CrawlOptions, CrawlResult, FileOptions, HttpOptions, Source
from searchkit.crawl.files import is_gone, resources, whole_addresses
from searchkit.document import Resource
from searchkit.ingest import Backlog, Batch, IngestOptions, Outcome
from searchkit.parse.base import PROGRAM_SECONDS
from searchkit.store.base import lies_within
from searchkit.update.log import LOG, append_to_log, file_checksums, open_log
from searchkit.update.reports import RunReport, SourceReport

if TYPE_CHECKING:
    from searchkit.crawl.web.crawler import Crawler

_MAX_UNKNOWN_SHOWN = 5


class RunOptions(Struct, frozen=True, kw_only=True):
    """Options of a run. `contact` is sent in the User-Agent; `warc` is a folder for WARC files; `stdin` is read for the
    location `-`. `ocr` as in FileOptions. With `sinks` the run ends with the alerts. `clock` measures the waits of the
    crawler. After `max_seconds` nothing more is fetched from the web. `refetch` fetches all known pages again."""

    ingest: IngestOptions
    contact: str = ""
    warc: Path | None = None
    max_file_bytes: int = FileOptions().max_bytes
    ocr: bool = False
    stdin: BinaryIO | None = None
    sinks: SinkOptions | None = None
    http: HttpOptions = HttpOptions()
    clock: Clock = time
    max_seconds: float = CrawlOptions().max_seconds
    refetch: bool = False


class Reannotation(Struct, frozen=True, kw_only=True):
    """How many documents were re-annotated, which failed, and notes for the user."""

    count: int
    failed: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()


ProgressCallback = Callable[[str, int], None]
"""Called with the name of the current source (or empty) and the number of its results so far."""


def run(
    archive: Archive,
    sources: Iterable[Source],
    *,
    command: Literal["index", "update"],
    options: RunOptions,
    now: datetime,
    progress: ProgressCallback | None = None,
) -> RunReport:
    """Index what `sources` yield, re-annotate outdated documents, run the alerts, and write the log.

    Errors as `Archive.ingest`: then the log has no line, and committed documents are kept. A log that cannot be written
    raises before anything is done.
    """
    started, clock_start = time.monotonic(), options.clock.monotonic()
    report = RunReport(command=command, at=now, ocr=options.ocr)
    sources = list(sources)

    def current_time() -> datetime:
        return now + timedelta(seconds=options.clock.monotonic() - clock_start)

    log_path = archive.folder / LOG
    with archive.held(), ExitStack() as stack:
        log = open_log(log_path)
        stack.callback(os.close, log)
        crawler: Crawler | None = None
        if any(source.kind not in FILE_KINDS for source in sources):
            crawler = stack.enter_context(closing(_crawler(archive, options, current_time)))
        reading = _Reading(archive=archive, report=report, options=options, now=now, progress=progress)
        for source in sources:
            if source.kind in FILE_KINDS:
                reading.files(source)
        if crawler is not None:
            for some in crawler.in_rounds(source for source in sources if source.kind not in FILE_KINDS):
                reading.web(some, crawler)
        names = [source.name for source in sources]
        report.sources.sort(key=lambda source: names.index(source.name))
        reannotation = reannotate(archive, options=options.ingest, now=now, progress=progress)
        report.annotated_again = reannotation.count
        report.outcomes += reannotation.failed
        report.notes += reannotation.notes
        if options.sinks is not None:
            report.alerts = running.run(archive, options=options.sinks, now=current_time())
        report.files = file_checksums(archive.folder)
        report.seconds = time.monotonic() - started
        append_to_log(log, log_path, report)
        if crawler is not None:
            crawler.mark_reported()
    return report


def reannotate(
    archive: Archive,
    *,
    options: IngestOptions,
    now: datetime,
    follow: bool = True,
    progress: ProgressCallback | None = None,
) -> Reannotation:
    """Re-annotate documents of another version, or other aliases and watchlists. Errors and `follow` as
    `Archive.reannotate`."""
    if not archive.outdated():
        return Reannotation(count=0)
    count, failed = 0, []
    notes: list[str] = []
    for batch in archive.reannotate(options=options, now=now, follow=follow):
        failed += [outcome for outcome in batch.outcomes if outcome.status == "failed"]
        count += sum(outcome.status != "failed" for outcome in batch.outcomes)
        notes += batch.notes
        if progress:
            progress("again", count)
    unknown = unknown_documents(archive.folder, archive.store())
    notes += [f"aliases.toml: document not in the archive: {name}" for name in unknown[:_MAX_UNKNOWN_SHOWN]]
    if len(unknown) > _MAX_UNKNOWN_SHOWN:
        notes.append(f"aliases.toml: {len(unknown):,} documents are not in the archive")
    return Reannotation(count=count, failed=tuple(failed), notes=tuple(notes))


def _crawler(archive: Archive, options: RunOptions, now: Callable[[], datetime]) -> "Crawler":
    from searchkit.crawl.web.crawler import Crawler  # file sources need no HTTP

    crawl_options = CrawlOptions(
        http=replace(options.http, contact=options.contact),
        retry_failed=options.ingest.retry_failed,
        refetch=options.refetch,
        max_seconds=options.max_seconds,
        warc=options.warc,
        is_forgotten=Blocklist.load(archive.folder).__contains__,
        clock=options.clock,
    )
    databases = archive.databases
    return Crawler(archive.folder, crawl_options, now=now, frontier=databases.frontier, captures=databases.captures)


class _Tally(Struct, kw_only=True):
    """What arrived from a source so far, which of its places are available, and what became of the results."""

    source: Source
    places: set[str]
    counts: Counter[str] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    not_read: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    available: set[str] = field(default_factory=set)

    def note(self, result: CrawlResult, progress: ProgressCallback | None) -> None:
        """Note that a result arrived."""
        self.arrived += 1
        if progress:
            progress(self.source.name, self.arrived)
        if isinstance(result, Resource) and len(self.available) < len(self.places):
            self.available |= {place for place in self.places - self.available if lies_within(result.uri, place)}

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Add what became of results."""
        for outcome in outcomes:
            self.counts[outcome.status] += 1
            if outcome.reason:
                self.outcomes.append(outcome)


class _Reading(Struct, kw_only=True):
    """Reads sources into the archive, and adds the results to the report."""

    archive: Archive
    report: RunReport
    options: RunOptions
    now: datetime
    progress: ProgressCallback | None

    def files(self, source: Source) -> None:
        """Index a source of files."""
        limits = FileOptions(
            max_bytes=self.options.max_file_bytes,
            include=source.include,
            exclude=source.exclude,
            ocr=self.options.ocr,
            note_unread=self.report.unread.note,
        )
        unread_before = +self.report.unread.counts
        whole = whole_addresses(source.locations)
        tally = _Tally(source=source, places={*source.locations, *whole})
        defaults = {name: value for name in ("outlet", "language") if (value := getattr(source, name))}

        def found() -> Iterator[CrawlResult]:
            for result in resources(source.locations, limits, now=self.now, stdin=self.options.stdin):
                tally.note(result, self.progress)
                if isinstance(result, Resource):
                    result = replace(result, source=source.name, defaults={**result.defaults, **defaults})  # noqa: PLW2901
                yield result

        ingest = self._ingest_options([source], lambda _uri: source.name)
        if self.options.ocr:
            ingest = replace(ingest, limits=replace(ingest.limits, wall_seconds=2 * PROGRAM_SECONDS))
        gone = partial(is_gone, options=limits)
        for batch in self.archive.ingest(found(), options=ingest, now=self.now, complete_locations=whole, is_gone=gone):
            tally.add(batch.outcomes)
            self.report.add(batch)
        tally.not_read = self.report.unread.counts - unread_before
        self._finish(tally)

    def web(self, sources: Sequence[Source], crawler: "Crawler") -> None:
        """Fetch and index sources on the web at the same time."""
        tallies = {source.name: _Tally(source=source, places=set(source.locations)) for source in sources}
        backlog = Backlog(sources=len(sources), workers=self.options.ingest.workers)

        def found() -> Iterator[CrawlResult | None]:
            for result in crawler.steps(*sources, is_backlogged=backlog.is_full):
                if result is not None:
                    tallies[crawler.source_of(result.uri).name].note(result, self.progress)
                yield result

        def settled(batch: Batch) -> int:
            outcomes = [_settled(outcome, crawler) for outcome in batch.outcomes]
            kept = tuple(outcome for outcome in outcomes if outcome is not None)
            for outcome in kept:
                tallies[crawler.source_of(outcome.uri).name].add([outcome])
            self.report.add(replace(batch, outcomes=kept))
            return len(outcomes) - len(kept)

        ingest = self._ingest_options(sources, lambda uri: crawler.source_of(uri).name)
        fair = replace(ingest, backlog=backlog)
        if sum(map(settled, self.archive.ingest(found(), options=fair, now=self.now))):
            for batch in self.archive.ingest(crawler.unsettled(), options=ingest, now=self.now):
                settled(batch)
        for tally in tallies.values():
            self._finish(tally, cut_short=crawler.cut_short(tally.source))

    def _ingest_options(self, sources: Iterable[Source], source_of: Callable[[str], str]) -> IngestOptions:
        # Locations given on the command line are retried even if they are in quarantine.
        given = [place for source in sources if not source.name for place in source.locations]
        return replace(self.options.ingest, source_of=source_of, named=(*given, *whole_addresses(given)))

    def _finish(self, tally: _Tally, *, cut_short: str = "") -> None:
        """Record the run of a source that has a name, and tell the user if it was cut short."""
        source = tally.source
        # A source failed if one of its locations did; failures of its pages are failures of these pages only.
        places = tally.places - tally.available
        faults = (outcome.reason for outcome in tally.outcomes if outcome.uri in places and _is_fault(outcome, source))
        reason = next(faults, "")
        if source.kind == "urls" and not tally.counts:
            # Nothing was due, so the last failure persists.
            reason = next((record.last_reason for record in self.archive.sources() if record.source == source.name), "")
        if cut_short:
            self.report.notes.append(f"source {source.name}: {cut_short}" if source.name else cut_short)
        if source.name:
            self.archive.note_run(
                source.name,
                now=self.now,
                ok=not reason,
                reason=reason,
                description=source.description(),
                not_read=dict(tally.not_read),
            )
            self.report.sources.append(
                SourceReport(
                    name=source.name,
                    counts=dict(tally.counts),
                    not_read=dict(tally.not_read),
                    reason=reason,
                    cut_short=cut_short,
                )
            )


def _settled(outcome: Outcome, crawler: "Crawler") -> Outcome | None:
    """Tell the crawler what became of a page; return the outcome to report, None for a document that the archive has
    lost."""
    if outcome.lost:
        crawler.mark_lost(outcome.uri)
        return None
    unread = outcome.reason if outcome.status == "failed" or outcome.known else ""
    changed = outcome.status in {"added", "updated"}
    crawler.settle(outcome.uri, changed=changed, unread=unread, same=outcome.same or bool(outcome.variant_of))
    if outcome.variant_of:
        crawler.make_alias(outcome.uri, outcome.variant_of)
    if outcome.former:
        crawler.make_alias(outcome.former, outcome.uri)
    source = crawler.source_of(outcome.uri)
    if not source.name and outcome.uri in source.locations and _is_failure(outcome):
        # An address given on the command line is reported as failed even if it was reported before.
        return replace(outcome, status="failed", known=False)
    return outcome


def _is_failure(outcome: Outcome) -> bool:
    return outcome.status in {"failed", "skipped"} and not outcome.withheld and outcome.reason != FORGOTTEN


def _is_fault(outcome: Outcome, source: Source) -> bool:
    """Return whether the source failed with this location. A page of a list of addresses counts only when it is new; a
    feed or folder counts until it is available."""
    return _is_failure(outcome) and not (outcome.known and source.kind == "urls")

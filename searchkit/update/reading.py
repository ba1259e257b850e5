"""Read sources into an archive, and report what became of each resource."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.archive.blocklist import Blocklist
from searchkit.archive.databases import Databases
from searchkit.archive.writing import Writing
from searchkit.crawl.base import FORGOTTEN, Clock, CrawlOptions, CrawlResult, FileOptions, HttpOptions, Source
from searchkit.crawl.files import is_gone, resources, whole_addresses
from searchkit.ingest import Backlog, Batch, IngestOptions, Outcome
from searchkit.parse.base import PROGRAM_SECONDS
from searchkit.statements.document import Resource
from searchkit.store.base import lies_within
from searchkit.update.reports import RunReport, SourceReport

if TYPE_CHECKING:
    from searchkit.alerts.sinks import SinkOptions
    from searchkit.crawl.web.crawler import Crawler, Settling


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
    sinks: "SinkOptions | None" = None
    http: HttpOptions = HttpOptions()
    clock: Clock = time
    max_seconds: float = CrawlOptions().max_seconds
    refetch: bool = False


ProgressCallback = Callable[[str, int], None]
"""Called with the name of the current source (or empty) and the number of its results so far."""


def open_crawler(
    folder: Path,
    databases: Databases,
    options: RunOptions,
    *,
    now: Callable[[], datetime],
    claim_host: Callable[[str], bool] | None = None,
) -> "Crawler":
    """Return a crawler of the archive in `folder`. It has to be closed. `claim_host` as in CrawlOptions,
    errors as `Crawler`."""
    from searchkit.crawl.web.crawler import Crawler  # file sources need no HTTP

    crawl_options = CrawlOptions(
        http=replace(options.http, contact=options.contact),
        retry_failed=options.ingest.retry_failed,
        refetch=options.refetch,
        max_seconds=options.max_seconds,
        warc=options.warc,
        is_forgotten=Blocklist.load(folder).__contains__,
        clock=options.clock,
        claim_host=claim_host,
    )
    frontier, captures = databases.frontier, databases.captures
    return Crawler(folder, crawl_options, now=now, frontier=frontier, captures=captures)


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


class Reading(Struct, kw_only=True):
    """Reads sources into the archive, and adds the results to the report. `check` is called with each result, and may
    raise an error to end the reading. If pages are read by others (`fetches_only`), they are fetched only."""

    archive: Writing
    report: RunReport
    options: RunOptions
    now: datetime
    progress: ProgressCallback | None = None
    check: Callable[[], None] = lambda: None
    fetches_only: bool = False

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
                self.check()
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
                self.check()
                if result is not None:
                    tallies[crawler.source_of(result.uri).name].note(result, self.progress)
                yield None if self.fetches_only and isinstance(result, Resource) else result

        def add(batch: Batch) -> int:
            outcomes = [settled(outcome, crawler) for outcome in batch.outcomes]
            kept = tuple(outcome for outcome in outcomes if outcome is not None)
            for outcome in kept:
                tallies[crawler.source_of(outcome.uri).name].add([outcome])
            self.report.add(replace(batch, outcomes=kept))
            return len(outcomes) - len(kept)

        ingest = self._ingest_options(sources, lambda uri: crawler.source_of(uri).name)
        fair = replace(ingest, backlog=backlog)
        if sum(map(add, self.archive.ingest(found(), options=fair, now=self.now))) and not self.fetches_only:
            for batch in self.archive.ingest(crawler.unsettled(), options=ingest, now=self.now):
                add(batch)
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


def settled(outcome: Outcome, crawler: "Settling") -> Outcome | None:
    """Tell the crawler what became of a page; return the outcome to report, None for a document that the archive has
    lost."""
    if outcome.lost:
        crawler.mark_lost(outcome.uri)
        return None
    unread = outcome.reason if outcome.status == "failed" or outcome.known or outcome.shows_less else ""
    changed = outcome.status in {"added", "updated"}
    same = outcome.same or bool(outcome.variant_of)
    crawler.settle(outcome.uri, changed=changed, unread=unread, same=same, keep=outcome.shows_less)
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

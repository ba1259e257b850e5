"""Run over sources: fetch, index, re-annotate, run the alerts, and write one line to the archive's log `runs.jsonl`.

The archive is locked for the complete run. A source that fails is reported, not raised.
"""

import errno
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins
from msgspec.structs import replace

from searchkit.alerts import running
from searchkit.alerts.running import AlertsRecord, AlertsReport
from searchkit.alerts.sinks import SinkOptions
from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.config.sources import FILE_KINDS
from searchkit.crawl.base import FORGOTTEN, Clock, CrawlOptions, CrawlResult, FileOptions, HttpOptions, Source
from searchkit.crawl.files import is_gone, resources, whole_addresses
from searchkit.crawl.unread import NotRead, UnreadFiles
from searchkit.document import Resource
from searchkit.errors import ArchiveError, SearchkitError, StorageFull
from searchkit.ingest import Batch, IngestOptions, Outcome
from searchkit.parse.base import PROGRAM_SECONDS
from searchkit.records import Count
from searchkit.store.base import SourceCounts, lies_within
from searchkit.text import redacted

if TYPE_CHECKING:
    from searchkit.crawl.web.crawler import Crawler

LOG = "runs.jsonl"
STATUSES = ("added", "updated", "unchanged", "gone", "skipped", "failed")
# Names in the log, which reports on articles.
_LOGGED = {"added": "new", "updated": "changed"}
# Ten thousand failures every hour would fill the disk; `searchkit update --json` prints them all.
_MAX_LOGGED_REASONS = 20
# cron may start a job some seconds early; a daily source may be read half an hour earlier than the day before.
_EARLY = 0.05
_MAX_EARLY = timedelta(minutes=30)
_MAX_UNKNOWN_SHOWN = 5
# This much of the end of the log contains the last runs.
_TAIL_BYTES = 262_144


class RunOptions(Struct, frozen=True, kw_only=True):
    """Options of a run. `contact` is sent in the User-Agent; `warc` is a folder for WARC files; `stdin` is read for the
    location `-`. `ocr` as in FileOptions. With `sinks` the run ends with the alerts. `clock` measures the waits of the
    crawler."""

    ingest: IngestOptions
    contact: str = ""
    warc: Path | None = None
    max_file_bytes: int = FileOptions().max_bytes
    ocr: bool = False
    stdin: BinaryIO | None = None
    sinks: SinkOptions | None = None
    http: HttpOptions = HttpOptions()
    clock: Clock = time


class Reason(Struct, frozen=True, kw_only=True):
    """A resource, and why it failed, was skipped or is gone."""

    uri: str
    reason: str


class SourceRecord(Struct, frozen=True, kw_only=True):
    """What a run did with the documents of a source."""

    new: Count
    changed: Count
    unchanged: Count
    gone: Count
    skipped: Count
    failed: Count
    not_read: Annotated[dict[str, Count], Meta(description="Files that were passed over, by kind.")]
    reason: Annotated[str, Meta(description="Why the source could not be fetched; empty if it could.")]


_Logged = Annotated[tuple[Reason, ...], Meta(description="In runs.jsonl at most 20.")]


class RunRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.run/1"):
    """What a run did, in documents."""

    command: Literal["index", "update"]
    at: Annotated[str, Meta(description="When it began, ISO 8601 UTC.")]
    seconds: Annotated[float, Meta(ge=0)]
    new: Count
    changed: Count
    unchanged: Count
    gone: Count
    skipped: Count
    failed: Count
    statements: Annotated[Count, Meta(description="In the new and changed documents.")]
    annotated_again: Annotated[Count, Meta(description="Outdated documents that were re-annotated.")]
    ok: Annotated[bool | None, Meta(description="Whether every source could be fetched; null if none was due.")]
    sources: Annotated[dict[str, SourceRecord], Meta(description="By name.")]
    failures: _Logged
    gone_because: Annotated[_Logged, Meta(description="Documents whose source no longer has them, with the reason.")]
    withheld: Annotated[_Logged, Meta(description="Pages that did not replace a document, with the reason.")]
    not_read: Annotated[tuple[NotRead, ...], Meta(description="Files in folders and archives that were passed over.")]
    alerts: Annotated[
        AlertsRecord | UnsetType, Meta(description="What the alerts found; missing without alerts or after `index`.")
    ] = UNSET


class SourceReport(Struct, frozen=True, kw_only=True):
    """The results of one source: the number per status, the files it passed over by kind, and why it failed (empty if
    it did not)."""

    name: str
    counts: Mapping[str, int]
    not_read: Mapping[str, int]
    reason: str = ""


class RunReport(Struct, kw_only=True):
    """The results of a run so far. `statements` counts those of new or changed documents; `outcomes` are those with a
    reason; `notes` are for the user; `unread` are the files passed over, `ocr` as in
    RunOptions."""

    command: Literal["index", "update"]
    at: datetime
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    annotated_again: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: UnreadFiles = field(default_factory=UnreadFiles)
    ocr: bool = False
    sources: list[SourceReport] = field(default_factory=list)
    alerts: AlertsReport | None = None

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        written = {outcome.id for outcome in batch.outcomes if outcome.status in {"added", "updated"}}
        self.counts.update(outcome.status for outcome in batch.outcomes)
        self.statements += sum(len(document.quotes) for document in batch.changed if document.id in written)
        self.outcomes += [outcome for outcome in batch.outcomes if outcome.reason]
        self.notes += batch.notes

    def with_status(self, status: str) -> tuple[Outcome, ...]:
        """Return the outcomes with this status and a reason. Failures that an earlier run reported are `skipped`."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """New failures."""
        return self.with_status("failed")

    @property
    def ok(self) -> bool | None:
        """Return whether every source that was due succeeded; None if none was due."""
        if self.command == "update" and not self.sources:
            return None
        return not any(source.reason for source in self.sources)

    def record(self, *, max_reasons: int | None = None) -> "RunRecord":
        """Return the report for programs, with at most `max_reasons` reasons in each list."""
        withheld = [outcome for outcome in self.outcomes if outcome.withheld and not outcome.known]
        return RunRecord(
            command=self.command,
            at=self.at.isoformat(timespec="seconds"),
            seconds=round(self.seconds, 3),
            **_logged(self.counts),
            statements=self.statements,
            annotated_again=self.annotated_again,
            ok=self.ok,
            sources={
                source.name: SourceRecord(
                    **_logged(source.counts), not_read=dict(source.not_read), reason=redacted(source.reason)
                )
                for source in self.sources
            },
            failures=reasons(self.failed[:max_reasons]),
            gone_because=reasons(self.with_status("gone")[:max_reasons]),
            withheld=reasons(withheld[:max_reasons]),
            not_read=self.unread.records(),
            alerts=UNSET if self.alerts is None else self.alerts.record(),
        )


def reasons(outcomes: Iterable[Outcome]) -> tuple[Reason, ...]:
    """Return the address and reason of each outcome, without secrets."""
    return tuple(Reason(uri=redacted(one.uri), reason=redacted(one.reason)) for one in outcomes)


def _logged(counts: Mapping[str, int]) -> dict[str, int]:
    return {_LOGGED.get(status, status): counts.get(status, 0) for status in STATUSES}


def due(sources: Iterable[Source], known: Iterable[SourceCounts], now: datetime) -> tuple[Source, ...]:
    """Return the sources whose interval has passed, whose last run failed, or whose settings changed."""
    counts = {record.source: record for record in known}

    def is_due(source: Source) -> bool:
        at = due_at(source, counts.get(source.name))
        # A last run in the future was recorded by a wrong clock.
        return at is None or at - source.every > now or now >= at - min(source.every * _EARLY, _MAX_EARLY)

    return tuple(source for source in sources if is_due(source))


def due_at(source: Source, known: SourceCounts | None) -> datetime | None:
    """Return when a source is due; None for at once: it never ran, its last run failed, or its settings changed."""
    if known is None or not known.last_run or known.last_reason:
        return None
    if known.description not in {"", source.description()}:
        return None
    return datetime.fromisoformat(known.last_run) + source.every


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
        log = _open_log(log_path)
        stack.callback(os.close, log)
        crawler: Crawler | None = None
        if any(source.kind not in FILE_KINDS for source in sources):
            crawler = stack.enter_context(closing(_crawler(archive.folder, options, current_time)))
        for source in sources:
            _run_source(archive, source, crawler, report, options, now, progress)
        reannotation = reannotate(archive, options=options.ingest, now=now, progress=progress)
        report.annotated_again = reannotation.count
        report.outcomes += reannotation.failed
        report.notes += reannotation.notes
        if options.sinks is not None:
            report.alerts = running.run(archive, options=options.sinks, now=current_time())
        report.seconds = time.monotonic() - started
        _append_to_log(log, log_path, report)
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
    for batch in archive.reannotate(options=options, now=now, follow=follow):
        failed += [outcome for outcome in batch.outcomes if outcome.status == "failed"]
        count += sum(outcome.status != "failed" for outcome in batch.outcomes)
        if progress:
            progress("again", count)
    unknown = archive.unknown_documents()
    notes = [f"aliases.toml: document not in the archive: {name}" for name in unknown[:_MAX_UNKNOWN_SHOWN]]
    if len(unknown) > _MAX_UNKNOWN_SHOWN:
        notes.append(f"aliases.toml: {len(unknown):,} documents are not in the archive")
    return Reannotation(count=count, failed=tuple(failed), notes=tuple(notes))


def last_success(folder: Path) -> datetime | None:
    """Return when the last successful update of the archive in `folder` was made; None for never.

    A failed source is due again in the next run, so a run without due sources is successful.
    """
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            entry = json.loads(line)
            if entry["command"] == "update" and entry["ok"] is not False:
                return datetime.fromisoformat(entry["at"])
        except (ValueError, KeyError, TypeError):  # a truncated line
            continue
    return None


def _crawler(folder: Path, options: RunOptions, now: Callable[[], datetime]) -> "Crawler":
    from searchkit.crawl.web.crawler import Crawler  # file sources need no HTTP

    crawl_options = CrawlOptions(
        http=replace(options.http, contact=options.contact),
        retry_failed=options.ingest.retry_failed,
        warc=options.warc,
        is_forgotten=Blocklist.load(folder).__contains__,
        clock=options.clock,
    )
    return Crawler(folder, crawl_options, now=now)


def _run_source(
    archive: Archive,
    source: Source,
    crawler: "Crawler | None",
    report: RunReport,
    options: RunOptions,
    now: datetime,
    progress: ProgressCallback | None,
) -> None:
    """Fetch and index one source; record the result if it has a name."""
    counts_before, first_outcome, unread_before = Counter(report.counts), len(report.outcomes), +report.unread.counts
    # Locations given on the command line are retried even if they are in quarantine.
    by_hand = () if source.name else (*source.locations, *whole_addresses(source.locations))
    ingest = replace(options.ingest, source=source.name, named=by_hand)
    if options.ocr:
        ingest = replace(ingest, limits=replace(ingest.limits, wall_seconds=2 * PROGRAM_SECONDS))
    limits = FileOptions(
        max_bytes=options.max_file_bytes,
        include=source.include,
        exclude=source.exclude,
        ocr=options.ocr,
        note_unread=report.unread.note,
    )
    crawler = None if source.kind in FILE_KINDS else crawler
    results = _read_files(source, limits, options, now) if crawler is None else crawler.run(source)
    whole = whole_addresses(source.locations) if crawler is None else ()
    available: set[str] = set()
    batches = archive.ingest(
        _watch(results, source, whole, available, progress),
        options=ingest,
        now=now,
        complete_locations=whole,
        is_gone=partial(is_gone, options=limits),
    )
    lost = 0
    for batch in batches:
        lost += _add(report, batch, source, crawler)
    if crawler is not None and lost:
        for batch in archive.ingest(crawler.unsettled(), options=ingest, now=now):
            _add(report, batch, source, crawler)
    # A source failed if one of its locations did; failures of its pages are failures of these pages only.
    places = {*source.locations, *whole} - available
    outcomes = report.outcomes[first_outcome:]
    reason = next((outcome.reason for outcome in outcomes if outcome.uri in places and _is_fault(outcome, source)), "")
    if source.kind == "urls" and report.counts == counts_before:
        # Nothing was due, so the last failure persists.
        reason = next((record.last_reason for record in archive.sources() if record.source == source.name), "")
    if source.name:
        not_read = dict(report.unread.counts - unread_before)
        archive.note_run(
            source.name,
            now=now,
            ok=not reason,
            reason=reason,
            description=source.description(),
            not_read=not_read,
        )
        counts = dict(report.counts - counts_before)
        report.sources.append(SourceReport(name=source.name, counts=counts, not_read=not_read, reason=reason))


def _add(report: RunReport, batch: Batch, source: Source, crawler: "Crawler | None") -> int:
    """Add a batch to the report and settle its pages; return how many documents the archive has lost."""
    lost = 0
    outcomes = []
    for outcome in batch.outcomes:
        if crawler is not None and outcome.lost:
            crawler.mark_lost(outcome.uri)
            lost += 1
            continue
        if crawler is not None:
            unread = outcome.reason if outcome.status == "failed" or outcome.known else ""
            changed = outcome.status in {"added", "updated"}
            crawler.settle(outcome.uri, changed=changed, unread=unread, same=outcome.same)
            if not source.name and outcome.uri in source.locations and _is_failure(outcome):
                # An address given on the command line is reported as failed even if it was reported before.
                outcome = replace(outcome, status="failed", known=False)  # noqa: PLW2901
        outcomes.append(outcome)
    report.add(replace(batch, outcomes=tuple(outcomes)))
    return lost


def _is_failure(outcome: Outcome) -> bool:
    return outcome.status in {"failed", "skipped"} and not outcome.withheld and outcome.reason != FORGOTTEN


def _is_fault(outcome: Outcome, source: Source) -> bool:
    """Return whether the source failed with this location. A page of a list of addresses counts only when it is new; a
    feed or folder counts until it is available."""
    return _is_failure(outcome) and not (outcome.known and source.kind == "urls")


def _read_files(source: Source, limits: FileOptions, options: RunOptions, now: datetime) -> Iterator[CrawlResult]:
    """Yield the documents in files, with the outlet and language of the source."""
    defaults = {name: value for name in ("outlet", "language") if (value := getattr(source, name))}
    for result in resources(source.locations, limits, now=now, stdin=options.stdin):
        if isinstance(result, Resource):
            yield replace(result, source=source.name, defaults={**result.defaults, **defaults})
        else:
            yield result


def _watch(
    results: Iterator[CrawlResult],
    source: Source,
    places: Iterable[str],
    available: set[str],
    progress: ProgressCallback | None,
) -> Iterator[CrawlResult]:
    """Yield the results; report progress, and add to `available` those of the `places` that yielded a resource."""
    left = set(places)
    for count, result in enumerate(results, 1):
        if progress:
            progress(source.name, count)
        if left and isinstance(result, Resource):
            within = {place for place in left if lies_within(result.uri, place)}
            left -= within
            available |= within
        yield result


def _open_log(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _log_error(error, path) from error


def _append_to_log(descriptor: int, path: Path, report: RunReport) -> None:
    """Append one line in one write; a line that a power cut truncated stays a line of its own."""
    line = json.dumps(to_builtins(report.record(max_reasons=_MAX_LOGGED_REASONS)), ensure_ascii=True) + "\n"
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = f"\n{line}"
        os.write(descriptor, line.encode("ascii"))
        os.fsync(descriptor)
    except OSError as error:
        raise _log_error(error, path) from error


def _log_error(error: OSError, path: Path) -> SearchkitError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFull(f"No space left to write {path}.", hint="Free some space; documents are kept.")
    reason = (error.strerror or "unknown error").lower()
    return ArchiveError(f"The log {path} cannot be written: {reason}.", hint="Check its permissions, or move it away.")

"""Run over sources: fetch, index, re-annotate, run the alerts, and write one line to the archive's log `runs.jsonl`.

The archive is locked for the complete run: what the crawler has recorded must agree with what the store has, and only
the lock shows that a request under way belongs to a run that was killed. Because the lock is held while servers answer,
the time of a run is limited. Sources on the web are fetched at the same time. A source that fails is reported, not
raised.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, to_builtins

from searchkit.archive import Archive
from searchkit.archive.folder import Finding, user_files
from searchkit.archive.histories_sync import failed_views
from searchkit.archive.status import unknown_documents
from searchkit.archive.writing import Writing
from searchkit.crawl.base import FILE_KINDS, Source
from searchkit.files import parse_json, storage_errors
from searchkit.ingest import IngestOptions, Outcome
from searchkit.loading import load
from searchkit.update.reading import ProgressCallback, Reading, RunOptions, open_crawler
from searchkit.update.reports import RunReport

if TYPE_CHECKING:
    from searchkit.crawl.web.crawler import Crawler


LOG = "runs.jsonl"
# Ten thousand failures every hour would fill the disk; `searchkit update --json` prints them all.
_MAX_LOGGED_REASONS = 20
# This much of the end of the log contains the last runs.
_TAIL_BYTES = 262_144


def last_success(folder: Path) -> datetime | None:
    """Return when the last successful update of the archive in `folder` was made; None for never.

    A failed source is due again in the next run, so a run without due sources is successful.
    """
    last = _last(folder, lambda entry: entry["command"] == "update" and entry["ok"] is not False)
    return None if last is None else datetime.fromisoformat(last["at"])


def _last(folder: Path, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Return the last entry of the log that is wanted."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = log.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            entry: dict[str, Any] = parse_json(line)
            datetime.fromisoformat(entry["at"])
            if is_wanted(entry):
                return entry
        except (ValueError, KeyError, TypeError):  # a truncated line
            continue
    return None


def file_checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of each file of the archive that users write themselves."""
    found = {}
    for name, path in user_files(folder):
        with suppress(OSError), path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def findings(folder: Path) -> Iterator[Finding]:
    """Yield a note for each file of the users that has changed since the last run. An edit is not damage, and searchkit
    cannot distinguish it from a flipped bit."""
    last = _last(folder, lambda entry: isinstance(entry["files"], dict))
    if last is None:
        return
    for name, checksum in file_checksums(folder).items():
        if last["files"].get(name, checksum) != checksum:
            yield Finding(
                where=name,
                what=f"has changed since the last run ({last['at']})",
                do="nothing to do if you edited it",
                damage=False,
            )


def open_log(path: Path) -> int:
    """Open the log for appending; return its descriptor. ArchiveError or StorageFull if that is not possible."""
    with storage_errors(path, hint_end="; documents are kept."):
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def append_to_log(descriptor: int, path: Path, report: RunReport) -> None:
    """Append one line in one write; a line that a power cut truncated stays a line of its own."""
    line = json.dumps(to_builtins(report.record(max_reasons=_MAX_LOGGED_REASONS)), ensure_ascii=True) + "\n"
    with storage_errors(path, hint_end="; documents are kept."):
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = f"\n{line}"
        os.write(descriptor, line.encode("ascii"))
        os.fsync(descriptor)


_MAX_UNKNOWN_SHOWN = 5


class Reannotation(Struct, frozen=True, kw_only=True):
    """How many documents were re-annotated, which failed, and notes for the user."""

    count: int
    failed: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()


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

    Errors as `Writing.ingest`; ArchiveLocked if workers fetch pages, and so would this run. Then the log has no line,
    and committed documents are kept. A log that cannot be written raises before anything is done.
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
            archive.databases.refuse_workers()
            crawler = open_crawler(archive.folder, archive.databases, options, now=current_time)
            stack.callback(crawler.close)
        reading = Reading(archive=Writing(archive), report=report, options=options, now=now, progress=progress)
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
            run_alerts = load("searchkit.alerts.running:run")
            report.alerts = run_alerts(archive, options=options.sinks, now=current_time())
        report.failed_views, _ = failed_views(archive.folder)
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
    `Writing.reannotate`."""
    if not archive.outdated():
        # A migrated store may need another index.
        return Reannotation(count=0, notes=archive.catch_up() if follow and not archive.is_empty else ())
    count, failed = 0, []
    notes: list[str] = []
    for batch in Writing(archive).reannotate(options=options, now=now, follow=follow):
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

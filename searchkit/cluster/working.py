"""A worker: one of any number of processes, on any number of machines, that keep an archive in PostgreSQL up to date.

It claims (postgres/claims.py) sources that are due, fetches their pages from hosts that no other worker asks, and reads
pages that any worker fetched. A worker that dies, or is silent for longer than its lease, loses its claims:
others take them over, and it cannot commit any more. What it had not committed is done again.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any, cast

from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.databases import Databases
from searchkit.archive.writing import Writing
from searchkit.cluster.postgres import claims
from searchkit.cluster.postgres.connection import PostgresConnection
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.crawl.base import FILE_KINDS, CrawlResult, Source, digest_of
from searchkit.crawl.web.addresses import canonical_or_empty, host_of
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.crawler import FetchedPages
from searchkit.crawl.web.frontier import Frontier
from searchkit.errors import ArchiveLocked, SearchkitError, TryAgain
from searchkit.ingest import Batch, IngestOptions, ingest
from searchkit.names import folder as names_folder
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.store.sources import SourceCounts
from searchkit.update.health import due
from searchkit.update.reading import Reading, RunOptions, open_crawler, settled
from searchkit.update.reports import RunReport
from searchkit.update.running import LOG, append_to_log, file_checksums, open_log
from searchkit.version import __version__

# How many sources a worker takes at once, so that others get some, and pages, so that few are read again after a kill.
_SOURCES_AT_ONCE = 8
_PAGES_AT_ONCE = 48
# How often a worker without work looks for some. After errors in a row it waits longer each time.
_POLL_SECONDS = 2.0
_MOST_POLL_SECONDS = 60.0
# A source that failed is fetched again after its interval, or after this time if that is shorter.
_RETRY = timedelta(minutes=10)
# Names and processes that read are loaded again after so long, or after so long without a page.
_READ_SECONDS = 300.0
_IDLE_SECONDS = 5.0
_BATCH_SECONDS = 2.0


class Worker:
    """A worker for an archive and its sources. `on_report` is called with each report, `on_trouble` with the error when
    something has to be tried again; both may be called by two threads.

    Raises UsageError if the store is not shared."""

    def __init__(
        self,
        archive: Archive,
        sources: Iterable[Source],
        options: RunOptions,
        *,
        lease: float,
        on_report: Callable[[RunReport], None],
        on_trouble: Callable[[SearchkitError], None],
    ) -> None:
        archive.databases.refuse_unshared()
        self._archive = archive
        self._sources = {source.name: source for source in sources}
        self._options = options
        self._lease = lease
        self._on_report = on_report
        self._on_trouble = on_trouble
        self._stopped = Event()
        self._number = 0
        settings = repr(sorted(map(repr, self._sources.values())))
        self._names = f"{names_folder.version(archive.folder)} {digest_of(settings.encode())[:16]}"
        self._doing: dict[str, str] = {}
        self._pages = 0
        self._fault: BaseException | None = None

    def stop(self) -> None:
        """Let `run` end: what is being read is stored, nothing more is fetched."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def run(self) -> None:
        """Work until `stop`; wait while another process writes. Raises what `register` raises, and errors that trying
        again does not end; ConfigError if the folder of captures is not that of the other workers."""
        databases = self._archive.databases
        databases.open_store(writable=True).close()
        Frontier(databases.frontier).close()
        databases.check_captures()
        Captures(databases.captures).sweep()
        with closing(self._connected(0)) as connection:
            while not self._number:
                try:
                    self._register(connection)
                except ArchiveLocked as error:
                    self._on_trouble(error)
                    if self._stopped.wait(_POLL_SECONDS):
                        return
        fetch = partial(self._repeated, "fetch", self._fetch)
        threads = [Thread(target=self._guarded, args=(step,)) for step in (self._live, fetch)]
        for thread in threads:
            thread.start()
        try:
            self._guarded(partial(self._repeated, "read", self._read_pages, self._read_files))
        finally:
            self.stop()
            for thread in threads:
                thread.join()
            with suppress(SearchkitError), closing(self._connected(0)) as connection:
                claims.leave(connection, self._number)  # otherwise its lease ends
        if self._fault is not None:
            raise self._fault

    def _guarded(self, work: Callable[[], None]) -> None:
        """Work in a thread; end all of them after an error."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - `run` raises it
            self._fault = self._fault or error
            self.stop()

    def _connected(self, number: int) -> PostgresConnection:
        """Return a connection to the claims, with the number of the worker, or 0."""
        database = cast(PostgresDatabase, self._archive.databases.as_worker(number).claims)
        return database.connect(writable=True)

    # --- the lease ---------------------------------------------------------------------------------------------------

    def _register(self, connection: PostgresConnection) -> None:
        version = f"{__version__}/{EXTRACTOR_VERSION}"
        name = f"process {os.getpid()} on {os.uname().nodename}"
        self._number = claims.register(connection, name, version=version, names=self._names, lease=self._lease)

    def _live(self) -> None:
        """Renew the lease until the worker stops; become another worker if it was lost."""
        connection: PostgresConnection | None = None
        pause, before = self._lease / 4, 0
        while not self._stopped.wait(pause):
            try:
                connection = connection or self._connected(0)
                doing = ", ".join(self._doing.values()) or "waits for work"
                pages, rate = self._pages, (self._pages - before) / pause
                if not claims.renew(connection, self._number, lease=self._lease, doing=doing, pages=pages, rate=rate):
                    self._register(connection)
                before = pages
            except TryAgain as error:
                self._on_trouble(error)
                if connection is not None:
                    connection.close()
                connection = None
        if connection is not None:
            connection.close()

    # --- steps -------------------------------------------------------------------------------------------------------

    def _repeated(self, what: str, *steps: Callable[[int], bool]) -> None:
        """Repeat steps until the worker stops; wait when none has anything to do."""
        pause = _POLL_SECONDS
        while not self._stopped.is_set():
            has_worked = False
            for step in steps:
                try:
                    has_worked |= step(self._number)
                    pause = _POLL_SECONDS
                except TryAgain as error:
                    if not self._stopped.is_set():
                        self._on_trouble(error)
                        self._stopped.wait(pause)
                        pause = min(2 * pause, _MOST_POLL_SECONDS)
                finally:
                    self._doing.pop(what, None)
            if not has_worked:
                self._stopped.wait(_POLL_SECONDS)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise TryAgain("The worker stops.", hint="Another one goes on.")

    def _reading(self, number: int, *, fetches_only: bool = False) -> Reading:
        now = datetime.now(UTC)
        target = _SharedStore(self._archive, self._archive.databases.as_worker(number))
        report = RunReport(command="work", at=now, ocr=self._options.ocr)
        return Reading(
            archive=target, report=report, options=self._options, now=now, check=self._check, fetches_only=fetches_only
        )

    def _reported(self, report: RunReport, begun: float) -> None:
        """Write a report to the log, and pass it on."""
        if not report.counts and not report.sources:
            return
        path = self._archive.folder / LOG
        report.files = file_checksums(self._archive.folder)
        report.seconds = time.monotonic() - begun
        log = open_log(path)
        try:
            append_to_log(log, path, report)
        finally:
            os.close(log)
        self._on_report(report)

    # --- sources -----------------------------------------------------------------------------------------------------

    def _fetch(self, number: int) -> bool:
        """Fetch the pages of some sources that are due; return whether there were any."""
        begun = time.monotonic()
        reading = self._reading(number, fetches_only=True)
        candidates = [source for source in self._sources.values() if source.kind not in FILE_KINDS]
        with self._claimed(number, reading, candidates, _SOURCES_AT_ONCE) as (chosen, claim_host):
            if not chosen:
                return False
            self._doing["fetch"] = f"fetches {_listed(chosen)}"
            databases = self._archive.databases.as_worker(number)
            crawler = open_crawler(
                self._archive.folder, databases, self._options, now=lambda: datetime.now(UTC), claim_host=claim_host
            )
            with closing(crawler):
                for some in crawler.in_rounds(chosen):
                    reading.web(some, crawler)
                self._reported(reading.report, begun)
                crawler.mark_reported()
        return True

    def _read_files(self, number: int) -> bool:
        """Read a source of files that is due and that this machine has; return whether there was one."""
        begun = time.monotonic()
        reading = self._reading(number)
        candidates = [source for source in self._sources.values() if source.kind in FILE_KINDS]
        # Those that this machine has; the paths as they are written.
        candidates = [source for source in candidates if any(map(os.path.exists, source.locations))]
        with self._claimed(number, reading, candidates, 1) as (chosen, _):
            for source in chosen:
                self._doing["read"] = f"reads {source.name}"
                reading.files(source)
                self._reported(reading.report, begun)
        return bool(chosen)

    @contextmanager
    def _claimed(
        self, number: int, reading: Reading, candidates: Sequence[Source], most: int
    ) -> Iterator[tuple[list[Source], Callable[[str], bool]]]:
        """Claim some of the candidates that are due, each with a host, for the block. Yield them, and what claims
        another host until its end."""
        wanted = _due(candidates, reading)
        if not wanted:
            yield [], lambda _host: False
            return
        with closing(self._connected(number)) as connection:

            def claim_host(name: str) -> bool:
                is_ours = bool(claims.claim(connection, number, "host", [name]))
                connection.commit()
                return is_ours

            chosen: list[Source] = []
            for source in wanted:
                if len(chosen) < most and claims.claim(connection, number, "source", [source.name]):
                    hosts = _hosts(source)
                    if not hosts or claims.claim(connection, number, "host", hosts):
                        chosen.append(source)
                    else:
                        claims.release(connection, number, "source", [source.name])
            connection.commit()
            try:
                # Another worker may have fetched a source just before it was claimed.
                yield _due(chosen, reading), claim_host
            finally:
                connection.rollback()
                claims.release(connection, number, "source", [source.name for source in chosen])
                if any(source.kind not in FILE_KINDS for source in chosen):  # hosts belong to sources on the web
                    claims.release(connection, number, "host")
                connection.commit()

    # --- pages -------------------------------------------------------------------------------------------------------

    def _read_pages(self, number: int) -> bool:
        """Read fetched pages until there are none for some seconds; return whether there were any."""
        begun = time.monotonic()
        reading = self._reading(number)
        databases = self._archive.databases.as_worker(number)
        under_way: set[str] = set()
        with closing(Frontier(databases.frontier)) as frontier:
            connection = cast(PostgresConnection, frontier.connection)
            pages = FetchedPages(frontier, Captures(databases.captures), self._sources, reading.now)
            claims.release(connection, number, "page")  # after an error
            frontier.commit()

            def release(done: Iterable[str]) -> None:
                claims.release(connection, number, "page", [*done])
                frontier.commit()

            def claimed() -> tuple[dict[str, int], bool]:
                """Claim pages; return them, and whether they are read alone."""
                suspect = {} if under_way else claims.claim_suspect(connection, number)
                return suspect or claims.claim_pages(connection, number, _PAGES_AT_ONCE), bool(suspect)

            # Before names, rules and worker processes are loaded.
            first = claimed()
            if not first[0]:
                return False

            def found() -> Iterator[CrawlResult | None]:
                last = time.monotonic()
                taken, is_alone = first
                while True:
                    for uri, tries in taken.items():
                        result = pages.take(uri, tries)
                        if result is None:
                            release([uri])
                            continue
                        self._doing["read"] = "reads pages"
                        under_way.add(uri)
                        yield result
                    if is_alone or self._stopped.is_set() or time.monotonic() - begun >= _READ_SECONDS:
                        return
                    if taken:
                        last = time.monotonic()
                    elif time.monotonic() - last > _IDLE_SECONDS and not under_way:
                        return
                    else:
                        time.sleep(0.1)
                        yield None
                    taken, is_alone = claimed()

            ingest_options = replace(self._options.ingest, source_of=lambda uri: pages.source_of(uri).name)
            for batch in reading.archive.ingest(found(), options=ingest_options, now=reading.now):
                kept = tuple(one for outcome in batch.outcomes if (one := settled(outcome, pages)) is not None)
                done = {outcome.uri for outcome in batch.outcomes} & under_way
                release(done)
                under_way -= done
                self._pages += len(done)
                reading.report.add(replace(batch, outcomes=kept))
        self._reported(reading.report, begun)
        return bool(reading.report.counts)


class _SharedStore(Writing):
    """The store of an archive, written by a worker. Its index is not written: each reader follows the store."""

    def __init__(self, archive: Archive, databases: Databases) -> None:
        super().__init__(archive)
        self._databases = databases

    def ingest(self, found: Iterable[CrawlResult | None], *, options: IngestOptions, **how: Any) -> Iterator[Batch]:
        """Do the same as `Writing.ingest`."""
        options = replace(
            options,
            register=self._archive.register(),
            is_forgotten=Blocklist.load(self._archive.folder).__contains__,
            batch_seconds=_BATCH_SECONDS,
            is_shared=True,
        )
        with closing(self._databases.open_store(writable=True)) as store:
            yield from ingest(found, store, options=options, **how)

    def sources(self) -> tuple[SourceCounts, ...]:
        with closing(self._databases.open_store(writable=True)) as store:
            return store.runs.counts()

    def note_run(self, source: str, *, now: datetime, **result: Any) -> None:
        with closing(self._databases.open_store(writable=True)) as store:
            store.runs.note(source, now.isoformat(timespec="seconds"), **result)
            store.commit()


def _due(sources: Sequence[Source], reading: Reading) -> list[Source]:
    """Return the sources that are due, those first that were not fetched for the longest time."""
    if not sources:
        return []
    known = {counts.source: counts for counts in reading.archive.sources()}

    def may_try(source: Source) -> bool:
        last = known.get(source.name)
        if last is None or not (last.last_run and last.last_reason):
            return True
        return reading.now >= datetime.fromisoformat(last.last_run) + min(source.every, _RETRY)

    wanted = filter(may_try, due(sources, known.values(), reading.now))
    return sorted(wanted, key=lambda source: known[source.name].last_run if source.name in known else "")


def _hosts(source: Source) -> list[str]:
    if source.kind in FILE_KINDS:
        return []
    return sorted({host_of(url) for location in source.locations if (url := canonical_or_empty(location))})


def _listed(sources: Sequence[Source]) -> str:
    names = ", ".join(source.name for source in sources[:3])
    return f"{names} and {len(sources) - 3} more" if sources[3:] else names

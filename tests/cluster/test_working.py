"""Workers on one PostgreSQL: they share the sources, the hosts and the pages."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.archive.checking import findings
from searchkit.archive.erasure import find_targets, forget, make_plan
from searchkit.cluster.working import Worker
from searchkit.crawl.base import Source
from searchkit.errors import ArchiveLocked, ConfigError, SearchkitError, TryAgain, UsageError
from searchkit.statements.document import document_id
from searchkit.store.base import Shared, WorkRecord
from searchkit.update.reports import RunReport
from searchkit.update.running import run
from tests.conftest import SEEDS
from tests.crawl.web.site import Site
from tests.faults.workers import worker_faults
from tests.test_update import NOW, OPTIONS, feed, ledger, story

pytestmark = pytest.mark.cluster
_PAGES = 24


class Desk:
    """Workers in threads, each with an archive of its own."""

    def __init__(self, folder: Path, store_url: str, *sources: Source) -> None:
        self.shared = Shared(store=store_url, captures=str(folder / "captures"))
        self._folder = folder
        self._sources = sources
        self.reports: list[RunReport] = []
        self.troubles: list[SearchkitError] = []
        self._workers: list[tuple[Worker, threading.Thread]] = []

    def archive(self, name: str = "reader") -> Archive:
        return Archive.create(self._folder / name, shared=self.shared)

    def worker(self, archive: Archive) -> Worker:
        return Worker(
            archive, self._sources, OPTIONS, lease=5, on_report=self.reports.append, on_trouble=self.troubles.append
        )

    def start(self, name: str) -> None:
        archive = self.archive(name)
        worker = self.worker(archive)
        thread = threading.Thread(target=self._run, args=(worker, archive))
        thread.start()
        self._workers.append((worker, thread))

    @staticmethod
    def _run(worker: Worker, archive: Archive) -> None:
        with archive:
            worker.run()

    def stop(self) -> None:
        for worker, _ in self._workers:
            worker.stop()
        for _, thread in self._workers:
            thread.join()

    def work(self) -> WorkRecord:
        with self.archive() as archive:
            report = archive.databases.work_report()
        return report or WorkRecord(workers=(), unread=0, claimed=0, sources={}, hosts={})

    def documents(self) -> int:
        with self.archive() as archive:
            return 0 if archive.is_empty else archive.store().counts("").documents


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def news(site: Site) -> Site:
    """A feed whose articles differ in more than a number."""
    words = "barge crane ferry gantry hawser jetty lantern mooring pilot quay rudder tug".split()
    paths = [f"/{number}.html" for number in range(_PAGES)]
    for number, path in enumerate(paths):
        what = " and ".join(f"{word} {number}" for word in words[number % 6 : number % 6 + 6])
        site.page(path, story(f"The {words[number % 12]} of {number}", what))
    site.page("/feed.xml", feed(site, *paths), media_type="application/rss+xml")
    return site


@pytest.mark.slow
def test_workers_do_what_one_run_does(news: Site, store_url: str, tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    files = Source(name="files", kind="folder", locations=(str(tmp_path / "seeds"),))
    elsewhere = replace(files, name="elsewhere", locations=(str(tmp_path / "not-mounted-here"),))
    with Archive.create(tmp_path / "one") as alone:
        run(alone, [ledger(news), files], command="update", options=OPTIONS, now=NOW)
        expected = list(alone.store().ids())
    news.requests.clear()
    desk = Desk(tmp_path, store_url, ledger(news), files, elsewhere)
    for name in ("first", "second"):
        desk.start(name)
    wait_for(lambda: desk.documents() == len(expected) and not desk.work().claimed)
    work = desk.work()
    assert len(work.workers) == 2
    assert sum(worker.pages for worker in work.workers) <= _PAGES
    assert work.unread == 0
    desk.stop()
    assert not desk.troubles
    assert sum(report.counts["added"] for report in desk.reports) == len(expected)
    assert sorted(request.path for request in news.received()) == sorted(
        ["/robots.txt", "/feed.xml", *(f"/{number}.html" for number in range(_PAGES))]
    )
    with desk.archive() as archive:
        archive.catch_up()
        assert list(archive.store().ids()) == expected
        assert archive.index.counts()["document"] == len(expected)
        assert {source.source for source in archive.sources()} >= {"ledger", "files"}
        assert desk.work().workers == ()
        assert list(findings(archive.folder, full=True)) == []


@pytest.mark.slow
def test_what_waits_for_workers_to_end(news: Site, store_url: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path, store_url, ledger(news))
    desk.start("first")
    wait_for(lambda: desk.documents() == _PAGES)
    with desk.archive() as archive:
        archive.catch_up()
        with pytest.raises(ArchiveLocked, match="fetches pages for this archive"):
            run(archive, [ledger(news)], command="update", options=OPTIONS, now=NOW)
        with archive.held(10):
            targets, _ = find_targets(archive, [document_id(news.url("/0.html"))], copies=False)
            with pytest.raises(ArchiveLocked, match="Stop all workers first"):
                forget(archive, make_plan(archive, targets), now=NOW)
        report = run(archive, [_seeds()], command="index", options=OPTIONS, now=NOW)  # between two commits of workers
        assert report.counts["added"] > 20
        desk.stop()
        with archive.held(10):
            assert forget(archive, make_plan(archive, targets), now=NOW).documents == 1
        assert run(archive, [ledger(news)], command="update", options=OPTIONS, now=NOW).ok


@pytest.mark.slow
def test_sources_that_fail_do_not_stop_others(news: Site, store_url: str, tmp_path: Path) -> None:
    dead = [
        Source(name=f"dead{n}", kind="feed", locations=(f"http://127.0.0.{n}:9/",), allow_hosts=(f"127.0.0.{n}",))
        for n in range(10, 20)
    ]
    desk = Desk(tmp_path, store_url, *dead, ledger(news))
    desk.start("first")
    wait_for(lambda: desk.documents() == _PAGES)
    time.sleep(5)
    desk.stop()
    failed = [source.name for report in desk.reports for source in report.sources if source.reason]
    assert sorted(failed) == sorted(source.name for source in dead), "each is tried once"


def test_workers_that_differ_are_refused(site: Site, store_url: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path, store_url, ledger(site))
    desk.start("first")
    wait_for(lambda: desk.work().workers != ())
    other = Desk(tmp_path / "other", store_url, replace(ledger(site), outlet=""))
    elsewhere = pytest.raises(ConfigError, match="not the one in which other machines keep the captures")
    with other.archive() as archive, elsewhere:
        other.worker(archive).run()
    other.shared = desk.shared
    differs = pytest.raises(TryAgain, match="other sources, aliases or watchlists")
    with other.archive("second") as archive, differs:
        other.worker(archive).run()
    desk.stop()


def _seeds() -> Source:
    return Source(name="", kind="folder", locations=(str(SEEDS),))


def test_a_worker_needs_a_shared_store(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "own") as archive, pytest.raises(UsageError, match="store that machines share"):
        Worker(archive, [], OPTIONS, lease=5, on_report=lambda _report: None, on_trouble=lambda _error: None)


@pytest.mark.slow
def test_kills_and_silence_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    """`scripts/faults workers 100` is the long version."""
    report = worker_faults(tmp_path / "faults", kills=4, cuts=2, seed=3)
    assert not report.wrong
    assert report.seen["late writes refused"] > 0

"""Kill a writer (writer.py) at random moments and check the archive after each kill."""

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import OperationalError, connect

from msgspec import Struct

from tests.crawl.web.site import Site
from tests.faults.commands import ENVIRONMENT, Report
from tests.faults.model import Model
from tests.test_update import TOML, feed, story

# Far from any kill: a worker process that lives that much longer than its parent is left over.
_LEFT_OVER_SECONDS = 15.0
_START_SECONDS = 60.0
ALERT = """syntax = 1
query = "crates"
over = "documents"
[alert]
sinks = ["atom:alerts.xml"]
"""


class Workplace(Struct):
    """A folder that writers work in, one after the other, and the site that they update from."""

    folder: Path
    site: Site
    model: Model
    process: subprocess.Popen[bytes] | None = None
    _rest: bytes = b""

    def publish(self, count: int) -> None:
        """Add pages to the site and its feed."""
        for _ in range(count):
            path = f"/{len(self.model.pages)}.html"
            self.site.page(path, story(f"Bridge {path} closed", "bridge"))
            self.model.pages.append(self.site.url(path))
        paths = [url.removeprefix(self.site.url("")) for url in self.model.pages]
        self.site.page("/feed.xml", feed(self.site, *paths), media_type="application/rss+xml")

    def start(self, seed: int) -> subprocess.Popen[bytes]:
        """Start a writer in a process group of its own; wait until it is about to write."""
        command = [sys.executable, "-m", "tests.faults.writer", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, str(seed), str(self.model.version), str(len(self.model.pages))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        self._rest = b""
        until = time.monotonic() + _START_SECONDS
        while self.model.doing == "starting" and self.process.poll() is None and time.monotonic() < until:
            self._read(1.0)
        return self.process

    def listen(self, seconds: float) -> None:
        """Read the writer's reports for a while, so that the pipe is never full."""
        until = time.monotonic() + seconds
        while self._read(max(0.0, until - time.monotonic())):
            pass

    def kill(self, *, group: bool) -> str:
        """Kill the writer, with its workers or alone; return what it was doing."""
        assert self.process is not None
        assert self.process.stdout is not None
        if group:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()
        self.listen(0.0)
        self.process.stdout.close()
        doing, self.model.doing = self.model.doing, "starting"
        return doing

    def _read(self, seconds: float) -> bool:
        """Wait for lines; return whether the pipe is open and some came in time."""
        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return False
        received = os.read(self.process.stdout.fileno(), 65_536)
        *lines, self._rest = (self._rest + received).split(b"\n")
        self.model.read(lines)
        return bool(received)

    def left_over(self) -> bool:
        """Wait for the end of the writer's process group; return whether a process in it lives on."""
        assert self.process is not None
        until = time.monotonic() + _LEFT_OVER_SECONDS
        while lives(self.process.pid):
            if time.monotonic() > until:
                return True
            time.sleep(0.02)
        return False

    def recorded(self) -> set[str]:
        """Return the pages whose answers the crawler has recorded."""
        path = self.folder / "archive" / "frontier.sqlite"
        if not path.exists() or not path.stat().st_size:
            return set()
        with closing(connect(path)) as connection:
            try:
                rows = connection.execute("SELECT url FROM pages WHERE fetched_at > 0 AND depth > 0").fetchall()
            except OperationalError:  # killed before there was a table
                return set()
        return {url for (url,) in rows}

    def fetched(self) -> Counter[str]:
        """Return how often each page was requested."""
        return Counter(
            self.site.url(request.path) for request in self.site.received() if request.path.endswith(".html")
        )


def lives(group: int) -> bool:
    """Return whether a process group has a process that is not a zombie."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, process_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(process_group) == group and state not in "ZX":
            return True
    return False


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """Make a workplace whose site has some pages."""
    folder.mkdir(parents=True, exist_ok=True)
    with Site() as site:
        work = Workplace(folder=folder, site=site, model=Model(articles=folder / "articles"))
        work.publish(8)
        (folder / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
        (folder / "archive" / "saved").mkdir(parents=True)
        (folder / "archive" / "saved" / "crates.toml").write_text(ALERT)
        try:
            yield work
        finally:
            if work.process is not None and work.process.poll() is None:
                work.kill(group=True)


def kills(folder: Path, count: int, *, seed: int, each: int = 60, seconds: float = 4.0) -> Report:
    """Kill `count` writers, in a new archive after `each` kills. A writer has at most `seconds` to write."""
    report = Report()
    chance = random.Random(seed)
    for first in range(1, count + 1, each):
        with workplace(folder / f"from{first}") as work:
            for number in range(first, min(first + each, count + 1)):
                doing, wrong = _kill_once(work, chance, seconds)
                report.seen[f"during {doing}"] += 1
                report.add(f"kill {number} during {doing}", wrong)
            report.seen["acknowledged"] += work.model.acknowledged
    return report


def _kill_once(work: Workplace, chance: random.Random, seconds: float) -> tuple[str, list[str]]:
    work.publish(chance.choice((0, 0, 1, 3)))
    before, requested = work.recorded(), work.fetched()
    work.start(chance.randrange(10**9))
    work.listen(chance.random() * seconds)
    doing = work.kill(group=chance.random() < 0.5)
    wrong = ["a process is left over"] if work.left_over() else []
    again = work.fetched()
    wrong += [f"{url} was fetched again" for url in before if again[url] != requested[url]]
    if before - work.recorded():
        wrong.append("a recorded answer is missing")
    return doing, wrong + work.model.wrong(work.folder / "archive")

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

from msgspec import Struct, field

from tests.crawl.web.site import Site
from tests.faults.model import Model
from tests.test_update import TOML, feed, story

ROOT = Path(__file__).resolve().parents[2]
# Far from any kill: if a worker process lives that much longer than its parent, it is left over.
_LEFT_OVER_SECONDS = 15.0
_START_SECONDS = 60.0


class Desk(Struct):
    """A folder that writers work in, and the site that they update from."""

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

    def start(self, seed: int) -> None:
        """Start a writer, in a process group of its own."""
        command = [sys.executable, "-m", "tests.faults.writer", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, str(seed), str(self.model.version), str(len(self.model.pages))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        self._rest = b""

    def listen(self, seconds: float) -> None:
        """Hear the writer for a while; the pipe is never full."""
        until = time.monotonic() + seconds
        while self._hear(max(0.0, until - time.monotonic())):
            pass

    def await_ready(self) -> None:
        """Hear the writer until it is about to write."""
        until = time.monotonic() + _START_SECONDS
        while self.model.doing == "starting" and time.monotonic() < until and self._hear(1.0):
            pass

    def kill(self, *, group: bool) -> str:
        """Kill the writer, with its workers or alone; what it was doing."""
        assert self.process is not None
        assert self.process.stdout is not None
        if group:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()
        while self._hear(0.0):
            pass
        self.process.stdout.close()
        doing, self.model.doing = self.model.doing, "starting"
        return doing

    def _hear(self, seconds: float) -> bool:
        """Wait so long for lines; whether the pipe is open and the time is not over."""
        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return False
        reported = os.read(self.process.stdout.fileno(), 65_536)
        *lines, self._rest = (self._rest + reported).split(b"\n")
        self.model.hear(lines)
        return bool(reported)

    def left_over(self) -> bool:
        """Whether a process of the writer's group lives on after it."""
        assert self.process is not None
        until = time.monotonic() + _LEFT_OVER_SECONDS
        while lives(self.process.pid):
            if time.monotonic() > until:
                return True
            time.sleep(0.02)
        return False

    def recorded(self) -> set[str]:
        """The pages whose answers the crawler has recorded."""
        path = self.folder / "archive" / "frontier.sqlite"
        if not path.exists() or not path.stat().st_size:
            return set()
        with closing(connect(path)) as connection:
            try:
                return {
                    url for (url,) in connection.execute("SELECT url FROM pages WHERE fetched_at > 0 AND depth > 0")
                }
            except OperationalError:  # killed before there was a table
                return set()

    def fetched(self) -> Counter[str]:
        """How often each page was asked for."""
        return Counter(self.site.url(request.path) for request in self.site.asked() if request.path.endswith(".html"))


def lives(group: int) -> bool:
    """Whether a process group has a process that is no zombie."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, process_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(process_group) == group and state not in "ZX":
            return True
    return False


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk with a site of some pages."""
    folder.mkdir(parents=True, exist_ok=True)
    with Site() as site:
        made = Desk(folder=folder, site=site, model=Model(articles=folder / "articles"))
        made.publish(8)
        (folder / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.kill(group=True)


class Kills(Struct):
    """What was done and seen. `during` counts what writers were doing when they were killed."""

    during: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.during.total()


def kills(folder: Path, count: int, *, seed: int, a_folder: int = 60, seconds: float = 1.5) -> Kills:
    """Kill writers `count` times, in a fresh archive after every `a_folder` of them; each has some time to write, at
    most `seconds`."""
    done = Kills()
    chance = random.Random(seed)
    while done.count < count:
        with desk(folder / f"from{done.count}") as one:
            for _ in range(min(a_folder, count - done.count)):
                _kill_once(one, chance, done, seconds)
            done.acknowledged += one.model.acknowledged
    return done


def _kill_once(one: Desk, chance: random.Random, done: Kills, seconds: float) -> None:
    one.publish(chance.choice((0, 0, 1, 3)))
    before, asked = one.recorded(), one.fetched()
    one.start(chance.randrange(10**9))
    one.await_ready()
    one.listen(chance.random() * seconds)
    doing = one.kill(group=chance.random() < 0.5)
    done.during[doing] += 1
    wrong = ["a process is left over"] if one.left_over() else []
    again = one.fetched()
    wrong += [f"{url} was fetched again" for url in before if again[url] != asked[url]]
    if before - one.recorded():
        wrong.append("what was recorded is not any more")
    wrong += one.model.wrong(one.folder / "archive")
    done.wrong += [f"kill {done.count} during {doing}: {what}" for what in wrong]

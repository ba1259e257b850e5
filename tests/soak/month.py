"""A simulated month: the town, the desk that keeps an archive of it, kills, and every day a look at both."""

import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, Self
from xml.etree import ElementTree as ET

from msgspec import Struct, field, to_builtins
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.document import Document, Resource
from searchkit.ingest import IngestOptions
from tests.alerts.receiver import Receiver
from tests.soak.desk import DOCUMENTS, FEED, STATEMENTS, Desk, written
from tests.soak.model import Model
from tests.soak.stories import Story, odd_page, page, text_file
from tests.soak.town import OUTLETS, Town

ROOT = Path(__file__).resolve().parents[2]
DAY = 24
# The hour of a run whose memory is that of a process that makes just this one; by then there is news.
_NOON = 11
# After the month nothing changes any more, and a page is due after a tenth of 30 days at the latest.
_REST_HOURS = 120
_PATIENCE = 300.0
# How much memory may grow: of single runs, and of a process that makes them all once it has seen a week.
MOST_GROWTH = 1.1
WARM_DAYS = 7
# Peaks of single runs are compared by their medians over so many days.
PEAK_DAYS = 5
MOST_INDEX_FILES = 400
# The feed of alerts, and what SQLite keeps beside a database, may not be there yet after a day.
MOST_OTHER_FILES = 5
MOST_WAL_BYTES = 20_000_000
MOST_LOG_BYTES_A_RUN = 4_000
# What a dead writer leaves among the captures at most: one file for each thread that asks.
_LEFT_BY_KILL = 16


class Figures(Struct):
    """What a day ended with. Memory in MB, sizes in bytes."""

    day: int
    hours: int
    documents: int = 0
    statements: int = 0
    revisions: int = 0
    gone: int = 0
    failures: int = 0
    requests: int = 0
    told: int = 0
    kills: int = 0
    memory: float = 0.0
    peak: float = 0.0
    open_files: int = 0
    threads: int = 0
    generations: int = 0
    index_files: int = 0
    other_files: int = 0
    captures: int = 0
    evidence: int = 0
    frontier_pages: int = 0
    frontier_fetches: int = 0
    log_bytes: int = 0
    wal_bytes: int = 0
    store_bytes: int = 0
    archive_bytes: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The day in one line."""
        return (
            f"day {self.day:2}  documents {self.documents:5,}  revisions {self.revisions:4,}  gone {self.gone:4,}  "
            f"failures {self.failures:3}  asked {self.requests:7,}  told {self.told:4,}  kills {self.kills:3}  "
            f"memory {self.memory:5.1f} MB, {self.peak:5.1f} at most in one run  open {self.open_files}  "
            f"index {self.index_files} of {self.generations}  captures {self.captures:5,}  "
            f"{self.seconds / 60:5.1f} min  {'as the model' if not self.faults else f'{len(self.faults)} DIFFERENCES'}"
        )


class _Process:
    """A desk in a process of its own."""

    def __init__(self, desk: Desk, *, may_die: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.desk", written(desk)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A worker that is just starting when its parent is killed says so.
            stderr=subprocess.DEVNULL if may_die else None,
            text=True,
            cwd=ROOT,
        )

    def run(self, hour: int, until: Callable[[], bool] | None = None) -> dict[str, Any] | None:
        """Run at this hour; what the desk says of it, None when it was killed because `until` came true."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise AssertionError("both are pipes")
        stdin.write(f"{hour}\n")
        stdin.flush()
        over = threading.Event()
        if until is not None:
            killer = threading.Thread(target=self._kill, args=(until, over))
            killer.start()
        line = stdout.readline()
        over.set()
        if until is not None:
            killer.join()
        if not line:
            code = self.process.wait()
            if until is None or code != -9:
                raise RuntimeError(f"the run of hour {hour} ended with {code}")
            return None
        told: dict[str, Any] = json.loads(line)
        return told

    def _kill(self, until: Callable[[], bool], over: threading.Event) -> None:
        while not over.wait(0.005):
            if until():
                self.process.kill()
                return

    def close(self) -> None:
        """End the process when its run is over."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(_PATIENCE)


class Month:
    """A simulated month in `folder`, which must be new. Use as a context manager.

    `kills` is how many runs a day, on average, are made by a fresh process that is killed at a random moment; a run is
    made `every` so many hours. It begins with so many `files`, and `pages` on each site.
    """

    def __init__(
        self, folder: Path, *, seed: int, kills: float = 2.0, every: int = 1, files: int = 250, pages: int = 24
    ) -> None:
        self._stack = ExitStack()
        self._chance = random.Random(f"kills {seed}")
        self._share_killed = kills * every / DAY
        self._every = every
        self._folder = folder
        self.town = self._stack.enter_context(Town(seed, folder / "clippings", files=files, pages=pages))
        self._receiver = self._stack.enter_context(Receiver())
        self._desk = Desk(
            archive=folder / "archive",
            clippings=folder / "clippings",
            port=self.town.site.port,
            hook=self._receiver.url(),
            seed=seed,
        )
        self.model = Model(self.town, every=every)
        self._desk.prepare()
        self._process = self._stack.enter_context(closing(_Process(self._desk)))
        self._heard = 0
        self._killed = 0
        self._began = time.monotonic()
        self._last: dict[str, Any] = {}
        self._peak = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @property
    def archive(self) -> Path:
        """The folder of the archive."""
        return self._desk.archive

    def days(self, count: int) -> Iterator[Figures]:
        """Let days pass; how each ended."""
        for day in range(1, count + 1):
            for hour in range((day - 1) * DAY, day * DAY):
                self.town.tick()
                if (hour + 1) % self._every == 0:
                    # The first run lives, and the last of a day, for then the archive is compared.
                    may_die = self._heard and hour % DAY != DAY - 1
                    is_killed = bool(may_die) and self._chance.random() < self._share_killed
                    self._run(hour, killing=is_killed and hour % DAY != _NOON, alone=hour % DAY == _NOON)
            yield self._figures(day)

    def rest(self, *, step: int = 6) -> Figures:
        """Let days pass in which nothing happens, with a run every `step` hours; then the archive is as the town is,
        and as one made of it anew."""
        for _ in range(0, _REST_HOURS, step):
            self.town.rest(step)
            self._run(self.town.hour, killing=False)
        figures = self._figures((self.town.hour + 1) // DAY)
        figures.faults += self.model.unlike()
        figures.faults += self._unlike_fresh()
        figures.faults += self._damage()
        return figures

    # --- a run -------------------------------------------------------------------------------------------------------

    def _run(self, hour: int, *, killing: bool, alone: bool = False) -> None:
        """A run; one that is made `alone` has a process of its own, as every run of cron has."""
        if not (killing or alone):
            told = self._process.run(hour)
            if told is not None:
                self._last = told
        else:
            with closing(_Process(self._desk, may_die=killing)) as process:
                told = process.run(hour, self._moment() if killing else None)
                self._killed += told is None
            if told is not None:
                self._peak = told["peak"]
        requests = self.town.site.requests[self._heard :]
        for request in requests:
            request.done.wait(10)
        self._heard += len(requests)
        self.model.hear(requests, finished=told is not None)

    def _moment(self) -> Callable[[], bool]:
        """A random moment of a run: after so many requests, and some time."""
        asked = self._heard + self._chance.randint(1, 60)
        wait = self._chance.choice([0.0, 0.0, self._chance.uniform(0, 6)])
        reached: list[float] = []

        def is_now() -> bool:
            if not reached and len(self.town.site.requests) >= asked:
                reached.append(time.monotonic())
            return bool(reached) and time.monotonic() - reached[0] >= wait

        return is_now

    # --- the end of a day --------------------------------------------------------------------------------------------

    def _figures(self, day: int) -> Figures:
        folder = self._desk.archive
        figures = Figures(day=day, hours=self.town.hour + 1, kills=self._killed, requests=self._heard)
        figures.memory, figures.open_files = self._last["memory"], self._last["open"]
        figures.threads, figures.peak = self._last["threads"], self._peak
        told = self._told()
        with Archive.open(folder) as archive:
            figures.faults = [*self.model.faults(archive), *self.model.told(told)]
            counts = archive.status().counts
            figures.evidence = len(self._evidence(archive))
        figures.documents, figures.statements = counts.documents, counts.statements
        figures.revisions, figures.gone, figures.failures = counts.revisions, counts.gone, counts.failures
        figures.told = sum(count for counts in told.values() for count in counts.values())
        figures.faults += [*self.model.late(), *self.model.unmannerly(), *self._measure(figures)]
        figures.seconds = time.monotonic() - self._began
        return figures

    def _evidence(self, archive: Archive) -> set[str]:
        """Digests of the bytes that documents and revisions of the web were made of."""
        found = set()
        for story in self.town.stories:
            document = archive.at(story.uri) if story.host else None
            if document is not None:
                revisions = (archive.revision(document.id, number + 1) for number in range(document.revision))
                found |= {one.raw_digest for one in revisions if one is not None}
        return found

    def _damage(self) -> Iterator[str]:
        """What searchkit's own check finds."""
        command = [sys.executable, "-m", "searchkit", "check", "--full", "--archive", str(self._desk.archive)]
        if find_spec("searchkit.cli.check") is not None:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                yield f"check --full exits {done.returncode}: {done.stdout[:300]} {done.stderr[:300]}"

    def _measure(self, figures: Figures) -> Iterator[str]:
        """Count files and rows; what is more than what changed accounts for."""
        folder = self._desk.archive
        files = [path for path in folder.rglob("*") if path.is_file()]
        captures = [path for path in files if path.is_relative_to(folder / "captures")]
        index = [path for path in files if path.is_relative_to(folder / "whoosh")]
        figures.captures, figures.index_files = len(captures), len(index)
        figures.generations = sum(path.is_dir() for path in (folder / "whoosh").iterdir())
        figures.other_files = len(files) - len(captures) - len(index)
        figures.log_bytes = (folder / "runs.jsonl").stat().st_size
        figures.wal_bytes = sum(path.stat().st_size for path in files if path.name.endswith("-wal"))
        figures.store_bytes = (folder / "store.sqlite").stat().st_size
        figures.archive_bytes = sum({path.stat().st_ino: path.stat().st_size for path in files}.values())
        with closing(sqlite3.connect(f"file:{folder / 'frontier.sqlite'}?mode=ro", uri=True)) as frontier:
            figures.frontier_pages = frontier.execute("SELECT count(*) FROM pages").fetchone()[0]
            figures.frontier_fetches = frontier.execute("SELECT count(*) FROM fetches").fetchone()[0]
        unfinished = [path.name for path in files if path.name.startswith(".") or ".tmp" in str(path)]
        if unfinished:
            yield f"{len(unfinished)} files were left unfinished: {unfinished[:3]}"
        if figures.generations > 2:
            yield f"the index has {figures.generations} generations"
        bound = figures.evidence + figures.frontier_pages + _LEFT_BY_KILL * self._killed
        if figures.captures > bound:
            yield f"{figures.captures} captures, and only {figures.evidence} made a document or a revision"

    def _told(self) -> dict[str, Counter[str]]:
        """What the alerts told, by alert: words of statements, families of documents. A message that came twice, as it
        may after a kill, has one key and counts once."""
        messages = {one.headers["idempotency-key"]: one.body for one in self._receiver.posted}
        told: dict[str, Counter[str]] = {STATEMENTS: Counter(), DOCUMENTS: Counter()}
        families = {story.uri: story.origin for story in self.town.stories}
        for body in messages.values():
            for item in body["items"]:
                said = item["text"].strip('",') if item["alert"] == STATEMENTS else families[item["address"]]
                told[item["alert"]][said] += 1
        feed = self._desk.archive / FEED
        if feed.exists():
            space = "{http://www.w3.org/2005/Atom}"
            links = [one.attrib["href"] for one in ET.parse(feed).iter(f"{space}link")]  # noqa: S314 - our own file
            for link, count in Counter(links).items():
                if count > 1 or not told[DOCUMENTS][families[link]]:
                    told[DOCUMENTS][families[link]] += count
        return told

    # --- the archive made anew ---------------------------------------------------------------------------------------

    def _unlike_fresh(self) -> Iterator[str]:
        """How the archive differs from one that is made at once of what was shown last of each story."""
        stories = [story for story in self.town.stories if self.model.shown[story].sure]
        now = self._desk.time_of(self.town.hour)
        found = [_resource(story, self.model.shown[story].last(), now) for story in stories]
        with Archive.create(self._folder / "fresh") as fresh, Archive.open(self._desk.archive) as archive:
            for batch in fresh.ingest(iter(found), options=IngestOptions(workers=1), now=now):
                yield from (f"{one.uri} {one.reason}" for one in batch.outcomes if one.status != "added")
            for story in stories:
                one, other = archive.at(story.uri), fresh.at(story.uri)
                if one is None or other is None or _told_apart(one) != _told_apart(other):
                    yield f"{story.uri} is another document in an archive made anew"
            if archive.status().indexed != fresh.status().indexed:
                yield f"the index has {archive.status().indexed}, and made anew {fresh.status().indexed}"


def _resource(story: Story, number: int, now: datetime) -> Resource:
    """A version of a story as its source gives it."""
    version, outlet = story.versions[number], OUTLETS.get(story.host, "Clippings")
    if not story.host:
        made = new_resource(story.uri, text_file(story, version).encode(), media_type="text/plain", now=now)
    elif story.odd:
        body, headers = odd_page(story, version, outlet)
        made = new_resource(story.uri, body, media_type="text/html", now=now)
        made = replace(made, charset=headers.get("Content-Type", "=utf-8").rpartition("=")[2])
    else:
        body = page(story, version, outlet).encode()
        made = replace(new_resource(story.uri, body, media_type="text/html", now=now), charset="utf-8")
    return replace(made, defaults={"outlet": outlet}, source=story.source)


def _told_apart(document: Document) -> Any:
    quotes = [to_builtins(quote) for quote in document.quotes]
    return document.id, document.title, document.text, document.copies, quotes, document.mentions


def peaks(days: Sequence[Figures]) -> tuple[float, float]:
    """The median peak of single runs over some days, after the first, which reads the whole town; and at the end."""
    rest = days[1:] or days
    return median(one.peak for one in rest[:PEAK_DAYS]), median(one.peak for one in rest[-PEAK_DAYS:])


def growth(days: Sequence[Figures]) -> Iterator[str]:
    """What has grown over a month that should not: memory, and all that is open or lies beside what was gathered."""
    first, last = days[0], days[-1]
    early, late = peaks(days)
    if late > early * MOST_GROWTH:
        yield f"the peak of a run has grown from {early:.1f} to {late:.1f} MB"
    warm = max(one.memory for one in days[:WARM_DAYS])
    if last.memory > warm * MOST_GROWTH:
        yield f"memory has grown from {warm:.1f} to {last.memory:.1f} MB"
    for name, most in (
        ("open_files", first.open_files),
        ("threads", first.threads),
        ("other_files", first.other_files + MOST_OTHER_FILES),
        ("index_files", MOST_INDEX_FILES),
        ("wal_bytes", MOST_WAL_BYTES),
        ("log_bytes", MOST_LOG_BYTES_A_RUN * last.hours),
    ):
        found = getattr(last, name)
        if found > most:
            yield f"{name.replace('_', ' ')}: {found:,}, and at most {most:,} were expected"

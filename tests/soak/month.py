"""A simulated month: the town, the updates of its archive, kills, and a comparison every day."""

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
from pathlib import Path
from statistics import median
from typing import Any, Self
from xml.etree import ElementTree as ET

import msgspec
from msgspec import Struct, field, to_builtins
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.document import Document, Resource
from searchkit.ingest import IngestOptions
from tests.alerts.receiver import Receiver
from tests.soak.desk import DOCUMENTS, FEED, STATEMENTS, Desk
from tests.soak.model import Model
from tests.soak.stories import Story, page, text_file
from tests.soak.town import OUTLETS, Town

ROOT = Path(__file__).resolve().parents[2]
DAY = 24
# The hour of a run in a fresh process, whose peak memory is measured.
_NOON = 11
# At the end nothing changes, and a page is due after a tenth of 30 days at the latest.
_REST_HOURS = 120
_PATIENCE = 300.0
# How much memory may grow: of single runs, and of the long-running process after a week.
MOST_GROWTH = 1.1
WARM_DAYS = 7
# Peaks of single runs are compared by their medians over so many days.
PEAK_DAYS = 5
MOST_INDEX_FILES = 400
# The feed of alerts and files of SQLite may be missing after the first day.
MOST_OTHER_FILES = 5
MOST_WAL_BYTES = 20_000_000
MOST_LOG_BYTES_A_RUN = 4_000
# A killed run leaves at most one capture for each thread.
_LEFT_BY_KILL = 16


class Figures(Struct):
    """The state at the end of a day. Memory in MB, sizes in bytes."""

    day: int
    hours: int
    documents: int = 0
    revisions: int = 0
    gone: int = 0
    failures: int = 0
    requests: int = 0
    reported: int = 0
    kills: int = 0
    memory: float = 0.0
    peak: float = 0.0
    open_files: int = 0
    threads: int = 0
    generations: int = 0
    index_files: int = 0
    other_files: int = 0
    captures: int = 0
    log_bytes: int = 0
    wal_bytes: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the day in one line."""
        return (
            f"day {self.day:2}  documents {self.documents:5,}  revisions {self.revisions:4,}  gone {self.gone:4,}  "
            f"failures {self.failures:3}  asked {self.requests:7,}  reported {self.reported:4,}  kills {self.kills:3}  "
            f"memory {self.memory:5.1f} MB, {self.peak:5.1f} at most in one run  open {self.open_files}  "
            f"index {self.index_files} of {self.generations}  captures {self.captures:5,}  "
            f"{self.seconds / 60:5.1f} min  {'as the model' if not self.faults else f'{len(self.faults)} DIFFERENCES'}"
        )


class _Process:
    """A desk in a process of its own."""

    def __init__(self, desk: Desk, *, may_die: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.desk", msgspec.json.encode(desk).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A worker that is just starting when its parent is killed says so.
            stderr=subprocess.DEVNULL if may_die else None,
            text=True,
            cwd=ROOT,
        )

    def run(self, hour: int, until: Callable[[], bool] | None = None) -> dict[str, Any] | None:
        """Run the update of this hour; return its report, or None if it was killed because `until` became true."""
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
        report: dict[str, Any] = json.loads(line)
        return report

    def _kill(self, until: Callable[[], bool], over: threading.Event) -> None:
        while not over.wait(0.005):
            if until():
                self.process.kill()
                return

    def close(self) -> None:
        """End the process after its run."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(_PATIENCE)


class Month:
    """A simulated month in `folder`, which must be new. Use as a context manager.

    `kills` is how many runs a day, on average, are killed at a random moment; there is a run `every` so many hours. The
    town begins with so many `files`, and `pages` on each site.
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
        self._desk = Desk(folder=str(folder), port=self.town.site.port, hook=self._receiver.url(), seed=seed)
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
        """Let days pass; yield the state at the end of each."""
        for day in range(1, count + 1):
            for hour in range((day - 1) * DAY, day * DAY):
                self.town.tick()
                if (hour + 1) % self._every == 0:
                    # The first run and the last of a day are not killed, because the archive is compared then.
                    may_die = self._heard and hour % DAY != DAY - 1
                    is_killed = bool(may_die) and self._chance.random() < self._share_killed
                    self._run(hour, killing=is_killed and hour % DAY != _NOON, alone=hour % DAY == _NOON)
            yield self._figures(day)

    def rest(self, *, step: int = 6) -> Figures:
        """Let days pass without changes, with a run every `step` hours; then the archive must equal the town, and a new
        archive made from it."""
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
        """Run the update of an hour; `alone` in a process of its own."""
        if not (killing or alone):
            report = self._process.run(hour)
            if report is not None:
                self._last = report
        else:
            with closing(_Process(self._desk, may_die=killing)) as process:
                report = process.run(hour, self._moment() if killing else None)
                self._killed += report is None
            if report is not None:
                self._peak = report["peak"]
        requests = self.town.site.requests[self._heard :]
        for request in requests:
            request.done.wait(10)
        self._heard += len(requests)
        self.model.record(requests, finished=report is not None)

    def _moment(self) -> Callable[[], bool]:
        """Return a condition for a random moment of a run: after some requests and some time."""
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
        reported = self._reported()
        with Archive.open(folder) as archive:
            figures.faults = [*self.model.faults(archive), *self.model.wrong_reports(reported)]
            counts = archive.status().counts
            evidence = len(self._evidence(archive))
        figures.documents, figures.revisions = counts.documents, counts.revisions
        figures.gone, figures.failures = counts.gone, counts.failures
        figures.reported = sum(count for counts in reported.values() for count in counts.values())
        figures.faults += [*self.model.late(), *self._measure(figures, evidence)]
        figures.seconds = time.monotonic() - self._began
        return figures

    def _evidence(self, archive: Archive) -> set[str]:
        """Return the digests of the captures of documents and revisions."""
        found = set()
        for story in self.town.stories:
            document = archive.at(story.uri) if story.host else None
            if document is not None:
                revisions = (archive.revision(document.id, number + 1) for number in range(document.revision))
                found |= {one.raw_digest for one in revisions if one is not None}
        return found

    def _damage(self) -> Iterator[str]:
        """Yield what `searchkit check` finds."""
        command = [sys.executable, "-m", "searchkit", "check", "--full", "--archive", str(self._desk.archive)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"check --full exits {done.returncode}: {done.stdout[:300]} {done.stderr[:300]}"

    def _measure(self, figures: Figures, evidence: int) -> Iterator[str]:
        """Count files and rows; yield those that should not exist."""
        folder = self._desk.archive
        files = [path for path in folder.rglob("*") if path.is_file()]
        captures = [path for path in files if path.is_relative_to(folder / "captures")]
        index = [path for path in files if path.is_relative_to(folder / "whoosh")]
        figures.captures, figures.index_files = len(captures), len(index)
        figures.generations = sum(path.is_dir() for path in (folder / "whoosh").iterdir())
        figures.other_files = len(files) - len(captures) - len(index)
        figures.log_bytes = (folder / "runs.jsonl").stat().st_size
        figures.wal_bytes = sum(path.stat().st_size for path in files if path.name.endswith("-wal"))
        with closing(sqlite3.connect(f"file:{folder / 'frontier.sqlite'}?mode=ro", uri=True)) as frontier:
            pages = frontier.execute("SELECT count(*) FROM pages").fetchone()[0]
        unfinished = [path.name for path in files if path.name.startswith(".") or ".tmp" in str(path)]
        if unfinished:
            yield f"{len(unfinished)} files were left unfinished: {unfinished[:3]}"
        if figures.generations > 2:
            yield f"the index has {figures.generations} generations"
        bound = evidence + pages + _LEFT_BY_KILL * self._killed
        if figures.captures > bound:
            yield f"{figures.captures} captures, and only {evidence} made a document or a revision"

    def _reported(self) -> dict[str, Counter[str]]:
        """Return what the alerts reported, by alert: words of statements, families of documents. A message that was
        sent twice, as it may be after a kill, has one key and counts once."""
        messages = {one.headers["idempotency-key"]: one.body for one in self._receiver.posted}
        reported: dict[str, Counter[str]] = {STATEMENTS: Counter(), DOCUMENTS: Counter()}
        families = {story.uri: story.origin for story in self.town.stories}
        for body in messages.values():
            for item in body["items"]:
                said = item["text"].strip('",') if item["alert"] == STATEMENTS else families[item["address"]]
                reported[item["alert"]][said] += 1
        feed = self._desk.archive / FEED
        if feed.exists():
            space = "{http://www.w3.org/2005/Atom}"
            links = [one.attrib["href"] for one in ET.parse(feed).iter(f"{space}link")]  # noqa: S314 - our own file
            for link, count in Counter(links).items():
                if count > 1 or not reported[DOCUMENTS][families[link]]:
                    reported[DOCUMENTS][families[link]] += count
        return reported

    # --- the archive rebuilt ---------------------------------------------------------------------------------------

    def _unlike_fresh(self) -> Iterator[str]:
        """Yield how the archive differs from a new one with the last version of each story."""
        stories = [story for story in self.town.stories if self.model.shown[story].sure]
        now = self._desk.time_of(self.town.hour)
        found = [_resource(story, self.model.shown[story].last(), now) for story in stories]
        with Archive.create(self._folder / "fresh") as fresh, Archive.open(self._desk.archive) as archive:
            for batch in fresh.ingest(iter(found), options=IngestOptions(workers=1), now=now):
                yield from (f"{one.uri} {one.reason}" for one in batch.outcomes if one.status != "added")
            for story in stories:
                one, other = archive.at(story.uri), fresh.at(story.uri)
                if one is None or other is None or _comparable(one) != _comparable(other):
                    yield f"{story.uri} is another document in a new archive"
            if archive.status().indexed != fresh.status().indexed:
                yield f"the index has {archive.status().indexed}, in a new archive {fresh.status().indexed}"


def _resource(story: Story, number: int, now: datetime) -> Resource:
    """Return a version of a story as its source yields it."""
    version, outlet = story.versions[number], OUTLETS.get(story.host, "Clippings")
    if not story.host:
        made = new_resource(story.uri, text_file(story, version).encode(), media_type="text/plain", now=now)
    else:
        body = page(story, version, outlet).encode()
        made = replace(new_resource(story.uri, body, media_type="text/html", now=now), charset="utf-8")
    return replace(made, defaults={"outlet": outlet}, source=story.source)


def _comparable(document: Document) -> Any:
    quotes = [to_builtins(quote) for quote in document.quotes]
    return document.id, document.title, document.text, document.copies, quotes, document.mentions


def peaks(days: Sequence[Figures]) -> tuple[float, float]:
    """Return the median peak of single runs over the first days, without day 1, and over the last days."""
    rest = days[1:] or days
    return median(one.peak for one in rest[:PEAK_DAYS]), median(one.peak for one in rest[-PEAK_DAYS:])


def growth(days: Sequence[Figures]) -> Iterator[str]:
    """Yield what has grown over a month and should not: memory, open files, threads, other files."""
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

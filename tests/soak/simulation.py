"""A simulated month: the world, the updates of its archive, kills, and a comparison every day."""

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
from msgspec.structs import asdict, replace

from searchkit.archive import Archive
from searchkit.crawl.base import new_resource
from searchkit.ingest import IngestOptions
from searchkit.statements.document import Document, Resource
from tests.alerts.receiver import Receiver
from tests.soak.articles import Article, page, text_file
from tests.soak.model import Model
from tests.soak.updater import DOCUMENTS, FEED, STATEMENTS, Config, Usage
from tests.soak.world import OUTLETS, World

ROOT = Path(__file__).resolve().parents[2]
DAY = 24
# The hour of a run in a fresh process, whose peak memory is measured.
_NOON = 11
# At the end nothing changes, and a page is due after a tenth of 30 days at the latest.
_REST_HOURS = 120
_END_SECONDS = 300.0
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
    """The state at the end of a day. `killed` counts runs; `peak_mb` is that of the last run in a fresh process."""

    day: int
    hours: int
    documents: int = 0
    revisions: int = 0
    requests: int = 0
    killed: int = 0
    memory_mb: float = 0.0
    peak_mb: float = 0.0
    open_files: int = 0
    threads: int = 0
    index_files: int = 0
    other_files: int = 0
    captures: int = 0
    log_bytes: int = 0
    wal_bytes: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = {name: value for name, value in asdict(self).items() if name != "faults"}
        return "  ".join(f"{name.replace('_', ' ')} {value:,.0f}" for name, value in shown.items())


class _Updater:
    """A process that updates the archive."""

    def __init__(self, config: Config, *, may_die: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.updater", msgspec.json.encode(config).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A worker that is just starting when its parent is killed reports it.
            stderr=subprocess.DEVNULL if may_die else None,
            text=True,
            cwd=ROOT,
        )

    def run(self, hour: int, until: Callable[[], bool] | None = None) -> Usage | None:
        """Run the update of this hour; return its usage, or None if it was killed because `until` became true."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{hour}\n")
        stdin.flush()
        over = threading.Event()

        def kill() -> None:
            while until is not None and not over.wait(0.005):
                if until():
                    self.process.kill()
                    return

        killer = threading.Thread(target=kill)
        killer.start()
        line = stdout.readline()
        over.set()
        killer.join()
        if line:
            return msgspec.json.decode(line, type=Usage)
        code = self.process.wait()
        if until is None or code != -9:
            raise RuntimeError(f"the run of hour {hour} ended with {code}")
        return None

    def close(self) -> None:
        """End the process after its run."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(_END_SECONDS)


class Simulation:
    """A simulated month in `folder`, which must be new. Use as a context manager.

    `kills` is how many runs a day, on average, are killed at a random moment; there is a run `every` so many hours. The
    world begins with so many `files`, and `pages` on each site.
    """

    def __init__(
        self, folder: Path, *, seed: int, kills: float = 2.0, every: int = 1, files: int = 250, pages: int = 24
    ) -> None:
        self._stack = ExitStack()
        self._chance = random.Random(f"kills {seed}")
        self._share_killed = kills * every / DAY
        self._every = every
        self._folder = folder
        self.world = self._stack.enter_context(World(seed, folder / "clippings", files=files, pages=pages))
        self._receiver = self._stack.enter_context(Receiver())
        self._config = Config(folder=str(folder), port=self.world.site.port, hook=self._receiver.url(), seed=seed)
        self.archive = self._config.archive
        self.model = Model(self.world, every=every)
        self._config.prepare()
        self._updater = self._stack.enter_context(closing(_Updater(self._config)))
        self._requests = 0
        self._killed = 0
        self._usage: Usage | None = None
        self._peak_mb = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def days(self, count: int) -> Iterator[Figures]:
        """Let days pass; yield the state at the end of each."""
        for day in range(1, count + 1):
            for hour in range((day - 1) * DAY, day * DAY):
                self.world.tick()
                if (hour + 1) % self._every == 0:
                    # The first run and the last of a day are not killed, because the archive is compared then.
                    may_die = self._requests > 0 and hour % DAY != DAY - 1
                    killing = may_die and self._chance.random() < self._share_killed
                    self._run(hour, killing=killing and hour % DAY != _NOON, alone=hour % DAY == _NOON)
            yield self._figures(day)

    def rest(self, *, step: int = 6) -> Figures:
        """Let days pass without changes, with a run every `step` hours; then the archive must equal the world, and a
        new archive made from it."""
        for _ in range(0, _REST_HOURS, step):
            self.world.rest(step)
            self._run(self.world.hour)
        figures = self._figures((self.world.hour + 1) // DAY)
        figures.faults += [*self.model.unlike(), *self._unlike_new(), *self._damage()]
        return figures

    # --- a run -------------------------------------------------------------------------------------------------------

    def _run(self, hour: int, *, killing: bool = False, alone: bool = False) -> None:
        """Run the update of an hour; `alone` in a process of its own."""
        if killing or alone:
            with closing(_Updater(self._config, may_die=killing)) as updater:
                usage = updater.run(hour, self._moment() if killing else None)
            self._killed += usage is None
            self._peak_mb = usage.peak_mb if usage is not None else self._peak_mb
        else:
            usage = self._usage = self._updater.run(hour)
        requests = self.world.site.requests[self._requests :]
        for request in requests:
            request.done.wait(10)
        self._requests += len(requests)
        self.model.record(requests, finished=usage is not None)

    def _moment(self) -> Callable[[], bool]:
        """Return a condition for a random moment of a run: after some requests and some time."""
        requests = self._requests + self._chance.randint(1, 60)
        wait = self._chance.choice([0.0, 0.0, self._chance.uniform(0, 6)])
        reached: list[float] = []

        def is_now() -> bool:
            if not reached and len(self.world.site.requests) >= requests:
                reached.append(time.monotonic())
            return bool(reached) and time.monotonic() - reached[0] >= wait

        return is_now

    # --- the end of a day --------------------------------------------------------------------------------------------

    def _figures(self, day: int) -> Figures:
        figures = Figures(day=day, hours=self.world.hour + 1, killed=self._killed, requests=self._requests)
        assert self._usage is not None
        figures.memory_mb, figures.peak_mb = self._usage.memory_mb, self._peak_mb
        figures.open_files, figures.threads = self._usage.open_files, self._usage.threads
        with Archive.open(self.archive) as archive:
            figures.faults = [*self.model.faults(archive), *self.model.wrong_reports(self._reported())]
            counts = archive.status()
            evidence = len(self._evidence(archive))
        figures.documents, figures.revisions = counts.documents, counts.revisions
        figures.faults += [*self.model.late(), *self._wrong_files(figures, evidence)]
        return figures

    def _evidence(self, archive: Archive) -> set[str]:
        """Return the digests of the captures of documents and revisions."""
        found = set()
        for article in self.world.articles:
            document = archive.at(article.uri) if article.host else None
            if document is not None:
                revisions = (archive.revision(document.id, number + 1) for number in range(document.revision))
                found |= {one.raw_digest for one in revisions if one is not None}
        return found

    def _damage(self) -> Iterator[str]:
        """Yield what `searchkit check` finds."""
        command = [sys.executable, "-m", "searchkit", "check", "--full", "--archive", str(self.archive)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"check --full exits {done.returncode}: {done.stdout[:300]} {done.stderr[:300]}"

    def _wrong_files(self, figures: Figures, evidence: int) -> Iterator[str]:
        """Count files and rows; yield those that should not exist."""
        files = [path.relative_to(self.archive) for path in self.archive.rglob("*") if path.is_file()]
        folders = Counter(path.parts[0] for path in files)
        figures.captures, figures.index_files = folders["captures"], folders["whoosh"]
        figures.other_files = len(files) - figures.captures - figures.index_files
        figures.log_bytes = (self.archive / "runs.jsonl").stat().st_size
        figures.wal_bytes = sum((self.archive / path).stat().st_size for path in files if path.name.endswith("-wal"))
        with closing(sqlite3.connect(f"file:{self.archive / 'frontier.sqlite'}?mode=ro", uri=True)) as frontier:
            pages = frontier.execute("SELECT count(*) FROM pages").fetchone()[0]
        unfinished = [path.name for path in files if path.name.startswith(".") or ".tmp" in str(path)]
        if unfinished:
            yield f"{len(unfinished)} files were left unfinished: {unfinished[:3]}"
        generations = sum(path.is_dir() for path in (self.archive / "whoosh").iterdir())
        if generations > 2:
            yield f"the index has {generations} generations"
        if figures.captures > evidence + pages + _LEFT_BY_KILL * self._killed:
            yield f"{figures.captures} captures, and only {evidence} made a document or a revision"

    def _reported(self) -> dict[str, Counter[str]]:
        """Return what the alerts reported, by alert: words of statements, origins of documents. A message that was sent
        twice, as it may be after a kill, has one key and counts once."""
        messages = {one.headers["idempotency-key"]: one.body for one in self._receiver.posted}
        reported: dict[str, Counter[str]] = {STATEMENTS: Counter(), DOCUMENTS: Counter()}
        origins = {article.uri: article.origin for article in self.world.articles}
        for body in messages.values():
            for item in body["items"]:
                words = item["text"].strip('",') if item["alert"] == STATEMENTS else origins[item["address"]]
                reported[item["alert"]][words] += 1
        feed = self.archive / FEED
        if feed.exists():
            space = "{http://www.w3.org/2005/Atom}"
            links = [one.attrib["href"] for one in ET.parse(feed).iter(f"{space}link")]  # noqa: S314 - our own file
            for link, count in Counter(links).items():
                if count > 1 or not reported[DOCUMENTS][origins[link]]:
                    reported[DOCUMENTS][origins[link]] += count
        return reported

    # --- a new archive -----------------------------------------------------------------------------------------------

    def _unlike_new(self) -> Iterator[str]:
        """Yield how the archive differs from a new one with the last version of each article."""
        articles = [article for article in self.world.articles if self.model.shown[article].sure]
        now = self._config.time_of(self.world.hour)
        found = [_resource(article, self.model.shown[article].last(), now) for article in articles]
        with Archive.create(self._folder / "new") as new, Archive.open(self.archive) as archive:
            for batch in new.ingest(iter(found), options=IngestOptions(workers=1), now=now):
                yield from (f"{one.uri} {one.reason}" for one in batch.outcomes if one.status != "added")
            for article in articles:
                if _comparable(archive.at(article.uri)) != _comparable(new.at(article.uri)):
                    yield f"{article.uri} is another document in a new archive"
            if archive.status().indexed != new.status().indexed:
                yield f"the index has {archive.status().indexed}, in a new archive {new.status().indexed}"


def _resource(article: Article, number: int, now: datetime) -> Resource:
    """Return a version of an article as its source yields it."""
    version, outlet = article.versions[number], OUTLETS.get(article.host, "Clippings")
    if not article.host:
        made = new_resource(article.uri, text_file(article, version).encode(), media_type="text/plain", now=now)
    else:
        body = page(article, version, outlet).encode()
        made = replace(new_resource(article.uri, body, media_type="text/html", now=now), charset="utf-8")
    return replace(made, defaults={"outlet": outlet}, source=article.source)


def _comparable(document: Document | None) -> Any:
    if document is None:
        return None
    quotes = [to_builtins(quote) for quote in document.quotes]
    return document.id, document.title, document.text, document.copies, quotes, document.mentions


def growth(days: Sequence[Figures]) -> Iterator[str]:
    """Yield what has grown over a month and should not: memory, open files, threads, other files."""
    first, last = days[0], days[-1]
    peaks = [figures.peak_mb for figures in days[1:] or days]  # the first day is smaller
    early, late = median(peaks[:PEAK_DAYS]), median(peaks[-PEAK_DAYS:])
    if late > early * MOST_GROWTH:
        yield f"the peak of a run has grown from {early:.1f} to {late:.1f} MB"
    warm = max(one.memory_mb for one in days[:WARM_DAYS])
    if last.memory_mb > warm * MOST_GROWTH:
        yield f"memory has grown from {warm:.1f} to {last.memory_mb:.1f} MB"
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

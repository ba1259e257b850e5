"""A process that keeps an archive of a simulated world up to date, run by run, as cron would start them.

    python -m tests.soak.updater CONFIG

reads hours from standard input and writes a line of JSON for each run. A process of its own has the memory of searchkit
alone, and can be killed.
"""

import gc
import os
import random
import resource
import sys
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from searchkit.alerts.folder import save
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.alerts.sinks import SinkOptions
from searchkit.archive import Archive
from searchkit.crawl.base import HttpOptions, Source, SourceKind
from searchkit.ingest import IngestOptions
from searchkit.update import health, reading, reports, running
from tests.crawl.web.ledger import SimulatedClock
from tests.soak.articles import KEYWORD, WATCHED
from tests.soak.world import CLIPPINGS, COURIER, LEDGER, MAX_BYTES, MONITOR, OUTLETS, SOURCES, START, TRIBUNE

STATEMENTS, DOCUMENTS = "korbel", "quarantine"
FEED = "alerts.xml"
CONTACT = "desk@ledger.example"
# Stalling servers cost real time, so these are as short as a slow machine allows.
LIMITS = HttpOptions(connect_timeout=2.0, read_timeout=4.0, total_seconds=12.0)


class Config(Struct, frozen=True, kw_only=True):
    """The folder with the archive and the clippings, the port of all sites, the web hook, and the seed."""

    folder: str
    port: int
    hook: str
    seed: int

    @property
    def archive(self) -> Path:
        """The folder of the archive."""
        return Path(self.folder, "archive")

    def sources(self) -> list[Source]:
        """Return all sources."""
        web: list[tuple[str, SourceKind, str]] = [
            (LEDGER, "feed", "/feed.xml"),
            (COURIER, "feed", "/feed.xml"),
            (MONITOR, "sitemap", "/sitemap.xml"),
            (TRIBUNE, "site", "/"),
        ]
        clippings = f"{self.folder}/clippings"
        return [
            Source(name=CLIPPINGS, kind="folder", locations=(clippings,), outlet="Clippings"),
            *(
                Source(
                    name=SOURCES[host],
                    kind=kind,
                    locations=(f"http://{host}:{self.port}{path}",),
                    delay=0.0,
                    outlet=OUTLETS[host],
                    max_bytes=MAX_BYTES,
                    every=timedelta(hours=2 if host == MONITOR else 1),
                    allow_hosts=(host,),
                )
                for host, kind, path in web
            ),
        ]

    def prepare(self) -> None:
        """Create the archive with two alerts: one for statements, one for documents."""
        statements = SavedSearch(name=STATEMENTS, query=f'speaker:="{WATCHED}"', over="statements")
        documents = SavedSearch(name=DOCUMENTS, query=f"title:{KEYWORD}", over="documents")
        with Archive.create(self.archive) as archive:
            for search, sinks in (
                (statements, (f"webhook:{self.hook}",)),
                (documents, (f"webhook:{self.hook}/d", f"atom:{FEED}")),
            ):
                save(archive.folder, replace(search, alert=AlertSettings(sinks=sinks)), replacing=True)

    def time_of(self, hour: int) -> datetime:
        """Return when the run of this hour begins: cron is some seconds late."""
        return START + timedelta(hours=hour, seconds=random.Random(f"{self.seed} {hour}").uniform(0, 50))

    def run(self, hour: int) -> reports.RunReport:
        """Run the update of this hour."""
        random.seed(f"{self.seed} {hour}")  # for the jitter of waits
        options = reading.RunOptions(
            ingest=IngestOptions(workers=1),
            contact=CONTACT,
            sinks=SinkOptions(folder=self.archive, contact=CONTACT, allow_hosts=("127.0.0.1",)),
            http=LIMITS,
            clock=SimulatedClock(),
        )
        with Archive.create(self.archive) as archive:
            now = self.time_of(hour)
            due = health.due(self.sources(), archive.sources(), now)
            return running.run(archive, due, command="update", options=options, now=now)


class Usage(Struct):
    """What the process uses after a run: memory in MB, also the most ever with its largest child, files and threads."""

    memory_mb: float
    peak_mb: float
    open_files: int
    threads: int


def usage() -> Usage:
    """Measure this process."""
    process = Path("/proc/self")
    pages = int((process / "statm").read_text().split()[1])
    own_peak = int((process / "status").read_text().partition("VmHWM:")[2].split()[0])
    return Usage(
        memory_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000,
        peak_mb=(own_peak + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1_024 / 1_000_000,
        open_files=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
    )


if __name__ == "__main__":
    config = msgspec.json.decode(sys.argv[1], type=Config)
    for line in sys.stdin:
        config.run(int(line))
        gc.collect()
        print(msgspec.json.encode(usage()).decode(), flush=True)  # noqa: T201

"""The process that keeps an archive of the town, with one update after the other, as cron would start them.

    python -m tests.soak.desk CONFIG

reads hours from standard input and writes a line of JSON for each run. A process of its own has the memory of searchkit
alone, and can be killed.
"""

import gc
import json
import os
import random
import resource
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from searchkit import update
from searchkit.alerts.folder import save
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.alerts.sinks import SinkOptions, sink_address
from searchkit.archive import Archive
from searchkit.crawl.base import HttpOptions, Source
from searchkit.ingest import IngestOptions
from tests.crawl.web.ledger import SimulatedClock
from tests.soak.stories import KEYWORD, WATCHED
from tests.soak.town import CLIPPINGS, COURIER, LEDGER, MAX_BYTES, MONITOR, OUTLETS, SOURCES, START, TRIBUNE

STATEMENTS, DOCUMENTS = "korbel", "quarantine"
FEED = "alerts.xml"
# Stalling servers cost real time, so these are as short as a slow machine allows.
LIMITS = HttpOptions(connect_timeout=2.0, read_timeout=4.0, total_seconds=12.0)


class Desk(Struct, frozen=True, kw_only=True):
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
        web: list[tuple[str, Any, str]] = [
            (LEDGER, "feed", "/feed.xml"),
            (COURIER, "feed", "/feed.xml"),
            (MONITOR, "sitemap", "/sitemap.xml"),
            (TRIBUNE, "site", "/"),
        ]
        made = [
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
        ]
        return [
            *made,
            Source(name=CLIPPINGS, kind="folder", locations=(f"{self.folder}/clippings",), outlet="Clippings"),
        ]

    def prepare(self) -> None:
        """Create the archive with two alerts: one for statements, one for documents."""
        with Archive.create(self.archive) as archive:
            for name, record, query, sinks in (
                (STATEMENTS, "quote", f'speaker:="{WATCHED}"', (f"webhook:{self.hook}",)),
                (DOCUMENTS, "document", f"title:{KEYWORD}", (f"webhook:{self.hook}/d", f"atom:{FEED}")),
            ):
                alert = replace(AlertSettings(), sinks=tuple(map(sink_address, sinks)))
                found: Any = record
                save(archive.folder, SavedSearch(name=name, query=query, record=found, alert=alert), replacing=True)

    def time_of(self, hour: int) -> datetime:
        """Return when the run of this hour begins: cron is some seconds late."""
        return START + timedelta(hours=hour, seconds=random.Random(f"{self.seed} {hour}").uniform(0, 50))

    def run(self, hour: int) -> update.RunReport:
        """Run the update of this hour."""
        random.seed(f"{self.seed} {hour}")  # for the jitter of waits
        options = update.RunOptions(
            ingest=IngestOptions(workers=1),
            contact="desk@ledger.example",
            sinks=SinkOptions(folder=self.archive, contact="desk@ledger.example", allow_hosts=("127.0.0.1",)),
            http=LIMITS,
            clock=SimulatedClock(),
        )
        with Archive.create(self.archive) as archive:
            now = self.time_of(hour)
            due = update.due(self.sources(), archive.sources(), now)
            return update.run(archive, due, command="update", options=options, now=now)


def memory_mb() -> float:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def peak_mb() -> float:
    """Return the peak memory of this process and of its largest child that has ended."""
    status = Path("/proc/self/status").read_text()
    own = int(status.partition("VmHWM:")[2].split()[0])
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1_024 / 1_000_000


def main() -> None:
    """Run the update of each hour that is read."""
    desk = msgspec.json.decode(sys.argv[1], type=Desk)
    for line in sys.stdin:
        report = desk.run(int(line))
        output = to_builtins(report.record())
        del report
        gc.collect()
        output |= {"memory": memory_mb(), "peak": peak_mb(), "open": len(list(Path("/proc/self/fd").iterdir()))}
        output["threads"] = len(list(Path("/proc/self/task").iterdir()))
        sys.stdout.write(json.dumps(output) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Workers: how fast one, two or more of them read pages that were fetched, with all processes on this machine."""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

from benchmark import corpus
from searchkit.archive import Archive
from searchkit.archive.databases import Databases
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.pages import FIRST_PAGE, Lead
from searchkit.store.base import Shared

_SOURCE = "wire"
_SETTINGS = """contact = "bench@your-desk.example"
store = "{store}"
captures = "{captures}"
[[source]]
name = "wire"
kind = "folder"
location = "/not-there"
"""


def main(arguments: list[str]) -> None:
    """Measure, and print pages per second, and processor time and bytes per page."""
    parser = argparse.ArgumentParser(prog="scripts/bench workers", description=__doc__)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 1, 2], help="numbers of workers, in turn")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(corpus.ROOT))
    from tests.cluster.postgres import PostgresServer

    with tempfile.TemporaryDirectory() as name, closing(PostgresServer()) as server:
        folder = Path(name)
        corpus.make(folder / "wire.jsonl", options.pages, mixed=not (corpus.NEWSWIRE / "scale.py").exists())
        with patch.dict(os.environ, PGPASSWORD=server.password):
            for number, count in enumerate(options.workers):
                shared = Shared(store=server.url(server.create_database()), captures=str(folder / "captures"))
                _fill(folder / f"full{number}", shared, _articles(folder / "wire.jsonl"))
                before = _seconds_of(server.folder)
                pages, wall, seconds = _read(folder / f"desk{number}", shared, count)
                database = _seconds_of(server.folder) - before
                print(
                    f"{count} workers: {pages / wall:.0f} pages a second ({pages:,} in {wall:.1f} s); processor "
                    f"milliseconds a page: {1000 * seconds / pages:.1f} of workers, {1000 * database / pages:.1f} of "
                    f"PostgreSQL; {Databases(folder, shared).size() / options.pages / 1000:.1f} kB a page in tables",
                    flush=True,
                )


def _articles(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            paragraphs = "".join(
                f"<p>{escape(part)}</p>"
                for part in record.get("text", record.get("body", "")).split("\n")
                if part.strip()
            )
            title = escape(str(record.get("title") or "Untitled"))
            yield f'<html lang="en"><title>{title}</title><article><h1>{title}</h1>{paragraphs}</article></html>'


def _fill(folder: Path, shared: Shared, articles: Iterator[str]) -> None:
    """Make an archive whose crawler has fetched these pages, and none was read."""
    now = datetime.now(UTC).timestamp()
    captures = Captures(Path(shared.captures))
    with Archive.create(folder, shared=shared) as archive:
        archive.databases.open_store(writable=True).close()
        with closing(Frontier(archive.databases.frontier)) as frontier:
            for number, article in enumerate(articles):
                url = f"https://wire.example/{number}"
                lead = Lead(url=url, depth=1, priority=FIRST_PAGE)
                frontier.add(lead, source=_SOURCE, now=now, may_be_due=lambda _page: True)
                digest = captures.keep(article.encode())
                if page := frontier.page(url):
                    answered = replace(page, state="fetched", digest=digest, media_type="text/html", status=200)
                    frontier.save(replace(answered, fetched_at=now))


def _read(folder: Path, shared: Shared, count: int) -> tuple[int, float, float]:
    """Let workers read all pages; return how many, the seconds from the first to the last, and their processor time."""
    command = [sys.executable, "-m", "searchkit", "--archive"]
    processes = []
    for number in range(count):
        desk = folder / str(number)
        desk.mkdir(parents=True)
        (desk / "searchkit.toml").write_text(_SETTINGS.format(store=shared.store, captures=shared.captures))
        processes.append(subprocess.Popen([*command, "archive", "work", "-q", "--workers", "1"], cwd=desk))
    begun, left = 0.0, [0, 0]
    databases = Databases(folder, shared)
    while not begun or left[-1]:
        time.sleep(0.2)
        report = databases.work_report()
        if report is None:
            continue
        if not begun and left[0] and report.unread < left[0]:
            begun, left = time.monotonic(), [report.unread, report.unread]
        left = [left[0] or report.unread, report.unread]
    wall = time.monotonic() - begun
    seconds = 0.0
    for process in processes:
        process.terminate()
    for process in processes:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        seconds += used.ru_utime + used.ru_stime
    return left[0], wall, seconds


def _seconds_of(folder: Path) -> float:
    """Return the processor time of a server of PostgreSQL with its files there, and of its processes that ended."""
    leader = (folder / "data" / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == leader:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == leader:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")

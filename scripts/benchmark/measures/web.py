"""The reading room: time and size of pages, many readers while a run writes, and the start."""

import asyncio
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from benchmark.corpus import ROOT, mix

_WORDS = (
    "government",
    "exchange",
    "production",
    "budget",
    "vaccine",
    "turbine",
    "fifty",
    "analysts called",
    '"interest rates"',
    "*",
)
_EACH = 40  # pages of each kind
_ADDRESS = re.compile(r"http://[^\s/]{1,60}")


def measure(archive: Path, *, readers: int = 20, seconds: float = 60.0) -> dict[str, Any]:
    """Return the figures over an archive; the run writes into it."""
    pages = _pages(archive)
    return {
        "pages": _timed(archive, pages),
        "start": _starts(archive),
        "readers": _read(archive, pages, readers, seconds),
    }


def _pages(archive: Path) -> dict[str, list[str]]:
    """Return addresses by kind of page."""
    from searchkit.archive import Archive
    from searchkit.web.tools import TOOLS

    with Archive.open(archive) as opened:
        items = [
            item
            for word in _WORDS
            for page in (1, 2)
            for item in TOOLS["search_statements"](opened, word, limit=50, page=page)["items"]
        ]
    names = list(dict.fromkeys(item["speaker_id"] for item in items if item["speaker_id"]))
    documents = list(dict.fromkeys(item["document"] for item in items))
    lists = [f"?{urlencode({'q': word, 'sort': sort})}" for sort in ("relevance", "newest") for word in _WORDS]
    return {
        "statements": [f"/statements{query}" for query in lists],
        "documents": [f"/documents{query}" for query in lists],
        "statement": [f"/statements/{item['id']}" for item in items[::7]][:_EACH],
        "document": [f"/documents/{document}" for document in documents[:_EACH]],
        "name": [f"/names/{quote(name)}" for name in names[:_EACH]],
    }


def _timed(archive: Path, pages: dict[str, list[str]]) -> dict[str, Any]:
    """Return the processor time of warm pages in a worker, and their weight with style and script."""
    from searchkit.config import load
    from searchkit.web.app import create_app
    from searchkit.web.worker import call

    app = create_app({archive.name: archive}, load({"archive": archive}, environment={}, folder=archive))
    static = ROOT / "searchkit" / "web" / "static"
    shared = sum((static / name).stat().st_size for name in ("style.css", "reading-room.js"))
    figures: dict[str, Any] = {}
    with asyncio.Runner() as runner:
        for kind, addresses in pages.items():
            taken, weights = [], []
            for turn in range(3):  # the first warms
                for address in addresses:
                    before = time.process_time()
                    reply = runner.run(call(app, _scope(address), b""))
                    if turn:
                        taken.append((time.process_time() - before) * 1000)
                    if reply.status != 200:
                        raise SystemExit(f"{address}: {reply.status}")
                    weights.append(len(reply.body) + shared)
            figures[kind] = _spread(taken) | {"most_kb": round(max(weights) / 1000, 1)}
    return figures


def _scope(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path.replace("%3A", ":"),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {"role": "reader"},
    }


def _spread(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {"median": round(statistics.median(ordered), 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}


@contextmanager
def _served(archive: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "searchkit", "--archive", str(archive), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        found = _ADDRESS.search(process.stdout.readline() if process.stdout else "")
        if found is None:
            raise SystemExit("searchkit serve did not start")
        yield process, urlsplit(found[0]).netloc
    finally:
        process.terminate()
        process.wait()


def _starts(archive: Path) -> dict[str, float]:
    """Return the seconds from the command to the first page, the file cache being warm."""
    taken = []
    for _ in range(5):
        before = time.perf_counter()
        with _served(archive) as (_, host):
            _get(http.client.HTTPConnection(host, timeout=60), "/statements?q=government")
            taken.append(time.perf_counter() - before)
    return {"best_s": round(min(taken), 2), "median_s": round(statistics.median(taken), 2)}


def _get(connection: http.client.HTTPConnection, address: str) -> int:
    connection.request("GET", address)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _read(archive: Path, pages: dict[str, list[str]], readers: int, seconds: float) -> dict[str, Any]:
    """Return what readers got who turn pages at the pace of people while `index` writes again and again."""
    addresses = [
        address for several in zip(*(pages[kind] for kind in sorted(pages)), strict=False) for address in several
    ]
    taken: list[float] = []
    faults: list[str] = []
    end = threading.Event()

    def reader(number: int, host: str) -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        for turn in range(1_000_000):
            if end.wait(1.5):  # a fast reader
                return
            address = addresses[(number * 17 + turn) % len(addresses)]
            before = time.perf_counter()
            try:
                status = _get(connection, address)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                faults.append(f"{address}: {error}")
                continue
            taken.append((time.perf_counter() - before) * 1000)
            if status != 200:
                faults.append(f"{address}: {status}")

    with _served(archive) as (process, host), tempfile.TemporaryDirectory() as folder:
        threads = [threading.Thread(target=reader, args=(number, host)) for number in range(readers)]
        for thread in threads:
            thread.start()
        time.sleep(min(10.0, seconds / 4))
        memory = [_memory_mb(process.pid)]
        begun, runs = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            path = Path(folder) / f"{runs}.jsonl"
            mix(path, 100, seed=1000 + runs)
            command = [
                sys.executable,
                "-m",
                "searchkit",
                "--archive",
                str(archive),
                "index",
                "-q",
                "--workers",
                "1",
                str(path),
            ]
            subprocess.run(command, check=True)
            runs += 1
            memory.append(_memory_mb(process.pid))
        end.set()
        for thread in threads:
            thread.join()
    return {
        **_spread(taken),
        "pages": len(taken),
        "errors": len(faults),
        "first_errors": faults[:5],
        "runs": runs,
        "memory_mb": [round(memory[0]), round(max(memory)), round(memory[-1])],
    }


def _memory_mb(pid: int) -> float:
    """Return the memory of the server and its workers, shared pages divided."""
    total = 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for process in (str(pid), *children):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        total += int(re.findall(r"Pss:\s+(\d{1,12})", rollup)[0]) / 1024
    return total


def main(arguments: list[str]) -> None:
    """Measure an existing archive."""
    import argparse

    parser = argparse.ArgumentParser(prog="scripts/bench web", description=__doc__)
    parser.add_argument("archive", type=Path, help="an archive; documents are added to it")
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0, help="time for which the readers read")
    options = parser.parse_args(arguments)
    print(json.dumps(measure(options.archive.absolute(), readers=options.readers, seconds=options.seconds), indent=1))

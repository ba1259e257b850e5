"""Run the real command in a process of its own and measure its time and the memory of all its processes."""

import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from msgspec import Struct

# Memory is measured this often; shorter peaks are missed.
_LOOK_SECONDS = 0.02


class Ran(Struct, frozen=True):
    """The result of a command. `peak_mb` is the memory that its processes held at once, shared pages counted once;
    `busy` is their processor time; `overdue` says that the command was killed at its timeout."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    busy: float
    peak_mb: float
    overdue: bool = False


def memory_mb(pid: int) -> float:
    """Return the memory of a process and its descendants in MB, shared pages divided; 0 without /proc."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            for task in (process / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
            lines = (process / "smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):
            continue
        total += next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)
    return total


def _busy() -> float:
    """Return the processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def searchkit(*arguments: str, timeout: float = 120.0, folder: Path | None = None) -> Ran:
    """Run one command, in `folder` if given; kill it after `timeout` seconds."""
    started, before = time.perf_counter(), _busy()
    command = [sys.executable, "-m", "searchkit", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
    )
    peaks = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peaks.append(max(peaks.pop(), memory_mb(process.pid)))
            time.sleep(_LOOK_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    overdue = False
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        overdue = True
        process.kill()
        out, err = process.communicate()
    seconds = time.perf_counter() - started
    watcher.join()
    busy = _busy() - before
    return Ran(process.returncode, out, err, seconds, busy, peaks[0], overdue)

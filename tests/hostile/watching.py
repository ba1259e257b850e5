"""The real command in processes of its own: its time, the memory of all its processes, and what it wrote."""

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

SEARCHKIT = (sys.executable, "-m", "searchkit")
# A run over single cases is asked for its memory so often; what comes and goes faster is not seen.
_LOOK_SECONDS = 0.02


class Ran(Struct, frozen=True, kw_only=True):
    """What a command left behind. `peak_mb` is the memory that all its processes held at once, what they share counted
    once; `busy` is the processor time of all of them, which does not depend on what else the machine does; `overdue`
    says that it had to be ended."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    busy: float
    peak_mb: float
    overdue: bool = False


def memory_mb(pid: int) -> float:
    """The memory of a process and its descendants, in MB, shared pages by halves; 0 where /proc does not tell."""
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


def searchkit(*arguments: str, timeout: float = 120.0, folder: Path | None = None) -> Ran:
    """Run one command, in `folder` if given; after `timeout` seconds it is ended."""
    return _watched([*SEARCHKIT, *arguments], timeout, folder)


def _busy() -> float:
    """Processor seconds of all processes that this one has waited for, and that those have."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watched(command: Sequence[str], timeout: float, folder: Path | None) -> Ran:
    started, before = time.perf_counter(), _busy()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
    )
    peak = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peak.append(max(peak.pop(), memory_mb(process.pid)))
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
    return Ran(
        code=process.returncode,
        out=out,
        err=err,
        seconds=seconds,
        busy=_busy() - before,
        peak_mb=peak[0],
        overdue=overdue,
    )

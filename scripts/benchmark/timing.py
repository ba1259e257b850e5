"""Measure time and memory of functions, of commands with all their processes, and of commands in turns."""

import gc
import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.05


@dataclass(slots=True, kw_only=True)
class Taken:
    """Wall-clock and CPU milliseconds of an engine, an entry per question."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def spread(self) -> dict[str, Any]:
        """Return medians and 95th percentiles, with the number of questions."""
        found: dict[str, Any] = {"questions": len(self.cpu)}
        for name, times in (("ms", self.wall), ("cpu_ms", self.cpu)):
            if times:
                found |= {f"{name}_median": statistics.median(times), f"{name}_p95": percentile(times, 0.95)}
        return found


def percentile(times: Sequence[float], part: float) -> float:
    """Return the time below which `part` (0 to 1) of all times are."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return the result of `work` with its wall-clock and CPU milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    given = work()
    return given, (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def settle() -> None:
    """Exclude existing objects from garbage collection, so that it does not distort the times."""
    gc.collect()
    gc.freeze()


def resident_mb(pid: int) -> float:
    """Return the memory of a process and its descendants in MB; 0 without /proc."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            status = (process / "status").read_text()
            for task in (process / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
        total += next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)
    return total


def own_peak() -> dict[str, float]:
    """Return the peak memory of this process in MB, and its memory without mapped files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmHWM", "RssAnon"):
            found["peak_mb" if name == "VmHWM" else "own_mb"] = int(rest.split()[0]) / 1024
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished command: wall-clock and CPU seconds, peak memory of all its processes in MB, and its output."""

    seconds: float
    cpu: float
    peak_mb: float
    output: str


def ran(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    fine: frozenset[int] = frozenset({0}),
) -> Ran:
    """Run a command. Raises SystemExit if its exit code is not in `fine`."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
        env=None if environment is None else {**os.environ, **environment},
    )
    peak, ended = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(_POLL_SECONDS):
            peak = max(peak, resident_mb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = ""
    if process.stdout is not None:
        with process.stdout:
            output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    if process.returncode not in fine:
        raise SystemExit(f"{' '.join(map(str, command[:6]))} ... failed with {process.returncode}.")
    return Ran(seconds=seconds, cpu=used.ru_utime + used.ru_stime, peak_mb=peak, output=output)


def printed(command: Sequence[str | Path], **options: Any) -> Any:
    """Return the JSON that a command prints as its last line."""
    return json.loads(ran(command, **options).output.splitlines()[-1])


def in_turns(
    commands: Mapping[str, Sequence[str | Path]], rounds: int, *, environment: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """Run the commands in turns for `rounds` rounds, so that load affects all alike; return medians by name."""
    taken = {name: Taken() for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            finished = ran(command, environment=environment)
            taken[name].wall.append(finished.seconds * 1000)
            taken[name].cpu.append(finished.cpu * 1000)
    return {name: times.spread() for name, times in taken.items()}

"""Time and memory: of a piece of work, of a command with all its processes, of processes that take turns."""

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

# How often the memory of a command is looked at.
_EVERY = 0.05


@dataclass(slots=True, kw_only=True)
class Taken:
    """Milliseconds that one engine took, one entry a question: of the clock, and of the processor."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def spread(self) -> dict[str, Any]:
        """Medians and 95th percentiles, with the number of questions."""
        found: dict[str, Any] = {"questions": len(self.cpu)}
        for name, times in (("ms", self.wall), ("cpu_ms", self.cpu)):
            if times:
                found |= {f"{name}_median": statistics.median(times), f"{name}_p95": percentile(times, 0.95)}
        return found


def percentile(times: Sequence[float], part: float) -> float:
    """The time that `part` (0 to 1) of all stay below."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What `work` gives, and how many milliseconds of the clock and of all threads' processors it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    given = work()
    return given, (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def settle() -> None:
    """Put what stands in memory out of the garbage collector's sight, or it would be walked over at the cost of
    whoever is being timed."""
    gc.collect()
    gc.freeze()


def resident_mb(pid: int) -> float:
    """Memory of a process and all its descendants, in MB; 0 where /proc does not tell."""
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
    """The most memory this process ever had, in MB, and how much of what it has now is its own, not mapped files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmHWM", "RssAnon"):
            found["peak_mb" if name == "VmHWM" else "own_mb"] = int(rest.split()[0]) / 1024
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended: seconds of the clock and of processors (of all its processes), the most memory they
    had together in MB, and what it printed."""

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
    """Run a command to its end. SystemExit when its exit code is not one of the `fine` ones."""
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
        while not ended.wait(_EVERY):
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
    """The JSON that a command prints as its last line."""
    return json.loads(ran(command, **options).output.splitlines()[-1])


def in_turns(
    commands: Mapping[str, Sequence[str | Path]], rounds: int, *, environment: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """Start each command `rounds` times, one after the other so that load hits all alike; medians by name."""
    taken = {name: Taken() for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            one = ran(command, environment=environment)
            taken[name].wall.append(one.seconds * 1000)
            taken[name].cpu.append(one.cpu * 1000)
    return {name: times.spread() for name, times in taken.items()}

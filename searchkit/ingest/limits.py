"""Limits on reading one resource, and how a worker process puts itself under them before it reads."""

import math
import os
import resource as system
import time
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

MEGABYTE = 1024 * 1024


class Limits(Struct, frozen=True, kw_only=True):
    """What reading one resource may take in a worker process; what takes more is refused.

    `seconds` is processor time, which does not depend on what else the machine does: a plain text or a page of 10 MB of
    nothing but sentences takes 16 to 18 s, one of 12 MB all. `wall_seconds` is for what waits instead of working, and
    leaves room on a machine with three times as much to do as it can. `memory_mb` is what a process may have beyond
    what it has when it starts (40 MB), so that a worker stays below 350 MB. The libraries for pages and what they
    remember take up to 90 of it, a page of 10 MB with its pictures inside 60; news takes 40 for each megabyte of text,
    since there are 7,000 statements in it, so that texts of up to 5 MB are read. One worker at its limit, another that
    reads what is usual, and the process that stores stay below 600 MB.
    """

    seconds: float = 20.0
    wall_seconds: float = 60.0
    memory_mb: int = 300


# Exit codes of a worker process that ends by itself; chosen to be nobody else's.
OUT_OF_MEMORY = 91
GROWN = 92

# A request for a large block that fails leaves the rest of the allowance unused.
_NEARLY = 0.9
# What reading 1,400 news pages leaves behind is 100 MB, and does not grow; most of it is the libraries.
_GROWN = 0.75
_GROWN_MOST = 150 * MEGABYTE


# The number of this option in glibc's malloc.h.
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 256 * 1024


def give_back_large_blocks() -> None:
    """Have this process return large blocks of memory to the system as soon as they are freed.

    glibc takes blocks for the rest of its life once some of their size (up to 32 MB) were freed: of a run over eleven
    books it kept 214 MB, and 132 with this. Other C libraries have no such option.
    """
    import ctypes  # only a process that takes in documents has a use for it

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def give_back_small_blocks() -> None:
    """Have this process return what it holds of freed memory. Takes some milliseconds; for after what was large."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Allowance:
    """The limits of this process. Made once, when all is loaded that it always needs; renewed for each resource."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._start = _data_bytes()
        self._peak = _peak_bytes()
        self._memory = limits.memory_mb * MEGABYTE
        # A core of a process that was ended on purpose tells nothing and holds somebody's documents.
        _lower(system.RLIMIT_CORE, 0)
        if self._start:
            # Data, not address space: libraries and reserved room for stacks are no memory. macOS heeds neither.
            _lower(system.RLIMIT_DATA, self._start + self._memory)

    def renew(self) -> None:
        """Let the processor time begin anew. At its end the system ends the process, whatever it is caught in."""
        _lower(system.RLIMIT_CPU, math.ceil(time.process_time() + self._seconds))

    def nearly_used_up(self) -> bool:
        """Whether this process has ever been so near to its limit that some request for memory may have failed."""
        return _peak_bytes() - self._peak > self._memory * _NEARLY

    def grown(self) -> bool:
        """Whether earlier resources left so much in memory that the next would have notably less than it may."""
        left = min(self._memory * _GROWN, _GROWN_MOST)
        return bool(self._start) and _data_bytes() - self._start > left


def _lower(kind: int, limit: int) -> None:
    """Set a soft limit, below a hard one that the user may have set."""
    hard = system.getrlimit(kind)[1]
    with suppress(ValueError, OSError):  # a system that does not know it has no such limit
        system.setrlimit(kind, (limit if hard == system.RLIM_INFINITY else min(limit, hard), hard))


def _data_bytes() -> int:
    """The writable memory of this process, as the limit counts it; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - Path takes three times as long
            pages = int(file.read().split()[5])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak_bytes() -> int:
    """The most memory that this process has ever held at once; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0

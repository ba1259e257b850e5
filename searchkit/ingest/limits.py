"""Limits on reading one resource, which a worker process sets for itself before it reads."""

import ctypes
import math
import os
import resource as system
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

MEGABYTE = 1024 * 1024
# Exit code of a worker process that ends by itself, chosen to be unused by others.
OUT_OF_MEMORY = 91
# A failed request for a large block leaves the rest of the allowance unused.
_NEARLY = 0.9
# The number of this option in glibc's malloc.h.
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 256 * 1024


class Limits(Struct, frozen=True, kw_only=True):
    """What reading one resource may use in a worker process; a resource that uses more is refused.

    `seconds` is processor time: a page of 10 MB full of sentences takes 16 to 18 s. `wall_seconds` is for resources
    that wait instead, with room for a machine with three times its load. `memory_mb` is added to the 40 MB at the start
    of a process: libraries use up to 90 MB, a page of 10 MB with embedded pictures 60, and news 40 per megabyte of
    text. With one worker at its limit, one at the usual size, and the storing process, a run stays below 600 MB.
    """

    seconds: float = 20.0
    wall_seconds: float = 60.0
    memory_mb: int = 300


def give_back_large_blocks() -> None:
    """Make this process return large blocks of memory to the system as soon as they are freed.

    By default, glibc keeps blocks of up to 32 MB once such sizes were freed: 214 MB after eleven books, 132 with this.
    """
    with suppress(OSError, AttributeError):  # other C libraries have no such option
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def give_back_small_blocks() -> None:
    """Return freed memory to the system. Takes some milliseconds; for use after large resources."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


# The model of languages takes 114 MB with numpy. Until a resource needs it, the limit has room for it.
_LIBRARY_BYTES = 120 * MEGABYTE


class Allowance:
    """The limits of this process. Create it once everything is loaded, and renew it for each resource.

    `loaded_later` returns the bytes of a library that some resource needed: it stays, and no resource uses it up.
    """

    def __init__(self, limits: Limits, loaded_later: Callable[[], int] | None = None) -> None:
        self._seconds = limits.seconds
        self._loaded_later = loaded_later or (lambda: 0)
        self._room = _LIBRARY_BYTES if loaded_later is not None else 0
        self._start = _data_bytes()
        self._peak = _peak_bytes()
        self._memory = limits.memory_mb * MEGABYTE
        # A core dump would contain documents.
        _lower(system.RLIMIT_CORE, 0)

    def renew(self) -> None:
        """Restart the processor time and allow the memory. When either is used up, the system refuses more."""
        if self._start:
            # Data, not address space: libraries and reserved stacks are not memory. macOS ignores both.
            _lower(system.RLIMIT_DATA, self._start + self._memory + (self._loaded_later() or self._room))
        _lower(system.RLIMIT_CPU, math.ceil(time.process_time() + self._seconds))

    def nearly_used_up(self) -> bool:
        """Return whether this process came so near to its limit that a request for memory may have failed."""
        return _peak_bytes() - self._peak - self._loaded_later() > self._memory * _NEARLY


def _lower(kind: int, limit: int) -> None:
    """Set a soft limit, within a hard limit that the user may have set."""
    hard = system.getrlimit(kind)[1]
    with suppress(ValueError, OSError):  # unknown to this system
        system.setrlimit(kind, (limit if hard == system.RLIM_INFINITY else min(limit, hard), hard))


def _data_bytes() -> int:
    """Return the writable memory of this process as the limit counts it; 0 if the system does not report it."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - Path takes three times as long
            pages = int(file.read().split()[5])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak_bytes() -> int:
    """Return the peak memory of this process; 0 if the system does not report it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0

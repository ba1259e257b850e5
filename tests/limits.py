"""Bounds on processor time that a loaded machine does not exceed and quadratic time does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Processes that share the caches of a core slow each other down: at a load of 10 on two cores, up to threefold.
_LOADED = 5


@contextmanager
def processor_time_below(seconds: float) -> Iterator[None]:
    """Fail if the block takes more than five times `seconds`, its bound on an idle machine."""
    started = time.process_time()
    yield
    used = time.process_time() - started
    assert used < _LOADED * seconds, f"{used:.1f} s of processor time, not {seconds:g} s"

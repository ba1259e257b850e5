"""Bounds on processor time that a loaded machine does not exceed and quadratic time does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# At a load of 10 on two cores, processes that share caches take up to threefold; other machines are slower as well.
_LOADED = 10


@contextmanager
def processor_time_below(seconds: float) -> Iterator[None]:
    """Fail if the block takes more than ten times `seconds`, its bound on an idle machine."""
    started = time.process_time()
    yield
    used = time.process_time() - started
    assert used < _LOADED * seconds, f"{used:.1f} s of processor time, not {seconds:g} s"

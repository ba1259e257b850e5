"""How time goes by in a run: the `time` module of the standard library for real, another for a simulation."""

from typing import Protocol


class Pace(Protocol):
    """A clock that never goes back, and the waits on it. What a simulation gives may let waits take no time; how long a
    server may take to answer is bounded in real time all the same."""

    def monotonic(self) -> float:
        """Seconds since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Wait: `monotonic` is so much later when this returns."""

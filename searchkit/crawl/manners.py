"""Manners between requests."""

from datetime import timedelta


def backoff(tries: int, *, retry_after: float | None = None, jitter: float = 0.5) -> timedelta:
    """How long to wait after `tries` failed tries in a row (from 1); `jitter` is from 0 to 1, given by the caller."""
    raise NotImplementedError

"""Fetching over HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from searchkit.crawl.base import MEGABYTE
from searchkit.crawl.responses import Response

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Limits on asking web servers. Sizes in bytes, times in seconds."""

    contact: str = ""
    max_bytes: int = 10 * MEGABYTE
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_seconds: float = 120.0
    max_redirects: int = 5
    allow_hosts: tuple[str, ...] = ()


class Fetcher:
    """Asks web servers, within limits."""

    def __init__(self, options: HttpOptions, *, clock: Callable[[], datetime], resolve: Resolve | None = None) -> None:
        raise NotImplementedError

    def get(
        self,
        url: str,
        *,
        validators: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        allowed: Callable[[str], bool] | None = None,
    ) -> Response:
        """The answer at `url`; FetchFailed when there is none.

        `allowed` is asked about the target of each redirect."""
        raise NotImplementedError

    def close(self) -> None:
        """End all connections."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

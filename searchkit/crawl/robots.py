"""What robots.txt says to us (RFC 9309)."""

from datetime import datetime

from searchkit.crawl.responses import FetchFailed, Response


class Robots:
    """The rules of one host for our agent."""

    text: str
    fetched_at: datetime
    delay: float | None
    sitemaps: tuple[str, ...]

    @classmethod
    def of(cls, answer: Response | FetchFailed, fetched_at: datetime) -> "Robots":
        """The rules in an answer to the request for robots.txt, or in its failure."""
        raise NotImplementedError

    @classmethod
    def stored(cls, text: str, fetched_at: datetime) -> "Robots":
        """The rules as kept before (`text` and `fetched_at`)."""
        raise NotImplementedError

    def allows(self, url: str) -> bool:
        """Whether our agent may ask for `url`."""
        raise NotImplementedError

    def stale(self, now: datetime) -> bool:
        """Whether robots.txt must be asked for again."""
        raise NotImplementedError

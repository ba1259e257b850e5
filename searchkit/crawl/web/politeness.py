"""Crawl policy: our user agent, robots.txt (RFC 9309), and the waits between requests."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from searchkit.crawl.web.pages import FetchFailed, Response
from searchkit.version import __version__

if TYPE_CHECKING:
    from protego import Protego

# Our name in robots.txt (RFC 9309, 2.2.1: letters, `-` and `_` only).
PRODUCT = "searchkit"
LONGEST_WAIT = timedelta(days=1)
# RFC 9309, 2.5 and 2.4: at least this much is read, and it is used for at most a day.
MAX_ROBOTS_BYTES = 500 * 1024
_FRESH_FOR = timedelta(hours=24)
_CLOCK_TOLERANCE = timedelta(minutes=1)
_FIRST_WAIT = timedelta(minutes=1)

_CONTACT = re.compile(r"[\x21-\x27\x2a-\x7e]{1,200}")  # printable ASCII without spaces and parentheses
_AGENT = re.compile(r"[ \t\ufeff]{0,20}user[- ]?agent[ \t]{0,20}[: \t][ \t]{0,20}([^#\r\n]{0,200})", re.IGNORECASE)
_KNOWN = re.compile(
    r"[ \t\ufeff]{0,20}(?:allow|diss?all?ow|disalow|crawl[- ]delay|request[- ]rate|visit[- ]time|site-?map|host)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-z_-]{1,100}", re.IGNORECASE)


def user_agent(contact: str) -> str:
    """Return our User-Agent: name, version and contact, if any. Raise ValueError for an invalid contact.

    The name cannot be changed: sites must be able to recognize us.
    """
    name = f"{PRODUCT}/{__version__}"
    if not contact:
        return name
    if not _CONTACT.fullmatch(contact):
        raise ValueError("a contact is an e-mail address or a web address, without spaces")
    return f"{name} (+{contact})"


def retry_after(value: str, *, now: datetime) -> float | None:
    """Return the wait in seconds of a Retry-After header (RFC 9110, 10.2.3), at most a day; None if it is invalid."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        seconds = float(value)
    else:
        try:
            until = parsedate_to_datetime(value[:100])
        except (ValueError, OverflowError):
            return None
        # HTTP dates are in GMT.
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT.total_seconds())


def backoff(tries: int, *, retry_after: float | None = None) -> timedelta:
    """Return the wait after `tries` failures in a row (from 1): a minute, doubled each time, at most a day.

    Chance changes it by up to half, so that pages that failed together are not retried together. It is never shorter
    than `retry_after` seconds.
    """
    wait = _FIRST_WAIT * 2.0 ** min(tries - 1, 20) * random.uniform(0.5, 1.5)  # noqa: S311 - not a secret
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds())))
    return min(wait, LONGEST_WAIT)


class Robots(Struct, frozen=True, kw_only=True, dict=True):
    """The rules of a host for us. `text` is robots.txt, truncated to 500 KiB; empty if there is none, which allows
    everything."""

    text: str
    fetched_at: datetime

    @cached_property
    def _rules(self) -> "Protego":
        from protego import Protego

        return Protego.parse(_for_us(self.text))

    @classmethod
    def from_answer(cls, answer: Response | FetchFailed, fetched_at: datetime) -> Self | None:
        """Return the rules in the answer to a request for robots.txt; None if it forbids everything for now.

        A 4xx answer or endless redirects mean no rules (RFC 9309, 2.3.1). A 429, a 5xx answer, or none forbids
        everything.
        """
        if isinstance(answer, FetchFailed):
            return cls(text="", fetched_at=fetched_at) if 300 <= answer.status < 500 and answer.status != 429 else None
        body = answer.body
        if len(body) > MAX_ROBOTS_BYTES:
            body = body[: body.rfind(b"\n", 0, MAX_ROBOTS_BYTES) + 1]  # half a rule can forbid more than the rule
        return cls(text=body.decode("utf-8", "replace"), fetched_at=fetched_at)

    def allows(self, url: str) -> bool:
        """Return whether we may fetch `url`, a canonical address of this host."""
        return bool(self._rules.can_fetch(url, PRODUCT))

    @property
    def delay(self) -> float | None:
        """Seconds between two requests that the host asks for (crawl-delay, request-rate), at most a day; or None."""
        delay = self._rules.crawl_delay(PRODUCT)
        rate = self._rules.request_rate(PRODUCT)
        delays = [value for value in (delay, rate and rate.seconds / rate.requests) if value is not None]
        return min(max(delays), LONGEST_WAIT.total_seconds()) if delays else None

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that robots.txt names, as written."""
        return tuple(dict.fromkeys(self._rules.sitemaps))

    def is_stale(self, now: datetime) -> bool:
        """Return whether robots.txt must be fetched again, also because its date is in the future."""
        age = now - self.fetched_at
        return not -_CLOCK_TOLERANCE <= age < _FRESH_FOR


def _for_us(text: str) -> str:
    """Return `text` with all other robots under one name and without unknown lines.

    protego stores each rule once per robot of its group: hundreds of millions in 500 KiB. It also matches prefixes of
    names, while only our complete name counts, and lets an unknown line end a group (against RFC 9309, 2.2.4).
    """
    lines = []
    for line in text.splitlines():
        match = _AGENT.match(line)
        if match is None:
            if _KNOWN.match(line):
                lines.append(line)
            continue
        token = _TOKEN.match(match[1].strip())
        is_ours = token is not None and token[0].lower() == PRODUCT
        lines.append(f"User-agent: {'*' if match[1].strip() == '*' else PRODUCT if is_ours else 'other'}")
    return "\n".join(lines)


def header_instructions(headers: Mapping[str, str]) -> set[str]:
    """Return the instructions for us in an X-Robots-Tag header, such as `noindex`. They may follow a robot's name."""
    instructions: set[str] = set()
    is_ours = True
    for part in headers.get("x-robots-tag", "")[:1_000].lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() != "unavailable_after":
            is_ours = name.strip() == PRODUCT
        if is_ours:
            instructions.add((rest if colon else part).strip())
    return instructions

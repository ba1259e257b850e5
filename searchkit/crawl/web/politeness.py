"""Manners between requests: who we say we are, how long a server asks us to wait, how long we wait by ourselves."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from searchkit.version import __version__

# The name in robots.txt that speaks to us (RFC 9309, 2.2.1: letters, `-` and `_` only).
PRODUCT = "searchkit"

LONGEST_WAIT = timedelta(days=1)
_FIRST_WAIT = timedelta(minutes=1)
_DIGITS = re.compile(r"[0-9]{1,9}")
_CONTACT = re.compile(r"[\x21-\x27\x2a-\x7e]{1,200}")  # one word of printable ASCII, without parentheses


def user_agent(contact: str) -> str:
    """What we call ourselves: name, version and, when there is one, whom to write to. ValueError for a strange contact.

    There is no way to call ourselves anything else: a site must be able to tell us from a reader.
    """
    name = f"{PRODUCT}/{__version__}"
    if not contact:
        return name
    if not _CONTACT.fullmatch(contact):
        raise ValueError("a contact is one word, an e-mail address or a web address")
    return f"{name} (+{contact})"


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: seconds or a date), at most a day; None if neither."""
    value = value.strip()
    if _DIGITS.fullmatch(value):
        seconds = float(value)
    elif value.isdecimal() and value.isascii():
        seconds = LONGEST_WAIT.total_seconds()
    else:
        try:
            until = parsedate_to_datetime(value[:100])
        except (ValueError, OverflowError):
            return None
        # "-0000" gives a time without a zone, which HTTP dates do not have: they are in GMT.
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        seconds = (until - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT.total_seconds())


def backoff(tries: int, *, retry_after: float | None = None, jitter: float = 0.5) -> timedelta:
    """How long to wait after `tries` failures in a row (from 1): a minute, doubled each time, a day at most.

    `jitter`, from 0 to 1 and drawn by the caller, takes off up to half or adds up to half, so that what failed together
    is not asked again together. `retry_after` is how many seconds the server asked for; a wait is never shorter.
    """
    wait = _FIRST_WAIT * 2.0 ** min(tries - 1, 20) * (0.5 + jitter)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds())))
    return min(wait, LONGEST_WAIT)

"""Manners between requests."""

from datetime import UTC, datetime, timedelta

import pytest

from searchkit import __version__
from searchkit.crawl.web.politeness import backoff, retry_after, user_agent

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_we_say_who_we_are() -> None:
    assert user_agent("") == f"searchkit/{__version__}"
    assert user_agent("desk@ledger.example") == f"searchkit/{__version__} (+desk@ledger.example)"
    for strange in ("two words", "a\r\nX: y", "a)", "ä@ledger.example", "a" * 201):
        with pytest.raises(ValueError, match="contact"):
            user_agent(strange)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999", 86_400.0),
        ("9" * 5000, 86_400.0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Mar 2100 12:00:00 GMT", 86_400.0),
        ("Sun, 01 Mar 99999 12:00:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_how_long_a_server_asks_to_wait(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


def test_waits_double_up_to_a_day() -> None:
    waits = [backoff(tries) for tries in range(1, 40)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)
    assert backoff(10_000, jitter=0.0) <= timedelta(days=1)


def test_jitter_takes_off_or_adds_up_to_half() -> None:
    assert backoff(3, jitter=0.0) == timedelta(minutes=2)
    assert backoff(3, jitter=1.0) == timedelta(minutes=6)


def test_a_wait_is_never_shorter_than_the_server_asks_for() -> None:
    assert backoff(1, retry_after=600.0) == timedelta(minutes=10)
    assert backoff(1, retry_after=1.0, jitter=0.0) == timedelta(seconds=30)
    assert backoff(1, retry_after=1e12) == timedelta(days=1)

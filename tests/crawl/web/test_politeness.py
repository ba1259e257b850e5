"""User agent, waits and robots.txt."""

from datetime import UTC, datetime, timedelta

import pytest

from searchkit.crawl.web.pages import FetchFailed, Response
from searchkit.crawl.web.politeness import MAX_ROBOTS_BYTES, Robots, backoff, retry_after, user_agent
from searchkit.version import __version__
from tests.cases import cases
from tests.limits import processor_time_below
from tests.samples import present

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = "https://ledger.example"


def test_we_say_who_we_are() -> None:
    assert user_agent("") == f"searchkit/{__version__}"
    assert user_agent("desk@ledger.example") == f"searchkit/{__version__} (+desk@ledger.example)"
    for strange in ("two words", "a\r\nX: y", "a)", "ä@ledger.example", "a" * 201):
        with pytest.raises(ValueError, match="contact"):
            user_agent(strange)


@pytest.mark.parametrize(
    ("value", "seconds"), [*cases(__file__, "test_how_long_a_server_asks_to_wait"), ("9" * 5000, 86_400.0)]
)
def test_how_long_a_server_asks_to_wait(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


def test_waits_double_up_to_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for chance, first in ((0.5, 0.5), (1.0, 1.0), (1.5, 1.5)):
        monkeypatch.setattr("random.uniform", lambda *_, chance=chance: chance)
        waits = [backoff(tries) for tries in (1, 2, 3, *range(4, 40), 10_000)]
        assert waits[:3] == [first * timedelta(minutes=minutes) for minutes in (1, 2, 4)]
        assert waits == sorted(waits)
        assert waits[-1] == timedelta(days=1)
    # Never shorter than the server asks for.
    assert backoff(1, retry_after=600.0) == timedelta(minutes=10)
    assert backoff(1, retry_after=1.0) == timedelta(seconds=90)
    assert backoff(1, retry_after=1e12) == timedelta(days=1)


def _robots(text: str) -> Robots:
    return Robots(text=text, fetched_at=NOW)


def from_answer(body: bytes) -> Robots:
    return present(Robots.from_answer(Response(final_url=SITE, status=200, body=body, fetched_at=NOW), NOW))


@pytest.mark.parametrize(("text", "path", "allowed"), cases(__file__, "test_rules"))
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert _robots(text).allows(SITE + path) is allowed


@pytest.mark.parametrize(("text", "delay"), cases(__file__, "test_delay"))
def test_delay(text: str, delay: float | None) -> None:
    assert _robots(text).delay == delay


def test_sitemaps_are_listed_once_each() -> None:
    text = f"Sitemap: {SITE}/a.xml\nUser-agent: other\nDisallow: /\nSitemap: {SITE}/b.xml\nSitemap: {SITE}/a.xml"
    assert _robots(text).sitemaps == (f"{SITE}/a.xml", f"{SITE}/b.xml")


@pytest.mark.parametrize(
    ("failure", "allowed"),
    [
        (FetchFailed("HTTP 404", status=404), True),
        (FetchFailed("HTTP 403", status=403), True),
        (FetchFailed("redirect loop", status=302), True),
        (FetchFailed("HTTP 429", status=429, temporary=True), False),
        (FetchFailed("HTTP 503", status=503, temporary=True), False),
        (FetchFailed("no data for 20 s", temporary=True), False),
        (FetchFailed("is larger than 10 MB", status=200), False),
    ],
)
def test_without_a_robots_txt(failure: FetchFailed, allowed: bool) -> None:
    assert Robots.from_answer(failure, NOW) == (_robots("") if allowed else None)


def test_robots_txt_is_fetched_again_after_a_day() -> None:
    assert not _robots("").is_stale(NOW + timedelta(hours=23))
    assert _robots("").is_stale(NOW + timedelta(hours=24))


def test_long_robots_txt_is_truncated_between_rules() -> None:
    body = b"User-agent: *\nDisallow: /first\n" + b"Disallow: /filling\n" * 30_000 + b"Disallow: /last\n"
    robots = from_answer(body)
    assert len(robots.text) <= MAX_ROBOTS_BYTES
    assert robots.text.endswith("/filling\n")
    assert not robots.allows(SITE + "/first")
    assert robots.allows(SITE + "/last")
    assert from_answer(b"x" * 2 * MAX_ROBOTS_BYTES).text == ""


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\n" + "".join(f"Disallow: /{number}\n" for number in range(200_000)),
        "User-agent: *\n" + "".join(f"Disallow: /*{number}*a*b\n" for number in range(200_000)),
        "User-agent: *\nDisallow: /" + "*a" * 250_000 + "b",
        ("User-agent: *\n" + ("Disallow: /" + "*a" * 900 + "*b\n") * 260),
        "".join(f"User-agent: a{one}\n" for one in range(15_000)) + "Allow:/\n" * 30_000,
        "".join(f"User-agent: a{one}\n" for one in range(10_000)) * 3,
        "User-agent: *\nDisallow: /" + "%41" * 160_000,
        "User-agent: *\n" + "Disallow: /$$$$$$\n" * 30_000,
        "User-agent " * 50_000,
        " " * 500_000,
    ],
    ids="rules wildcards stars long-wildcards robots repeated escapes dollars words blanks".split(),
)
def test_hostile_rules_take_bounded_time(text: str) -> None:
    with processor_time_below(2):
        robots = from_answer(text.encode())
        for _ in range(5):
            assert robots.allows(f"{SITE}/{'a' * 1900}") in {True, False}

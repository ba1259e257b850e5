"""The manners of the crawler, as servers see them."""

import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.crawl.base import CrawlOptions, Postponed, Source
from searchkit.statements.document import Resource
from tests.crawl.web import misdeeds
from tests.crawl.web.ledger import QUICK, SimulatedClock, Visitor, documents, feed, outcomes, requests, source, story
from tests.crawl.web.site import Act, Request, Site, Wire

DELAY = 0.15


def pages(site: Site, host: str, count: int) -> Source:
    """A feed on `host` with `count` pages there."""
    paths = [f"/{number}.html" for number in range(count)]
    for path in paths:
        site.page(path, story(path), host=host)
    entries = feed(*((site.url(path, host=host), path) for path in paths))
    site.page("/feed", entries, host=host, media_type="text/xml")
    return source("feed", site.url("/feed", host=host), delay=DELAY)


def test_simulated_pauses_take_no_time(site: Site, tmp_path: Path) -> None:
    one = pages(site, "127.0.0.1", 4)
    site.robots("User-agent: *\nCrawl-delay: 60\n")
    pace = SimulatedClock()
    visitor = Visitor(tmp_path, options=CrawlOptions(http=QUICK, clock=pace))
    started = time.monotonic()
    assert len(documents(site, visitor.visit(one))) == 4
    assert time.monotonic() - started < 60
    # After robots.txt, the feed and three of the pages.
    assert pace.at >= 5 * 60


def test_a_long_crawl_delay_is_kept_over_runs(site: Site, visitor: Visitor) -> None:
    one = pages(site, "127.0.0.1", 3)
    site.robots("User-agent: *\nCrawl-delay: 600\n")
    started = time.monotonic()
    [told_now] = visitor.visit(one)
    assert isinstance(told_now, Postponed)
    assert told_now.uri == site.url("/feed")
    assert [request.path for request in site.received()] == ["/robots.txt"]
    # The feed, then ten minutes nothing, whatever cron does.
    assert visitor.later(minutes=11).visit(one) == []
    assert requests(site) == ["/feed"]
    visitor.later(minutes=5).visit(one)
    assert requests(site) == ["/feed"]
    assert time.monotonic() - started < 60


def test_twenty_hosts_at_once_and_one_request_at_a_time_to_each(tmp_path: Path) -> None:
    hosts = [f"127.0.0.{number}" for number in range(1, 21)]
    gate = threading.Barrier(16, timeout=10)
    together: set[str] = set()

    def waits_for_the_others(host: str) -> Act:
        def act(wire: Wire, request: Request) -> None:
            if len(together) < 16:
                together.add(host)
                gate.wait()
            wire.send(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")

        return act

    with Site(*hosts) as site:
        for host in hosts[:16]:
            site.acts("/robots.txt", waits_for_the_others(host), host=host)
        locations = [pages(site, host, 3).locations[0] for host in hosts]
        found = Visitor(tmp_path).visit(source("feed", *locations, delay=DELAY))
        assert sum(isinstance(value, Resource) for value in found) == 60
        assert len(together) == 16
        assert min(min(site.gaps(host)) for host in hosts) >= DELAY
        assert {len({request.connection for request in site.received(host=host)}) for host in hosts} == {1}


def test_retry_after_applies_to_the_host(site: Site, visitor: Visitor) -> None:
    one = pages(site, "127.0.0.1", 3)
    site.fails("/feed", 503, retry_after="3600", times=1)
    assert outcomes(site, visitor.visit(one)) == {"/feed": "postponed: HTTP 503"}
    # Nothing is asked there before the hour is over, by no source.
    other = source("urls", site.url("/0.html"), name="other")
    found = outcomes(site, visitor.later(minutes=30).visit(other))
    day, words = f"{visitor.now:%Y-%m-%d}", found["/0.html"]
    assert words.startswith(f"postponed: host asked to wait, until {day} ")
    assert words.endswith(" UTC"), "no option overrides it"
    visitor.options = replace(visitor.options, refetch=True)
    assert outcomes(site, visitor.visit(other)) == found
    visitor.options = replace(visitor.options, refetch=False)
    assert requests(site) == ["/feed"]
    assert len(documents(site, visitor.later(minutes=31).visit(one))) == 3


def test_robots_txt_is_fetched_first_and_once_a_day(site: Site, visitor: Visitor) -> None:
    one = replace(pages(site, "127.0.0.1", 1), delay=0.0)
    for _ in range(26):
        visitor.later(hours=1).visit(one)
    assert site.received()[0].path == "/robots.txt"
    assert len(site.received("/robots.txt")) == 2


def hourly(visitor: Visitor, site: Site, one: Source, *hours: int) -> list[int]:
    """How often a site was asked in each of so many hours."""
    counts = []
    for _ in hours:
        before = len(requests(site))
        visitor.later(hours=1).visit(one)
        counts.append(len(requests(site)) - before)
    return counts


@pytest.mark.long
def test_a_failing_host_is_paused_longer_and_longer(site: Site, visitor: Visitor) -> None:
    one = replace(pages(site, "127.0.0.1", 10), delay=0.0)
    assert len(documents(site, visitor.visit(one))) == 10
    for path in ("/feed", *(f"/{number}.html" for number in range(10))):
        site.fails(path, 503)
    counts = hourly(visitor, site, one, *range(48))
    assert counts[0] == 3  # not eleven
    assert set(counts[1:]) <= {0, 2}  # then it is asked two things, to see whether it is well again
    assert 6 <= sum(counts[1:24]) <= 16
    assert sum(counts[24:]) <= 6
    # Its pages are as they were, and once it is well, all goes on.
    for path in ("/feed", *(f"/{number}.html" for number in range(10))):
        site.fails(path, 503, times=0)
    visitor.later(days=1)
    words = outcomes(site, visitor.visit(one))
    assert words.pop("/feed", "recovered") == "recovered"  # it was given up, perhaps
    assert list(words.values()) == ["unmodified"] * 10
    assert hourly(visitor, site, one, 1, 2)[0] >= 1


def test_a_location_on_a_failing_host_is_reported(site: Site, visitor: Visitor) -> None:
    locations = [site.url(f"/{number}.html") for number in range(6)]
    for number in range(6):
        site.fails(f"/{number}.html", 429)
    found = outcomes(site, visitor.visit(source("urls", *locations)))
    assert len(requests(site)) == 3
    words = sorted(found.values())
    assert words[:3] == ["postponed: HTTP 429"] * 3
    why, until = words[3].split(", until ")
    assert (words[3:], why) == ([words[3]] * 3, "postponed: host is paused after repeated failures: HTTP 429")
    assert until.endswith(" UTC; to ask it now, run: searchkit update --all")
    assert until[:10] == visitor.now.strftime("%Y-%m-%d")
    # A run for all pages asks the host, which works again.
    for number in range(6):
        site.fails(f"/{number}.html", 429, times=0)
    again = outcomes(site, visitor.later(minutes=3).visit(source("urls", *locations)))
    assert {word.partition(",")[0] for word in again.values()} == {why}
    visitor.options = replace(visitor.options, refetch=True)
    found = outcomes(site, visitor.later(minutes=3).visit(source("urls", *locations)))
    assert [word.removeprefix("refused: ") for word in found.values()] == ["HTTP 404"] * 6


def test_a_run_ends_promptly_although_servers_stall(site: Site, visitor: Visitor) -> None:
    site.page("/a.html", story("Cranes"))
    site.acts("/robots.txt", misdeeds.STALLS, host="127.0.0.2")
    slow = replace(visitor.options.http, read_timeout=60.0, total_seconds=60.0)
    visitor.options = replace(visitor.options, http=slow)
    with visitor.crawler() as crawler:
        run = crawler.run(source("urls", site.url("/a.html"), site.url("/b.html", host="127.0.0.2")))
        assert isinstance(next(run), Resource)
        started = time.monotonic()
        run.close()
        assert time.monotonic() - started < 20
    assert not any(thread.name == "searchkit-crawl" for thread in threading.enumerate())

"""Several sources in one crawl: at the same time, each within its pages and its time, without delay by another."""

import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.crawl.base import Postponed, Source
from searchkit.crawl.web.crawler import Crawler
from searchkit.statements.document import Resource
from tests.crawl.web.ledger import QUICK, Visitor, documents, feed, outcomes, requests, sitemap, source, story
from tests.crawl.web.site import Act, Request, Site, Wire

SLOW, FAST = "127.0.0.1", "127.0.0.2"


def takes(seconds: float, body: str) -> Act:
    """Answer after some seconds."""

    def act(wire: Wire, _request: Request) -> None:
        wire.wait(seconds)
        wire.send(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    return act


def paper(site: Site, name: str, host: str, *paths: str, **fields: object) -> Source:
    """A feed on a host, with pages at these paths there."""
    for path in paths:
        site.page(path, story(path), host=host)
    entries = feed(*((site.url(path, host=host), path) for path in paths))
    site.page(f"/{name}", entries, host=host, media_type="text/xml")
    return source("feed", site.url(f"/{name}", host=host), name=name, **fields)


def slow_paper(site: Site, *, seconds: float, pages: int = 9, **fields: object) -> Source:
    paths = [f"/slow-{number}" for number in range(pages)]
    slow = paper(site, "slow", SLOW, *paths, **fields)
    for path in paths:
        site.acts(path, takes(seconds, story(path)), host=SLOW)
    return slow


@pytest.mark.slow
def test_a_slow_source_does_not_delay_another(site: Site, visitor: Visitor) -> None:
    slow = slow_paper(site, seconds=0.2)
    fast = paper(site, "fast", FAST, "/a", "/b", "/c")
    with visitor.crawler() as crawler:
        found = [crawler.source_of(result.uri).name for result in crawler.run(slow, fast)]
    assert sorted(found) == ["fast"] * 3 + ["slow"] * 9
    assert found[:5].count("fast") == 3


def test_requests_to_one_host_are_never_at_once_and_its_sources_take_turns(site: Site, visitor: Visitor) -> None:
    many = [f"/many-{number}" for number in range(40)]
    first, second = paper(site, "first", FAST, *many), paper(site, "second", FAST, "/x", "/y")
    for path in ("/x", "/y", *many):
        site.acts(path, takes(0.01, story(path)), host=FAST)
    found = visitor.visit(first, second)
    assert sum(isinstance(value, Resource) for value in found) == 42
    asked = [request for request in site.received(host=FAST) if request.path.startswith(("/many", "/x", "/y"))]
    assert [later.path for one, later in pairwise(asked) if later.at < one.at + 0.01] == []
    assert "/y" in [request.path for request in asked[:30]]


def test_a_page_of_two_sources_is_asked_for_once(site: Site, visitor: Visitor) -> None:
    first, second = paper(site, "first", FAST, "/a", "/b"), paper(site, "second", FAST, "/a", "/b", "/c")
    assert sum(isinstance(value, Resource) for value in visitor.visit(first, second)) == 3
    assert sorted(path for path in requests(site) if len(path) == 2) == ["/a", "/b", "/c"]


def test_sources_with_a_common_location_run_one_after_the_other(site: Site, visitor: Visitor) -> None:
    first, other = paper(site, "first", FAST, "/a", "/b"), paper(site, "other", FAST, "/c")
    second = replace(first, name="second", include=("*/b",))
    third = replace(first, name="third", locations=(first.locations[0].replace("http", "HTTP"), "not an address"))
    assert Crawler.in_rounds([first, other, second, third]) == [[first, other], [second], [third]]


def test_hosts_of_one_source_that_stall_leave_room_for_others(tmp_path: Path) -> None:
    hosts = [f"127.0.0.{number}" for number in range(3, 33)]
    with Site(FAST, *hosts) as site:
        for host in hosts:
            site.acts("/robots.txt", takes(9.0, ""), host=host)
        bad = source("urls", *(site.url("/x", host=host) for host in hosts), name="bad")
        fast = paper(site, "fast", FAST, "/a")
        began = time.monotonic()
        with Visitor(tmp_path).crawler() as crawler:
            first = next(crawler.run(bad, fast))
        assert first.uri == site.url("/a", host=FAST)
        assert time.monotonic() - began < 5
        assert len({request.host for request in site.received()} - {FAST}) == 16


def test_nothing_is_fetched_for_a_source_while_too_much_of_it_waits(site: Site, visitor: Visitor) -> None:
    slow = slow_paper(site, seconds=0.0)
    fast = paper(site, "fast", FAST, "/a", "/b")
    full = {"slow"}
    found: list[str] = []
    with visitor.crawler() as crawler:
        for value in crawler.steps(slow, fast, is_backlogged=full.__contains__):
            if value is not None:
                found.append(value.uri)
            elif full and len(found) == 2:
                assert {request.host for request in site.received()} == {FAST}
                full.clear()
    assert len(found) == 2 + 9
    # The next run begins with what was not settled, of each source in turn, and under the same limit.
    full.add("slow")
    again: list[str] = []
    before = len(site.received())
    with visitor.crawler() as crawler:
        for value in crawler.steps(slow, fast, is_backlogged=full.__contains__):
            if value is not None:
                again.append(value.uri)
            elif full and len(again) == 2:
                assert again == found[:2]
                full.clear()
    assert sorted(again) == sorted(found)
    assert len([request for request in site.received()[before:] if request.path.startswith("/slow-")]) == 0


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_source_ends_when_its_time_is_used_up(site: Site, visitor: Visitor) -> None:
    slow = slow_paper(site, seconds=0.2, max_seconds=0.5, every=timedelta(days=1))
    fast = paper(site, "fast", FAST, "/a", "/b", delay=0.3)
    with visitor.crawler() as crawler:
        found = list(crawler.run(slow, fast))
        for value in found:
            crawler.settle(value.uri, changed=True)
        assert crawler.cut_short(fast) == ""
        left = 9 - sum(isinstance(value, Resource) and "slow" in value.uri for value in found)
        assert 5 < left < 9
        assert crawler.cut_short(slow).startswith("the 0.00833333 minutes of the source (max_minutes) are used up; ")
    # Nothing is lost, and nothing is fetched twice but what was under way.
    rest = documents(site, visitor.later(hours=1).visit(replace(slow, max_seconds=60.0)))
    assert len([path for path in rest if "slow" in path]) in {left, left - 1}
    assert len([path for path in requests(site) if path.startswith("/slow-")]) <= 10


def test_a_run_ends_when_its_time_is_used_up(site: Site, visitor: Visitor) -> None:
    site.acts("/feed", takes(0.4, feed()))
    stalled = source("feed", site.url("/feed"))
    visitor.options = replace(visitor.options, max_seconds=0.2)
    (result,) = visitor.visit(stalled)
    assert isinstance(result, Postponed)
    assert result.reason.endswith("minutes of the run (max_minutes) are used up; 1 address waits for the next run")
    visitor.options = replace(visitor.options, max_seconds=60.0, http=QUICK)
    assert visitor.later(hours=1).visit(stalled) == []
    assert requests(site) == ["/feed", "/feed"]


def test_max_pages_counts_feeds_and_sitemaps_but_leaves_half_for_pages(site: Site, visitor: Visitor) -> None:
    maps = [f"/map-{number}.xml" for number in range(40)]
    site.robots("User-agent: *\n" + "".join(f"Sitemap: {site.url(path)}\n" for path in maps))
    for number, path in enumerate(maps):
        pages = [(site.url(f"/{number}-{page}.html"), "2026-02-01") for page in range(9)]
        site.page(path, sitemap(*pages), media_type="application/xml")
        for address, _ in pages:
            site.page(address.removeprefix(site.url("")), story("A story"))
    site.page("/", story("Front"))
    one = source("site", site.url("/"), max_pages=10, every=timedelta(hours=1))
    found = documents(site, visitor.visit(one))
    asked = requests(site)
    assert len(asked) == 11  # and the location
    assert (sum(path in maps for path in asked), len(found)) == (5, 5)
    # Later runs read the other sitemaps.
    for _ in range(7):
        visitor.later(hours=1).visit(one)
    assert set(requests(site)) >= set(maps)


def test_everything_known_is_fetched_again_on_request(site: Site, visitor: Visitor) -> None:
    one = paper(site, "fast", FAST, "/a", "/b", "/c", every=timedelta(days=1))
    visitor.visit(one)
    asked = len(requests(site))
    assert visitor.later(minutes=5).visit(one) == []
    assert requests(site)[asked:] == ["/fast"]
    visitor.options = replace(visitor.options, refetch=True)
    some = replace(one, max_pages=2)
    for _ in range(2):  # those that were not fetched for the longest time come first
        visitor.later(minutes=5).visit(some)
    assert set(requests(site)[asked + 1 :]) == {"/fast", "/a", "/b", "/c"}
    assert set(outcomes(site, visitor.later(minutes=5).visit(one)).values()) == {"unmodified"}

"""The crawler with misbehaving servers: reports and retries, also over a run that was killed."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.crawl.base import Postponed, Refused
from searchkit.crawl.web.response_handler import MAX_TRIES
from tests.crawl.web import misdeeds
from tests.crawl.web.ledger import Visitor, documents, feed, outcomes, path_of, requests, source, story
from tests.crawl.web.site import Act, Site

PASSING: dict[str, Act] = {
    "stalls": misdeeds.STALLS,
    "stalls in its headers": misdeeds.STALLS_IN_HEADERS,
    "stalls in its body": misdeeds.STALLS_IN_BODY,
    "resets": misdeeds.RESETS,
    "closes": misdeeds.CLOSES,
    "is cut short": misdeeds.claims(b"<p>half", "1000"),
}


def site_with(site: Site, *paths: str) -> str:
    """A feed of these pages; its address."""
    site.page("/feed", feed(*((site.url(path), path) for path in paths)), media_type="text/xml")
    return site.url("/feed")


@pytest.mark.parametrize("act", PASSING.values(), ids=PASSING)
def test_temporary_failures_are_postponed_and_harm_nothing_else(site: Site, visitor: Visitor, act: Act) -> None:
    one = source("feed", site_with(site, "/bad", "/good"))
    site.page("/good", story("Good"))
    site.acts("/bad", act)
    found = outcomes(site, visitor.visit(one))
    assert found["/good"] == "resource"
    assert found["/bad"].startswith("postponed: ")
    site.page("/bad", story("Well again"))
    assert documents(site, visitor.later(hours=1).visit(one)) == ["/bad"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_page_that_was_never_fetched_is_refused_once(site: Site, visitor: Visitor, status: int) -> None:
    one = source("feed", site_with(site, "/bad"))
    site.fails("/bad", status)
    assert outcomes(site, visitor.visit(one)) == {"/bad": f"refused: HTTP {status}"}
    assert outcomes(site, visitor.later(hours=1).visit(one)) == {}
    # Another reason is reported again.
    site.fails("/bad", 418)
    assert outcomes(site, visitor.later(hours=1).visit(one)) == {"/bad": "refused: HTTP 418"}
    site.page("/bad", story("There it is"))
    site.fails("/bad", 418, times=0)
    assert outcomes(site, visitor.later(hours=1).visit(one)) == {"/bad": "resource"}


def test_a_page_that_keeps_failing_is_given_up(site: Site, visitor: Visitor) -> None:
    one = source("feed", site_with(site, "/bad"))
    site.fails("/bad", 503)
    found = [outcomes(site, visitor.later(hours=1).visit(one)).get("/bad") for _ in range(MAX_TRIES + 2)]
    assert found[: MAX_TRIES - 1] == ["postponed: HTTP 503"] * (MAX_TRIES - 1)
    assert found[MAX_TRIES - 1 :] == ["refused: HTTP 503; given up after 6 tries", None, None]


def test_retry_failed_makes_it_due_at_once(site: Site, visitor: Visitor) -> None:
    one = source("feed", site_with(site, "/bad"))
    site.fails("/bad", 403)
    visitor.visit(one)
    visitor.later(days=100).visit(one)
    site.fails("/bad", 403, times=0)
    site.page("/bad", story("There it is"))
    assert outcomes(site, visitor.later(hours=1).visit(one)) == {}  # it is not due yet
    visitor.options = replace(visitor.options, retry_failed=True)
    assert outcomes(site, visitor.visit(one)) == {"/bad": "resource"}


@pytest.mark.parametrize("status", [503, 429])
def test_an_unavailable_location_is_reported_as_written(site: Site, visitor: Visitor, status: int) -> None:
    site.fails("/feed?utm_source=x", status)
    site.fails("/feed", status)
    written = site.url("/feed?utm_source=x")
    for _ in range(2):
        assert visitor.later(hours=1).visit(source("feed", written)) == [
            Postponed(uri=written, reason=f"HTTP {status}")
        ]
    site.fails("/feed", 404)
    for reported in (False, True):
        refused = Refused(uri=written, reason="HTTP 404", reported=reported)
        assert visitor.later(hours=1).visit(source("feed", written)) == [refused]


def test_a_refused_location_is_reported_in_every_run(site: Site, visitor: Visitor) -> None:
    one = source("urls", site.url("/none.html"))
    site.robots("User-agent: *\nDisallow: /closed\n")
    for run in range(30):
        words = "again refused" if run else "refused"
        assert outcomes(site, visitor.later(hours=1).visit(one)) == {"/none.html": f"{words}: HTTP 404"}
        closed = {"/closed": f"{words}: disallowed by robots.txt"}
        assert outcomes(site, visitor.visit(source("feed", site.url("/closed"), name="closed"))) == closed
    assert len(requests(site)) < 30  # it is not asked every time


def test_redirect_loops_over_hosts_and_long_chains(site: Site, visitor: Visitor) -> None:
    there = site.url("/there", host="127.0.0.2")
    site.redirect("/circle", "/circle")
    site.redirect("/one", there)
    site.redirect("/there", site.url("/one"), host="127.0.0.2")
    for number in range(12):
        hosts = ("127.0.0.1", "127.0.0.2")
        site.redirect(f"/{number}", site.url(f"/{number + 1}", host=hosts[1 - number % 2]), host=hosts[number % 2])
    found = outcomes(site, visitor.visit(source("urls", *map(site.url, ("/circle", "/one", "/0")))))
    assert found == {
        "/circle": "refused: redirect loop",
        "/one": "refused: redirect loop",
        "/0": "refused: more than 5 redirects",
    }


def test_a_redirect_to_another_host_obeys_its_robots_and_delay(site: Site, visitor: Visitor) -> None:
    other = "127.0.0.2"
    site.robots("User-agent: *\nDisallow: /closed\n", host=other)
    for name in ("open", "closed"):
        site.redirect(f"/{name}", site.url(f"/{name}.html", host=other))
        site.page(f"/{name}.html", story(name), host=other)
    found = visitor.visit(source("urls", site.url("/open"), site.url("/closed"), delay=0.15))
    words = outcomes(site, found)
    assert words == {"/open": "resource", "/closed": "withheld: disallowed by robots.txt"}
    [resource] = [value for value in found if path_of(site, value.uri) == "/open"]
    assert getattr(resource, "final_uri", "") == site.url("/open.html", host=other)
    assert [request.path for request in site.received(host=other)] == ["/robots.txt", "/open.html"]
    assert min(site.gaps(other) + site.gaps("127.0.0.1")) >= 0.14


def test_an_address_that_leads_to_a_known_page_is_its_alias(site: Site, visitor: Visitor) -> None:
    one = source("feed", site_with(site, "/a.html", "/short/a", "/short/b"))
    site.page("/a.html", story("Cranes"))
    site.page("/b.html", story("Ferries"))
    site.redirect("/short/a", "/a.html")
    site.redirect("/short/b", "/b.html")
    assert documents(site, visitor.visit(one)) == ["/a.html", "/short/b"]
    # A page that is known by another address already is no new page.
    site_with(site, "/a.html", "/short/a", "/short/b", "/b.html")
    found = outcomes(site, visitor.later(hours=1).visit(one))
    assert found == {"/a.html": "unmodified", "/short/b": "unmodified"}
    assert len(site.received("/short/a")) == 1


def test_a_fetched_page_that_redirects_to_a_known_page_on_another_host(site: Site, visitor: Visitor) -> None:
    there = site.url("/b.html", host="127.0.0.2")
    site.page("/a.html", story("Cranes"))
    site.page("/b.html", story("Cranes"), host="127.0.0.2")
    site.page("/feed", feed((site.url("/a.html"), "A"), (there, "B")), media_type="text/xml")
    one = source("feed", site.url("/feed"))
    assert documents(site, visitor.visit(one)) == ["/a.html", there]
    # The same article, moved to a host where it is known already: both stay.
    site.redirect("/a.html", there, status=301)
    assert outcomes(site, visitor.later(hours=7).visit(one)) == {"/a.html": "unmodified", there: "unmodified"}
    # For good by one redirect, for a while by the next: that proves nothing yet.
    site.redirect("/b.html", "/", host="127.0.0.2")
    site.page("/", "<p>Front", host="127.0.0.2")
    words = dict.fromkeys(("/a.html", there), "postponed: redirects to the front page; may be temporary")
    assert outcomes(site, visitor.later(hours=7).visit(one)) == words
    site.redirect("/b.html", "/", host="127.0.0.2", status=308)
    words = dict.fromkeys(("/a.html", there), "gone: redirects to the front page")
    assert outcomes(site, visitor.later(hours=7).visit(one)) == words


def test_a_page_that_leads_out_of_the_source_is_gone(site: Site, visitor: Visitor) -> None:
    site.page("/", story("Front", "/news/a", "/news/b"))
    for path in ("/news/a", "/news/b"):
        site.page(path, story(path))
    site.page("/x", story("Elsewhere"), host="127.0.0.2")
    one = source("site", site.url("/"), include=("*/news/*",))
    assert documents(site, visitor.visit(one)) == ["/news/a", "/news/b"]
    site.redirect("/news/a", site.url("/x", host="127.0.0.2"), status=301)
    site.redirect("/news/b", "/old/b", status=301)
    site.page("/old/b", story("Elsewhere"))
    reason = "gone: redirects to an address outside the source"
    assert outcomes(site, visitor.later(hours=1).visit(one)) == {"/news/a": reason, "/news/b": reason}
    assert not site.received(host="127.0.0.2")


def test_a_new_page_that_redirects_to_no_article_is_refused(site: Site, visitor: Visitor) -> None:
    links = "".join(f"<a href='/{number}'>x</a>" for number in range(12))
    for path, to, page in (("/a", "/", "<p>Front"), ("/b", "/login", "<p>Log in"), ("/c", "/harbor/", links)):
        site.redirect(path, to)
        site.page(to, page)
    site.page("/d", story("Cranes"))
    site.redirect("/e", "/d/")
    site.page("/d/", story("Ferries"))
    found = outcomes(site, visitor.visit(source("feed", site_with(site, "/a", "/b", "/c", "/d", "/e"))))
    assert found == {
        "/a": "refused: redirects to the front page",
        "/b": "refused: redirects to a login page",
        "/c": "refused: redirects to a list of pages",
        "/d": "resource",
        "/e": "resource",
    }


def test_a_target_that_robots_txt_forbids_is_withheld(site: Site, visitor: Visitor) -> None:
    site.page("/a", story("Cranes"))
    one = source("feed", site_with(site, "/a"))
    visitor.visit(one)
    site.robots("User-agent: *\nDisallow: /members\n")
    site.redirect("/a", "/members/a", status=301)
    word = "withheld: redirects to a page that robots.txt forbids"
    assert outcomes(site, visitor.later(hours=30).visit(one)) == {"/a": word}
    assert outcomes(site, visitor.later(hours=30).visit(one)) == {}
    assert not site.received("/members/a")


def test_without_its_capture_a_page_is_compared_by_title(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    site.page("/a", story("Cranes"))
    site.page("/b", story("Cranes") + "<!-- other bytes -->")
    site.page("/c", story("Ferries"))
    site.page("/d", story("Docks"))
    one = source("feed", site_with(site, "/a", "/d"))
    visitor.visit(one)
    shutil.rmtree(tmp_path / "captures")
    site.redirect("/a", "/b", status=301)
    site.redirect("/d", "/c", status=301)
    # Only the title in the feed is left.
    titles = feed((site.url("/a"), "Cranes"), (site.url("/d"), "Docks"))
    site.page("/feed", titles, media_type="text/xml")
    words = {"/a": "resource", "/d": "gone: redirects to another page"}
    found = outcomes(site, visitor.later(hours=1).visit(one))
    assert {path: word for path, word in found.items() if path in words} == words


def test_results_after_the_end_of_a_run_are_reported_by_the_next(site: Site, visitor: Visitor) -> None:
    paths = [f"/{number}" for number in range(30)]
    for path in paths:
        site.fails(path, 403)
    site.page("/first", story("Cranes"))
    one = source("feed", site_with(site, "/first", *paths))
    words: list[str] = []
    with visitor.crawler() as crawler:
        run = crawler.run(one)
        for value in run:
            words.append(path_of(site, value.uri))
            if isinstance(value, Refused) and len(words) > 3:
                break
        run.close()
        crawler.mark_reported()
    found = outcomes(site, visitor.visit(one))
    assert sorted([*words, *(path for path in found if path != "/first")]) == sorted([*paths, "/first"])
    assert outcomes(site, visitor.visit(one)) == {}


def test_a_failing_robots_txt_postpones_and_a_refused_one_allows(site: Site, visitor: Visitor) -> None:
    site.page("/a.html", story("Cranes"))
    site.fails("/robots.txt", 500)
    site.page("/b.html", story("Ferries"), host="127.0.0.2")
    site.fails("/robots.txt", 403, host="127.0.0.2")
    other = site.url("/b.html", host="127.0.0.2")
    one = source("urls", site.url("/a.html"), other)
    reason = "postponed: cannot fetch robots.txt: HTTP 500"
    assert outcomes(site, visitor.visit(one)) == {"/a.html": reason, other: "resource"}
    assert requests(site) == ["/b.html"]
    site.fails("/robots.txt", 500, times=0)
    assert documents(site, visitor.later(hours=1).visit(one)) == ["/a.html"]


def test_recovery_in_a_killed_run_is_reported_by_the_next(site: Site, visitor: Visitor) -> None:
    feeds = source("feed", site.url("/feed"), every=timedelta(hours=1))
    site.fails("/feed", 404)
    assert outcomes(site, visitor.visit(feeds)) == {"/feed": "refused: HTTP 404"}
    site.page("/other", story("A story"))
    site.remove("/feed")
    site.page("/feed", feed((site.url("/other"), "A story")), media_type="text/xml")
    # Killed before anything was stored; then a run in which the feed has not changed; then nothing is left to report.
    assert outcomes(site, visitor.later(hours=1).visit(feeds, settle=False)) == {
        "/feed": "recovered",
        "/other": "resource",
    }
    assert outcomes(site, visitor.later(hours=1).visit(feeds)) == {"/feed": "recovered", "/other": "resource"}
    assert outcomes(site, visitor.later(hours=7).visit(feeds)) == {"/other": "unmodified"}

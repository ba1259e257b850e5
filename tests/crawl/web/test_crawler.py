"""The crawler on a small news site, over real sockets."""

import gzip
import json
from datetime import timedelta
from itertools import chain, pairwise
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from searchkit.crawl.base import CrawlOptions, CrawlResult, Gone, Refused
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.links import links
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Resource
from tests.crawl.web.ledger import (
    NOW,
    QUICK,
    Visitor,
    documents,
    feed,
    fetches,
    news_site,
    outcomes,
    requests,
    sitemap,
    source,
    story,
)
from tests.crawl.web.site import Site


def test_feeds_and_news_sitemaps_of_a_site_come_first(site: Site, visitor: Visitor) -> None:
    news_site(site)
    found = outcomes(site, visitor.visit(source("site", site.url("/"))))
    paths = requests(site)
    private = "withheld: disallowed by robots.txt"
    articles = {f"/{name}.html": "resource" for name in "abcd"}
    assert found == {**articles, "/private/x.html": private}  # a section is walked, and is no document
    assert paths[:5] == ["/", "/feed.xml", "/news.xml", "/a.html", "/d.html"]
    assert sorted(paths[5:]) == ["/b.html", "/c.html", "/harbor/"]


def test_a_resource_has_all_known_fields(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    news_site(site)
    found = visitor.visit(source("site", site.url("/"), outlet="The Velmar Ledger"))
    uris = {name: site.url(f"/{name}.html") for name in "abd"}
    resources = {value.uri: value for value in found if isinstance(value, Resource)}
    cranes = resources[uris["a"]]
    assert cranes.final_uri == cranes.uri
    assert (cranes.media_type, cranes.charset, cranes.source) == ("text/html", "utf-8", "ledger")
    assert cranes.fetched_at == NOW
    assert set(cranes.validators) == {"etag", "last-modified"}
    assert cranes.defaults == {
        "title": "Cranes",
        "published": PartialDate(value="2026-03-01T08:00:00+00:00", precision="instant", source="feed", zone="GMT"),
        "byline": ("Nadia Korbel",),
        "language": "en",
        "outlet": "The Velmar Ledger",
    }
    tides = resources[uris["d"]].defaults
    assert tides["published"].source == "news-sitemap"
    assert (tides["title"], tides["language"], tides["outlet"]) == ("Tides", "en", "The Velmar Ledger")
    assert resources[uris["b"]].defaults == {"outlet": "The Velmar Ledger"}
    captures = Captures(tmp_path / "captures")
    for resource in resources.values():
        assert captures.read(resource.digest, max_bytes=10**6) == resource.body


def test_an_hour_later_nothing_costs_more_than_a_conditional_request(site: Site, visitor: Visitor) -> None:
    news_site(site)
    everything = source("site", site.url("/"))
    first = visitor.visit(everything)
    before = len(site.received())
    found = outcomes(site, visitor.later(hours=1).visit(everything))
    # The feed is unchanged, and so is what it lists.
    assert sorted(found) == ["/b.html", "/c.html", "/d.html"]
    found |= outcomes(site, visitor.later(hours=6).visit(everything))
    again = site.received()[before:]
    assert found == {f"/{name}.html": "unmodified" for name in "abcd"}
    assert {request.status for request in again} == {304}
    assert sorted(request.path for request in again) == sorted(
        2 * ["/", "/feed.xml", "/harbor/", "/news.xml", "/b.html", "/c.html", "/d.html"] + ["/a.html"]
    )
    assert len(first) == 5


def test_changed_gone_and_back_again(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    news_site(site)
    everything = source("site", site.url("/"))
    visitor.visit(everything)
    site.page("/a.html", story("Cranes, corrected"))
    site.remove("/b.html")
    found = visitor.later(hours=7).visit(everything)
    assert documents(site, found) == ["/a.html"]
    assert [value for value in found if isinstance(value, Gone)] == [Gone(uri=site.url("/b.html"), reason="HTTP 404")]
    assert outcomes(site, visitor.later(hours=7).visit(everything))["/b.html"] == "gone: HTTP 404"
    site.page("/b.html", story("Ferries"))
    found = visitor.later(hours=7).visit(everything)
    assert documents(site, found) == ["/b.html"]
    first, _ = fetches(tmp_path, site.url("/a.html"))
    assert first[1]["content-type"] == "text/html; charset=utf-8"


@pytest.mark.slow
def test_an_unchanged_page_is_fetched_less_and_less_often(site: Site, visitor: Visitor) -> None:
    site.page("/a.html", story("Cranes"))
    one = source("urls", site.url("/a.html"))
    hours = []
    for hour in range(24 * 20):
        before = len(site.received("/a.html"))
        visitor.visit(one)
        if len(site.received("/a.html")) > before:
            hours.append(hour)
        visitor.later(hours=1)
    gaps = [later - earlier for earlier, later in pairwise(hours)]
    assert gaps == sorted(gaps)
    assert gaps[0] == 1
    assert all(gap - 1 <= max(1, hour / 10) for hour, gap in zip(hours, gaps, strict=False))
    assert 30 < gaps[-1] <= 48


def test_settling_records_whether_a_page_changed(site: Site, tmp_path: Path) -> None:
    visitor = Visitor(tmp_path, changed=False)
    one = source("urls", site.url("/a.html"))
    site.page("/a.html", story("Cranes"))
    visitor.visit(one)
    site.page("/a.html", story("Cranes") + "<!-- other bytes -->")
    visitor.later(days=10).visit(one)  # the document is the same, so it is ten days old
    visitor.later(hours=1).visit(one)
    assert len(site.received("/a.html")) == 2
    visitor.changed = True
    site.page("/a.html", story("Cranes, corrected"))
    visitor.later(days=2).visit(one)
    visitor.later(hours=1).visit(one)
    assert len(site.received("/a.html")) == 4


def test_a_sitemap_or_a_feed_that_reports_a_change_makes_a_page_due(site: Site, visitor: Visitor) -> None:
    site.page("/a.html", story("Cranes"))
    site.page("/b.html", story("Ferries"))
    changes = {"/a.html": "2026-02-01T00:00:00Z", "/b.html": "2026-02-01"}

    def publish() -> None:
        entries = [(site.url(path), modified) for path, modified in changes.items()]
        site.page("/sitemap.xml", sitemap(*entries), media_type="application/xml")

    publish()
    everything = source("sitemap", site.url("/sitemap.xml"))
    assert documents(site, visitor.visit(everything)) == ["/a.html", "/b.html"]
    visitor.later(days=20).visit(everything)  # from now on they are asked every two days
    visitor.later(hours=1)
    changes["/a.html"] = (visitor.now - timedelta(minutes=5)).isoformat()
    publish()
    assert outcomes(site, visitor.visit(everything)) == {"/a.html": "unmodified"}
    changes["/a.html"] = "2099-01-01"  # a date still to come says nothing
    publish()
    assert outcomes(site, visitor.later(hours=1).visit(everything)) == {}
    changes["/b.html"] = visitor.now.date().isoformat()
    publish()
    assert outcomes(site, visitor.later(hours=1).visit(everything)) == {"/b.html": "unmodified"}


def test_the_content_of_an_address_decides_its_role(site: Site, visitor: Visitor) -> None:
    for path in ("/a.html", "/b.html", "/c.html"):
        site.page(path, story(path, "/never.html"))
    site.page("/feed", feed((site.url("/b.html"), "Ferries")))  # declared as HTML
    site.page("/map", gzip.compress(sitemap((site.url("/c.html"), "2026-03-01")).encode()), media_type="")
    locations = source("urls", *map(site.url, ("/a.html", "/feed", "/map")))
    assert documents(site, visitor.visit(locations)) == ["/a.html", "/b.html", "/c.html"]
    assert "/never.html" not in requests(site)
    site.page("/feed", feed((site.url("/b.html"), "F"), (site.url("/d.html"), "D")), media_type="text/xml")
    site.page("/d.html", story("D"))
    assert documents(site, visitor.later(hours=1).visit(locations)) == ["/d.html"]


def test_noindex_and_nofollow(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    site.page("/", story("Front", "/list", "/closed", "/header") + "<a rel=nofollow href='/never'>x</a>")
    site.page("/list", story("List", "/a.html", head="<meta name=robots content=noindex>"))
    site.page("/closed", story("Closed", "/never", head="<meta name=robots content=nofollow>"))
    site.page(
        "/header", story("Header", "/never"), headers={"X-Robots-Tag": "other: none, searchkit: noindex, nofollow"}
    )
    site.page("/a.html", story("Cranes"))
    assert documents(site, visitor.visit(source("site", site.url("/")))) == ["/a.html", "/closed"]
    assert "/never" not in requests(site)
    alone = Visitor(tmp_path / "other")
    alone.folder.mkdir()
    reason = "withheld: marked noindex by its publisher"
    assert outcomes(site, alone.visit(source("urls", site.url("/list")))) == {"/list": reason}


def test_max_pages_and_the_rest_in_later_runs(site: Site, visitor: Visitor) -> None:
    paths = [f"/{number}.html" for number in range(7)]
    for path in paths:
        site.page(path, story(path))
    site.page("/feed", feed(*((site.url(path), path) for path in paths)), media_type="text/xml")
    few = source("feed", site.url("/feed"), max_pages=3, every=timedelta(days=1))
    runs = [documents(site, visitor.later(hours=1).visit(few)) for _ in range(3)]
    assert [len(run) for run in runs] == [3, 3, 1]
    assert sorted(chain.from_iterable(runs)) == paths


def test_lists_of_pages_are_fetched_in_every_run(site: Site, tmp_path: Path) -> None:
    news_site(site)
    visitor = Visitor(tmp_path, changed=False)
    everything = source("site", site.url("/"))
    visitor.visit(everything)
    visitor.later(days=20).visit(everything)
    before = len(site.received())
    visitor.later(hours=1).visit(everything)
    again = sorted(request.path for request in site.received()[before:])
    assert links(b"".join(b"<a href=/%d>x</a>" % n for n in range(11)), "http://a.example/").leads_on
    assert again == ["/", "/feed.xml", "/harbor/", "/news.xml"]


def test_a_sitemap_index_is_followed_to_its_parts(site: Site, visitor: Visitor) -> None:
    def index(*parts: str) -> str:
        items = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in parts)
        return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{items}</sitemapindex>"

    site.page("/index.xml", index(site.url("/one.xml.gz"), site.url("/deeper.xml"), "javascript:x"))
    site.page("/deeper.xml", index(site.url("/two.txt"), site.url("/index.xml")))
    one = gzip.compress(sitemap((site.url("/a.html"), "2026-02-28")).encode())
    site.page("/one.xml.gz", one, media_type="application/gzip")
    site.page("/two.txt", site.url("/b.html") + "\n", media_type="text/plain")
    for path in ("/a.html", "/b.html"):
        site.page(path, story(path))
    assert documents(site, visitor.visit(source("sitemap", site.url("/index.xml")))) == ["/a.html", "/b.html"]
    assert requests(site).count("/index.xml") == 1


def test_a_removed_location_is_not_fetched(site: Site, visitor: Visitor) -> None:
    for name in ("one", "two"):
        site.page(f"/{name}", feed((site.url(f"/{name}.html"), name)), media_type="text/xml")
        site.page(f"/{name}.html", story(name))
    visitor.visit(source("feed", site.url("/one"), site.url("/two")))
    visitor.later(hours=7).visit(source("feed", site.url("/two")))
    assert [requests(site).count(path) for path in ("/one", "/two")] == [1, 2]
    # What it led to is still looked at.
    assert [requests(site).count(path) for path in ("/one.html", "/two.html")] == [2, 2]


def test_a_page_named_by_hand_stays_with_its_source(site: Site, visitor: Visitor) -> None:
    site.page("/feed", feed((site.url("/a.html"), "Cranes")), media_type="text/xml")
    site.page("/a.html", story("Cranes"))
    one = source("feed", site.url("/feed"), every=timedelta(hours=1))
    visitor.visit(one)
    by_hand = source("urls", site.url("/a.html"), name="", every=timedelta(0), allow_hosts=[])
    assert "private address" in outcomes(site, visitor.later(hours=1).visit(by_hand))["/a.html"]
    site.page("/a.html", story("Cranes, corrected"))
    assert documents(site, visitor.later(hours=8).visit(one)) == ["/a.html"]


def test_an_update_by_a_feed_during_a_request_is_kept(site: Site, visitor: Visitor) -> None:
    site.page("/a.html", story("Cranes"))
    visitor.visit(source("urls", site.url("/a.html")))
    site.page("/feed", feed((site.url("/a.html"), "Cranes of Velmar")), media_type="text/xml")
    site.page("/a.html", story("Cranes, corrected"))
    found = visitor.later(hours=1).visit(source("feed", site.url("/feed")))
    [resource] = [value for value in found if isinstance(value, Resource)]
    assert resource.defaults["title"] == "Cranes of Velmar"


def test_warc(site: Site, tmp_path: Path) -> None:
    news_site(site)
    options = CrawlOptions(http=QUICK, warc=tmp_path / "warc")
    Visitor(tmp_path, options=options).visit(source("site", site.url("/")))
    paths = {site.url(path) for path in ("/", "/feed.xml", "/news.xml", "/robots.txt", "/a.html", "/harbor/")}
    [path] = (tmp_path / "warc").iterdir()
    with path.open("rb") as stream:
        kept = {
            record.rec_headers.get_header("WARC-Target-URI")
            for record in ArchiveIterator(stream, check_digests="raise")
            if record.rec_type == "response" and record.content_stream().read()
        }
    assert kept >= paths


@pytest.mark.parametrize("text", ["<html><p>words", "not a feed", json.dumps({"items": []})])
def test_a_location_that_is_no_feed_is_reported_at_every_run(site: Site, visitor: Visitor, text: str) -> None:
    site.page("/feed", text)
    written = site.url("/feed") + "?utm_source=toml"
    site.page("/feed?utm_source=toml", text)
    for run in range(3):
        expected: list[CrawlResult] = [Refused(uri=written, reason="not a feed", reported=run > 0)]
        assert visitor.later(hours=1).visit(source("feed", written)) == expected


def test_a_page_that_is_no_feed_but_names_one(site: Site, visitor: Visitor) -> None:
    news_site(site)
    [refused] = visitor.visit(source("feed", site.url("/")))
    assert isinstance(refused, Refused)
    assert refused.reason == f"not a feed, but the page names one: {site.url('/feed.xml')}"


def test_locations_that_are_no_addresses(tmp_path: Path) -> None:
    written = ["ftp://ledger.example/", "https://", "https://a:b@ledger.example/", "https://ledger.example:99999/"]
    found = Visitor(tmp_path).visit(source("urls", *written))
    assert [value.uri for value in found] == written
    assert all(isinstance(value, Refused) for value in found)


def test_a_run_that_ends_early_releases_its_pages(site: Site, visitor: Visitor) -> None:
    news_site(site)
    everything = source("site", site.url("/"))
    with visitor.crawler() as crawler:
        run = crawler.run(everything)
        first = next(run)
        assert isinstance(first, Resource)
        crawler.settle(first.uri, changed=True)
        run.close()
    rest = documents(site, visitor.visit(everything))
    assert sorted([first.uri, *map(site.url, rest)]) == sorted(
        site.url(path) for path in ("/a.html", "/b.html", "/c.html", "/d.html")
    )
    assert all(len(site.received(path)) == 1 for path in ("/a.html", "/b.html", "/c.html", "/d.html", "/harbor/"))


def test_unsettled_pages_are_yielded_again_without_requests(site: Site, visitor: Visitor) -> None:
    news_site(site)
    everything = source("site", site.url("/"))
    first = visitor.visit(everything, settle=False)
    before = len(site.received())
    second = visitor.visit(everything)
    assert requests(site)[before - 1 :] == ["/"]
    assert sorted((r.uri, r.digest, r.body) for r in second if isinstance(r, Resource)) == sorted(
        (r.uri, r.digest, r.body) for r in first if isinstance(r, Resource)
    )
    assert {r.uri: r for r in second}[site.url("/a.html")] == {r.uri: r for r in first}[site.url("/a.html")]
    assert documents(site, visitor.visit(everything)) == []


def test_a_lost_capture_is_fetched_again(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    site.page("/a.html", story("Cranes"))
    one = source("urls", site.url("/a.html"))
    [resource] = visitor.visit(one, settle=False)
    assert isinstance(resource, Resource)
    Captures(tmp_path / "captures").path(resource.digest).unlink()
    assert documents(site, visitor.visit(one)) == ["/a.html"]
    assert len(site.received("/a.html")) == 2


def test_robots_txt_may_name_sitemaps_on_other_hosts(site: Site, visitor: Visitor) -> None:
    elsewhere = site.url("/map.xml", host="127.0.0.2")
    site.robots(f"Sitemap: {elsewhere}\n")
    entries = (site.url("/a.html"), "2026-03-01"), (site.url("/b.html", host="127.0.0.2"), "2026-03-01")
    site.page("/map.xml", sitemap(*entries), host="127.0.0.2", media_type="text/xml")
    site.page("/", story("Front"))
    site.page("/a.html", story("Cranes"))
    assert documents(site, visitor.visit(source("site", site.url("/")))) == ["/a.html"]
    assert [request.path for request in site.received(host="127.0.0.2")] == ["/robots.txt", "/map.xml"]

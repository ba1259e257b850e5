"""A small news site on a local server, and a crawler that visits it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from searchkit.crawl.base import (
    CrawlOptions,
    CrawlResult,
    HttpOptions,
    Noted,
    Recovered,
    Refused,
    Source,
    SourceKind,
    Unmodified,
    Withheld,
)
from searchkit.crawl.web.crawler import Crawler
from searchkit.statements.document import Resource
from tests.crawl.web.site import Site

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PROSE = "<p>" + "The harbor master of Velmar said that the cranes had been sound when he saw them last. " * 4 + "</p>"
QUICK = HttpOptions(connect_timeout=2.0, read_timeout=0.5, total_seconds=2.0)


def story(title: str, *links: str, head: str = "") -> str:
    """Return a page with an article and links."""
    anchors = "".join(f"<a href='{link}'>more</a>" for link in links)
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{PROSE * 3}{anchors}</body></html>"


def feed(*entries: tuple[str, str], extra: str = "") -> str:
    """Return an RSS feed of (link, title); each entry is by Nadia Korbel, of March 1."""
    items = "".join(
        f"<item><title>{title}</title><link>{link}</link><author>desk@ledger.example (Nadia Korbel)</author>"
        f"<pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate>{extra}</item>"
        for link, title in entries
    )
    return f"<rss version='2.0'><channel><title>Velmar Ledger</title><language>en-GB</language>{items}</channel></rss>"


def sitemap(*entries: tuple[str, str]) -> str:
    """Return a sitemap of (address, lastmod)."""
    urls = "".join(f"<url><loc>{link}</loc><lastmod>{modified}</lastmod></url>" for link, modified in entries)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"


def source(kind: SourceKind, *locations: str, **fields: Any) -> Source:
    """Return a source that allows local hosts, without a delay unless one is given."""
    defaults: dict[str, Any] = {"name": "ledger", "delay": 0.0, "allow_hosts": [f"127.0.0.{n}" for n in range(1, 60)]}
    return Source(kind=kind, locations=locations, **defaults | fields)


class SimulatedClock(Struct):
    """A clock whose waits take no time."""

    at: float = 0.0

    def monotonic(self) -> float:
        """Return the simulated time in seconds; only waits advance it."""
        return self.at

    def sleep(self, seconds: float, /) -> None:
        """Advance the simulated time."""
        self.at += seconds


class Visitor(Struct):
    """Crawls for an archive's folder at the time `now`; settles the results as the store would."""

    folder: Path
    now: datetime = NOW
    options: CrawlOptions = field(default_factory=lambda: CrawlOptions(http=QUICK))
    changed: bool = True

    def later(self, **time: float) -> "Visitor":
        """Advance the time; return the visitor."""
        self.now += timedelta(**time)
        return self

    @contextmanager
    def crawler(self) -> Iterator[Crawler]:
        """A crawler for that folder."""
        with closing(Crawler(self.folder, self.options, now=lambda: self.now)) as crawler:
            yield crawler

    def visit(self, *sources: Source, settle: bool = True) -> list[CrawlResult]:
        """Return the results of one run; `settle` stores and reports them."""
        found: list[CrawlResult] = []
        with self.crawler() as crawler:
            for value in crawler.run(*sources):
                found.append(value)
                if settle and isinstance(value, Resource):
                    crawler.settle(value.uri, changed=self.changed)
            if settle:
                crawler.mark_reported()
        return found


def documents(site: Site, found: Iterable[CrawlResult]) -> list[str]:
    """Return the paths of the resources among `found`, sorted."""
    return sorted(path_of(site, value.uri) for value in found if isinstance(value, Resource))


def outcomes(site: Site, found: Iterable[CrawlResult]) -> dict[str, str]:
    """Return the result for each path: `resource`, `unmodified`, `recovered`, or the kind of failure and its reason,
    with `again` before it if an earlier run reported it."""
    words: dict[str, str] = {}
    for value in found:
        assert not isinstance(value, Noted), value
        path = path_of(site, value.uri)
        assert path not in words, f"two results: {path}"
        word = type(value).__name__.lower()
        if isinstance(value, Refused | Withheld) and value.reported:
            word = f"again {word}"
        words[path] = word if isinstance(value, Resource | Unmodified | Recovered) else f"{word}: {value.reason}"
    return words


def path_of(site: Site, uri: str) -> str:
    """Return the path of an address on the first host of `site`; other addresses unchanged."""
    return uri.removeprefix(site.url("")) or "/"


def requests(site: Site) -> list[str]:
    """Return the paths requested so far, in order, without robots.txt."""
    return [request.path for request in site.received() if request.path != "/robots.txt"]


def fetches(folder: Path, url: str) -> list[tuple[str, dict[str, str]]]:
    """Return the digests and headers in the history of a page, the oldest first."""
    with closing(sqlite3.connect(folder / "frontier.sqlite")) as connection:
        rows = connection.execute("SELECT digest, headers FROM fetches WHERE url = ? ORDER BY number", (url,))
        return [(digest, json.loads(headers)) for digest, headers in rows]


def news_site(site: Site, host: str | None = None) -> None:
    """Serve a front page, a section, four articles, a feed and a news sitemap, with links between them."""

    def at(path: str) -> str:
        return site.url(path, host=host)

    site.robots(f"User-agent: *\nDisallow: /private/\nSitemap: {at('/news.xml')}\n", host=host)
    links = ["/harbor/", "/a.html?utm_source=front", "/b.html#top", "/private/x.html", "/logo.png", "//other.example/y"]
    names_feed = "<link rel=alternate type='application/rss+xml' href='/feed.xml'>"
    site.page("/", story("Velmar Ledger", *links, head=names_feed), host=host)
    section = "".join(f"<li><a href='{path}'>x</a>" for path in ("/a.html", "/c.html", *(f"/#{n}" for n in range(9))))
    site.page("/harbor/", f"<title>Harbor</title><ul>{section}</ul>", host=host)
    site.page("/feed.xml", feed((at("/a.html"), "Cranes")), host=host, media_type="application/rss+xml")
    site.page(
        "/news.xml",
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
        " xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"<url><loc>{at('/d.html')}</loc><n:news><n:publication><n:name>Velmar Ledger</n:name>"
        "<n:language>en</n:language></n:publication><n:publication_date>2026-03-01T09:00:00+01:00</n:publication_date>"
        "<n:title>Tides</n:title></n:news></url></urlset>",
        host=host,
        media_type="application/xml",
    )
    for path, title in (("/a.html", "Cranes"), ("/b.html", "Ferries"), ("/c.html", "Docks"), ("/d.html", "Tides")):
        site.page(path, story(title, "/", "/harbor/"), host=host)

from datetime import UTC, datetime
from typing import Any

import pytest

from searchkit.crawl.base import Source, SourceKind
from searchkit.crawl.feeds import Entry, Feed
from searchkit.crawl.web.discovery import Discovery, timestamp
from searchkit.crawl.web.links import Links
from searchkit.crawl.web.pages import FROM_FEED, FROM_NEWS_SITEMAP, FROM_SITEMAP, Page, tier_of
from searchkit.crawl.web.sitemaps import Listed, Sitemap

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BASE = "https://ledger.example/"
FRONT = Page(url=BASE, host="ledger.example", source="ledger", role="start")


def discovery(kind: SourceKind = "site", *locations: str, **fields: Any) -> Discovery:
    return Discovery(Source(name="ledger", kind=kind, locations=locations or (BASE,), **fields), now=NOW)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 10:00:00 +0100", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", NOW),  # today: up to now
        ("2026-02-27", datetime(2026, 2, 27, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-01T14:00:00Z", None),
        ("2099-01-01", None),
        ("soon", None),
        ("", None),
    ],
)
def test_stated_dates_of_changes(written: str, expected: datetime | None) -> None:
    assert timestamp(written, NOW) == (expected.timestamp() if expected else 0.0)


def test_the_kind_of_source_decides_the_role_of_locations() -> None:
    for kind, role in (("feed", "feed"), ("sitemap", "sitemap"), ("site", "start"), ("urls", "page")):
        [(written, lead)] = discovery(kind, BASE + "x?utm_source=y").locations()  # type: ignore[arg-type]  # the kinds above
        assert written == BASE + "x?utm_source=y"
        assert not isinstance(lead, str)
        assert (lead.url, lead.role, lead.depth) == (BASE + "x", role, 0)
    [(_, reason)] = discovery("feed", "ftp://ledger.example/").locations()
    assert reason == "not an http or https address"


def test_entries_of_a_feed() -> None:
    feed = Feed(
        language="de",
        entries=(
            Entry(
                link="/a",
                title="A",
                published="2026-03-01T08:00:00Z",
                updated="2026-03-01T09:00:00Z",
                authors=("X", "Y"),
            ),
            Entry(link="javascript:x"),
            Entry(link="https://other.example/b"),
            Entry(link=""),
        ),
    )
    [lead] = discovery().from_feed(feed, FRONT, BASE)
    assert (lead.url, lead.depth, tier_of(lead.priority)) == (BASE + "a", 1, FROM_FEED)
    assert lead.modified == datetime(2026, 3, 1, 9, tzinfo=UTC).timestamp()
    assert lead.hint == {
        "by": "feed",
        "title": "A",
        "published": "2026-03-01T08:00:00Z",
        "updated": "2026-03-01T09:00:00Z",
        "byline": "X\nY",
        "language": "de",
    }


def test_pages_and_parts_of_a_sitemap() -> None:
    sitemap = Sitemap(
        pages=(
            Listed(url=BASE + "old"),
            Listed(url=BASE + "new", modified="2026-02-28"),
            Listed(url=BASE + "n", news={"title": "News"}),
        ),
        parts=(Listed(url=BASE + "more.xml"), Listed(url=BASE + "news.xml")),
    )
    more, news, *pages = discovery().from_sitemap(sitemap, FRONT, BASE)
    assert (more.role, more.depth) == ("sitemap", 1)
    assert news.priority < more.priority
    assert [lead.url.removeprefix(BASE) for lead in sorted(pages, key=lambda one: one.priority)] == ["n", "new", "old"]
    assert {tier_of(lead.priority) for lead in pages} == {FROM_NEWS_SITEMAP, FROM_SITEMAP}
    deep = Page(url=BASE, host="ledger.example", source="ledger", role="sitemap", depth=3)
    assert all(lead.role == "page" for lead in discovery().from_sitemap(sitemap, deep, BASE))


def test_links_of_a_page() -> None:
    found = Links(
        pages=(BASE + "a", BASE + "a#x", BASE + "b.jpg", BASE + "c.PDF", BASE + "x/x/x/x/x/", "https://other.example/"),
        feeds=(BASE + "feed", "https://other.example/feed"),
    )
    site = discovery(max_depth=2)
    leads = [(lead.url.removeprefix(BASE), lead.role) for lead in site.from_links(found, FRONT, BASE)]
    assert leads == [("feed", "feed"), ("a", "page"), ("a", "page"), ("c.PDF", "page")]
    # What was seen at this depth is not looked at again, but a shorter way is.
    deeper = Page(url=BASE + "z", host="ledger.example", source="ledger", depth=1)
    site = discovery(max_depth=2)
    assert len(list(site.from_links(found, deeper, BASE))) == 3
    assert list(site.from_links(found, deeper, BASE)) == []
    assert len(list(site.from_links(found, FRONT, BASE))) == 4
    too_deep = Page(url=BASE + "z", host="ledger.example", source="ledger", depth=2)
    assert list(discovery(max_depth=2).from_links(found, too_deep, BASE)) == []


def test_settings_have_a_digest() -> None:
    names = {
        discovery().settings,
        discovery(include=("*a*",)).settings,
        discovery(exclude=("*a*",)).settings,
        discovery(max_depth=4).settings,
        discovery("feed").settings,
    }
    assert len(names) == 5
    assert discovery(max_pages=7).settings == discovery().settings

"""Pages of lists, and addresses that change or repeat."""

from datetime import timedelta

import pytest

from searchkit.crawl.web.discovery import continues, first_page
from tests.cases import cases
from tests.crawl.web.ledger import Visitor, documents, outcomes, requests, source, story
from tests.crawl.web.site import Site

LEDGER = "https://ledger.example"
HOURLY = timedelta(hours=1)


@pytest.mark.parametrize(("address", "first"), cases(__file__, "test_the_first_page_of_a_list"))
def test_the_first_page_of_a_list(address: str, first: str) -> None:
    assert first_page(LEDGER + address) == LEDGER + first
    assert continues(LEDGER + address, LEDGER + first) == (address != first)


def listing(*links: str) -> str:
    """Return a list of links without a sentence."""
    items = "".join(f"<li><a href='{link}'>Item {number}</a> March 1" for number, link in enumerate(links))
    return f"<title>Archive</title><nav><a href='/'>Home</a></nav><ul>{items}</ul>"


def archive_of(site: Site, count: int) -> list[str]:
    """Serve an archive of `count` pages with two articles each; return the paths of the articles."""
    articles = [f"/{name}-{number}.html" for number in range(count) for name in ("cranes", "tides")]
    for path in articles:
        site.page(path, story(f"About {path}", "/archive/"))
    for number in range(count):
        further = [f"/archive/page/{page}/" for page in (number, number + 2) if 1 < page <= count]
        path = f"/archive/page/{number + 1}/" if number else "/archive/"
        site.page(path, listing(*articles[2 * number : 2 * number + 2], *further))
    return sorted(articles)


def test_all_pages_of_an_archive_are_read_and_only_the_first_again(site: Site, visitor: Visitor) -> None:
    articles = archive_of(site, 40)
    site.page("/", listing("/archive/", "/contact", "/about"))
    one = source("site", site.url("/"), every=HOURLY, exclude=("*/contact", "*/about"))
    assert documents(site, visitor.visit(one)) == articles
    before = len(requests(site))
    site.page("/archive/", listing(*articles[:2], "/new.html", "/archive/page/2/"))
    site.page("/new.html", story("New"))
    assert documents(site, visitor.later(hours=1).visit(one)) == ["/new.html"]
    lists = [path for path in requests(site)[before:] if path not in articles]
    assert sorted(lists) == ["/", "/archive/", "/archive/page/2/", "/new.html"]


def test_an_address_with_a_session_is_one_page_in_every_run(site: Site, visitor: Visitor) -> None:
    one = source("site", site.url("/"), every=HOURLY)
    names = [f"/story-{number}-of-the-port" for number in range(15)]
    for run in range(3):
        visit = f";jsessionid=A{run}C7"
        site.page("/", listing(*(f"{name}{visit}" for name in names)))
        for name in names:
            site.page(name, story(name, *(f"{other}{visit}?PHPSESSID=x{run}" for other in names)))
        found = documents(site, visitor.later(hours=1).visit(one))
        assert found == sorted(names)  # changed links, the same addresses
    assert len(set(requests(site))) == 16


def test_a_page_that_sends_its_readers_on_is_a_redirect(site: Site, visitor: Visitor) -> None:
    site.page("/", listing("/old.html", "/reloaded.html", "/out.html"))
    site.page("/old.html", "<meta http-equiv='Refresh' content='0; URL=/new.html'><p>This page has moved.")
    site.page("/new.html", story("Cranes"))
    site.page("/reloaded.html", story("Ticker", head="<meta http-equiv=refresh content='300'>"))
    site.page("/out.html", "<meta http-equiv=refresh content=\"2;url='//other.example/'\">")
    one = source("site", site.url("/"), every=HOURLY)
    assert documents(site, visitor.visit(one)) == ["/new.html", "/reloaded.html"]
    before = len(requests(site))
    assert documents(site, visitor.later(hours=1).visit(one)) == []
    assert "/old.html" not in requests(site)[before:]
    (visitor.folder / "other").mkdir()
    other = Visitor(visitor.folder / "other")
    assert documents(site, other.visit(source("urls", site.url("/old.html")))) == ["/new.html"]


def test_a_front_page_is_no_article(site: Site, visitor: Visitor) -> None:
    site.page("/", listing("/a", "/b", "/c"))
    [(path, outcome)] = outcomes(site, visitor.visit(source("urls", site.url("/")))).items()
    assert (path, outcome) == ("/", "refused: is a front page, not an article; add the site as a source")


def test_a_json_feed_is_a_feed(site: Site, visitor: Visitor) -> None:
    for path in ("/a.html", "/b.html"):
        site.page(path, story(path))
    items = f'{{"id": "1", "url": "{site.url("/a.html")}"}}, {{"id": "2", "url": "/b.html"}}'
    body = f'{{"version": "https://jsonfeed.org/version/1", "items": [{items}]}}'
    site.page("/feed.json", body, media_type="application/feed+json")
    site.page("/", f"<link rel=alternate type='application/feed+json' href='/feed.json'>{listing('/x', '/y', '/z')}")
    feed = site.url("/feed.json")
    for number, one in enumerate((source("feed", feed), source("urls", feed), source("site", site.url("/")))):
        folder = visitor.folder / str(number)
        folder.mkdir()
        assert documents(site, Visitor(folder).visit(one)) == ["/a.html", "/b.html"]


def test_what_a_sitemap_states_to_be_unchanged_is_asked_for_rarely(site: Site, visitor: Visitor) -> None:
    def serve(modified: str) -> None:
        pages = "".join(
            f"<url><loc>{site.url(path)}</loc><lastmod>{day}</lastmod></url>"
            for path, day in (("/a.html", "2026-02-01"), ("/b.html", modified))
        )
        site.page("/map.xml", f"<urlset>{pages}</urlset>", media_type="text/xml")

    for path in ("/a.html", "/b.html"):
        site.page(path, story(path))
    one = source("sitemap", site.url("/map.xml"), every=HOURLY)
    serve("2026-02-01")
    visitor.visit(one)
    for hours, modified, asked in (
        (1, "2026-02-01", []),
        (1, "2026-03-01T13:30:00Z", ["/b.html"]),
        (9, "", ["/a.html"]),
    ):
        before = len(requests(site))
        serve(modified or "2026-03-01T13:30:00Z")
        visitor.later(hours=hours).visit(one)
        assert [path for path in requests(site)[before:] if path != "/map.xml"][: len(asked)] == asked

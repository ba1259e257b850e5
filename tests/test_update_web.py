"""Runs over web pages that go, move, fail and come back: each change is reported once."""

import json
from contextlib import closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.statements.document import document_id
from searchkit.update.running import LOG, run
from tests.crawl.web.site import Site
from tests.test_update import NOW, OPTIONS, after, feed, given, ledger, named, story

BOTH_STORES = True  # tests/conftest.py

# --- pages that are gone ---------------------------------------------------------------------------------------------


def crane(title: str = "Crane closed", *, head: str = "", more: str = "") -> str:
    """Another article than `story`."""
    text = story(title, "x").replace(
        "The port of Velmar closed its x on Monday after the yearly inspection had found", ""
    )
    text = text.replace("a crack in the northern pillar", "Nobody knew on Friday why the largest crane had stopped")
    text = text.replace("every bolt has been counted", "the rope is replaced").replace("Ships that were", "Ferries")
    return text.replace("</head>", f"{head}</head>").replace("</article>", f"<p>{more}</p></article>")


FRONT = "".join(f"<h2><a href='/{n}.html'>Story number {n}</a></h2><p>A few words on it.</p>" for n in range(12))
LOGIN = "<html><head><title>Log in</title></head><body><form><input type='password' name='p'></form></body></html>"
BRIDGE, OTHER = "/bridge.html", "/crane.html"


def hourly(archive: Archive, source: Source, *hours: float) -> list[dict[str, int]]:
    """The counts of runs, as the log has them; each the status of the bridge last of all."""
    for hour in hours:
        after(hour, archive, source)
    lines = [json.loads(line) for line in (archive.folder / LOG).read_text().splitlines()]
    statuses = ("new", "changed", "unchanged", "gone", "failed")
    return [{name: line[name] for name in statuses if line[name]} for line in lines[-len(hours) :]]


def is_gone(archive: Archive, site: Site, path: str = BRIDGE) -> bool:
    return bool(named(archive, site, path).gone_at)


@pytest.fixture
def bridge(archive: Archive, site: Site) -> Source:
    """A feed with a story of the bridge and one of the crane, both in the archive."""
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    site.page(OTHER, crane())
    site.feed("/feed.xml", feed(site, BRIDGE, OTHER))
    source = ledger(site)
    assert hourly(archive, source, 0) == [{"new": 2}]
    return source


@pytest.mark.slow
@pytest.mark.parametrize(
    ("to", "page", "reason"),
    [
        ("/", FRONT, "redirects to the front page"),
        ("/harbor/", FRONT, "redirects to a list of pages"),
        ("/login?next=/bridge.html", LOGIN, "redirects to a login page"),
        ("/members", LOGIN, "redirects to another page"),
        ("/consent", "<p>We value your privacy.", "redirects to a consent page"),
        ("/ferry.html", crane("Ferry sunk"), "redirects to another page"),
        (OTHER, crane(), "redirects to another page"),
    ],
)
def test_a_page_that_permanently_redirects_elsewhere_is_gone(
    archive: Archive, site: Site, bridge: Source, to: str, page: str, reason: str
) -> None:
    site.page(to, page)
    site.redirect(BRIDGE, to, status=301)
    report = after(1, archive, bridge)
    assert [(with_statu.uri, with_statu.reason) for with_statu in report.with_status("gone")] == [
        (site.url(BRIDGE), reason)
    ]
    assert (report.counts["gone"], report.failed) == (1, ())
    assert (is_gone(archive, site), is_gone(archive, site, OTHER)) == (True, False)
    # It stays gone, its text stays, and it is said once.
    later = hourly(archive, bridge, 2, 3, 30)
    assert not any("gone" in counts or "failed" in counts or "new" in counts for counts in later)
    document = named(archive, site, BRIDGE)
    assert (document.revision, document.gone_at[:13], "pillar" in document.text) == (1, "2026-03-04T06", True)
    # There again, it loses the mark; the sooner, the shorter it was gone.
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    hourly(archive, bridge, 34)
    assert not is_gone(archive, site)
    assert named(archive, site, BRIDGE).revision == 1


@pytest.mark.slow
@pytest.mark.parametrize("status", [302, 307])
def test_a_temporary_login_wall_marks_nothing(archive: Archive, site: Site, bridge: Source, status: int) -> None:
    site.page("/login", LOGIN)
    for hour in range(1, 12):
        if hour % 3:
            site.redirect(BRIDGE, "/login", status=status)
        else:
            site.page(BRIDGE, story("Bridge closed", "bridge"))
        report = after(hour, archive, bridge)
        assert not report.counts.get("gone")
        assert not report.failed
    assert not is_gone(archive, site)


@pytest.mark.slow
def test_a_login_wall_of_a_day_means_gone(archive: Archive, site: Site, bridge: Source) -> None:
    site.page("/login", LOGIN)
    site.redirect(BRIDGE, "/login")
    runs = {}
    for hour in range(1, 30):
        if hour in {5, 6}:  # a failure in between proves nothing, neither way
            site.fails(BRIDGE, 503, times=1)
        runs[hour] = hourly(archive, bridge, hour)[0].get("gone", 0)
    (marked,) = [hour for hour, count in runs.items() if count]
    assert marked >= 24
    assert is_gone(archive, site)
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    hourly(archive, bridge, 60)
    assert not is_gone(archive, site)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("to", "page", "claims"),
    [
        ("/bridge.html/", story("Bridge closed", "bridge"), False),
        ("/news/the-bridge", story("Bridge closed", "bridge"), True),
        ("/news/the-bridge", story("Bridge of Velmar closed for weeks", "bridge"), False),
        ("/news/the-bridge", story("Bridge closed", "bridge and both its ramps"), True),
    ],
)
def test_a_moved_article_stays_the_same_document(
    archive: Archive, site: Site, bridge: Source, to: str, page: str, claims: bool
) -> None:
    before = named(archive, site, BRIDGE)
    head = f"<link rel=canonical href='{site.url(to)}'></head>"
    site.page(to, page.replace("</head>", head) if claims else page)
    site.redirect(BRIDGE, to, status=301)
    counts = hourly(archive, bridge, 1, 2, 3)
    assert not any("gone" in count or "new" in count or "failed" in count for count in counts)
    # Changed where it is now, it has another revision, and still its id.
    site.page(to, page.replace("until Thursday", "until Friday").replace("</head>", head))
    assert hourly(archive, bridge, 30)[0]["changed"] == 1
    document = named(archive, site, BRIDGE)
    assert (document.id, document.gone_at, "until Friday" in document.text) == (before.id, "", True)
    # The feed names the new address, which is the same article.
    site.feed("/feed.xml", feed(site, to, OTHER))
    assert "new" not in hourly(archive, bridge, 31)[0]
    # And once that is not there any more, the article is gone.
    site.remove(to)
    assert hourly(archive, bridge, 60)[0]["gone"] == 1
    assert is_gone(archive, site)


@pytest.mark.slow
def test_a_moved_article_stays_without_its_old_address(archive: Archive, site: Site, bridge: Source) -> None:
    to = "/news/the-bridge.html"
    before = named(archive, site, BRIDGE)
    site.page(to, story("Bridge closed", "bridge"))
    site.redirect(BRIDGE, to, status=301)
    hourly(archive, bridge, 1)
    # The feed names the new address, and the old one is taken away.
    site.feed("/feed.xml", feed(site, to, OTHER))
    site.remove(BRIDGE)
    counts = hourly(archive, bridge, 2, 3, 30)
    assert not any("gone" in count or "new" in count or "failed" in count for count in counts)
    # What is written at the new address from now on is read.
    site.page(to, story("Bridge closed", "bridge").replace("until Thursday", "until Friday"))
    assert hourly(archive, bridge, 60)[0]["changed"] == 1
    document = named(archive, site, BRIDGE)
    assert (document.id, document.gone_at, "until Friday" in document.text) == (before.id, "", True)
    # The front page in place of the old address is no answer either.
    site.page("/", FRONT)
    site.redirect(BRIDGE, "/", status=301)
    assert "gone" not in hourly(archive, bridge, 90)[0]
    # Busy is not gone; without both addresses it is, and with one of them it is there again.
    site.fails(to, 503, times=1)
    assert "gone" not in hourly(archive, bridge, 120)[0]
    site.remove(to)
    assert hourly(archive, bridge, 150)[0]["gone"] == 1
    assert is_gone(archive, site)
    site.page(to, story("Bridge closed", "bridge"))
    assert "new" not in hourly(archive, bridge, 200)[0]
    assert (is_gone(archive, site), named(archive, site, BRIDGE).id) == (False, before.id)


@pytest.mark.slow
def test_an_alias_of_a_gone_page_becomes_a_page_again(archive: Archive, site: Site, bridge: Source) -> None:
    to = "/news/the-bridge.html"
    head = f"<link rel=canonical href='{site.url(BRIDGE)}'></head>"
    site.page(to, story("Bridge closed", "bridge").replace("</head>", head))
    site.feed("/feed.xml", feed(site, BRIDGE, to, OTHER))
    assert "new" not in hourly(archive, bridge, 1)[0]
    before = named(archive, site, BRIDGE)
    site.remove(BRIDGE)
    site.feed("/feed.xml", feed(site, to, OTHER))
    hourly(archive, bridge, 30, 60)
    document = named(archive, site, BRIDGE)
    assert (document.id, document.gone_at) == (before.id, "")


@pytest.mark.slow
def test_an_address_of_the_latest_article_yields_each_article(archive: Archive, site: Site) -> None:
    site.page("/monday", story("Bridge closed", "bridge"))
    site.page("/tuesday", crane())
    site.redirect("/latest", "/monday")
    source = replace(ledger(site), kind="urls", locations=(site.url("/latest"),))
    assert hourly(archive, source, 0) == [{"new": 1}]
    site.redirect("/latest", "/tuesday")
    hourly(archive, source, 1)
    assert named(archive, site, "/tuesday").title == "Crane closed"
    assert not is_gone(archive, site, "/monday")


# --- no noise ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_unavailable_pages_are_reported_once(archive: Archive, site: Site) -> None:
    closed = story("Closed", "x").replace("<head>", "<head><meta name=robots content=noindex>")
    for path in ("/no-1", "/no-2"):
        site.page(path, closed)
    for path in ("/bad-1", "/bad-2"):
        site.fails(path, 503)
    site.page("/good", story("Bridge closed", "bridge"))
    site.feed("/feed.xml", feed(site, "/no-1", "/bad-1", "/good"))
    given = replace(ledger(site), name="given", kind="urls", locations=tuple(map(site.url, ("/no-2", "/bad-2"))))
    failed: list[tuple[int, str, str]] = []
    withheld: list[tuple[int, str]] = []
    for hour in range(20):
        report = after(hour, archive, ledger(site), given)
        failed += [(hour, failure.uri.removeprefix(site.url("")), failure.reason) for failure in report.failed]
        withheld += [(hour, item.uri.removeprefix(site.url(""))) for item in report.record().withheld]
        if hour > 10:
            assert [source.reason for source in report.sources] == ["", ""]
            assert report.record().ok
    assert sorted(withheld) == [(0, "/no-1"), (0, "/no-2")]
    assert sorted((path, reason) for _, path, reason in failed) == [
        ("/bad-1", "HTTP 503; given up after 6 tries"),
        ("/bad-2", "HTTP 503; given up after 6 tries"),
    ]
    assert archive.status().failures == 2
    # Something changes, or somebody wants to know.
    again = replace(OPTIONS, ingest=replace(OPTIONS.ingest, retry_failed=True))
    site.fails("/bad-1", 403)
    report = run(
        archive, [ledger(site), given], command="update", options=again, now=NOW + timedelta(hours=20, minutes=30)
    )
    assert [(each.uri, each.reason) for each in report.failed] == [(site.url("/bad-1"), "HTTP 403")]
    assert {entry.uri for entry in report.record().withheld} == set(map(site.url, ("/no-1", "/no-2")))


@pytest.mark.slow
def test_resolved_failures_are_not_counted(archive: Archive, site: Site) -> None:
    paths = ("/list", "/alias", "/closed")
    for path in paths:
        site.fails(path, 403)
    site.page("/", f"<a href='/list'>x</a><a href='/alias'>x</a><a href='/closed'>x</a><a href='{BRIDGE}'>x</a>")
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    whole = replace(ledger(site), kind="site", locations=(site.url("/"),))
    assert after(0, archive, whole).counts["failed"] == 3
    assert archive.status().failures == 3
    site.page("/list", "".join(f"<a href='{BRIDGE}?page={number}'>x</a>" for number in range(12)))
    site.redirect("/alias", BRIDGE)
    for path in ("/list", "/alias"):
        site.fails(path, 403, times=0)
    site.robots("User-agent: *\nDisallow: /closed\nDisallow: /*?page=\n")
    after(30, archive, whole)
    assert archive.status().failures == 0
    (counts,) = archive.sources()
    assert (counts.documents, counts.failures) == (1, 0)


@pytest.mark.slow
def test_lost_documents_are_read_again_from_the_captures(archive: Archive, site: Site, bridge: Source) -> None:
    requests = len(site.received())
    with closing(archive.databases.open_store(writable=True)) as store:
        store.delete(document_id(site.url(BRIDGE)), NOW.isoformat())
        store.commit()
    report = after(1, archive, bridge)
    assert (dict(report.counts), report.outcomes) == ({"added": 1, "unchanged": 1}, [])
    assert {request.status for request in site.received()[requests:] if request.path != "/feed.xml"} == {304}
    assert hourly(archive, bridge, 2) == [{"unchanged": 2}]


# --- manually --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_manual_address_that_redirects_to_a_known_page_is_unchanged(
    archive: Archive, site: Site, bridge: Source
) -> None:
    site.redirect("/short", BRIDGE)
    for hours in (1, 2):
        assert dict(after(hours, archive, given(site, "/short")).counts) == {"unchanged": 1}
    site.page(BRIDGE, story("Bridge closed", "bridge and both its ramps"))
    assert dict(after(3, archive, given(site, "/short")).counts) == {"updated": 1}
    site.remove(BRIDGE)
    assert hourly(archive, bridge, 30)[0]["gone"] == 1, "it is still the feed's"


@pytest.mark.slow
def test_an_empty_manual_feed_fails(archive: Archive, site: Site) -> None:
    site.feed("/feed.xml", feed(site))
    for hours in (0, 1):
        (failed,) = after(hours, archive, given(site, "/feed.xml")).failed
        assert "lists no page to fetch" in failed.reason
    # One of which nothing is due has not failed.
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    site.feed("/feed.xml", feed(site, BRIDGE))
    assert dict(after(2, archive, given(site, "/feed.xml")).counts) == {"added": 1}
    assert archive.status().failures == 0
    after(900, archive, given(site, "/feed.xml"))
    assert dict(after(901, archive, given(site, "/feed.xml")).counts) == {}

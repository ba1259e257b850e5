"""Pages that show less of a known article than before: the article stays, and the archive says so."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.reports.changes import ChangesRequest, changes_report
from searchkit.update.running import run
from tests.crawl.web.site import Site
from tests.test_update import NOW, OPTIONS, after, feed, given, ledger, named, story
from tests.walls import UNLISTED, WALLS, wall_page

BRIDGE = "/bridge.html"
STORY = story("Bridge closed", "bridge")
HEAD = '<meta property="article:published_time" content="2026-03-01T08:00:00Z"><meta name=author content="Ida Brandt">'
TEASER = STORY[STORY.index("<p>The port") : STORY.index('<p>"We will')]


PAGES = {**WALLS, **UNLISTED}


def kinds(archive: Archive) -> list[str]:
    report = changes_report(archive, ChangesRequest(today=NOW.date(), limit=1_000))
    return [kind for change in report.changes for kind in change.kinds]


@pytest.fixture
def known(archive: Archive, site: Site) -> Source:
    """A feed of one story for each wall, all in the archive."""
    for name in PAGES:
        site.page(f"/{name}", story(f"Bridge closed: {name}", "bridge"))
    site.feed("/feed.xml", feed(site, *(f"/{name}" for name in PAGES)))
    assert after(0, archive, ledger(site)).counts == {"added": len(PAGES)}
    return ledger(site)


@pytest.mark.slow
@pytest.mark.parametrize("head", ["", HEAD], ids=["bare", "template"])
@pytest.mark.parametrize("before", ["", TEASER], ids=["alone", "teaser"])
def test_no_wall_replaces_an_article(archive: Archive, site: Site, known: Source, before: str, head: str) -> None:
    for name, lines in PAGES.items():
        site.page(f"/{name}", wall_page(lines, head=head, before=before, form=name.startswith("login")))
    report = after(1, archive, known)
    assert [outcome.uri for outcome in report.outcomes if not outcome.shows_less] == []
    assert (len(report.outcomes), report.failed) == (len(PAGES), ())
    for name in PAGES:
        document = named(archive, site, f"/{name}")
        assert (document.revision, "pillar" in document.text) == (1, True), name
        assert bool(document.gone_at) == name.startswith(("removed", "missing")), name
    assert kinds(archive) == ["shows-less"] * len(PAGES)
    # It is said once, and until the article is there again.
    counts, listing = archive.status(), archive.sources()[0]
    assert (counts.shows_less, counts.failures, listing.shows_less, listing.failures) == (len(PAGES), 0, len(PAGES), 0)
    assert all(outcome.known for outcome in after(30, archive, known).outcomes)
    assert archive.sources()[0].shows_less == len(PAGES)
    for name in PAGES:
        site.page(f"/{name}", story(f"Bridge closed: {name}", "bridge", 2))
    after(60, archive, known)
    assert (archive.sources()[0].shows_less, archive.sources()[0].gone, kinds(archive)) == (0, 0, [])


@pytest.mark.slow
def test_a_user_accepts_what_a_named_page_shows(archive: Archive, site: Site) -> None:
    site.page("/bridge", story("Bridge closed", "bridge"))
    source = given(site, "/bridge")
    assert after(0, archive, source).counts == {"added": 1}
    site.page("/bridge", wall_page(WALLS["front-en"]))
    (failed,) = after(1, archive, source).failed
    assert failed.reason.startswith("the page shows less: 0% of the stored words, and another text")
    accepting = replace(OPTIONS, ingest=replace(OPTIONS.ingest, retry_failed=True))
    assert run(archive, [source], command="index", options=accepting, now=NOW + timedelta(hours=2)).counts == {
        "updated": 1
    }
    assert "baker" in named(archive, site, "/bridge").text
    assert archive.status().shows_less == 0
    site.page("/bridge", story("Bridge closed", "bridge"))
    assert after(3, archive, source).counts == {"updated": 1}
    assert "pillar" in named(archive, site, "/bridge").text
    site.page("/bridge", wall_page(WALLS["front-en"], head=HEAD))
    assert after(4, archive, source).failed

"""When the clock is set back, nothing is lost and nothing waits for a future time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.crawl.web.frontier import Frontier
from searchkit.store.lock import exclusive
from searchkit.update.health import due
from searchkit.update.running import LOG, last_success
from tests.crawl.web.ledger import Visitor, documents, feed, source, story
from tests.crawl.web.site import Site
from tests.faults.commands import command
from tests.test_archive import FINE
from tests.test_update import NOW, TOML, after, given, ledger, named
from tests.test_update import feed as update_feed
from tests.test_update import story as update_story

AHEAD = 24 * 400  # hours: a machine that came up with the clock of next year


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/bridge.html", update_story("Bridge closed", "bridge"))
        running.feed("/feed.xml", update_feed(running, "/bridge.html"))
        yield running


def test_a_year_ahead_and_back(tmp_path: Path, site: Site) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        assert after(AHEAD, archive, ledger(site)).counts == {"added": 1}
        first = named(archive, site, "/bridge.html")
        # Set back: the source is due, and so is its page, which has changed since.
        assert due([ledger(site)], archive.sources(), NOW) == (ledger(site),)
        site.page("/bridge.html", update_story("Bridge open", "ferry"))
        site.page("/ferry.html", update_story("Ferry late", "ferry"))
        site.feed("/feed.xml", update_feed(site, "/bridge.html", "/ferry.html"))
        assert after(0, archive, ledger(site)).counts == {"updated": 1, "added": 1}
        second = named(archive, site, "/bridge.html")
        assert (second.title, second.revision, second.first_seen) == ("Bridge open", 2, first.first_seen)
        assert archive.revision(second.id, 1) == replace(first, gone_at="", copies="")
        # And from then on as ever.
        assert due([ledger(site)], archive.sources(), NOW) == ()
        requests = len(site.received("/bridge.html"))
        after(0.5, archive, ledger(site))
        assert len(site.received("/bridge.html")) == requests
        after(1.5, archive, ledger(site))
        assert len(site.received("/bridge.html")) == requests + 1


def test_gone_pages_come_back_whatever_the_clock_says(tmp_path: Path, site: Site) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        after(AHEAD, archive, given(site, "/bridge.html"))
        site.remove("/bridge.html")
        assert after(0, archive, given(site, "/bridge.html")).counts == {"gone": 1}
        assert named(archive, site, "/bridge.html").gone_at == "2026-03-04T05:00:00+00:00"
        site.page("/bridge.html", update_story("Bridge closed", "bridge"))
        after(-5, archive, given(site, "/bridge.html"))
        assert named(archive, site, "/bridge.html").gone_at == ""
        assert archive.status().applied == archive.status().sequence


def test_files_that_were_read_next_year(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    path = tmp_path / "articles" / "fine.txt"
    folder = Source(name="articles", kind="folder", locations=(str(path.parent),))
    with Archive.create(tmp_path / "archive") as archive:
        path.write_text(FINE)
        assert after(AHEAD, archive, folder).counts == {"added": 1}
        path.write_text(FINE.replace("three warnings", "four letters"))
        assert after(0, archive, folder).counts == {"updated": 1}
        assert after(-24, archive, folder).counts == {"unchanged": 1}
        path.unlink()
        (path.parent / "other.txt").write_text(FINE.replace("Meridian", "Velmar"))
        assert after(-48, archive, folder).counts == {"added": 1, "gone": 1}
        assert archive.status().applied == archive.status().sequence


def test_a_page_recorded_before_a_kill_is_newer_than_one_of_next_year(tmp_path: Path, site: Site) -> None:
    """The clock was ahead, and was set back; the run after that was killed when it had recorded the page."""
    with Archive.create(tmp_path / "archive") as archive:
        after(AHEAD, archive, ledger(site))
        site.page("/bridge.html", update_story("Bridge open", "ferry"))
        visitor = Visitor(tmp_path / "archive", now=NOW)
        assert documents(site, visitor.visit(ledger(site), settle=False)) == ["/bridge.html"]
        assert after(0.1, archive, ledger(site)).counts == {"updated": 1}
        assert named(archive, site, "/bridge.html").title == "Bridge open"


def test_waits_end_when_the_clock_is_set_back(tmp_path: Path, site: Site) -> None:
    """Neither a wait after a failure, nor that of a host, nor robots.txt of next year holds anything up."""
    site.page("/a.html", story("Cranes"))
    site.page("/f", feed((site.url("/a.html"), "Cranes")), media_type="text/xml")
    site.fails("/a.html", 503, times=1, retry_after="80000")
    visitor = Visitor(tmp_path).later(days=400)
    assert documents(site, visitor.visit(source("feed", site.url("/f")))) == []
    with_robots = len(site.received("/robots.txt"))
    visitor.now -= timedelta(days=400)
    assert documents(site, visitor.visit(source("feed", site.url("/f")))) == ["/a.html"]
    assert len(site.received("/robots.txt")) == with_robots + 1
    frontier = Frontier(tmp_path / "frontier.sqlite")
    page = frontier.page(site.url("/a.html"))
    frontier.close()
    assert page is not None
    assert page.first_seen <= visitor.now.timestamp()
    assert page.fetched_at <= visitor.now.timestamp() + 1


def test_a_clock_that_is_set_by_seconds_changes_nothing(tmp_path: Path, site: Site) -> None:
    site.page("/a.html", story("Cranes"))
    site.page("/f", feed((site.url("/a.html"), "Cranes")), media_type="text/xml")
    visitor = Visitor(tmp_path)
    visitor.visit(source("feed", site.url("/f")))
    visitor.later(seconds=-30).visit(source("feed", site.url("/f")))
    assert len(site.received("/a.html")) == 1
    assert len(site.received("/robots.txt")) == 1


def test_a_success_in_the_future_excuses_no_failure(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
    monkeypatch.chdir(tmp_path)
    words = ("--archive", str(tmp_path / "archive"), "update", "--all", "--quiet", "--stale-after", "24h")
    with Archive.create(tmp_path / "archive") as archive:
        after(1000 * AHEAD, archive, ledger(site))  # ahead of the clock that the command reads, too
    site.fails("/feed.xml", 404)
    code, _, messages = command(*words)
    assert code == 4
    assert "last fetched" in messages
    with exclusive(tmp_path / "archive" / "lock"):
        assert command(*words)[0] == 75


def test_a_truncated_log_line_does_not_affect_others(tmp_path: Path, site: Site) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        after(0, archive, ledger(site))
        with (tmp_path / "archive" / LOG).open("a") as log:
            log.write('{"schema": "searchkit.run/1", "comm')
        after(2, archive, ledger(site))
        assert last_success(archive.folder) == NOW + timedelta(hours=2)

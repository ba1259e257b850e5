"""Runs over sources: an archive kept current over days, against a site that changes."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.document import Document, document_id
from searchkit.errors import ArchiveLocked
from searchkit.index.base import SearchRequest
from searchkit.ingest import IngestOptions
from searchkit.query.parser import parse
from searchkit.store.base import SourceCounts
from searchkit.store.sqlite import SqliteStore
from searchkit.update import LOG, RunOptions, RunReport, due, last_success, run
from tests.crawl.web.site import Site

NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
OPTIONS = RunOptions(ingest=IngestOptions(workers=1), contact="desk@ledger.example")
STORY = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="2026-03-0{day}T08:00:00Z"></head>
<body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>
<p>The port of Velmar closed its {what} on Monday after the yearly inspection had found a crack in the northern pillar,
which carries most of the load.</p>
<p>"We will not open it before every bolt has been counted," said Nadia Korbel, spokesperson for the Velmar Port
Authority, in a hall beside the quay.</p>
<p>Ships that were expected until Thursday wait in the roads, and two of them have turned back to Ostrava.</p>
</article></body></html>"""


def story(title: str, what: str, day: int = 1) -> str:
    return STORY.format(title=title, what=what, day=day)


def feed(site: Site, *paths: str) -> str:
    items = "".join(f"<item><link>{site.url(path)}</link><title>{path}</title></item>" for path in paths)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Ledger</title>{items}</channel></rss>'


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def ledger(site: Site) -> Source:
    return Source(
        name="ledger",
        kind="feed",
        locations=(site.url("/feed.xml"),),
        delay=0.0,
        outlet="The Velmar Ledger",
        allow_hosts=("127.0.0.1",),
    )


def given(site: Site, *paths: str) -> Source:
    """Addresses given by hand."""
    return Source(
        name="",
        kind="urls",
        locations=tuple(site.url(path) for path in paths),
        every=timedelta(0),
        delay=0.0,
        allow_hosts=("127.0.0.1",),
    )


def after(hours: float, archive: Archive, *sources: Source) -> RunReport:
    return run(archive, sources, command="update", options=OPTIONS, now=NOW + timedelta(hours=hours))


def named(archive: Archive, site: Site, path: str) -> Document:
    found = archive.get(document_id(site.url(path)))
    assert found is not None
    return found


def test_a_site_that_changes_from_hour_to_hour(archive: Archive, site: Site) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.page("/crane.html", story("Crane closed", "largest crane"))
    site.page("/feed.xml", feed(site, "/bridge.html", "/crane.html"), media_type="application/rss+xml")
    source = ledger(site)

    first = after(0, archive, source)
    assert dict(first.counts) == {"added": 2}
    assert first.statements == 2
    bridge = named(archive, site, "/bridge.html")
    assert (bridge.source, bridge.outlet, bridge.revision) == ("ledger", "The Velmar Ledger", 1)
    assert [quote.speaker.name for quote in bridge.quotes] == ["Nadia Korbel"]

    requests = len(site.asked())
    assert dict(after(1, archive, source).counts) == {"unchanged": 2}
    assert {one.status for one in site.asked()[requests:]} == {304}

    site.page("/bridge.html", story("Bridge closed", "bridge and its ramp"))
    site.remove("/crane.html")
    third = after(2, archive, source)
    assert dict(third.counts) == {"updated": 1, "gone": 1}
    bridge = named(archive, site, "/bridge.html")
    assert bridge.revision == 2
    before = archive.revision(bridge.id, 1)
    assert before is not None
    assert "its ramp" not in before.text
    crane = named(archive, site, "/crane.html")
    assert crane.gone_at == (NOW + timedelta(hours=2)).isoformat(timespec="seconds")

    site.page("/crane.html", story("Crane closed", "largest crane"))
    assert dict(after(3, archive, source).counts)["unchanged"] == 2
    assert named(archive, site, "/crane.html").gone_at == ""


def test_what_two_outlets_print_is_shown_once(archive: Archive, site: Site) -> None:
    site.page("/first.html", story("Bridge closed", "bridge", day=1))
    site.page("/second.html", story("Velmar shuts bridge", "bridge", day=2))
    site.page("/feed.xml", feed(site, "/second.html", "/first.html"), media_type="application/rss+xml")
    after(0, archive, ledger(site))
    query = parse("pillar", today=NOW.date()).tree
    shown = archive.search(SearchRequest(query=query))
    assert (shown.total, [hit.document for hit in shown.hits]) == (1, [document_id(site.url("/first.html"))])
    assert archive.search(SearchRequest(query=query, copies=True)).total == 2


def test_every_run_is_one_line_of_the_log(archive: Archive, site: Site, tmp_path: Path) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.page("/feed.xml", feed(site, "/bridge.html", "/gone.html"), media_type="application/rss+xml")
    after(0, archive, ledger(site))
    after(1, archive, ledger(site))
    lines = [json.loads(line) for line in (archive.folder / LOG).read_text().splitlines()]
    assert [(line["new"], line["changed"], line["unchanged"], line["gone"], line["failed"]) for line in lines] == [
        (1, 0, 0, 0, 1),
        (0, 0, 1, 0, 0),
    ]
    assert [(line["schema"], line["command"], line["ok"], line["statements"]) for line in lines] == [
        ("searchkit.run/1", "update", True, 1),
        ("searchkit.run/1", "update", True, 0),
    ]
    assert lines[0]["failures"] == [{"uri": site.url("/gone.html"), "reason": "answers 404"}]
    assert last_success(archive.folder) == NOW + timedelta(hours=1)
    assert last_success(tmp_path) is None
    assert (archive.folder / LOG).stat().st_mode & 0o777 == 0o600


def test_a_source_that_cannot_be_had_is_a_line_of_the_report(archive: Archive, site: Site) -> None:
    site.fails("/feed.xml", 503)
    report = after(0, archive, ledger(site))
    (told,) = report.sources
    assert (told.name, told.reason) == ("ledger", "answers 503")
    assert report.failed == ()  # it may pass
    (counts,) = archive.sources()
    assert (counts.last_run, counts.last_success, counts.last_reason) == (NOW.isoformat(), "", "answers 503")
    assert last_success(archive.folder) is None

    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.fails("/feed.xml", 503, times=0)
    site.page("/feed.xml", feed(site, "/bridge.html"), media_type="application/rss+xml")
    later = after(30, archive, ledger(site))
    assert (later.sources[0].reason, dict(later.counts)) == ("", {"added": 1})


def test_a_run_that_asks_for_nothing_is_no_success(archive: Archive, site: Site) -> None:
    pages = replace(ledger(site), kind="urls", locations=(site.url("/bridge.html"),))
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    after(0, archive, pages)
    site.fails("/bridge.html", 503, retry_after="7200")
    assert after(2, archive, pages).sources[0].reason == "answers 503"
    for minutes in (5, 10):  # its server wants to be left alone
        assert after(2 + minutes / 60, archive, pages).sources[0].reason != ""
    assert archive.sources()[0].last_success == NOW.isoformat()


def test_a_folder_is_a_source_too(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "clippings"
    folder.mkdir()
    (folder / "a.txt").write_text("A quiet day\n\nNothing of note was said in the harbor town on this long day.\n")
    (folder / "b.txt").write_text('Crane\n\n"It will move again," said Nadia Korbel, of the port authority.\n')
    (folder / "draft.txt").write_text("Not yet\n\nThis is not to be read by anybody before it is finished.\n")
    source = Source(
        name="clippings", kind="folder", locations=(str(folder),), exclude=("*draft*",), outlet="Clip", language="en"
    )
    assert dict(after(0, archive, source).counts) == {"added": 2}
    (counts,) = archive.sources()
    assert (counts.source, counts.documents, counts.last_reason) == ("clippings", 2, "")
    (folder / "a.txt").unlink()
    assert dict(after(1, archive, source).counts) == {"unchanged": 1, "gone": 1}
    folder.rename(tmp_path / "elsewhere")
    missing = after(2, archive, source)
    assert missing.sources[0].reason == "there is no such file or folder"
    assert dict(missing.counts) == {"failed": 1}


def test_two_sources_share_a_folder(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "clippings"
    folder.mkdir()
    for name in ("a.txt", "b.md", "d.txt"):
        (folder / name).write_text(f"Of {name}\n\nNothing of note was said in the harbor town on this long day.\n")
    (folder / "c.md").write_bytes(b"%PDF-1.4 cut off")
    texts = Source(name="texts", kind="folder", locations=(str(folder),), include=("*.txt",))
    notes = replace(texts, name="notes", include=("*.md",))
    assert dict(after(0, archive, texts, notes).counts) == {"added": 3, "failed": 1}
    # Neither takes for gone, or forgets, what the other gives.
    assert dict(after(1, archive, texts, notes).counts) == {"unchanged": 3, "skipped": 1}
    (folder / "a.txt").unlink()
    assert after(2, archive, texts, notes).counts["gone"] == 1


def test_what_was_given_by_hand_belongs_to_the_source_that_gives_it(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(
        "A quiet day\n\nNothing of note was said in the harbor on this long day.\n"
    )
    by_hand, named = (Source(name=name, kind="folder", locations=(str(tmp_path / "news"),)) for name in ("", "news"))
    after(0, archive, by_hand)
    for hours in (1, 2):
        assert dict(after(hours, archive, named, by_hand).counts) == {"unchanged": 2}
        assert [(one.source, one.documents) for one in archive.sources()] == [("news", 1)]
        found = archive.search(SearchRequest(query=parse("source:news", today=NOW.date()).tree))
        document = archive.get(found.hits[0].document)
        assert document is not None
        assert (document.source, document.revision) == ("news", 1)


def test_a_page_taken_in_by_hand_is_asked_for_whenever_it_is_named(archive: Archive, site: Site) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    by_hand = given(site, "/bridge.html")
    assert dict(after(0, archive, by_hand).counts) == {"added": 1}
    for days in (1, 400):
        assert dict(after(24 * days, archive, by_hand).counts) == {"unchanged": 1}
    assert archive.sources()[0].source == ""
    assert after(1, archive, by_hand).sources == ()


def test_what_is_given_by_hand_is_asked_for_alone(archive: Archive, site: Site) -> None:
    for path in ("/bridge.html", "/crane.html", "/ferry.html"):
        site.page(path, story(f"About {path}", path))
    site.page("/feed.xml", feed(site, "/crane.html"), media_type="application/rss+xml")
    first = given(site, "/bridge.html", "/feed.xml")
    assert dict(after(0, archive, first).counts) == {"added": 2}
    requests = len(site.asked())
    assert dict(after(2_400, archive, given(site, "/ferry.html")).counts) == {"added": 1}
    assert [one.path for one in site.asked()[requests:]] == ["/robots.txt", "/ferry.html"]
    # Given again, a feed leads to its pages again, though it has not changed.
    assert dict(after(2_401, archive, first).counts) == {"unchanged": 2}
    assert dict(after(4_801, archive, given(site, "/feed.xml")).counts) == {"unchanged": 1}


def test_a_page_that_could_not_be_read_is_read_again_when_asked_to(archive: Archive, site: Site) -> None:
    site.page("/report.pdf", b"%PDF-1.4 cut off", media_type="application/pdf")
    site.page("/feed.xml", feed(site, "/report.pdf"), media_type="application/rss+xml")
    assert dict(after(0, archive, ledger(site)).counts) == {"failed": 1}
    again = replace(OPTIONS, ingest=replace(OPTIONS.ingest, retry_failed=True))
    for hours in (1, 2, 3):
        report = after(hours, archive, ledger(site))
        assert [(one.status, one.known) for one in report.told] == [("skipped", True)]
        now = NOW + timedelta(hours=hours, minutes=30)
        requests = len(site.asked())
        report = run(archive, [ledger(site)], command="update", options=again, now=now)
        assert [one.reason for one in report.failed] == ["is a damaged PDF (Stream has ended unexpectedly)"]
        assert [one.path for one in site.asked()[requests:]] == ["/feed.xml"]  # the bytes are here


def test_only_one_run_at_a_time(archive: Archive, site: Site) -> None:
    with archive.held(), Archive.open(archive.folder) as other, pytest.raises(ArchiveLocked):
        after(0, other, ledger(site))
    assert not site.asked()


def test_what_is_due(site: Site) -> None:
    hourly, daily = ledger(site), Source(name="daily", kind="folder", locations=("x",), every=timedelta(days=1))
    ran = [SourceCounts(source="ledger", last_run=NOW.isoformat()), SourceCounts(source="daily", last_run="")]
    assert due([hourly, daily], ran, NOW) == (daily,)
    # cron is never quite in time
    assert due([hourly], ran, NOW + timedelta(minutes=59)) == (hourly,)
    assert due([hourly], ran, NOW + timedelta(minutes=50)) == ()
    assert due([hourly], [], NOW) == (hourly,)
    failed = SourceCounts(source="ledger", last_run=NOW.isoformat(), last_reason="answers 503")
    assert due([hourly], [failed], NOW) == (hourly,)


# --- what is not there any more --------------------------------------------------------------------------------------


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
    site.page("/feed.xml", feed(site, BRIDGE, OTHER), media_type="application/rss+xml")
    source = ledger(site)
    assert hourly(archive, source, 0) == [{"new": 2}]
    return source


@pytest.mark.parametrize(
    ("to", "page", "reason"),
    [
        ("/", FRONT, "redirects to the front page"),
        ("/harbor/", FRONT, "redirects to a list of pages"),
        ("/login?next=/bridge.html", LOGIN, "redirects to a page that asks to log in"),
        ("/members", LOGIN, "redirects to a page that asks to log in"),
        ("/consent", "<p>We value your privacy.", "redirects to a page that asks for consent"),
        ("/ferry.html", crane("Ferry sunk"), "redirects to another page"),
        (OTHER, crane(), "redirects to another page"),
    ],
)
def test_an_address_that_leads_elsewhere_for_good_is_gone(
    archive: Archive, site: Site, bridge: Source, to: str, page: str, reason: str
) -> None:
    site.page(to, page)
    site.redirect(BRIDGE, to, status=301)
    report = after(1, archive, bridge)
    assert [(one.uri, one.reason) for one in report.gone] == [(site.url(BRIDGE), reason)]
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


@pytest.mark.parametrize("status", [302, 307])
def test_a_wall_that_passes_marks_nothing(archive: Archive, site: Site, bridge: Source, status: int) -> None:
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


def test_a_wall_that_stays_for_a_day_is_believed(archive: Archive, site: Site, bridge: Source) -> None:
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


@pytest.mark.parametrize(
    ("to", "page", "claims"),
    [
        ("/bridge.html/", story("Bridge closed", "bridge"), False),
        ("/news/the-bridge", story("Bridge closed", "bridge"), True),
        ("/news/the-bridge", story("Bridge of Velmar closed for weeks", "bridge"), False),
        ("/news/the-bridge", story("Bridge closed", "bridge and both its ramps"), True),
    ],
)
def test_an_article_that_has_moved_stays_what_it_was(
    archive: Archive, site: Site, bridge: Source, to: str, page: str, claims: bool
) -> None:
    before = named(archive, site, BRIDGE)
    head = f"<link rel=canonical href='{site.url(to)}'></head>"
    site.page(to, page.replace("</head>", head) if claims else page)
    site.redirect(BRIDGE, to, status=301)
    counts = hourly(archive, bridge, 1, 2, 3)
    assert not any("gone" in one or "new" in one or "failed" in one for one in counts)
    # Changed where it is now, it has another revision, and still its id.
    site.page(to, page.replace("until Thursday", "until Friday").replace("</head>", head))
    assert hourly(archive, bridge, 30)[0]["changed"] == 1
    document = named(archive, site, BRIDGE)
    assert (document.id, document.gone_at, "until Friday" in document.text) == (before.id, "", True)
    # The feed names the new address, which is the same article.
    site.page("/feed.xml", feed(site, to, OTHER), media_type="application/rss+xml")
    assert "new" not in hourly(archive, bridge, 31)[0]
    # And once that is not there any more, the article is gone.
    site.remove(to)
    assert hourly(archive, bridge, 60)[0]["gone"] == 1
    assert is_gone(archive, site)


def test_an_address_that_holds_another_article_now_is_counted(archive: Archive, site: Site) -> None:
    head = "<link rel=canonical href='{}'></head>"
    site.page("/latest", crane().replace("</head>", head.format(site.url("/crane-column"))))
    source = replace(ledger(site), kind="urls", locations=(site.url("/latest"),))
    assert hourly(archive, source, 0) == [{"new": 1}]
    site.page("/latest", story("Ferry sunk", "ferry").replace("</head>", head.format(site.url("/ferry-column"))))
    assert hourly(archive, source, 1) == [{"new": 1, "gone": 1}]


def test_an_address_for_what_is_latest_gives_each(archive: Archive, site: Site) -> None:
    site.page("/monday", story("Bridge closed", "bridge"))
    site.page("/tuesday", crane())
    site.redirect("/latest", "/monday")
    source = replace(ledger(site), kind="urls", locations=(site.url("/latest"),))
    assert hourly(archive, source, 0) == [{"new": 1}]
    site.redirect("/latest", "/tuesday")
    hourly(archive, source, 1)
    assert named(archive, site, "/tuesday").title == "Crane closed"
    assert not is_gone(archive, site, "/monday")


# --- silent when well ------------------------------------------------------------------------------------------------


def test_what_cannot_be_had_is_told_once_of_feeds_and_lists_of_addresses(archive: Archive, site: Site) -> None:
    closed = story("Closed", "x").replace("<head>", "<head><meta name=robots content=noindex>")
    for path in ("/no-1", "/no-2"):
        site.page(path, closed)
    for path in ("/bad-1", "/bad-2"):
        site.fails(path, 503)
    site.page("/good", story("Bridge closed", "bridge"))
    site.page("/feed.xml", feed(site, "/no-1", "/bad-1", "/good"), media_type="application/rss+xml")
    given = replace(ledger(site), name="given", kind="urls", locations=tuple(map(site.url, ("/no-2", "/bad-2"))))
    failed: list[tuple[int, str, str]] = []
    withheld: list[tuple[int, str]] = []
    for hour in range(20):
        report = after(hour, archive, ledger(site), given)
        failed += [(hour, one.uri.removeprefix(site.url("")), one.reason) for one in report.failed]
        withheld += [(hour, one["uri"].removeprefix(site.url(""))) for one in report.as_json()["withheld"]]
        if hour > 10:
            assert [one.reason for one in report.sources] == ["", ""]
            assert report.as_json()["ok"]
    assert withheld == [(0, "/no-1"), (0, "/no-2")]
    assert sorted((path, reason) for _, path, reason in failed) == [
        ("/bad-1", "answers 503; given up after 6 tries"),
        ("/bad-2", "answers 503; given up after 6 tries"),
    ]
    assert archive.status().counts.failures == 2
    # Something changes, or somebody wants to know.
    again = replace(OPTIONS, ingest=replace(OPTIONS.ingest, retry_failed=True))
    site.fails("/bad-1", 403)
    report = run(
        archive, [ledger(site), given], command="update", options=again, now=NOW + timedelta(hours=20, minutes=30)
    )
    assert [(one.uri, one.reason) for one in report.failed] == [(site.url("/bad-1"), "answers 403")]
    assert {one.uri for one in report.withheld} == set(map(site.url, ("/no-1", "/no-2")))


def test_a_source_that_cannot_be_had_is_told_until_it_can(archive: Archive, site: Site) -> None:
    site.fails("/feed.xml", 404)
    for hour in range(3):
        assert after(hour, archive, ledger(site)).sources[0].reason
    site.robots("User-agent: *\nDisallow: /feed.xml\n")
    for hour in range(30, 33):
        assert "robots.txt does not allow it" in after(hour, archive, ledger(site)).sources[0].reason


def test_failures_that_have_passed_are_not_counted_any_more(archive: Archive, site: Site) -> None:
    paths = ("/list", "/alias", "/closed")
    for path in paths:
        site.fails(path, 403)
    site.page("/", f"<a href='/list'>x</a><a href='/alias'>x</a><a href='/closed'>x</a><a href='{BRIDGE}'>x</a>")
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    whole = replace(ledger(site), kind="site", locations=(site.url("/"),))
    assert after(0, archive, whole).counts["failed"] == 3
    assert archive.status().counts.failures == 3
    site.page("/list", "".join(f"<a href='{BRIDGE}?page={number}'>x</a>" for number in range(12)))
    site.redirect("/alias", BRIDGE)
    for path in ("/list", "/alias"):
        site.fails(path, 403, times=0)
    site.robots("User-agent: *\nDisallow: /closed\nDisallow: /*?page=\n")
    after(30, archive, whole)
    assert archive.status().counts.failures == 0
    (counts,) = archive.sources()
    assert (counts.documents, counts.failures) == (1, 0)


def test_what_the_archive_has_lost_is_read_again_from_the_captures(
    archive: Archive, site: Site, bridge: Source
) -> None:
    requests = len(site.asked())
    with closing(SqliteStore(archive.folder / "store.sqlite", writable=True)) as store:
        store.delete(document_id(site.url(BRIDGE)), NOW.isoformat())
        store.commit()
    report = after(1, archive, bridge)
    assert (dict(report.counts), report.told) == ({"added": 1, "unchanged": 1}, ())
    assert {one.status for one in site.asked()[requests:]} == {304}
    assert hourly(archive, bridge, 2) == [{"unchanged": 2}]


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_an_address_by_hand_that_leads_to_a_known_page_is_unchanged(
    archive: Archive, site: Site, bridge: Source
) -> None:
    site.redirect("/short", BRIDGE)
    for hours in (1, 2):
        assert dict(after(hours, archive, given(site, "/short")).counts) == {"unchanged": 1}
    site.page(BRIDGE, story("Bridge closed", "bridge and both its ramps"))
    assert dict(after(3, archive, given(site, "/short")).counts) == {"updated": 1}
    site.remove(BRIDGE)
    assert hourly(archive, bridge, 30)[0]["gone"] == 1, "it is still the feed's"


@pytest.mark.parametrize("status", [404, 503])
def test_an_address_by_hand_that_gives_nothing_has_failed_each_time(archive: Archive, site: Site, status: int) -> None:
    site.fails(BRIDGE, status)
    for hours in (0, 1, 2):
        report = after(hours, archive, given(site, BRIDGE))
        assert dict(report.counts) == {"failed": 1}
        assert f"answers {status}" in report.failed[0].reason


def test_a_feed_by_hand_that_is_empty_has_given_nothing(archive: Archive, site: Site) -> None:
    site.page("/feed.xml", feed(site), media_type="application/rss+xml")
    for hours in (0, 1):
        (failed,) = after(hours, archive, given(site, "/feed.xml")).failed
        assert "names no page that could be fetched" in failed.reason
    # One of which nothing is due has not failed.
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    site.page("/feed.xml", feed(site, BRIDGE), media_type="application/rss+xml")
    assert dict(after(2, archive, given(site, "/feed.xml")).counts) == {"added": 1}
    assert archive.status().counts.failures == 0
    after(900, archive, given(site, "/feed.xml"))
    assert dict(after(901, archive, given(site, "/feed.xml")).counts) == {}


def test_a_copy_by_hand_of_what_is_known_is_unchanged(archive: Archive, site: Site, bridge: Source) -> None:
    head = f"<link rel=canonical href='{site.url(BRIDGE)}'></head>"
    site.page("/print/bridge", story("Bridge closed", "bridge").replace("</head>", head))
    for hours in (1, 2):
        assert dict(after(hours, archive, given(site, "/print/bridge")).counts) == {"unchanged": 1}


def test_a_feed_by_hand_that_its_server_calls_a_page_is_read_as_one(archive: Archive, site: Site) -> None:
    site.page(BRIDGE, story("Bridge closed", "bridge"))
    site.page("/feed.xml", feed(site, BRIDGE), media_type="text/html; charset=utf-8")
    assert dict(after(0, archive, given(site, "/feed.xml")).counts) == {"added": 1}

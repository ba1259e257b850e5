"""Runs over sources: an archive kept current over days, against a site that changes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.errors import ArchiveError, ArchiveLocked
from searchkit.index.base import SearchRequest
from searchkit.ingest import IngestOptions
from searchkit.query.parser import parse
from searchkit.statements.document import Document, document_id
from searchkit.store.sources import SourceCounts
from searchkit.update.health import due
from searchkit.update.reading import RunOptions
from searchkit.update.reports import RunReport
from searchkit.update.running import LOG, findings, last_success, run
from tests.crawl.web.site import Site
from tests.samples import present

BOTH_STORES = True  # tests/conftest.py

NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
OPTIONS = RunOptions(ingest=IngestOptions(workers=1), contact="desk@ledger.example")
# What searchkit.toml says of a feed that is read at once.
TOML = """
contact = "desk@ledger.example"
[[source]]
name = "ledger"
kind = "feed"
location = "{feed}"
delay = 0
allow_hosts = ["127.0.0.1"]
"""
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
    """PartAddresses given by hand."""
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
    return present(archive.get(document_id(site.url(path))))


@pytest.mark.slow
def test_a_site_that_changes_from_hour_to_hour(archive: Archive, site: Site) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.page("/crane.html", story("Crane closed", "largest crane"))
    site.feed("/feed.xml", feed(site, "/bridge.html", "/crane.html"))
    source = ledger(site)

    first = after(0, archive, source)
    assert dict(first.counts) == {"added": 2}
    assert first.statements == 2
    bridge = named(archive, site, "/bridge.html")
    assert (bridge.source, bridge.outlet, bridge.revision) == ("ledger", "The Velmar Ledger", 1)
    assert [quote.speaker.name for quote in bridge.quotes] == ["Nadia Korbel"]

    requests = len(site.received())
    assert dict(after(1, archive, source).counts) == {"unchanged": 2}
    assert {request.status for request in site.received()[requests:] if request.path != "/feed.xml"} == {304}

    site.page("/bridge.html", story("Bridge closed", "bridge and its ramp"))
    site.remove("/crane.html")
    third = after(2, archive, source)
    assert dict(third.counts) == {"updated": 1, "gone": 1}
    bridge = named(archive, site, "/bridge.html")
    assert bridge.revision == 2
    before = present(archive.revision(bridge.id, 1))
    assert "its ramp" not in before.text
    crane = named(archive, site, "/crane.html")
    assert crane.gone_at == (NOW + timedelta(hours=2)).isoformat(timespec="seconds")

    site.page("/crane.html", story("Crane closed", "largest crane"))
    assert dict(after(3, archive, source).counts)["unchanged"] == 2
    assert named(archive, site, "/crane.html").gone_at == ""


@pytest.mark.slow
def test_an_article_of_two_outlets_is_shown_once(archive: Archive, site: Site) -> None:
    site.page("/first.html", story("Bridge closed", "bridge", day=1))
    site.page("/second.html", story("Velmar shuts bridge", "bridge", day=2))
    site.feed("/feed.xml", feed(site, "/second.html", "/first.html"))
    after(0, archive, ledger(site))
    query = parse("pillar", today=NOW.date()).tree
    shown = archive.search(SearchRequest(query=query))
    assert (shown.total, [hit.document for hit in shown.hits]) == (1, [document_id(site.url("/first.html"))])
    assert archive.search(SearchRequest(query=query, copies=True)).total == 2


@pytest.mark.slow
def test_every_run_is_one_line_of_the_log(archive: Archive, site: Site, tmp_path: Path) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.feed("/feed.xml", feed(site, "/bridge.html", "/gone.html"))
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
    assert lines[0]["failures"] == [{"uri": site.url("/gone.html"), "reason": "HTTP 404"}]
    assert last_success(archive.folder) == NOW + timedelta(hours=1)
    assert last_success(tmp_path) is None
    assert (archive.folder / LOG).stat().st_mode & 0o777 == 0o600


def test_files_of_the_user_that_changed_since_the_last_run(archive: Archive) -> None:
    """An edit is no damage, but a flipped bit looks like one."""
    aliases = archive.folder / "aliases.toml"
    assert list(findings(archive.folder)) == []
    aliases.write_text("# no names yet\n")
    after(0, archive)
    assert list(findings(archive.folder)) == []
    aliases.write_text("# no names yat\n")
    (archive.folder / "saved").mkdir()
    (archive.folder / "saved" / "new.toml").write_text('syntax = 1\nquery = "speaker:x"\nover = "quotes"\n')
    (finding,) = findings(archive.folder)
    assert (finding.where, finding.damage) == ("aliases.toml", False)
    assert finding.what == f"has changed since the last run ({NOW.isoformat(timespec='seconds')})"
    after(1, archive)
    assert list(findings(archive.folder)) == []


@pytest.mark.slow
def test_an_unavailable_source_is_in_the_report(archive: Archive, site: Site) -> None:
    site.fails("/feed.xml", 503)
    report = after(0, archive, ledger(site))
    (ledger_report,) = report.sources
    assert (ledger_report.name, ledger_report.reason) == ("ledger", "HTTP 503")
    assert report.failed == ()  # it may pass
    (counts,) = archive.sources()
    assert (counts.last_run, counts.last_success, counts.last_reason) == (NOW.isoformat(), "", "HTTP 503")
    assert last_success(archive.folder) is None

    site.page("/bridge.html", story("Bridge closed", "bridge"))
    site.fails("/feed.xml", 503, times=0)
    site.feed("/feed.xml", feed(site, "/bridge.html"))
    later = after(30, archive, ledger(site))
    assert (later.sources[0].reason, dict(later.counts)) == ("", {"added": 1})


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
    (folder / "map.jpg").write_text("JPG")
    (folder / "draft.jpg").write_text("JPG")
    assert dict(after(1, archive, source).counts) == {"unchanged": 1, "gone": 1}
    (counts,) = archive.sources()
    assert counts.not_read == {".jpg": 1}
    folder.rename(tmp_path / "elsewhere")
    missing = after(2, archive, source)
    assert missing.sources[0].reason == "no such file or folder"
    assert dict(missing.counts) == {"failed": 1}


def test_documents_added_manually_later_belong_to_a_source(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(
        "A quiet day\n\nNothing of note was said in the harbor on this long day.\n"
    )
    by_hand, named = (Source(name=name, kind="folder", locations=(str(tmp_path / "news"),)) for name in ("", "news"))
    after(0, archive, by_hand)
    for hours in (1, 2):
        assert dict(after(hours, archive, named, by_hand).counts) == {"unchanged": 2}
        assert [(source.source, source.documents) for source in archive.sources()] == [("news", 1)]
        found = archive.search(SearchRequest(query=parse("source:news", today=NOW.date()).tree))
        document = present(archive.get(found.hits[0].document))
        assert (document.source, document.revision) == ("news", 1)


@pytest.mark.slow
def test_a_page_named_manually_is_fetched_each_time(archive: Archive, site: Site) -> None:
    site.page("/bridge.html", story("Bridge closed", "bridge"))
    by_hand = given(site, "/bridge.html")
    assert dict(after(0, archive, by_hand).counts) == {"added": 1}
    for days in (1, 400):
        assert dict(after(24 * days, archive, by_hand).counts) == {"unchanged": 1}
    assert archive.sources()[0].source == ""
    assert after(1, archive, by_hand).sources == []


@pytest.mark.slow
def test_only_pages_named_manually_are_fetched(archive: Archive, site: Site) -> None:
    for path in ("/bridge.html", "/crane.html", "/ferry.html"):
        site.page(path, story(f"About {path}", path))
    site.feed("/feed.xml", feed(site, "/crane.html"))
    first = given(site, "/bridge.html", "/feed.xml")
    assert dict(after(0, archive, first).counts) == {"added": 2}
    requests = len(site.received())
    assert dict(after(2_400, archive, given(site, "/ferry.html")).counts) == {"added": 1}
    assert [request.path for request in site.received()[requests:]] == ["/robots.txt", "/ferry.html"]
    # Given again, a feed leads to its pages again, though it has not changed.
    assert dict(after(2_401, archive, first).counts) == {"unchanged": 2}
    assert dict(after(4_801, archive, given(site, "/feed.xml")).counts) == {"unchanged": 1}


@pytest.mark.slow
def test_an_unreadable_page_is_read_again_with_retry_failed(archive: Archive, site: Site) -> None:
    site.page("/report.pdf", b"%PDF-1.4 cut off", media_type="application/pdf")
    site.feed("/feed.xml", feed(site, "/report.pdf"))
    assert dict(after(0, archive, ledger(site)).counts) == {"failed": 1}
    again = replace(OPTIONS, ingest=replace(OPTIONS.ingest, retry_failed=True))
    for hours in (1, 2, 3):
        report = after(hours, archive, ledger(site))
        assert [(outcome.status, outcome.known) for outcome in report.outcomes] == [("skipped", True)]
        now = NOW + timedelta(hours=hours, minutes=30)
        requests = len(site.received())
        report = run(archive, [ledger(site)], command="update", options=again, now=now)
        assert [failure.reason for failure in report.failed] == ["PDF without pages, or damaged PDF"]
        assert [request.path for request in site.received()[requests:]] == ["/feed.xml"]  # the bytes are here


def test_only_one_run_at_a_time(archive: Archive, site: Site) -> None:
    with archive.held(), Archive.open(archive.folder) as other, pytest.raises(ArchiveLocked):
        after(0, other, ledger(site))
    assert not site.received()


def test_a_folder_and_a_file_in_it_are_one_place(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("A quiet day\n\nNothing of note was said in the harbor on this day.\n")
    places = (str(tmp_path / "news"), str(tmp_path / "news" / "a.txt"))
    for hours, counts in enumerate(("added", "unchanged")):
        report = after(hours, archive, Source(name="news", kind="folder", locations=places))
        assert (dict(report.counts), report.sources[0].reason) == ({counts: 1, "skipped": 1}, "")


def test_a_file_with_a_bad_line_is_read(archive: Archive, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    source = Source(name="lines", kind="folder", locations=(str(lines),))
    lines.write_text('{"text": "Crane 1 stood still, said Nadia Korbel."}\n{broken\n')
    for hours, counts in enumerate(({"added": 1, "failed": 1}, {"unchanged": 1, "skipped": 1})):
        report = after(hours, archive, source)
        assert (dict(report.counts), report.sources[0].reason) == (counts, "")
        assert [(item.failures, item.last_reason) for item in archive.sources()] == [(1, "")]
    assert [line.reason[:18] for line in archive.failures("lines")] == ["line 2 is not JSON"]
    lines.write_text("{broken\n")
    assert after(2, archive, source).sources[0].reason.startswith("line 1 is not JSON"), "no line of it is readable"


def test_a_log_that_cannot_be_written_is_reported_before_anything_is_done(archive: Archive, tmp_path: Path) -> None:
    (archive.folder / LOG).mkdir()
    (tmp_path / "a.txt").write_text("A quiet day\n\nNothing of note was said in the harbor on this long day.\n")
    with pytest.raises(ArchiveError, match=r"runs\.jsonl cannot be used: Is a directory"):
        after(0, archive, Source(name="a", kind="folder", locations=(str(tmp_path / "a.txt"),)))
    assert archive.is_empty


def test_a_run_in_which_nothing_was_due(archive: Archive) -> None:
    report = after(0, archive)
    assert report.ok is None
    assert json.loads((archive.folder / LOG).read_text())["ok"] is None
    assert last_success(archive.folder) == NOW, "what failed is always due, so all is well"
    by_hand = run(archive, [], command="index", options=OPTIONS, now=NOW)
    assert by_hand.ok is True


def test_what_is_due(site: Site) -> None:
    hourly, daily = ledger(site), Source(name="daily", kind="folder", locations=("x",), every=timedelta(days=1))
    ran = [SourceCounts(source="ledger", last_run=NOW.isoformat()), SourceCounts(source="daily", last_run="")]
    assert due([hourly, daily], ran, NOW) == (daily,)
    # cron is never quite in time
    assert due([hourly], ran, NOW + timedelta(minutes=59)) == (hourly,)
    assert due([hourly], ran, NOW + timedelta(minutes=50)) == ()
    assert due([hourly], [], NOW) == (hourly,)
    failed = SourceCounts(source="ledger", last_run=NOW.isoformat(), last_reason="HTTP 503")
    assert due([hourly], [failed], NOW) == (hourly,)
    asked = [SourceCounts(source="ledger", last_run=NOW.isoformat(), description=hourly.description())]
    assert due([replace(hourly, outlet="X"), replace(hourly, delay=9.0)], asked, NOW) == ()
    elsewhere = replace(hourly, locations=("https://x.example/",))
    for other in (elsewhere, replace(hourly, kind="site"), replace(hourly, allow_hosts=())):
        assert due([other], asked, NOW) == (other,)


def test_a_source_with_changed_settings_is_due(archive: Archive, tmp_path: Path) -> None:
    source = Source(name="news", kind="folder", locations=(str(tmp_path / "archive"),), every=timedelta(days=1))
    after(0, archive, source)
    assert due([source], archive.sources(), NOW) == ()
    other = replace(source, locations=(str(tmp_path),))
    assert due([other], archive.sources(), NOW) == (other,)

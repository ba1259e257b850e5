"""Erased documents are gone from every file and do not come back."""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.alerts.folder import save
from searchkit.alerts.running import stored
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.alerts.sinks import SinkOptions
from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.checking import findings
from searchkit.archive.erasure import (
    Erased,
    files_set_aside,
    find_targets,
    finish,
    forget,
    make_plan,
    read_intent,
    unread_page,
)
from searchkit.archive.folder import FORGETTING
from searchkit.archive.indexing import Indexing
from searchkit.archive.writing import Writing
from searchkit.crawl.base import Source, SourceKind
from searchkit.errors import ArchiveError
from searchkit.index.base import SearchRequest
from searchkit.ingest import IngestOptions
from searchkit.query import ast
from searchkit.statements.document import document_id
from searchkit.update.reading import RunOptions
from searchkit.update.reports import RunReport
from searchkit.update.running import run
from tests.archive.grep import holding
from tests.cases import cases
from tests.crawl.web.site import Site
from tests.samples import present

BOTH_STORES = True  # tests/conftest.py

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="2026-03-01T08:00:00Z"></head>
<body><article><h1>{title}</h1>
<p>The port of Velmar closed its {what} on Monday after the yearly inspection had found a crack in the northern pillar,
which carries most of the load of {what}.</p>
<p>"We will not open the {what} before every bolt has been counted," said {who}, spokesperson for the Velmar Port
Authority, in a hall beside the quay of {what}.</p>
<p>Ships that were expected until Thursday wait in the roads, and two of them have turned back to Ostrava.{more}</p>
</article></body></html>"""
# Words that stand nowhere but in the article that is forgotten, in its first state, and in its second.
FIRST, SECOND, TITLE = "quagglebridge", "zwirnlock", "Wexelgate stays shut for good"


def page(title: str, what: str, who: str = "Nadia Korbel", more: str = "") -> str:
    return PAGE.format(title=title, what=what, who=who, more=more)


class Newsroom:
    """An archive kept current from the feed of one site, with an alert that writes a feed into the archive."""

    def __init__(self, archive: Archive, site: Site) -> None:
        self.archive = archive
        self.site = site
        self.folder = archive.folder
        self._hours = 0
        self._items: dict[str, str] = {}
        alert = AlertSettings(sinks=("atom:alerts.xml",))
        save(
            self.folder,
            SavedSearch(name="port", query="speaker:korbel OR speaker:vell", over="statements", alert=alert),
        )

    def publish(self, path: str, content: str, title: str = "") -> str:
        self.site.page(path, content)
        self._items[path] = title or path
        items = "".join(
            f"<item><link>{self.site.url(path)}</link><title>{title}</title></item>"
            for path, title in self._items.items()
        )
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Ledger</title>{items}</channel></rss>'
        self.site.page("/feed.xml", feed, media_type="application/rss+xml")
        return self.site.url(path)

    def update(self) -> RunReport:
        self._hours += 24 * 40  # so that every page is due
        return self.run("feed", self.site.url("/feed.xml"), name="ledger")

    def run(self, kind: SourceKind, *locations: str, name: str = "", every: float = 1) -> RunReport:
        source = Source(
            name=name,
            kind=kind,
            locations=locations,
            every=timedelta(hours=every),
            delay=0.0,
            allow_hosts=("127.0.0.1",),
        )
        sinks = SinkOptions(folder=self.folder) if name else None
        options = RunOptions(ingest=IngestOptions(workers=1), contact="desk@ledger.example", sinks=sinks)
        now = NOW + timedelta(hours=self._hours)
        return run(self.archive, [source], command="update" if name else "index", options=options, now=now)

    def publish_two(self) -> str:
        """Publish and index two articles; return the address of the one that is erased."""
        url = self.publish("/wexel.html", page(TITLE, FIRST), TITLE)
        self.publish("/lock.html", page("Lock repaired", "old lock"))
        self.update()
        return url

    def forget(self, *ids: str, copies: bool = False) -> Erased:
        with self.archive.held():
            targets, _ = find_targets(self.archive, ids, copies=copies)
            return forget(self.archive, make_plan(self.archive, targets), now=NOW)

    def ids(self) -> set[str]:
        result = self.archive.search(SearchRequest(query=ast.All(), limit=100, copies=True))
        return {hit.id for hit in result.hits}


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path, site: Site) -> Iterator[Newsroom]:
    with Archive.create(tmp_path / "archive") as archive:
        yield Newsroom(archive, site)


def test_only_the_erased_document_is_gone_from_every_file(newsroom: Newsroom) -> None:
    newsroom.update()
    url = newsroom.publish("/wexel.html", page(TITLE, FIRST, "Ilsa Vell"), TITLE)
    other = newsroom.publish("/lock.html", page("Lock repaired", "old lock"), "Lock repaired")
    newsroom.update()
    newsroom.publish("/wexel.html", page(TITLE, SECOND, "Ilsa Vell"), TITLE)
    newsroom.update()
    archive = newsroom.archive
    document = present(archive.at(url))
    assert document.revision == 2
    stays = archive.at(other)
    needles = (url, document.id, TITLE, FIRST, SECOND, "Ilsa Vell")
    before = holding(newsroom.folder, *needles)
    assert {"store.sqlite", "frontier.sqlite", "alerts.xml"} <= before.keys()
    assert len([name for name in before if name.startswith("captures/")]) >= 3, "two states of it, and the feed"
    (newsroom.folder / "archive.tmp").write_text(SECOND)
    with (newsroom.folder / "runs.jsonl").open("a") as log:
        log.write(json.dumps({"command": "update", "ok": True, "failures": [{"uri": url, "reason": "404"}]}) + "\n")
        log.write(json.dumps({"command": "update", "note": TITLE}) + f"\n{{{TITLE}\n")

    erased = newsroom.forget(document.id)

    assert erased == Erased(documents=1, mentioned_in=())
    assert holding(newsroom.folder, *needles) == {}
    assert not newsroom.archive.is_forgetting
    assert newsroom.ids() == {document_id(other)}
    assert stays is not None
    assert archive.at(other) == replace(stays, copies=""), "it was a copy of what is gone"
    lines = (newsroom.folder / "runs.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines[-2:]] == [{"command": "update", "ok": True}, {"command": "update"}]
    reported = stored(archive).items
    assert {item.document for item in reported} <= {document_id(other)}
    assert b"old lock" in (newsroom.folder / "alerts.xml").read_bytes()
    assert (newsroom.folder / "alerts.xml").read_bytes().count(b"<entry>") == 1
    assert archive.status().sequence == archive.status().applied
    archive.close()
    assert list(findings(newsroom.folder, full=True)) == []


def test_no_run_fetches_or_indexes_it_again(newsroom: Newsroom, site: Site) -> None:
    url = newsroom.publish_two()
    newsroom.forget(document_id(url))
    requests = len(site.received("/wexel.html"))
    newsroom.publish("/gate.html", page("Gate painted", "iron gate"))
    for _ in range(3):  # the feed names it still, changed or not
        report = newsroom.update()
        assert report.ok
        assert holding(newsroom.folder, url, TITLE, FIRST) == {}
        newsroom.archive.close()
        assert list(findings(newsroom.folder, full=True)) == []
    with sqlite3.connect(newsroom.folder / "frontier.sqlite") as frontier:
        kept = frontier.execute("SELECT count(*) FROM fetches WHERE url LIKE '%feed.xml'").fetchone()
    frontier.close()
    assert kept == (0,), "its history does not grow with every run"
    assert len(newsroom.ids()) == 2
    assert len(site.received("/wexel.html")) == requests
    assert Blocklist.load(newsroom.folder).allow([url]) == 1
    newsroom.update()
    assert document_id(url) in newsroom.ids()


def test_it_is_recognized_under_other_addresses(newsroom: Newsroom, site: Site) -> None:
    url = newsroom.publish("/wexel.html", page(TITLE, FIRST), TITLE)
    newsroom.update()
    newsroom.forget(document_id(url))
    site.redirect("/short", "/wexel.html")
    canonical = f'<link rel="canonical" href="{url}"></head>'
    site.page("/print.html", page(TITLE, FIRST).replace("</head>", canonical))
    newsroom.publish("/plain.html", page("Plain", "plain pier"))
    report = newsroom.run("urls", *map(site.url, ("/short", "/print.html", "/wexel.html", "/plain.html")), every=0)
    assert sorted((outcome.uri.rpartition("/")[2], outcome.status, outcome.reason) for outcome in report.outcomes) == [
        (name, "skipped", "is on the list of forgotten documents") for name in ("print.html", "short", "wexel.html")
    ]
    assert holding(newsroom.folder, FIRST, TITLE, url) == {}
    newsroom.archive.close()
    assert list(findings(newsroom.folder, full=True)) == []


def test_redirecting_addresses_are_erased_too(newsroom: Newsroom, site: Site) -> None:
    site.redirect("/short", "/wexel.html")
    newsroom.publish("/short", "")
    site.redirect("/short", "/wexel.html")
    site.page("/wexel.html", page(TITLE, FIRST))
    newsroom.update()
    document = present(newsroom.archive.get(newsroom.ids().pop()))
    erased = newsroom.forget(document.id)
    assert erased.mentioned_in == ()
    assert holding(newsroom.folder, FIRST, TITLE, site.url("/short")) == {}


def test_captures_shared_with_other_documents_stay(newsroom: Newsroom) -> None:
    same = page("Twice the same", "double dock")
    url, other = newsroom.publish("/one.html", same), newsroom.publish("/two.html", same)
    newsroom.update()
    archive = newsroom.archive
    document = present(archive.at(other))
    with archive.held():
        targets, copies = find_targets(archive, [document_id(url)], copies=False)
        assert copies == ((document, document_id(url)),)
        assert document.uri == other
        erased = forget(archive, make_plan(archive, targets), now=NOW)
    assert erased.mentioned_in == ()
    assert holding(newsroom.folder, url) == {}
    digest = document.raw_digest
    assert gzip.decompress((newsroom.folder / "captures" / digest[:2] / f"{digest}.gz").read_bytes()) == same.encode()
    assert newsroom.ids() == {document.id}
    newsroom.forget(document.id)
    assert holding(newsroom.folder, "double dock", digest) == {}


def test_mentions_in_other_files_are_reported(newsroom: Newsroom, site: Site) -> None:
    url = newsroom.publish("/wexel.html", page(TITLE, FIRST), TITLE)
    other = newsroom.publish("/lock.html", page("Lock", "lock", more=f' <a href="{url}">More.</a>'))
    newsroom.update()
    (newsroom.folder / "aliases.toml").write_text(f'[[hide]]\nname = "Vell"\ndocuments = ["{document_id(url)}"]\n')
    erased = newsroom.forget(document_id(url))
    assert erased.mentioned_in == ("aliases.toml",)
    left = holding(newsroom.folder, url, FIRST, document_id(url))
    assert {name.partition("/")[0] for name in left} == {"aliases.toml", "captures", "store.sqlite"}
    assert document_id(other) in newsroom.ids()


def test_an_unreadable_page_is_erased_by_address(newsroom: Newsroom, site: Site) -> None:
    url = newsroom.publish("/empty.html", "<html><body></body></html>", TITLE)
    newsroom.publish("/lock.html", page("Lock repaired", "old lock"))
    report = newsroom.update()
    assert report.counts["failed"] == 1
    archive = newsroom.archive
    assert unread_page(archive, ["https://ledger.example/unknown"]) is None
    with archive.held():
        unread = present(unread_page(archive, [url]))
        erased = forget(archive, make_plan(archive, (unread,)), now=NOW)
    assert erased.mentioned_in == ()
    assert holding(newsroom.folder, url) == {}
    assert archive.failures("ledger") == ()


def test_earlier_deletions_leave_the_free_pages(newsroom: Newsroom, tmp_path: Path) -> None:
    """Deleting leaves bytes in free pages and in the generation before; the next erasure takes them along."""
    source = tmp_path / "articles"
    source.mkdir()
    for name, what in (("one", FIRST), ("two", SECOND), ("three", "old lock"), ("four", "iron gate")):
        (source / f"{name}.html").write_text(page(f"The story of {what}", what))
    newsroom.run("folder", str(source))
    (source / "one.html").unlink()
    newsroom.run("folder", str(source))
    Writing(newsroom.archive).prune([source.as_uri()], now=NOW, anyway=True)
    assert holding(newsroom.folder, FIRST)
    erased = newsroom.forget(document_id((source / "two.html").as_uri()))
    assert erased.mentioned_in == ()
    assert holding(newsroom.folder, FIRST, SECOND) == {}
    report = newsroom.run("folder", str(source))
    assert (report.counts["skipped"], report.counts["unchanged"]) == (1, 2)


def test_damaged_files_set_aside_are_removed(newsroom: Newsroom) -> None:
    """Nobody can say what such a file holds: half of a packed page may be in it."""
    url = newsroom.publish_two()
    mark = ".damaged-20260101T000000"
    (capture, *_) = (newsroom.folder / "captures").glob("*/*.gz")
    made = [newsroom.folder / f"{name}{mark}" for name in ("store.sqlite", "frontier.sqlite")]
    made += [newsroom.folder / f"store.sqlite{mark}-wal", capture.with_name(capture.name + mark)]
    made += [newsroom.folder / f"store.sqlite.recovered.tmp{ending}" for ending in ("", "-wal")]
    for path in made:
        path.write_bytes(b"no database, and not all of a packed page either \x1f\x8b\x08")
    assert len(files_set_aside(newsroom.folder)) == 4
    assert newsroom.forget(document_id(url)).mentioned_in == ()
    assert [path for path in made if path.exists()] == []
    assert files_set_aside(newsroom.folder) == []
    assert [finding for finding in findings(newsroom.folder, full=True) if finding.damage] == []


# --- runs that were killed -------------------------------------------------------------------------------------------


def test_the_next_run_finishes_an_interrupted_erasure(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    url = newsroom.publish_two()
    archive = newsroom.archive
    targets, _ = find_targets(archive, [document_id(url)], copies=False)
    intended = make_plan(archive, targets)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), archive.held():
        patched.setattr(Indexing, "expunge", lambda _self: (_ for _ in ()).throw(KeyboardInterrupt))
        forget(archive, intended, now=NOW)
    assert (newsroom.folder / FORGETTING).stat().st_mode & 0o777 == 0o600
    assert read_intent(newsroom.folder) == intended
    with archive.held():
        erased = finish(archive, now=NOW)
    assert erased is not None
    assert erased.mentioned_in == ()
    assert holding(newsroom.folder, url, TITLE, FIRST) == {}
    assert finish(archive, now=NOW) is None


@pytest.mark.parametrize(("content", "message"), cases(__file__, "test_a_damaged_or_newer_plan_is_refused"))
def test_a_damaged_or_newer_plan_is_refused(newsroom: Newsroom, content: str, message: str) -> None:
    (newsroom.folder / FORGETTING).write_text(content)
    with pytest.raises(ArchiveError, match=rf"forgetting\.json {message}"):
        finish(newsroom.archive, now=NOW)

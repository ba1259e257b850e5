"""A run over several sources: each has its own results, and a slow or hostile one delays and changes no other."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.errors import SearchkitError
from searchkit.update.running import LOG
from tests.crawl.web.site import Request, Site, Wire
from tests.crawl.web.test_several_sources import takes
from tests.test_update import after, feed, ledger, story

BOTH_STORES = True  # tests/conftest.py

HOSTS = [f"127.0.0.{number}" for number in range(1, 6)]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(*HOSTS) as running:
        yield running


def papers(site: Site) -> list[Source]:
    """A feed on each host, with one article each."""
    sources = []
    for number, host in enumerate(HOSTS):
        site.page("/a", story(f"Bridge {number} closed", f"bridge {number}"), host=host)
        site.page("/feed.xml", feed(site, "/a").replace(HOSTS[0], host), host=host, media_type="application/rss+xml")
        location = site.url("/feed.xml", host=host)
        sources.append(replace(ledger(site), name=f"paper-{number}", locations=(location,), allow_hosts=tuple(HOSTS)))
    return sources


@pytest.mark.slow
def test_a_hostile_source_first_of_five_delays_no_other(archive: Archive, site: Site) -> None:
    hostile, *others = papers(site)
    site.acts("/feed.xml", takes(60.0, ""))
    hostile = replace(hostile, max_seconds=0.6)
    began = time.monotonic()
    report = after(0, archive, hostile, *others)
    assert time.monotonic() - began < 40
    assert [(source.name, dict(source.counts)) for source in report.sources[1:]] == [
        (other.name, {"added": 1}) for other in others
    ]
    reason = "the 0.01 minutes of the source (max_minutes) are used up; 1 address waits for the next run"
    assert report.notes == [f"source paper-0: {reason}"]
    (line,) = (archive.folder / LOG).read_text().splitlines()
    logged = json.loads(line)["sources"]
    assert [source["cut_short"] for source in logged.values()] == [reason, "", "", "", ""]
    assert [source["reason"] for source in logged.values()] == [reason, "", "", "", ""]
    assert {source.source: source.documents for source in archive.sources()}["paper-1"] == 1


@pytest.mark.slow
def test_documents_are_stored_while_another_source_stalls(archive: Archive, site: Site) -> None:
    hostile, *others = papers(site)
    stored, over = threading.Event(), threading.Event()
    ended_by_others: list[bool] = []

    def stalls(wire: Wire, _request: Request) -> None:
        """Answer slowly, until the documents of the others are stored."""
        wire.keep = False
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        while not stored.is_set():
            wire.send(b" ")
            wire.wait(0.1)
        ended_by_others.append(True)

    def watch() -> None:
        while not stored.is_set() and not over.wait(0.2):
            with suppress(SearchkitError), Archive.open(archive.folder) as reader:  # it may be there only in part
                if len([source for source in reader.sources() if source.documents]) == 4:
                    stored.set()

    site.acts("/feed.xml", stalls)
    watcher = threading.Thread(target=watch)
    watcher.start()
    after(0, archive, hostile, *others)
    over.set()
    watcher.join()
    assert ended_by_others == [True]


@pytest.mark.slow
def test_failures_and_documents_belong_to_their_sources(archive: Archive, site: Site) -> None:
    sources = papers(site)
    site.fails("/a", 403, host=HOSTS[1])
    site.fails("/feed.xml", 404, host=HOSTS[2])
    report = after(0, archive, *sources)
    counts = {source.name: (dict(source.counts), source.reason) for source in report.sources}
    assert counts["paper-1"] == ({"failed": 1}, "")
    assert counts["paper-2"] == ({"failed": 1}, "HTTP 404")
    assert counts["paper-3"] == ({"added": 1}, "")
    known = {source.source: (source.documents, source.failures) for source in archive.sources()}
    assert known == {"paper-0": (1, 0), "paper-1": (0, 1), "paper-2": (0, 1), "paper-3": (1, 0), "paper-4": (1, 0)}


@pytest.mark.slow
def test_two_sources_of_one_feed_keep_their_own_selections(archive: Archive, site: Site) -> None:
    site.page("/a", story("Bridge closed", "bridge"))
    site.page("/b", story("Ferry sunk", "ferry landing"))
    site.page("/feed.xml", feed(site, "/a", "/b"), media_type="application/rss+xml")
    one = replace(ledger(site), name="one", include=("*/a",))
    report = after(0, archive, one, replace(one, name="two", include=("*/b",)))
    assert [dict(source.counts) for source in report.sources] == [{"added": 1}, {"added": 1}]

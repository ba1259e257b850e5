import inspect
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.archive.databases import Databases
from searchkit.crawl.web.frontier import _ANSWERED_FROM, _CLAIMABLE, _SELECT, _UNREPORTED, Frontier
from searchkit.crawl.web.frontier_database import FRONTIER_VERSION, FrontierDatabase, row_checksum
from searchkit.crawl.web.pages import (
    FIRST_PAGE,
    FROM_FEED,
    FROM_LINK,
    FROM_NEWS_SITEMAP,
    FROM_SITEMAP,
    Lead,
    Page,
    Response,
    listing_priority,
    page_priority,
    tier_of,
)
from searchkit.errors import ArchiveError, NewerArchive, StorageFull
from searchkit.store.base import Shared
from tests.crawl.web.ledger import fetches
from tests.samples import present

NOW = 1_772_366_400.0
HOST = "ledger.example"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a frontier on both databases, except those of its file."""
    if "database" in metafunc.fixturenames:
        is_file = "tmp_path" in inspect.signature(metafunc.function).parameters
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.cluster)]
        metafunc.parametrize("database", both[:1] if is_file else both)


@pytest.fixture
def place(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path | FrontierDatabase:
    if database == "sqlite":
        return tmp_path / "frontier.sqlite"
    shared = Shared(store=request.getfixturevalue("store_url"))
    return Databases(tmp_path, shared).frontier


@pytest.fixture
def frontier(place: Path | FrontierDatabase) -> Iterator[Frontier]:
    with closing(Frontier(place)) as opened:
        yield opened


def lead(path: str, **fields: Any) -> Lead:
    defaults: dict[str, Any] = {"priority": page_priority(FROM_LINK, NOW), "depth": 1}
    return Lead(url=f"https://{HOST}{path}", **defaults | fields)


def add(frontier: Frontier, *leads: Lead, source: str = "one", now: float = NOW) -> list[bool]:
    return [frontier.add(found, source=source, now=now, may_be_due=lambda _: True) for found in leads]


def page(frontier: Frontier, path: str) -> Page:
    return present(frontier.page(f"https://{HOST}{path}"))


def claim(frontier: Frontier, limit: int = 10, **fields: Any) -> list[str]:
    defaults: dict[str, Any] = {"due_by": NOW}
    pages = frontier.claim("one", HOST, limit=limit, **defaults | fields)
    return [page.url.removeprefix(f"https://{HOST}") for page in pages]


def test_priorities_put_feeds_before_sitemaps_before_links_and_the_newest_first() -> None:
    order = [
        listing_priority("feed"),
        listing_priority("feed", depth=1),
        listing_priority("sitemap", depth=1, news=True),
        listing_priority("sitemap", depth=1),
        listing_priority("sitemap", depth=3),
        listing_priority("start"),
        page_priority(FROM_FEED, NOW),
        page_priority(FROM_FEED, NOW - 1),
        page_priority(FROM_FEED, 0),
        page_priority(FROM_NEWS_SITEMAP, NOW),
        page_priority(FROM_SITEMAP, NOW),
        page_priority(FROM_LINK, NOW),
    ]
    assert order == sorted(order)
    assert [priority < FIRST_PAGE for priority in order] == [True] * 6 + [False] * 6
    assert [tier_of(priority) for priority in order[6:]] == [FROM_FEED] * 3 + [
        FROM_NEWS_SITEMAP,
        FROM_SITEMAP,
        FROM_LINK,
    ]


def test_a_page_is_read_as_written(frontier: Frontier, tmp_path: Path) -> None:
    add(frontier, lead("/a", hint={"by": "feed", "title": "Cranes – „Ja“"}))
    whole = replace(
        page(frontier, "/a"),
        state="fetched",
        due_at=NOW + 1.5,
        tries=2,
        validators={"etag": '"x"'},
        digest="ab" * 32,
        media_type="text/html",
        charset="utf-8",
        fetched_at=NOW,
        changed_at=NOW - 5,
        status=200,
        reason="none",
        final_url="https://ledger.example/b",
        walk_settings="1234",
        leads_on=True,
    )
    frontier.save(whole)
    frontier.commit()
    with closing(Frontier(tmp_path / "frontier.sqlite")) as again:
        assert again.page(whole.url) == whole


def test_a_page_found_again_keeps_the_shortest_way_and_the_best_word(frontier: Frontier) -> None:
    assert add(frontier, lead("/a", depth=3)) == [True]
    better = lead("/a", depth=2, priority=page_priority(FROM_FEED, NOW), hint={"title": "Cranes"})
    assert add(frontier, better, source="two") == [True]  # due for another source now
    assert add(frontier, lead("/a", depth=3, hint={"title": "more..."}), source="two") == [False]
    found = page(frontier, "/a")
    assert (found.depth, found.priority, found.hint, found.source) == (2, better.priority, {"title": "Cranes"}, "two")
    assert add(frontier, replace(better, hint={"title": "Cranes, corrected"})) == [True]
    assert page(frontier, "/a").hint == {"title": "Cranes, corrected"}


def test_claims_come_in_order_and_once(frontier: Frontier) -> None:
    add(frontier, lead("/link"), lead("/map", priority=page_priority(FROM_SITEMAP, NOW)))
    add(frontier, lead("/feed", role="feed", priority=listing_priority("feed")))
    add(frontier, lead("/later"), now=NOW + 1)
    assert claim(frontier) == ["/feed"]
    assert claim(frontier, only="locations") == []
    assert claim(frontier) == ["/map", "/link"]
    assert claim(frontier) == []
    frontier.release([f"https://{HOST}/link"])
    assert claim(frontier) == ["/link"]
    frontier.recover(NOW, longest_wait=0.0)
    assert claim(frontier) == ["/feed"]


def test_settled_pages_and_those_that_are_not(frontier: Frontier) -> None:
    add(frontier, *(lead(f"/{name}") for name in "abc"))
    for name in "abc":
        frontier.save(replace(page(frontier, f"/{name}"), state="fetched", fetched_at=NOW, due_at=NOW + 900))
    frontier.settle(f"https://{HOST}/a", changed=True, due_again=NOW + 60)
    frontier.settle(f"https://{HOST}/b", changed=False, due_again=NOW + 60)
    assert frontier.unsettled("one") == [f"https://{HOST}/c"]
    changed, same = page(frontier, "/a"), page(frontier, "/b")
    assert (changed.state, changed.changed_at, changed.due_at) == ("settled", NOW, NOW + 60)
    assert (same.state, same.changed_at, same.due_at) == ("settled", 0, NOW + 900)
    # Nothing else is settled, whatever a caller says.
    frontier.save(replace(same, state="refused"))
    frontier.settle(same.url, changed=True, due_again=0)
    assert page(frontier, "/b").state == "refused"


def test_an_address_that_answered_for_another_is_no_new_page(frontier: Frontier) -> None:
    add(frontier, lead("/short"))
    frontier.save(replace(page(frontier, "/short"), state="settled", final_url=f"https://{HOST}/long"))
    assert add(frontier, lead("/long")) == [False]
    assert (page(frontier, "/long").state, page(frontier, "/long").final_url) == ("alias", f"https://{HOST}/short")


def test_leads_to_the_new_address_of_a_page_apply_to_the_page(frontier: Frontier) -> None:
    feed = page_priority(FROM_FEED, NOW)
    add(frontier, lead("/old", priority=feed, hint={"updated": "2026-03-01"}))
    frontier.save(replace(page(frontier, "/old"), state="settled", final_url=f"https://{HOST}/new", due_at=NOW + 900))
    for updated in ("2026-03-02", "2026-03-03"):  # first for an unknown address, then for an alias
        assert add(frontier, lead("/new", priority=feed, hint={"updated": updated})) == [False]
        assert (page(frontier, "/old").hint, page(frontier, "/old").due_at) == ({"updated": updated}, NOW + 900)
    # A link has less weight than the feed.
    add(frontier, lead("/new", hint={"updated": "2026-03-04"}))
    assert page(frontier, "/old").hint == {"updated": "2026-03-03"}


def test_hosts_robots_and_fetches(frontier: Frontier, tmp_path: Path) -> None:
    assert frontier.host_state(HOST) == (0.0, "", 0)
    frontier.save_host_state(HOST, NOW, "HTTP 503", pauses=2)
    assert frontier.host_state(HOST) == (NOW, "HTTP 503", 2)
    frontier.save_host_state(HOST, NOW + 1)
    assert frontier.host_state(HOST) == (NOW + 1, "", 0)
    assert frontier.robots("https://ledger.example") is None
    frontier.save_robots("https://ledger.example", "User-agent: *\ud800", NOW)
    assert frontier.robots("https://ledger.example") == ("User-agent: *\\ud800", NOW)
    for digest in "de":
        fetched_at = datetime.fromtimestamp(NOW, UTC)
        response = Response(final_url="f", status=200, headers={"etag": "ü"}, fetched_at=fetched_at, digest=digest)
        frontier.add_fetch("u", response)
    frontier.commit()
    assert fetches(tmp_path, "u") == [("d", {"etag": "ü"}), ("e", {"etag": "ü"})]


def test_a_newer_and_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "frontier.sqlite"
    Frontier(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={FRONTIER_VERSION + 1}")
    with pytest.raises(NewerArchive, match="supports up to"):
        Frontier(path)
    path.write_bytes(b"no database " * 1_000)
    with pytest.raises(ArchiveError, match="damaged or not a searchkit frontier"):
        Frontier(path)
    with pytest.raises(ArchiveError, match="cannot be used"):
        Frontier(tmp_path / "missing" / "frontier.sqlite")


def test_a_value_that_is_damaged_is_reported(frontier: Frontier, tmp_path: Path) -> None:
    add(frontier, lead("/a"))
    frontier.commit()
    with closing(sqlite3.connect(tmp_path / "frontier.sqlite")) as connection:
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        connection.execute("UPDATE pages SET hint = '{'")
        connection.commit()
    with pytest.raises(ArchiveError, match="is damaged"):
        frontier.page(f"https://{HOST}/a")


def test_a_full_disk_is_reported_and_what_was_committed_stays(tmp_path: Path) -> None:
    path = tmp_path / "frontier.sqlite"
    with closing(Frontier(path)) as frontier:
        add(frontier, lead("/a"))
        frontier.commit()
        # The largest number of pages a database may have stands for the end of the disk.
        frontier._connection.rows("PRAGMA max_page_count=20")
        with pytest.raises(StorageFull, match="No space left"):
            add(frontier, *(lead(f"/{number}", hint={"title": "x" * 500}) for number in range(1_000)))
    with closing(Frontier(path)) as again:
        assert again.page(f"https://{HOST}/a") is not None


def test_frequent_queries_use_an_index(frontier: Frontier, tmp_path: Path) -> None:
    claimable = f"{_SELECT} WHERE {_CLAIMABLE} AND host = ? AND state = 'new'"
    for statement, index in (
        (claimable, "pages_due (source=? AND host=? AND due_at<?)"),
        (_ANSWERED_FROM, "pages_final (final_url=?)"),
        (_UNREPORTED, "pages_unreported (source=?)"),
        (f"{_SELECT} WHERE url = ?", "sqlite_autoindex_pages_1 (url=?)"),
    ):
        values = ("x",) * statement.count("?")
        plan = frontier._connection.rows(f"EXPLAIN QUERY PLAN {statement}", *values)
        assert index in plan[0][3]


def test_unreported_pages(frontier: Frontier) -> None:
    add(frontier, *(lead(f"/{name}") for name in "abcd"))
    for name, state, unreported in (("a", "refused", True), ("b", "withheld", True), ("c", "refused", False)):
        frontier.save(replace(page(frontier, f"/{name}"), state=state, unreported=unreported))
    frontier.save(replace(page(frontier, "/d"), state="settled", unreported=True))  # it can be had now
    assert [page.url[-2:] for page in frontier.unreported("one")] == ["/a", "/b", "/d"]
    frontier.save(replace(page(frontier, "/d"), state="fetched"))  # the store will say so itself
    assert [page.url[-2:] for page in frontier.unreported("one")] == ["/a", "/b"]
    assert frontier.unreported("two") == []
    frontier.mark_reported([f"https://{HOST}/a", f"https://{HOST}/nowhere"])
    assert [one.url[-2:] for one in frontier.unreported("one")] == ["/b"]


def test_lost_documents_are_yielded_or_fetched_again(frontier: Frontier) -> None:
    add(frontier, *(lead(f"/{name}") for name in "abc"))
    later = replace(page(frontier, "/a"), state="settled", due_at=NOW + 900, digest="ab" * 32)
    frontier.save(later)
    frontier.save(replace(page(frontier, "/b"), state="settled", due_at=NOW + 900, validators={"etag": "x"}))
    for name in ("a", "b", "c", "nowhere"):
        frontier.mark_lost(f"https://{HOST}/{name}", NOW)
    assert frontier.unsettled("one") == [f"https://{HOST}/a"]
    lost = page(frontier, "/b")
    assert (lost.state, lost.due_at, lost.validators) == ("new", NOW, {})

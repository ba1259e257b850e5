"""Erased pages are gone from the frontier; others stay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import addresses_known, captured_of, forget_pages, leading_to
from searchkit.crawl.web.pages import Lead, Page, Response, page_priority
from tests.crawl.web.ledger import fetches
from tests.samples import present

SITE = "https://ledger.example"
GONE, SHORT, SHORTER, STAYS = (f"{SITE}/{name}" for name in ("cranes", "c", "x", "stays"))


def page(frontier: Frontier, url: str, **known: object) -> None:
    lead = Lead(url=url, priority=page_priority(3, 1.0))
    frontier.add(lead, source="ledger", now=1.0, may_be_due=lambda _page: True)
    found = present(frontier.page(url))
    frontier.save(Page(**{name: getattr(found, name) for name in Page.__struct_fields__} | known))


def fetch(frontier: Frontier, url: str, digest: str, *, redirects: tuple[str, ...] = ()) -> None:
    fetched_at = datetime.fromtimestamp(1.0, UTC)
    frontier.add_fetch(
        url, Response(final_url=url, redirects=redirects, status=200, fetched_at=fetched_at, digest=digest)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "frontier.sqlite"
    frontier = Frontier(path)
    page(frontier, GONE, digest="d2", final_url=f"{SITE}/", hint={"title": "Cranes stand still"})
    page(frontier, SHORT, state="alias", final_url=GONE)
    page(frontier, SHORTER, state="alias", final_url=SHORT)
    page(frontier, STAYS, digest="d4", reason=f"names another: {GONE}", walk_settings="as set")
    fetch(frontier, GONE, "d1")
    fetch(frontier, GONE, "d2")
    fetch(frontier, STAYS, "d3", redirects=(GONE,))
    fetch(frontier, STAYS, "d4")
    frontier.save_host_state("ledger.example", 2.0, f"asked for {GONE}")
    frontier.save_robots(SITE, f"Disallow: {GONE}", 1.0)
    frontier.save_robots("https://other.example", "Disallow: /", 1.0)
    frontier.close()
    return path


def test_addresses_that_lead_to_a_page_are_found(path: Path) -> None:
    assert leading_to(path, {GONE}) == {GONE, SHORT, SHORTER}
    assert leading_to(path, {f"{SITE}/"}) >= {GONE}, "an address that a page was answered from is followed as well"
    assert captured_of(path, {GONE, SHORT}) == {"d1", "d2"}
    assert set(addresses_known(path)) >= {GONE, SHORT, SHORTER, STAYS, f"{SITE}/"}


def test_pages_are_erased_with_their_history_and_mentions(path: Path) -> None:
    forget_pages(path, {GONE, SHORT, SHORTER}, {"d4"})
    content = path.read_bytes()
    assert b"cranes" not in content.lower()
    frontier = Frontier(path)
    stays = present(frontier.page(STAYS))
    assert (stays.reason, stays.walk_settings) == ("", ""), "a list that is not kept is read again"
    assert (stays.digest, dict(stays.validators)) == ("", {}), "and fetched as if it had never been answered"
    assert fetches(path.parent, STAYS) == []
    assert frontier.host_state("ledger.example") == (2.0, "", 0)
    assert frontier.robots(SITE) is None, "it is fetched again"
    assert frontier.robots("https://other.example") == ("Disallow: /", 1.0)
    frontier.close()


def test_a_capture_stays_while_another_page_has_it(path: Path) -> None:
    frontier = Frontier(path)
    page(frontier, f"{SITE}/print", digest="d4")
    fetch(frontier, f"{SITE}/print", "d4")
    assert not frontier.release_capture(f"{SITE}/print", "d4"), "of another page"
    frontier.commit()
    assert fetches(path.parent, f"{SITE}/print") == []
    fetch(frontier, f"{SITE}/old", "d5")
    assert not frontier.release_capture(STAYS, "d5"), "in the history of another"
    assert frontier.release_capture(STAYS, "d6")
    frontier.close()


def test_a_missing_frontier_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "frontier.sqlite"
    assert leading_to(path, {GONE}) == {GONE}
    assert captured_of(path, {GONE}) == set(addresses_known(path)) == set()
    forget_pages(path, {GONE}, set())
    assert not path.exists()

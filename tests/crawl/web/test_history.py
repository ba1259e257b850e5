"""Where a capture came from, as the frontier has it."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from searchkit.crawl.web.captures import capture_history
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.pages import Response

BODY = b"The port of Velmar."
DIGEST = hashlib.sha256(BODY).hexdigest()
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PAGE, OTHER = "https://ledger.example/a", "https://ledger.example/b"


def fetched(frontier: Frontier, url: str, hours: int, **headers: str) -> None:
    at = AT + timedelta(hours=hours)
    frontier.add_fetch(url, Response(final_url=f"{url}/", status=200, headers=headers, digest=DIGEST, fetched_at=at))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A frontier that got the same bytes three times, from two addresses."""
    path = tmp_path / "frontier.sqlite"
    frontier = Frontier(path)
    fetched(frontier, OTHER, 0, server="other")
    fetched(frontier, PAGE, 1, server="first")
    fetched(frontier, PAGE, 5, server="second")
    frontier.close()
    return path


@pytest.mark.parametrize(
    ("address", "hours", "server"),
    [(PAGE, 1, "first"), (PAGE, 4, "second"), (PAGE, 0, "first"), (OTHER, 5, "other"), (f"{PAGE}/", 5, "second")],
)
def test_the_fetch_of_this_address_closest_in_time(path: Path, address: str, hours: int, server: str) -> None:
    with capture_history(path) as history:
        found = history(DIGEST, BODY, address=address, at=AT + timedelta(hours=hours))
    assert (found.status, found.headers["server"], found.body) == (200, server, BODY)
    assert found.final_url == f"{address.rstrip('/')}/"


def test_what_the_frontier_does_not_know_has_no_status(path: Path, tmp_path: Path) -> None:
    for place, digest in ((path, "0" * 64), (tmp_path / "none.sqlite", DIGEST)):
        with capture_history(place) as history:
            found = history(digest, BODY, address=PAGE, at=AT)
        assert (found.status, found.final_url, found.fetched_at, found.headers) == (0, PAGE, AT, {})
    assert not (tmp_path / "none.sqlite").exists()

"""`searchkit index` of addresses given by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.crawl.web.site import Site
from tests.test_update import story


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/bridge.html", story("Bridge closed", "bridge"))
        running.redirect("/short", "/bridge.html")
        yield running


@pytest.mark.slow
def test_an_address_that_gives_nothing_is_a_failure_and_a_known_one_is_unchanged(
    searchkit: Command, site: Site, archive: Path
) -> None:
    def told(path: str) -> tuple[int, str, str]:
        done = searchkit("index", "--allow-host", "127.0.0.1", "--workers", "1", site.url(path), archive=archive)
        return done.code, done.out.partition(" in ")[0], done.err.replace(site.url(""), "")

    assert told("/bridge.html") == (0, "1 document: 1 added, 0 updated, 0 unchanged, 0 failed", "")
    for _ in range(2):
        assert told("/short") == (0, "1 document: 0 added, 0 updated, 1 unchanged, 0 failed", "")
    site.fails("/busy", 503)
    site.page("/closed", story("Closed", "x").replace("<head>", "<head><meta name=robots content=noindex>"))
    for _ in range(2):
        code, out, err = told("/busy")
        assert (code, out) == (4, "1 document: 0 added, 0 updated, 0 unchanged, 1 failed")
        assert err.startswith("failed: /busy: HTTP 503")
        assert told("/closed") == (
            0,
            "1 document: 0 added, 0 updated, 0 unchanged, 1 skipped, 0 failed",
            "skipped: /closed: marked noindex by its publisher\n",
        )
    site.redirect("/bridge.html", "/", status=301)
    site.page("/", "<p>Front")
    code, out, err = told("/bridge.html")
    assert (code, err) == (0, "gone: /bridge.html: redirects to the front page\n")
    assert "1 gone" in out


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "http://intranet.example/", "a b"])
def test_a_host_that_is_none_is_refused(searchkit: Command, archive: Path, host: str) -> None:
    done = searchkit("index", "--allow-host", host, "https://ledger.example/", archive=archive)
    assert done.code == 2
    assert f'--allow-host "{host}"' in done.err

"""Chromium, and a server over the seeds with an alert that has run."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEEDS
from tests.hostile.watching import searchkit
from tests.web.browser.kinds import SEARCH, SOURCE, Found, find
from tests.web.browser.visit import Visitor
from tests.web.desk import build
from tests.web.running import serving

REQUIRED = "SEARCHKIT_BROWSER_TESTS"
"""Set by CI: without a browser the tests fail instead of being skipped."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def unavailable(reason: str) -> None:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser of the system, started once; it has ended before tests of other folders need an event loop."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("playwright is not installed: run scripts/test, or install locks/browser.txt")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        unavailable("there is no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        # Only root needs --no-sandbox; the pages are our own. Without a GPU, pictures are the same on all machines.
        options = ["--disable-gpu", "--font-render-hinting=none", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over all seeds, whose alert has reported once."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "searchkit.toml").write_text(
        f'archive = "seeds"\nworkers = 1\n\n[[source]]\nname = "{SOURCE}"\nkind = "folder"\nlocation = "{SEEDS}"\n'
    )
    for arguments in (
        ("update", "-q"),
        ("saved", "add", SEARCH, "about:Tiandy", "--over", "statements", "--sink", "atom:new.atom"),
        ("alerts", "run", "-q", "--backfill"),
    ):
        ran = searchkit(*arguments, folder=folder)
        assert ran.code == 0, ran.err
    noted = searchkit("statements", "speaker:Aske", "act:deny", "-f", "ids", folder=folder).out.decode().split()[0]
    given = ("--speaker", "Mira Holt", "--tag", "budget", "--note", "Ask again on Monday.", "--by", "Ana")
    ran = searchkit("notes", "set", noted, *given, folder=folder)
    assert ran.code == 0, ran.err
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="package")
def desk_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over articles with histories."""
    folder = tmp_path_factory.mktemp("desk")
    archive = build(folder, hostile=False)
    (folder / "searchkit.toml").write_text(f'archive = "{archive}"\n')
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="package")
def found(address: str, desk_address: str) -> Found:
    return find({"seeds": address, "desk": desk_address}, run=1)


@pytest.fixture
def visitor(chromium: Any, address: str, desk_address: str) -> Iterator[Visitor]:
    """Opens pages; fails the test if a page logs an error or asks another host."""
    made = Visitor(chromium, address, desk_address)
    yield made
    made.close()
    assert made.faults == []


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> Path | None:
    """The folder of the pictures in the documentation, if they are to be taken again (--update-golden)."""
    return SEEDS.parent / "docs" / "screens" if request.config.getoption("--update-golden") else None

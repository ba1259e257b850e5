"""An update of several sources is ended, disturbed or out of room: nothing stored is lost, and one line says why."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest

from searchkit.archive import Archive
from searchkit.errors import SearchkitError
from tests.crawl.web.site import Request, Site, Wire
from tests.faults.commands import ENVIRONMENT, searchkit
from tests.test_update import feed, story

pytestmark = pytest.mark.long

HOSTS = [f"127.0.0.{number}" for number in range(1, 4)]
PAGES = 6
_SOURCE = """[[source]]
name = "paper-{number}"
kind = "feed"
location = "{location}"
delay = {delay}
max_minutes = {minutes}
allow_hosts = ["{host}"]
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(*HOSTS) as running:
        yield running


def settings(folder: Path, site: Site, *, delay: float = 0.0, minutes: float = 10.0) -> None:
    """Publish a feed with pages on each host, and write the sources."""
    sources = ['contact = "desk@ledger.example"\n']
    for number, host in enumerate(HOSTS):
        paths = [f"/{page}" for page in range(PAGES)]
        for path in paths:
            site.page(path, story(f"Bridge {number}{path} closed", f"bridge {number}{path}"), host=host)
        site.page("/feed", feed(site, *paths).replace(HOSTS[0], host), host=host, media_type="text/xml")
        location = site.url("/feed", host=host)
        sources.append(_SOURCE.format(number=number, location=location, delay=delay, minutes=minutes, host=host))
    (folder / "searchkit.toml").write_text("".join(sources))


def holds(site: Site) -> Event:
    """Let the last page of each host come slowly, until the event is set."""
    released = Event()

    def act(wire: Wire, request: Request) -> None:
        wire.keep = False
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while not released.is_set():
            wire.send(b" ")
            wire.wait(0.1)
        wire.send(story("Ferry sunk", f"ferry landing {request.host}").encode())

    for host in HOSTS:
        site.acts(f"/{PAGES - 1}", act, host=host)
    return released


def documents_in(folder: Path) -> set[str]:
    """Return the ids of the stored documents; none while the archive is being created."""
    with suppress(SearchkitError), Archive.open(folder / "index") as archive:
        return set(archive.store().ids())
    return set()


@contextmanager
def updating(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start an update; yield it once it stored documents."""
    before = documents_in(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "searchkit", "update", "--workers", "1"],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A job in the background of a shell ignores interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it takes no lock
    )
    with process:
        try:
            while documents_in(folder) == before and process.poll() is None:
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_an_update_that_is_ended(tmp_path: Path, site: Site, ended_by: signal.Signals) -> None:
    settings(tmp_path, site)
    released = holds(site)
    with updating(tmp_path) as process:
        stored = documents_in(tmp_path)
        process.send_signal(ended_by)
        _, messages = process.communicate(timeout=60)
    assert 0 < len(stored) <= (PAGES - 1) * len(HOSTS)
    assert (process.returncode, messages) == (130, "searchkit: Interrupted. Committed changes are kept.\n")
    released.set()
    done = searchkit("update", "--retry-failed", cwd=tmp_path)
    assert done.returncode == 0
    # The first run may have ended before it made an index.
    assert done.stderr == "" or re.fullmatch(r"note: The index was missing [^\n]{1,200}\n", done.stderr)
    assert len(documents_in(tmp_path)) == PAGES * len(HOSTS)
    assert stored <= documents_in(tmp_path)
    pages = [request.path for request in site.received() if request.path not in {"/feed", "/robots.txt"}]
    # At most what was under way is fetched again.
    assert len(pages) <= (PAGES + 1) * len(HOSTS)

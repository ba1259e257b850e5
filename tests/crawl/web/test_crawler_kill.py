"""A crawl that is killed at a random moment and run again: it fetches nothing recorded twice, loses nothing, and
reports failures once."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from searchkit.crawl.base import Refused, Withheld
from tests.crawl.web.ledger import Visitor, documents, feed, outcomes, source, story
from tests.crawl.web.site import Site

HOSTS = [f"127.0.0.{number}" for number in range(1, 6)]
PAGES = 30

# Runs in a process of its own; settles the results if `settles` is set.
CRAWL = """
import sys
from pathlib import Path
from searchkit.statements.document import Resource
from tests.crawl.web.ledger import Visitor, source
visitor = Visitor(Path(sys.argv[1]))
with visitor.crawler() as crawler:
    for value in crawler.run(source("feed", *sys.argv[3:])):
        print(type(value).__name__, value.uri, flush=True)
        if sys.argv[2] == "settles" and isinstance(value, Resource):
            crawler.settle(value.uri, changed=True)
"""


def recorded(folder: Path) -> set[str]:
    """The addresses of pages whose answers are recorded, as a process that comes later sees them."""
    path = folder / "frontier.sqlite"
    if not path.exists() or not path.stat().st_size:
        return set()
    with closing(sqlite3.connect(path)) as connection:
        try:
            found = connection.execute(
                "SELECT url FROM pages WHERE fetched_at > 0 AND depth > 0 AND state <> 'withheld'"
            )
            return {url for (url,) in found}
        except sqlite3.OperationalError as error:  # killed before there was a table
            assert "no such table" in str(error)
            return set()


@pytest.mark.slow
@pytest.mark.parametrize("settles", ["settles", "never settles"])
@pytest.mark.parametrize("attempt", range(3))
def test_kill_and_run_again(tmp_path: Path, settles: str, attempt: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    chance = random.Random(seed)
    with Site(*HOSTS) as site:
        everything = {}
        never: set[str] = set()
        for host in HOSTS:
            site.robots("User-agent: *\nDisallow: /closed/\n", host=host)
            site.fails("/forbidden.html", 403, host=host)
            site.page("/no.html", story("No", head="<meta name=robots content=noindex>"), host=host)
            bad = ["/forbidden.html", "/missing.html", "/no.html", "/closed/a.html"]
            never.update(site.url(path, host=host) for path in bad)
            paths = [f"/{number}.html" for number in range(PAGES)]
            for path in paths:
                site.page(path, story(f"{host}{path}"), host=host)
                everything[site.url(path, host=host)] = (host, path)
            listed = chance.sample(paths + bad, len(paths + bad))
            entries = feed(*((site.url(path, host=host), path) for path in listed))
            site.page("/feed", entries, host=host, media_type="text/xml")
        feeds = [site.url("/feed", host=host) for host in HOSTS]
        before: set[str] = set()
        for _ in range(3):
            target = len(site.received()) + chance.randrange(5, 60)
            command = [sys.executable, "-c", CRAWL, str(tmp_path), settles, *feeds]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                while len(site.received()) < target and process.poll() is None:
                    time.sleep(chance.random() / 500)
                process.send_signal(signal.SIGKILL)
                out, err = process.communicate()
                assert not err
            # What was handed on had been recorded.
            whole = out[: out.rfind("\n") + 1]  # it may have been killed within a line
            handed_on = {line.split()[1] for line in whole.splitlines() if line.startswith("Resource ")}
            after = recorded(tmp_path)
            assert handed_on <= after
            assert before <= after
            before = after
        settled = before if settles == "settles" else set()
        counts = asked_for(site, everything)
        given = Visitor(tmp_path).visit(source("feed", *feeds))
        found = documents(site, given)
        urls = {uri if uri.startswith("http") else site.url(uri) for uri in found}
        assert len(urls) == len(found)
        # Recorded before: not asked again. The rest: asked once more. (A request that was sent just before a kill may
        # have been noted after it, so that it counts as one more here; the sum below bounds those.)
        again = asked_for(site, everything)
        assert {url for url in before if again[url] != counts[url]} == set()
        assert all(again[url] > counts[url] for url in everything.keys() - before)
        # Handed on: all that was not settled for certain.
        assert urls >= everything.keys() - settled
        assert urls | settled == everything.keys()
        # No page was asked more often than it was under way at a kill.
        assert max(again.values()) <= 4
        assert sum(again.values()) <= len(everything) + 3 * len(HOSTS)
        # The first run that was not killed reports all failures, the next none.
        reported = [value for value in given if isinstance(value, Refused | Withheld)]
        assert sorted(value.uri for value in reported) == sorted(never)
        assert not any(value.reported for value in reported)
        assert Visitor(tmp_path).visit(source("feed", *feeds)) == []


def asked_for(site: Site, everything: dict[str, tuple[str, str]]) -> Counter[str]:
    """How often each page was asked."""
    request_counts = Counter((request.host, request.path) for request in site.received())
    return Counter({url: request_counts[where] for url, where in everything.items()})


def test_recovery_in_a_killed_run_is_reported_by_the_next(site: Site, visitor: Visitor) -> None:
    feeds = source("feed", site.url("/feed"), every=timedelta(hours=1))
    site.fails("/feed", 404)
    assert outcomes(site, visitor.visit(feeds)) == {"/feed": "refused: HTTP 404"}
    site.page("/other", story("A story"))
    site.remove("/feed")
    site.page("/feed", feed((site.url("/other"), "A story")), media_type="text/xml")
    # Killed before anything was stored; then a run in which the feed has not changed; then nothing is left to report.
    assert outcomes(site, visitor.later(hours=1).visit(feeds, settle=False)) == {
        "/feed": "recovered",
        "/other": "resource",
    }
    assert outcomes(site, visitor.later(hours=1).visit(feeds)) == {"/feed": "recovered", "/other": "resource"}
    assert outcomes(site, visitor.later(hours=7).visit(feeds)) == {"/other": "unmodified"}

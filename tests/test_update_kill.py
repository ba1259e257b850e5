"""A killed run and the next one: everything is indexed, and every failure is reported once."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.crawl.base import Source
from searchkit.update.running import LOG
from tests.crawl.web.site import Site
from tests.test_update import after, feed, story

BAD = 12
GOOD = 6

# Runs in a process of its own, and stores each outcome by itself.
UPDATE = """
import sys
from msgspec.structs import replace
from pathlib import Path
from searchkit.archive import Archive
from searchkit.update.running import run
from tests.test_update import NOW, OPTIONS
from tests.test_update_kill import harbor
options = replace(OPTIONS, ingest=replace(OPTIONS.ingest, batch_size=1))
with Archive.create(Path(sys.argv[1])) as archive:
    run(archive, [harbor(sys.argv[2])], command="update", options=options, now=NOW)
"""


def harbor(location: str) -> Source:
    """A feed that is asked slowly enough to be killed in the middle."""
    return Source(name="harbor", kind="feed", locations=(location,), delay=0.02, allow_hosts=("127.0.0.1",))


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(2))
def test_failures_of_a_killed_run_are_reported_by_the_next(tmp_path: Path, attempt: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    chance = random.Random(seed)
    with Site() as site:
        bad = [f"/bad/{number}.html" for number in range(BAD)]
        good = [f"/{number}.html" for number in range(GOOD)]
        for path in bad:
            site.fails(path, chance.choice([403, 404]))
        for path in good:
            site.page(path, story(f"Bridge {path} closed", f"bridge {path}"))
        site.page("/feed.xml", feed(site, *chance.sample(bad + good, BAD + GOOD)), media_type="application/rss+xml")
        folder = tmp_path / "archive"
        for _ in range(2):
            target = len(site.received()) + chance.randrange(3, 9)
            command = [sys.executable, "-c", UPDATE, str(folder), site.url("/feed.xml")]
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
                while len(site.received()) < target and process.poll() is None:
                    time.sleep(0.002)
                process.send_signal(signal.SIGKILL)
                assert not process.communicate()[1]
        log = folder / LOG
        with Archive.create(folder) as archive:
            for hours in (1, 2):
                after(hours, archive, harbor(site.url("/feed.xml")))
            assert archive.status().documents == GOOD
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        reported = [failure["uri"] for line in lines for failure in line["failures"]]
        assert sorted(reported) == sorted(map(site.url, bad))
        assert sum(line["failed"] for line in lines) == BAD

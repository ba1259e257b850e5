"""`searchkit alerts`, and the alerts at the end of `searchkit update`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.store.lock import exclusive
from tests.alerts.newsroom import Newsroom, story
from tests.cli.conftest import Command
from tests.crawl.web.site import Site
from tests.test_update import TOML, feed
from tests.test_update import story as page

_CLOSED = "stdout failed: standard output is closed\n"
_NO_OUTPUT = "searchkit: Standard input or output is closed.\n"


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as opened:
        opened.now = datetime.now(UTC)
        opened.publish("one", story("We will close the bridge"))
        opened.alert("port", "speaker:Korbel", "stdout", "atom:box")
        yield opened


def test_alerts_from_the_first_run_to_the_news(searchkit: Command, newsroom: Newsroom) -> None:
    folder = newsroom.archive.folder
    assert "not run yet" in searchkit("alerts", "list", archive=folder).out
    first = searchkit("alerts", "run", archive=folder)
    assert (first.code, first.err) == (0, "")
    assert first.out == "alert port: baseline saved (1 match); new matches will be reported\n1 alert: 0 new\n"
    newsroom.now = datetime.now(UTC)
    newsroom.publish("two", story("No crane will be moved before May"), published="")
    done = searchkit("alerts", "run", archive=folder)
    assert done.code == 0
    assert done.out.startswith("1 new: port\n")
    assert "No crane will be moved before May" in done.out
    assert done.out.endswith("\n\n1 alert: 1 new\n1 item sent to stdout\n1 item sent to atom:box\n")
    assert searchkit("alerts", "run", "--quiet", archive=folder).out == ""
    listed = json.loads(searchkit("alerts", "list", "--json", archive=folder).out)["items"][0]
    assert (listed["name"], listed["found"], listed["owed"], listed["reason"]) == ("port", 1, 0, "")
    assert "1 reported" in searchkit("alerts", "list", archive=folder).out
    shown = searchkit("alerts", "show", archive=folder)
    assert "No crane will be moved before May" in shown.out
    result = json.loads(searchkit("alerts", "show", "1", "--json", archive=folder).out)
    assert (result["schema"], result["run"], result["new"], len(result["items"])) == ("searchkit.digest/1", 1, 1, 1)
    assert searchkit("alerts", "show", "9", archive=folder).code == 2


def test_the_result_as_json(searchkit: Command, newsroom: Newsroom) -> None:
    folder = newsroom.archive.folder
    done = json.loads(searchkit("alerts", "run", "--backfill", "--json", archive=folder).out)
    assert (done["schema"], done["run"], done["new"]) == ("searchkit.alerts/1", 1, 1)
    assert done["delivered"] == {"stdout": 1, "atom:box": 1}
    assert done["stdout"][0] == "1 new: port"


def test_what_fails_is_told_with_code_4(searchkit: Command, newsroom: Newsroom) -> None:
    folder = newsroom.archive.folder
    searchkit("alerts", "run", archive=folder)
    newsroom.file("bad", 'syntax = 1\nquery = "speker:x"\nover = "quotes"\n[alert]\n')
    (folder / "box").mkdir()
    newsroom.publish("two", story("No crane will be moved before May"))
    done = searchkit("alerts", "run", "-q", archive=folder)
    assert done.code == 4
    assert 'alert bad failed: There is no field "speker".' in done.err
    assert "atom:box failed" in done.err
    assert "No crane will be moved before May" in done.out
    assert "failed: There is no field" in searchkit("alerts", "list", archive=folder).out
    assert "not delivered yet: 1" in searchkit("alerts", "list", archive=folder).out


@pytest.mark.slow
@pytest.mark.parametrize("more", [["-q"], ["--json"]])
def test_a_closed_standard_output_is_told_nothing(searchkit: Command, newsroom: Newsroom, more: list[str]) -> None:
    folder = newsroom.archive.folder
    searchkit("alerts", "run", archive=folder)
    newsroom.publish("two", story("No crane will be moved before May"), published="")
    words = [sys.executable, "-m", "searchkit", "--archive", str(folder), "alerts", "run", *more]
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *words], stderr=subprocess.PIPE, text=True, check=False)
    assert (closed.returncode, closed.stderr.partition("  ")[0]) == (
        (4, _CLOSED) if more == ["-q"] else (2, _NO_OUTPUT)
    )
    # It is told the next time somebody listens.
    assert "No crane will be moved before May" in searchkit("alerts", "run", "-q", archive=folder).out


def test_trials_and_a_new_beginning(searchkit: Command, newsroom: Newsroom) -> None:
    folder = newsroom.archive.folder
    trial = searchkit("alerts", "test", "port", archive=folder)
    assert trial.out.startswith("[trial] latest matches, new or not (1): port\n")
    assert not (folder / "box").exists()
    sent = searchkit("alerts", "test", "port", "--send", archive=folder)
    assert (sent.code, sent.err) == (0, "stdout: accepted\natom:box: accepted\n")
    assert "We will close the bridge" in (folder / "box").read_text()
    searchkit("alerts", "run", archive=folder)
    assert "saves a new baseline" in searchkit("alerts", "reset", "port", archive=folder).out
    assert "baseline saved" in searchkit("alerts", "run", archive=folder).out
    assert searchkit("alerts", "reset", "other", archive=folder).code == 2
    newsroom.file("plain", 'syntax = 1\nquery = "x"\nover = "quotes"\n')
    for arguments in (("test", "plain"), ("run", "plain"), ("test", "none"), ("run", "none"), ("run", "../x")):
        assert searchkit("alerts", *arguments, archive=folder).code == 2


def test_another_writer_is_told(searchkit: Command, newsroom: Newsroom) -> None:
    with exclusive(newsroom.archive.folder / "lock"):
        assert searchkit("alerts", "run", archive=newsroom.archive.folder).code == 75


def test_without_alerts(searchkit: Command, tmp_path: Path) -> None:
    Archive.create(tmp_path / "archive").close()
    assert searchkit("alerts", "list", archive=tmp_path / "archive").out.startswith("No alerts.")
    assert searchkit("alerts", "run", archive=tmp_path / "archive").out == ""
    assert searchkit("alerts", "show", archive=tmp_path / "archive").code in {2, 3}


@pytest.mark.slow
def test_update_ends_with_the_alerts_and_index_runs_none(
    searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    monkeypatch.chdir(tmp_path)
    with Site() as site:
        site.page("/bridge.html", page("Bridge closed", "bridge"))
        site.page("/feed.xml", feed(site, "/bridge.html"), media_type="application/rss+xml")
        (tmp_path / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
        searchkit(
            "saved", "add", "port", "speaker:Korbel", "--over", "statements", "--sink", "atom:a.xml", archive=archive
        )
        assert searchkit("update", "-q", "--all", archive=archive).out == ""
        assert not (archive / "a.xml").exists()
        words = '"No ferry will sail on Friday," said Nadia Korbel, spokesperson for the Velmar Port Authority.'
        site.page("/ferry.html", page("Ferry", "ferry").replace("Ships that", f"{words}</p><p>Ships that"))
        site.page("/feed.xml", feed(site, "/ferry.html", "/bridge.html"), media_type="application/rss+xml")
        done = searchkit("update", "-q", "--all", archive=archive)
        assert (done.code, done.out, done.err) == (0, "", "")  # nothing is printed: it is in the feed
        assert "No ferry will sail on Friday" in (archive / "a.xml").read_text()
        last = json.loads((archive / "runs.jsonl").read_text().splitlines()[-1])
        assert last["alerts"]["run"] == 1
        assert last["alerts"]["new"] + last["alerts"]["others"] > 0
        searchkit("saved", "add", "seen", "crane", "--alert", archive=archive)
        (archive / "saved" / "bad.toml").write_text('syntax = 1\nquery = "("\nover = "quotes"\n[alert]\n')
        failed = searchkit("update", "-q", archive=archive)
        assert failed.code == 4
        assert "alert bad failed" in failed.err
        (tmp_path / "crane.txt").write_text("Crane\n\nThe crane at the port of Velmar stands again since Monday.\n")
        assert "new" not in searchkit("index", "crane.txt", archive=archive).out
        (archive / "saved" / "bad.toml").unlink()
        result = json.loads(searchkit("update", "--json", archive=archive).out)
        assert (result["alerts"]["new"], result["alerts"]["delivered"]) == (1, {"stdout": 1})
        assert result["stdout"][0] == "1 new: seen"

"""A run that is killed between sending and noting it: the next one sends the same message, which can be recognized."""

import json
import os
import signal
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.alerts.newsroom import Newsroom, mail_program, story

ROOT = Path(__file__).resolve().parents[2]


def command(newsroom: Newsroom, *arguments: str, sendmail: Path) -> subprocess.CompletedProcess[str]:
    """`searchkit` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEARCHKIT_SENDMAIL": str(sendmail)}
    return subprocess.run(
        [sys.executable, "-m", "searchkit", "--archive", str(newsroom.archive.folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=newsroom.folder,
    )


@pytest.mark.slow
def test_a_kill_between_sending_and_noting(tmp_path: Path) -> None:
    with Newsroom(tmp_path) as newsroom:
        newsroom.alert("port", "speaker:Korbel", "sendmail:desk@ledger.example", "atom:alerts.xml")
        newsroom.run()
        newsroom.publish("one", story("We will close the bridge"))
    sendmail = mail_program(tmp_path)
    (tmp_path / "deadly").touch()
    killed = command(newsroom, "alerts", "run", sendmail=sendmail)
    assert killed.returncode == -signal.SIGKILL
    (tmp_path / "deadly").unlink()
    (tmp_path / "archive" / "saved" / "other.toml").write_text(
        'syntax = 1\nquery = "*"\nover = "documents"\n[alert]\nsinks = ["sendmail:desk@ledger.example"]\n'
    )
    again = command(newsroom, "alerts", "run", "--json", sendmail=sendmail)
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert report["run"] is None  # it found nothing: what the killed run found is committed
    assert report["delivered"] == {"sendmail:desk@ledger.example": 1, "atom:alerts.xml": 1}
    first, second = (message_from_bytes((tmp_path / f"mail-{number}").read_bytes()) for number in (0, 1))
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_string() == second.as_string()
    assert json.loads(command(newsroom, "alerts", "run", "--json", sendmail=sendmail).stdout)["delivered"] == {}


@pytest.mark.slow
def test_a_removed_statement_is_reported_once_over_a_kill(tmp_path: Path) -> None:
    more = '"The mayor has been told of it by letter," Nadia Korbel said.\n\n'
    sendmail = mail_program(tmp_path)
    with Newsroom(tmp_path) as newsroom:
        newsroom.alert("port", "speaker:Korbel", "sendmail:desk@ledger.example")
        newsroom.run()
        newsroom.publish("one", story("We will close the bridge", more=more))
        newsroom.run()
        newsroom.publish("one", story("We will close the bridge"))
    (tmp_path / "deadly").touch()
    assert command(newsroom, "alerts", "run", sendmail=sendmail).returncode == -signal.SIGKILL
    (tmp_path / "deadly").unlink()
    for delivered in ({"sendmail:desk@ledger.example": 1}, {}):
        report = json.loads(command(newsroom, "alerts", "run", "--json", sendmail=sendmail).stdout)
        assert (report["run"], report["delivered"]) == (None, delivered)
    reported, killed, again = (
        message_from_bytes((tmp_path / f"mail-{number}").read_bytes())
        for number in range(len([*tmp_path.glob("mail-*")]))
    )
    assert "removed or hidden by a later version" not in reported.as_string()
    assert "removed or hidden by a later version" in killed.as_string()
    assert killed.as_string() == again.as_string()


def test_a_feed_that_got_it_already_is_not_reported_twice(tmp_path: Path) -> None:
    sink = "atom:alerts.xml"
    with Newsroom(tmp_path) as newsroom:
        newsroom.alert("port", "speaker:Korbel", sink)
        newsroom.run()
        newsroom.publish("one", story("We will close the bridge"))
        newsroom.run()
        place = newsroom.archive.folder / sink.partition(":")[2]
        before = place.read_bytes()
        # As a kill right after sending would have left it.
        with newsroom.archive.changing() as store:
            store.connection.execute("UPDATE alert_deliveries SET accepted_at = ''")
            store.commit()
        report = newsroom.run()
        assert [(sent.sink, sent.items) for sent in report.sinks] == [(sink, 1)]
        assert place.read_bytes() == before

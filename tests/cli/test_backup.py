"""From an archive to a backup and back."""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.alerts.newsroom import Newsroom, story
from tests.cli.conftest import Command


def test_backup_and_restore(searchkit: Command, seeded: Path, tmp_path: Path) -> None:
    done = searchkit("backup", str(tmp_path / "backup"))
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"files copied to {tmp_path / 'backup'} and verified\n")
    again = searchkit("restore", str(tmp_path / "backup"), archive=tmp_path / "again")
    assert (again.code, again.err) == (0, "")
    assert (tmp_path / "again" / "whoosh" / "CURRENT").exists()
    ids = [searchkit("query", "Tiandy", "-f", "ids", archive=folder).out for folder in (seeded, tmp_path / "again")]
    assert ids[0] == ids[1] != ""


def test_a_backup_with_damaged_lists_is_restored(searchkit: Command, seeded: Path, tmp_path: Path) -> None:
    """The archive is there, and the message names the list."""
    for name, code in (("forgotten.json", 4), ("aliases.toml", 0)):
        (seeded / name).write_bytes(b"\xff")
        searchkit("backup", str(tmp_path / name))
        (seeded / name).unlink()
        again = tmp_path / f"again {name}"
        done = searchkit("restore", str(tmp_path / name), archive=again)
        assert (done.code, f"{again / name} is damaged" in done.err) == (code, bool(code))
        assert f"files restored to {again}\n" in done.out


def test_what_cannot_be(searchkit: Command, tmp_path: Path) -> None:
    assert searchkit("backup", str(tmp_path), archive=tmp_path / "none").code == 3
    done = searchkit("restore", str(tmp_path), archive=tmp_path / "again")
    assert done.code == 3
    assert done.err.startswith(f"searchkit: {tmp_path} is not a backup")


def test_alerts_of_a_backup_are_off_until_they_are_confirmed(searchkit: Command, tmp_path: Path) -> None:
    hook = "webhook:https://hooks.ledger.example/secret"
    with Newsroom(tmp_path) as newsroom:
        newsroom.now = datetime.now(UTC)
        newsroom.publish("one", story("We will close the bridge"))
        newsroom.alert("port", "speaker:Korbel", "stdout", "atom:box")
        newsroom.alert("spy", "speaker:Korbel", hook)
        (newsroom.archive.folder / "saved" / "odd.toml").write_text("query = 3")
        (newsroom.archive.folder / "saved" / "plain.toml").write_text("syntax = 1\nquery = 'x'\nover = 'quotes'\n")
        # Both owe what they found: a forged backup may already contain messages.
        searchkit("alerts", "run", "port", "spy", "--backfill", archive=newsroom.archive.folder)
        # Its own list says that all of them are on.
        (newsroom.archive.folder / "unconfirmed.json").write_text('{"searchkit_unconfirmed": 1, "alerts": []}')
        searchkit("backup", str(tmp_path / "backup"), archive=newsroom.archive.folder)
    again = tmp_path / "again"
    done = searchkit("restore", str(tmp_path / "backup"), archive=again)
    assert done.out.endswith(
        "3 alerts of the backup are off. To turn one on: searchkit alerts confirm NAME\n"
        "  odd -> its file cannot be read\n"
        "  port -> stdout, atom:box\n"
        "  spy -> webhook:https://hooks.ledger.example/...\n"
    )
    for command in (["alerts", "run"], ["alerts", "run", "-q"]):
        ran = searchkit(*command, archive=again)
        assert (ran.code, "sent to" in ran.out, "hooks" in ran.err) == (0, False, False)
    assert "off until you confirm them" in searchkit("alerts", "run", archive=again).err
    assert searchkit("alerts", "run", "spy", archive=again).code == 2
    assert searchkit("alerts", "test", "spy", "--send", archive=again).code == 2
    listed = json.loads(searchkit("alerts", "list", "--json", archive=again).out)["items"]
    assert [(alert["name"], alert["off"]) for alert in listed] == [("odd", True), ("port", True), ("spy", True)]
    assert searchkit("alerts", "confirm", "port", archive=again).out == "alert port is on -> stdout, atom:box\n"
    ran = searchkit("alerts", "run", archive=again)
    assert (ran.code, "1 alert: 0 new" in ran.out, "hooks" in ran.err) == (0, True, False)
    # Who writes an alert again, or removes it, has decided.
    searchkit("saved", "add", "spy", "speaker:Korbel", "--alert", "--replace", archive=again)
    (again / "saved" / "odd.toml").unlink()
    assert "off until" not in searchkit("alerts", "run", archive=again).err

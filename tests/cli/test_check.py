"""check and repair as they are typed."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.archive.damage import by_a_folder, flip_in, record_with, replaced_by
from tests.cli.conftest import Command


def test_a_sound_archive(searchkit: Command, damaged: Path) -> None:
    done = searchkit("check", archive=damaged)
    assert (done.code, done.out, done.err) == (0, "OK\n", "")
    done = searchkit("check", "--full", archive=damaged)
    assert done.out == "OK; 3 documents, 3 statements, 1 old revision, 2 captures read\n"
    done = searchkit("repair", archive=damaged)
    assert (done.code, done.out, done.err) == (0, "No damage found; nothing was changed.\n", "")


def test_a_damaged_one_from_check_to_check(searchkit: Command, damaged: Path) -> None:
    flip_in(damaged / "store.sqlite", record_with(damaged / "store.sqlite", "The papers were one crate short"))
    assert searchkit("check", archive=damaged).code == 0, "a quick check does not read records"
    done = searchkit("check", "--full", archive=damaged)
    (line,) = done.out.splitlines()
    assert (done.code, line.split(":")[0], line.split(". ")[1]) == (3, "damaged", "Run: searchkit repair")
    result = json.loads(searchkit("check", "--full", "--json", archive=damaged).out)
    assert (result["sound"], result["findings"][0]["damage"], result["findings"][0]["do"]) == (
        False,
        True,
        "searchkit repair",
    )
    said = searchkit("repair", "--dry-run", archive=damaged)
    assert said.code == 4
    assert said.out.startswith("would be repaired: store.sqlite is damaged: ")
    done = searchkit("repair", archive=damaged)
    assert done.code == 4
    assert "lost: document " in done.out
    assert searchkit("check", "--full", archive=damaged).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check"], ["check", "--full"], ["check", "--json"], ["repair", "-n"], ["repair"]])
@pytest.mark.parametrize(
    "name", ["store.sqlite", "archive.json", "whoosh/CURRENT", "frontier.sqlite", "lock", "saved/korbel.toml"]
)
def test_whatever_the_damage_there_is_no_traceback(
    searchkit: Command, damaged: Path, command: list[str], name: str
) -> None:
    for damage in (by_a_folder, replaced_by(b""), replaced_by(b"\x00\xff" * 3_000), Path.unlink):
        folder = damaged.with_name(f"archive-{getattr(damage, '__name__', '')}")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(damaged, folder)
        damage(folder / name)
        done = searchkit(*command, archive=folder)
        assert done.code in {0, 3, 4}
        assert "Traceback" not in done.err
        assert "own" not in done.err


def test_no_archive(searchkit: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "none", tmp_path / "file", tmp_path):
        for command in (["check"], ["check", "--full", "--json"], ["repair"], ["repair", "-n"]):
            done = searchkit(*command, archive=folder)
            assert (done.code, done.out) == (3, "")
            assert done.err.startswith("searchkit: There is no archive at ")


def test_of_a_store_of_a_later_version_nothing_else_is_said(searchkit: Command, damaged: Path) -> None:
    with sqlite3.connect(damaged / "store.sqlite") as store:
        store.execute("PRAGMA user_version=99")
    store.close()
    for words in (["check"], ["check", "--full"], ["repair"]):
        done = searchkit(*words, archive=damaged)
        assert (done.code, done.out) == (3, ""), done
        assert "Upgrade searchkit" in done.err


@pytest.mark.parametrize("left", ["missing", "empty"])
def test_a_store_that_is_lost_is_not_begun_again(searchkit: Command, damaged: Path, tmp_path: Path, left: str) -> None:
    for path in damaged.glob("store.sqlite*"):
        path.unlink()
    if left == "empty":
        (damaged / "store.sqlite").touch()
    (tmp_path / "page.txt").write_text("Cranes again\n\nThe cranes stood still.\n")
    for words in (["index", str(tmp_path / "page.txt")], ["rebuild"]):
        done = searchkit(*words, archive=damaged)
        assert (done.code, done.out) == (3, "")
        assert f"store.sqlite is {left}" in done.err
        assert "Restore a backup" in done.err
    # As the line says, whoever has no backup may begin anew.
    shutil.rmtree(damaged / "whoosh")
    assert searchkit("index", str(tmp_path / "page.txt"), archive=damaged).code == 0

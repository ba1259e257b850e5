import json
import subprocess
import sys
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError, ArchiveLocked
from searchkit.store.lock import exclusive


def test_the_second_writer_learns_who_is_first(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "lock"),
        pytest.raises(ArchiveLocked, match=r"being written by process \d+ on ") as caught,
        exclusive(tmp_path / "lock"),
    ):
        pass
    assert "--wait" in caught.value.hint


def test_the_lock_is_free_after_use_and_its_file_stays(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive(tmp_path / "lock"):
            pass
    assert (tmp_path / "lock").exists()


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from searchkit.store.lock import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])):\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "lock")], check=False)
    assert done.returncode == 9
    with exclusive(tmp_path / "lock"):
        pass


def test_waiting_gives_up_in_the_end(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"), pytest.raises(ArchiveLocked), exclusive(tmp_path / "lock", wait=0.15):
        pass


def test_an_unreadable_note_still_locks(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path):
        path.write_text("scribble")
        with pytest.raises(ArchiveLocked, match="another process"), exclusive(path):
            pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be used"), exclusive(tmp_path / "none" / "lock"):
        pass


def test_a_holder_may_keep_to_itself_what_it_was_called_with(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock", called="searchkit forget"):
        assert json.loads((tmp_path / "lock").read_bytes())["command"] == "searchkit forget"
        with pytest.raises(ArchiveLocked, match=r"\(searchkit forget\)"), exclusive(tmp_path / "lock"):
            pass
    with exclusive(tmp_path / "lock"):
        assert json.loads((tmp_path / "lock").read_bytes())["command"] != "searchkit forget"

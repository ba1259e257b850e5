import json
import os
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError, ArchiveLocked
from searchkit.store.lock import exclusive


def test_the_lock_is_free_after_use_even_if_a_process_being_started_has_a_copy(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"):
        copy = os.dup(next(int(fd.name) for fd in Path("/proc/self/fd").iterdir() if fd.resolve() == tmp_path / "lock"))
    with exclusive(tmp_path / "lock"):
        os.close(copy)
    assert (tmp_path / "lock").exists()


def test_waiting_for_the_lock_ends(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"), pytest.raises(ArchiveLocked), exclusive(tmp_path / "lock", wait=0.15):
        pass


def test_an_unreadable_lock_file_still_locks(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path):
        path.write_text("scribble")
        with pytest.raises(ArchiveLocked, match="another process"), exclusive(path):
            pass


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be used"), exclusive(tmp_path / "none" / "lock"):
        pass


def test_the_lock_file_names_its_holder(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock", called="searchkit forget"):
        assert json.loads((tmp_path / "lock").read_bytes())["command"] == "searchkit forget"
        with pytest.raises(ArchiveLocked, match=r"process \d+ on .*\(searchkit forget\)") as caught:
            exclusive(tmp_path / "lock").__enter__()
        assert "--wait" in caught.value.hint
    with exclusive(tmp_path / "lock"):
        assert json.loads((tmp_path / "lock").read_bytes())["command"] != "searchkit forget"

"""A store that was replaced by hand, or lost its log, while the index belongs to another state."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.index_sync import OTHER_STATE
from searchkit.cli import run
from searchkit.statements.document import document_id
from tests.faults.commands import EVERYTHING
from tests.faults.test_nth_failure import put_both, versions
from tests.faults.writer import TOGETHER, address, put


def search(folder: Path) -> None:
    with Archive.open(folder) as archive:
        assert archive.search(EVERYTHING).total


def write(folder: Path) -> None:
    with Archive.open(folder) as archive:
        list(put(archive, (1, 1)))


@pytest.mark.parametrize("first", [search, write])
def test_an_older_store_is_put_back(tmp_path: Path, first: Callable[[Path], None]) -> None:
    archive, kept = tmp_path / "archive", tmp_path / "kept.sqlite"
    put_both(archive, 1)
    shutil.copy(archive / "store.sqlite", kept)
    put_both(archive, 2)
    put_both(archive, 3)
    shutil.copy(kept, archive / "store.sqlite")
    first(archive)
    assert versions(archive) == [{"1"}, {"1"}]
    put_both(archive, 4)  # its changes have numbers that the lost ones had
    assert versions(archive) == [{"4"}, {"4"}]


def test_every_command_notices_a_copy_that_was_continued(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both states have the same number of changes, and the same last document."""
    archive, kept = tmp_path / "archive", tmp_path / "kept.sqlite"
    put_both(archive, 1)
    shutil.copy(archive / "store.sqlite", kept)
    put_both(archive, 2)
    with Archive.open(archive) as opened:
        lost = opened.index.position
        opened.refresh_histories()
    shutil.copy(kept, archive / "store.sqlite")
    shutil.copytree(archive, tmp_path / "other")
    put_both(tmp_path / "other", 3)
    shutil.copy(tmp_path / "other" / "store.sqlite", archive / "store.sqlite")
    for words, code in (("status", 0), ("status --exit-status", 1), ("check", 3)):
        with pytest.raises(SystemExit) as left:
            run(["--archive", str(archive), *words.split()])
        assert left.value.code == code
        assert "made from another state of the store" in capsys.readouterr().out
    with Archive.open(archive) as opened:
        assert opened.store().sequence == lost.sequence
        assert opened.refresh() == (OTHER_STATE,)
        assert opened.refresh() == ()
        opened.refresh_histories()
        assert opened.take_notes() == (OTHER_STATE,)
    assert versions(archive) == [{"3"}, {"3"}]


def test_the_log_is_lost(tmp_path: Path) -> None:
    """What it held is gone; what is left is found, and nothing else is."""
    archive = tmp_path / "archive"
    put_both(archive, 1)
    with Archive.open(archive) as reader:
        assert reader.get(document_id(address(1, 0))) is not None  # whoever closes last empties the log
        put_both(archive, 2)
        shutil.copytree(archive, tmp_path / "killed")
    (tmp_path / "killed" / "store.sqlite-wal").unlink()
    (tmp_path / "killed" / "store.sqlite-shm").unlink()
    assert versions(tmp_path / "killed") == [{"1"}, {"1"}]
    with Archive.open(tmp_path / "killed") as again:
        assert again.search(EVERYTHING).total == 2 * TOGETHER

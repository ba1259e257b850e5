"""A store that was replaced by hand, or lost its log, while the index belongs to another state."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.document import document_id
from tests.faults.flipping import take as take_version
from tests.faults.test_nth_failure import take, versions
from tests.faults.test_power import EVERYTHING
from tests.faults.writer import TOGETHER, address

pytestmark = pytest.mark.slow


def ask(folder: Path) -> None:
    with Archive.open(folder) as archive:
        assert archive.search(EVERYTHING).total


def write(folder: Path) -> None:
    with Archive.open(folder) as archive:
        take_version(archive, 1)


@pytest.mark.parametrize("first", [ask, write])
def test_an_older_store_is_put_back(tmp_path: Path, first: Callable[[Path], None]) -> None:
    archive, kept = tmp_path / "archive", tmp_path / "kept.sqlite"
    take(archive, 1)
    shutil.copy(archive / "store.sqlite", kept)
    take(archive, 2)
    take(archive, 3)
    shutil.copy(kept, archive / "store.sqlite")
    first(archive)
    assert versions(archive) == [{"1"}, {"1"}]
    take(archive, 4)  # its changes have numbers that the lost ones had
    assert versions(archive) == [{"4"}, {"4"}]


def test_the_log_is_lost(tmp_path: Path) -> None:
    """What it held is gone; what is left is found, and nothing else is."""
    archive = tmp_path / "archive"
    take(archive, 1)
    with Archive.open(archive) as reader:
        assert reader.get(document_id(address(1, 0))) is not None  # whoever closes last empties the log
        take(archive, 2)
        shutil.copytree(archive, tmp_path / "killed")
    (tmp_path / "killed" / "store.sqlite-wal").unlink()
    (tmp_path / "killed" / "store.sqlite-shm").unlink()
    assert versions(tmp_path / "killed") == [{"1"}, {"1"}]
    with Archive.open(tmp_path / "killed") as again:
        assert again.search(EVERYTHING).total == 2 * TOGETHER

"""An empty archive, and an intact one with something of every kind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.archive import Archive
from tests.archive.damage import archive_of_everything


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture(scope="session")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intact") / "archive"
    archive_of_everything(folder)
    return folder


@pytest.fixture
def damaged(intact: Path, tmp_path: Path) -> Path:
    """A copy of the intact archive, for the test to damage."""
    return Path(shutil.copytree(intact, tmp_path / "archive"))

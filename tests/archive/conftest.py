"""An intact archive with something of every kind."""

import shutil
from pathlib import Path

import pytest

from tests.archive.damage import archive_of_everything


@pytest.fixture(scope="session")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intact") / "archive"
    archive_of_everything(folder)
    return folder


@pytest.fixture
def damaged(intact: Path, tmp_path: Path) -> Path:
    """A copy of the intact archive, for the test to damage."""
    return Path(shutil.copytree(intact, tmp_path / "archive"))

"""An empty store in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path, writable=True)
    yield opened
    opened.close()

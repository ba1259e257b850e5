"""An empty store in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()

"""An empty store in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.store.store import Store, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(path, writable=True)
    yield opened
    opened.close()

"""An empty store in a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()

"""A fresh archive for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.archive import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened

"""Test opening an index by its URI."""

from pathlib import Path

import pytest

from searchkit.errors import ConfigError
from searchkit.index import open_index


def test_an_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nosuch") as caught:
        open_index("nosuch:", tmp_path)
    assert '"whoosh:"' in caught.value.hint


def test_opening_creates_no_files(tmp_path: Path) -> None:
    index = open_index("whoosh:", tmp_path / "index")
    assert index.counts() == {"document": 0, "quote": 0}
    index.close()
    assert not (tmp_path / "index").exists()

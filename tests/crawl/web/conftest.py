"""A local news site, and a crawler that visits it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.web.ledger import Visitor
from tests.crawl.web.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site("127.0.0.1", "127.0.0.2") as server:
        yield server


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(tmp_path)

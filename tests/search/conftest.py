"""A small archive of invented people and bodies, on every engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.index.base import Index
from tests.cases import records
from tests.index.engines import ORACLE, PURE, opened
from tests.index.records import document, fill

TEXTS = records(__file__, "archive.jsonl")


@pytest.fixture(params=[ORACLE, PURE])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """The three documents, in two batches."""
    made = opened(request.param, tmp_path / "index")
    first, *others = map(document, TEXTS)
    fill(made, first, sequence=1)
    fill(made, *others, sequence=2)
    yield made
    made.close()

"""The quick part of the hostile corpus; `scripts/hostile` indexes all of it, and each case alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import corpus
from tests.hostile.running import together

QUICK = [case for case in corpus.CASES if case.quick]
# All cases about names, places and outputs, and a sample of the rest.
SAMPLE = [
    case
    for number, case in enumerate(QUICK)
    if case.group in {"output", "file system", "file names"} or number % 4 == 0
]


@pytest.fixture
def top(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "hostile"
    corpus.remove(tmp_path / "hostile")


def test_there_are_enough_kinds_with_different_needles() -> None:
    assert len(corpus.CASES) >= 150
    assert len({case.needle for case in corpus.CASES}) == len(corpus.CASES)


def test_hostile_files_among_ordinary_ones(top: Path) -> None:
    """Every ordinary article is found, every case ends as expected, and no output contains what it must not."""
    report = together(SAMPLE, top, timeout=600, all_outputs=False)
    assert report.faults == []
    assert report.run.peak_mb < 600

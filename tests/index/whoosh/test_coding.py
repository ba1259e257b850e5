"""Test that numbers are read back, with numpy and without, and take few bytes."""

from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.whoosh.coding import coded_lists, ends_of, list_numbers, numbers_of, save_ints, vector
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.segment_file import numbers_of as pure_numbers_of

steps = st.one_of(
    st.integers(0, 3),
    st.sampled_from([254, 255, 256, 509, 510, 511, 65_534, 65_535, 65_536, 131_070, 1 << 24, (1 << 24) - 1]),
    st.integers(0, 1 << 26),
)
ascending = st.lists(steps, min_size=1, max_size=40).map(lambda own: [*accumulate(own)])


@given(st.lists(ascending, max_size=12))
def test_lists_are_read_back(lists: list[list[int]]) -> None:
    numbers = np.array([number for own in lists for number in own], np.uint32)
    coded, lengths = coded_lists(numbers, np.array([*map(len, lists)], np.int64))
    ends = ends_of(lengths).tolist()
    if lists:
        found, sizes = list_numbers(coded.data, ends)
        assert found.tolist() == numbers.tolist()
        assert sizes.tolist() == [*map(len, lists)]
    for number, own in enumerate(lists):
        content = memoryview(coded.tobytes())[ends[number] : ends[number + 1]]
        assert list(numbers_of(content)) == own
        assert list(pure_numbers_of(content)) == own


def test_lists_take_few_bytes() -> None:
    """A frequent word takes a byte for each occurrence and some more for gaps, a rare one three."""
    for gap, most in ((20, 1.1), (100, 1.2), (5_000, 2.1), (500_000, 3.5)):
        numbers = np.cumsum(np.random.default_rng(7).geometric(1 / gap, 1_000)).astype(np.uint32)
        coded, _ = coded_lists(numbers, np.array([len(numbers)]))
        assert len(coded) < most * len(numbers)


@pytest.mark.parametrize(
    ("numbers", "most"),
    [
        ([], 0),
        ([7], 1),
        ([300, 2], 4),
        ([70_000, 2], 8),
        ([*range(5, 1_000, 5)], 24),
        ([*range(1_000), 1_000], 1_300),
        ([number * number for number in range(1_000)], 2_300),
        ([0, 1 << 31], 8),
    ],
)
def test_sections_take_few_bytes(numbers: list[int], most: int, tmp_path: Path) -> None:
    with SectionWriter(tmp_path / "f") as out:
        save_ints(out, "numbers", numbers)
    file = SectionFile(tmp_path / "f")
    assert len(file.view("numbers")) <= most
    _assert_read_back(file, numbers)


@given(st.one_of(ascending, st.lists(st.integers(0, (1 << 32) - 1), max_size=40)))
def test_sections_are_read_back(tmp_path_factory: pytest.TempPathFactory, numbers: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "numbers.arrays"
    with SectionWriter(path) as out:
        save_ints(out, "numbers", numbers)
    _assert_read_back(SectionFile(path), numbers)


def _assert_read_back(file: SectionFile, numbers: list[int]) -> None:
    found = file.ints("numbers")
    assert len(found) == len(numbers)
    assert list(found) == [*found[:]] == vector(found).tolist() == numbers
    assert [found[place] for place in range(-len(numbers), len(numbers))] == numbers * 2
    assert [*found[1:-1]] == numbers[1:-1]

"""Test sets of rows: masks behave as Python sets."""

from collections.abc import Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.whoosh.columns import set_of_rows
from searchkit.index.whoosh.kernels.rows import mask, row_maker

ROWS = 12
numbers = st.lists(st.integers(0, ROWS - 1))
make = row_maker(ROWS)


@given(numbers, numbers)
def test_masks_combine_as_sets_do(one: list[int], other: list[int]) -> None:
    first, second = make([one]), make([other])
    both: list[Set[Any]] = [second, set(other), frozenset(other)]
    for rows in both:
        assert set(first & rows) == set(one) & set(other)
        assert set(first | rows) == set(one) | set(other)
        assert set(first - rows) == set(one) - set(other)
    assert (list(first), len(first), bool(first)) == (sorted(set(one)), len(set(one)), bool(one))
    assert [row in first for row in range(-1, ROWS + 1)] == [row in one for row in range(-1, ROWS + 1)]
    assert set(make([one, other])) == set_of_rows([one, other])


def test_ranges_and_nothing() -> None:
    assert list(make([range(2, 5), range(4, 6)])) == [2, 3, 4, 5]
    assert list(make([])) == list(make([[]])) == []
    assert make([range(ROWS)]) - make([[3]]) != make([range(ROWS)])


def test_python_sets_are_no_masks() -> None:
    with pytest.raises(TypeError):
        mask({1, 2})

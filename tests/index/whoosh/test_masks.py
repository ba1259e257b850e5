"""Test sets of rows: masks behave as Python sets."""

from collections.abc import Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.whoosh import pure as sets
from searchkit.index.whoosh.columns import set_of_rows
from searchkit.index.whoosh.kernels import rows as vectors
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


@given(st.lists(numbers, min_size=1, max_size=4))
def test_global_and_local_rows(found: list[list[int]]) -> None:
    firsts = [number * ROWS for number in range(len(found))]
    whole = {first + row for first, rows in zip(firsts, found, strict=True) for row in rows}
    ours, theirs = (
        sets.to_global([*map(set, found)], firsts),
        vectors.to_global([make([rows]) for rows in found], firsts),
    )
    assert ours == set(theirs) == whole
    assert (
        [*map(set, sets.to_local(ours, firsts))] == [*map(set, vectors.to_local(theirs, firsts))] == [*map(set, found)]
    )
    shifted = [list(rows) for rows in sets.offset(found, firsts)]
    assert shifted == [list(rows) for rows in vectors.offset(found, firsts)]
    assert [row for rows in shifted for row in rows] == [
        first + row for first, rows in zip(firsts, found, strict=True) for row in rows
    ]
    some = range(0, ROWS, 2)
    expected = [row for row in map(firsts[-1].__add__, some) if row in whole]
    assert sets.among(ours, some, firsts[-1]) == list(vectors.among(theirs, some, firsts[-1])) == expected


def test_no_segments_have_no_rows() -> None:
    assert sets.to_global([], []) == set(vectors.to_global([], [])) == set()
    assert sets.to_local(set(), []) == vectors.to_local(row_maker(0)([]), []) == []

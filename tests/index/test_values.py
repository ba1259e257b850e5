"""Test the comparison of values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.values import span_test, value_key, value_pattern, within_edits
from searchkit.query import ast


def test_value_keys() -> None:
    assert value_key("  Café\tZátiší ") == "cafe zatisi"
    assert value_key("Café\u200bZátiší\ufeff") == "cafe zatisi"
    assert value_key("\ufeff\u200b") == ""


def _distance(first: str, second: str) -> int:
    if not first or not second:
        return len(first) + len(second)
    if first[0] == second[0]:
        return _distance(first[1:], second[1:])
    return 1 + min(_distance(first[1:], second), _distance(first, second[1:]), _distance(first[1:], second[1:]))


@given(st.text("ab", max_size=5), st.text("ab", max_size=5), st.integers(1, 2))
def test_edits(first: str, second: str, most: int) -> None:
    assert within_edits(first, second, most) is (_distance(first, second) <= most)


def test_patterns_match_in_any_case() -> None:
    assert value_pattern("harb.r").fullmatch("Harbor")
    with pytest.raises(UsageError, match="not a valid pattern"):
        value_pattern("(")


def _fits(value: ast.Node, first: str, last: str) -> bool:
    return span_test(value)(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())


def test_imprecise_dates_overlap_or_lie_within_a_period() -> None:
    december = ast.Range(written="", start=date(2022, 12, 1), end=date(2022, 12, 31))
    surely = replace(december, within=True)
    for value, expected in ((december, [True, True, True, False]), (surely, [True, True, False, False])):
        assert expected == [
            _fits(value, "2022-12-31", "2022-12-31"),
            _fits(value, "2022-12-01", "2022-12-31"),
            _fits(value, "2022-01-01", "2022-12-31"),
            _fits(value, "2023-01-01", "2023-01-31"),
        ]


def test_open_periods() -> None:
    since = ast.Range(written="", start=date(2022, 12, 2), end=None)
    assert _fits(since, "2022-12-01", "2022-12-31")
    assert not _fits(replace(since, within=True), "2022-12-01", "2022-12-31")
    until = ast.Range(written="", start=None, end=date(2022, 12, 2))
    assert _fits(until, "2022-12-01", "2022-12-31")
    assert not _fits(replace(until, within=True), "2022-12-01", "2022-12-31")


def test_unplaced_dates() -> None:
    assert _fits(ast.Unplaced(unit="month"), "2022-01-01", "2022-12-31")
    assert not _fits(ast.Unplaced(unit="year"), "2022-01-01", "2022-12-31")
    assert _fits(ast.Exists(), "2022-01-01", "2022-12-31")
    assert not _fits(ast.Term(text="2022"), "2022-01-01", "2022-12-31")

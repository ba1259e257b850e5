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


DECEMBER = ast.Range(written="", start=date(2022, 12, 1), end=date(2022, 12, 31))
SINCE = ast.Range(written="", start=date(2022, 12, 2), end=None)
UNTIL = ast.Range(written="", start=None, end=date(2022, 12, 2))
SPANS = (("2022-12-31", "2022-12-31"), ("2022-12-01", "2022-12-31"), ("2022-01-01", "2022-12-31"))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (DECEMBER, [True, True, True]),
        (replace(DECEMBER, within=True), [True, True, False]),
        (SINCE, [True, True, True]),
        (replace(SINCE, within=True), [True, False, False]),
        (UNTIL, [False, True, True]),
        (replace(UNTIL, within=True), [False, False, False]),
        (ast.Unplaced(unit="month"), [False, False, True]),
        (ast.Unplaced(unit="year"), [False, False, False]),
        (ast.Exists(), [True, True, True]),
        (ast.Term(text="2022"), [False, False, False]),
    ],
)
def test_spans_of_days(node: ast.Node, expected: list[bool]) -> None:
    assert [_fits(node, *span) for span in SPANS] == expected

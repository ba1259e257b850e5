"""Dates in prose: absolute, weekdays, relative; and text that resembles them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.dates.prose import find_dates
from tests.cases import cases


@pytest.mark.parametrize(("text", "surfaces"), cases(__file__, "test_found"))
def test_found(text: str, surfaces: tuple[str, ...]) -> None:
    assert tuple(text[found.start : found.end] for found in find_dates(text)) == surfaces


@pytest.mark.parametrize("text", cases(__file__, "test_not_found"))
def test_not_found(text: str) -> None:
    assert list(find_dates(text)) == []


def test_fields_and_rules() -> None:
    text = "December 15, 2022; Dec. 3; March 2021; in 1999; Friday; last Friday; two weeks ago; 2020-02-29"
    rows = [
        (found.rule, found.year, found.month, found.day, found.weekday, found.unit, found.shift)
        for found in find_dates(text)
    ]
    assert rows == [
        ("day-month-year", 2022, 12, 15, None, None, 0),
        ("day-month", None, 12, 3, None, None, 0),
        ("month-year", 2021, 3, None, None, None, 0),
        ("year", 1999, None, None, None, None, 0),
        ("weekday", None, None, None, 4, None, 0),
        ("weekday", None, None, None, 4, None, -1),
        ("relative", None, None, None, None, "week", -2),
        ("iso", 2020, 2, 29, None, None, 0),
    ]


@pytest.mark.parametrize(("language", "text", "surfaces"), cases(__file__, "test_languages"))
def test_languages(language: str | None, text: str, surfaces: tuple[str, ...]) -> None:
    assert tuple(text[found.start : found.end] for found in find_dates(text, language=language)) == surfaces


pieces = st.lists(
    st.one_of(
        st.sampled_from("May Dec. 15 , 2022 last week ago three in Tuesday yesterday - . \n 20 the 1er".split(" ")),
        st.text(max_size=3),
    ),
    max_size=20,
).map(" ".join)


@given(pieces)
def test_spans_are_ordered(text: str) -> None:
    end = 0
    for found in find_dates(text, language=None):
        assert end <= found.start < found.end <= len(text)
        end = found.end


def test_long_runs_take_linear_time() -> None:
    for run in ("in May ", "vor drei ", "May ", "15 ", "20", "Monday ", "a week ", " "):
        assert sum(1 for _ in find_dates(run * 20_000)) <= 20_000

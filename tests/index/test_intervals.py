"""Test intervals of dates."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.values import first_day, interval_key, key_at, last_day, number_of
from searchkit.query.ast import Unit

units = st.sampled_from(get_args(Unit))


def _key(day: date, unit: Unit) -> str:
    key = interval_key(day.toordinal(), day.toordinal(), unit)
    assert key is not None
    return key


def test_span_has_one_interval_or_none() -> None:
    first, last = date(2022, 12, 1).toordinal(), date(2022, 12, 31).toordinal()
    assert interval_key(first, first, "day") == "2022-12-01"
    assert interval_key(first, last, "day") is None
    assert interval_key(first, last, "week") is None
    assert interval_key(first, last, "month") == "2022-12"
    assert interval_key(first, last + 1, "month") is None
    assert interval_key(first, last, "year") == "2022"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2022, 12, 12), "2022-W50"),
        (date(2022, 12, 18), "2022-W50"),
        (date(2021, 1, 1), "2020-W53"),
        (date(2024, 12, 30), "2025-W01"),
        (date.min, "0001-W01"),
        (date.max, "9999-W52"),
    ],
)
def test_weeks_are_those_of_the_standard(day: date, week: str) -> None:
    assert _key(day, "week") == week


@given(st.dates(), units)
def test_day_lies_within_the_bounds_of_its_interval(day: date, unit: Unit) -> None:
    key = _key(day, unit)
    first, last = first_day(key, unit), last_day(key, unit)
    assert first <= day <= last
    assert interval_key(first.toordinal(), last.toordinal(), unit) == key
    if first > date.min:
        assert _key(first - timedelta(days=1), unit) < key
    if last < date.max:
        assert _key(last + timedelta(days=1), unit) > key


@given(st.dates(), units)
def test_consecutive_intervals_have_consecutive_numbers(day: date, unit: Unit) -> None:
    key = _key(day, unit)
    number = number_of(key, unit)
    assert key_at(number, unit) == key
    last = last_day(key, unit)
    if last < date.max:
        assert number_of(_key(last + timedelta(days=1), unit), unit) == number + 1

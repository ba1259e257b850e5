"""Periods of the query language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.dates import period
from tests.cases import cases

TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(("written", "first", "last"), cases(__file__, "test_points"))
def test_points(written: str, first: str, last: str) -> None:
    assert period(written, today=TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_month_back_from_a_long_month() -> None:
    assert period("1mo", today=date(2026, 3, 31)) == (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(("written", "reason"), cases(__file__, "test_the_reason_is_the_message"))
def test_the_reason_is_the_message(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        period(written, today=TODAY)


@given(st.integers(1, 400), st.sampled_from(["d", "w", "mo", "y"]), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_relative_periods_end_today_and_grow(count: int, unit: str, today: date) -> None:
    first, last = period(f"{count}{unit}", today=today)
    longer, _ = period(f"{count + 1}{unit}", today=today)
    assert longer < first <= last == today

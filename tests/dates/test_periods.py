"""Periods of the query language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.dates import period

TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2022-12-15", "2022-12-15", "2022-12-15"),
        ("2022-W50", "2022-12-12", "2022-12-18"),
        ("2020-w53", "2020-12-28", "2021-01-03"),
        ("2024-W01", "2024-01-01", "2024-01-07"),
        ("0001-W01", "0001-01-01", "0001-01-07"),
        ("9999-W52", "9999-12-27", "9999-12-31"),
        ("1d", "2026-03-04", "2026-03-04"),
        ("7d", "2026-02-26", "2026-03-04"),
        ("2w", "2026-02-19", "2026-03-04"),
        ("1mo", "2026-02-05", "2026-03-04"),
        ("3mo", "2025-12-05", "2026-03-04"),
        ("1y", "2025-03-05", "2026-03-04"),
        ("today", "2026-03-04", "2026-03-04"),
        ("yesterday", "2026-03-03", "2026-03-03"),
        ("this-week", "2026-03-02", "2026-03-08"),
        ("last-week", "2026-02-23", "2026-03-01"),
        ("this-month", "2026-03-01", "2026-03-31"),
        ("last-month", "2026-02-01", "2026-02-28"),
        ("this-year", "2026-01-01", "2026-12-31"),
        ("Last-Year", "2025-01-01", "2025-12-31"),
    ],
)
def test_points(written: str, first: str, last: str) -> None:
    assert period(written, today=TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_month_back_from_a_long_month() -> None:
    assert period("1mo", today=date(2026, 3, 31)) == (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2022-13", "month 13 does not exist"),
        ("2022-00", "month 0 does not exist"),
        ("2022-02-30", "February 2022 has 28 days"),
        ("0000", "year 0000 does not exist"),
        ("0d", "a period must have at least one day"),
        ("999999y", "that is too long ago"),
        ("999999w", "that is too long ago"),
        ("24h", "write it as"),
        ("15/12/2022", "write it as"),
        ("", "write it as"),
        ("２０２２", "write it as"),
    ],
)
def test_the_reason_is_the_message(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        period(written, today=TODAY)


@given(st.integers(1, 400), st.sampled_from(["d", "w", "mo", "y"]), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_relative_periods_end_today_and_grow(count: int, unit: str, today: date) -> None:
    first, last = period(f"{count}{unit}", today=today)
    longer, _ = period(f"{count + 1}{unit}", today=today)
    assert longer < first <= last == today

"""Dates in metadata."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.dates.stated import parse_stated

TODAY = date(2026, 1, 10)

STATED = {
    "2022-12-15": ("2022-12-15", "day"),
    "20221215": ("2022-12-15", "day"),
    "2022": ("2022", "year"),
    "2022-12": ("2022-12", "month"),
    "2022-W50": ("2022-W50", "week"),
    "2022-12-15T10:00:00Z": ("2022-12-15T10:00:00+00:00", "instant"),
    "2022-12-15T22:00:00.123-05:00": ("2022-12-15T22:00:00-05:00", "instant"),
    "2022-12-15T10:00:00+0100": ("2022-12-15T10:00:00+01:00", "instant"),
    "2022-12-15 10:00:00 UTC": ("2022-12-15T10:00:00+00:00", "instant"),
    "2022-12-15 10:00": ("2022-12-15", "day"),
    "2022/12/15 10:30:00": ("2022-12-15", "day"),
    "Thu, 15 Dec 2022 10:00:00 GMT": ("2022-12-15T10:00:00+00:00", "instant"),
    "Thu, 15 Dec 2022 10:00:00 -0500": ("2022-12-15T10:00:00-05:00", "instant"),
    "15 December 2022": ("2022-12-15", "day"),
    "Dec 16, 2022 10:15 CST": ("2022-12-16", "day"),
    "15 Dec 2022 10:00 GMT+3": ("2022-12-15", "day"),
    "Thursday, December 15, 2022 at 3:04 p.m. EST": ("2022-12-15", "day"),
    "Published  15 December\n2022": ("2022-12-15", "day"),
    "May 2022": ("2022-05", "month"),
    "16. Dezember 2022, 10:15 Uhr": ("2022-12-16", "day"),
    "16 décembre 2022 à 10h15": ("2022-12-16", "day"),
    "15/04/2025": ("2025-04-15", "day"),
    "04/15/2025 10:30": ("2025-04-15", "day"),
    "05.05.2025": ("2025-05-05", "day"),
    "December 15": ("--12-15", "day-without-year"),
}


@pytest.mark.parametrize(("text", "expected"), STATED.items(), ids=list(STATED))
def test_stated(text: str, expected: tuple[str, str]) -> None:
    found = parse_stated(text, source="meta", today=TODAY)
    assert found and (found.value, found.precision) == expected
    assert (found.source, found.confidence) == ("meta", "high")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Tuesday",
        "2024-01-01T00:00:00+25:00",
        "2024-02-30T25:61:61+99:99",
        "today",
        "10",
        "12:30",
        "3 hours ago",
        "36 Chinese companies",
        "Section 301 of May",
        "06.01.2026",
        "05/04/2025",
        "15-Dec-22",
        "1671098400",
        "0000",
        "2022-13",
        "2022-02-30",
        "2022-W60",
        "1970-01-01T00:00:00Z",
        "2026-01-12",
        "2099",
        "May 3 2021 and June 4 2021",
        "15 December 2022 by Nadia Korbel",
        "15 December 2022 " + "A" * 70 + "!",
        "2022-12-15" * 11,
        "December 2022 to March 2023",
    ],
)
def test_not_stated(text: str) -> None:
    assert parse_stated(text, source="meta", today=TODAY) is None


def test_day_first() -> None:
    first = parse_stated("05/04/2025", source="meta", day_first=True)
    second = parse_stated("05/04/2025", source="meta", day_first=False)
    assert first is not None
    assert second is not None
    assert (first.value, second.value) == ("2025-04-05", "2025-05-04")


def test_tomorrow_is_allowed() -> None:
    assert parse_stated("2026-01-11", source="meta", today=TODAY) is not None
    assert parse_stated("2026-01-12", source="meta") is not None


def test_an_archive_may_be_older_than_the_web() -> None:
    assert parse_stated("26 February 1987", source="record") is None
    assert parse_stated("26 February 1987", source="record", earliest_year=1800) is not None


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_never_raises(text: str) -> None:
    found = parse_stated(text, source="meta", today=TODAY)
    assert found is None or found.earliest is None or found.earliest.year >= 1990


@pytest.mark.parametrize(
    ("text", "country", "value", "zone"),
    [
        ("Dec 16, 2022 10:15 CST", "US", "2022-12-16T10:15:00-06:00", "CST"),
        ("Dec 16, 2022 10:15 CST", "CN", "2022-12-16T10:15:00+08:00", "CST"),
        ("Dec 16, 2022 10:15 CST", "", "2022-12-16", "CST"),
        ("Dec 16, 2022 10:15 CST", "FR", "2022-12-16", "CST"),
        ("16 Dec 2022, 09:30 IST", "IN", "2022-12-16T09:30:00+05:30", "IST"),
        ("16 Dec 2022, 09:30 IST", "IE", "2022-12-16T09:30:00+01:00", "IST"),
        ("Fri, 16 Dec 2022 10:15 GMT", "", "2022-12-16T10:15:00+00:00", "GMT"),
        ("2022-12-16T10:15:00Z", "", "2022-12-16T10:15:00+00:00", "Z"),
        ("2022-12-16T10:15:00.5+0100", "DE", "2022-12-16T10:15:00+01:00", "+0100"),
        ("2022-12-16T10:15:00+01:00", "", "2022-12-16T10:15:00+01:00", "+01:00"),
        ("16.12.2022 10:15 MEZ", "DE", "2022-12-16T10:15:00+01:00", "MEZ"),
        ("2022-12-16 10:15", "US", "2022-12-16", ""),
        ("16 December 2022", "US", "2022-12-16", ""),
        ("2022-12-16", "US", "2022-12-16", ""),
    ],
)
def test_zones_by_country(text: str, country: str, value: str, zone: str) -> None:
    found = parse_stated(text, source="meta", today=TODAY, country=country)
    assert found and (found.value, found.zone) == (value, zone)

"""Dates in metadata."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.dates.stated import parse_stated, zone_of
from tests.cases import cases

TODAY = date(2026, 1, 10)


@pytest.mark.parametrize(("text", "expected"), cases(__file__, "test_stated"))
def test_stated(text: str, expected: tuple[str, str]) -> None:
    found = parse_stated(text, source="meta", today=TODAY)
    assert found and (found.value, found.precision) == expected
    assert (found.source, found.confidence) == ("meta", "high")


@pytest.mark.parametrize("text", cases(__file__, "test_not_stated"))
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


@pytest.mark.parametrize(("text", "country", "value", "zone"), cases(__file__, "test_zones_by_country"))
def test_zones_by_country(text: str, country: str, value: str, zone: str) -> None:
    found = parse_stated(text, source="meta", today=TODAY, country=country)
    assert found and (found.value, found.zone) == (value, zone)


@pytest.mark.parametrize(("abbreviation", "country", "hours"), cases(__file__, "test_zone_of"))
def test_zone_of(abbreviation: str, country: str, hours: float | None) -> None:
    zone = zone_of(abbreviation, country)
    offset = None if zone is None else zone.utcoffset(datetime(2022, 1, 1))
    assert offset == (None if hours is None else timedelta(hours=hours))

"""Dates in prose, resolved against the date of the article."""

import pytest

from searchkit.dates import PartialDate
from searchkit.dates.prose import find_dates, resolve
from tests.cases import cases

ANCHOR = PartialDate(value="2022-12-16", precision="day", source="meta")  # a Friday
INSTANT = PartialDate(value="2022-12-16T01:30:00+01:00", precision="instant", source="meta", confidence="assumed")
MONTH = PartialDate(value="2022-12", precision="month", source="meta")


def meaning(text: str, anchor: PartialDate | None) -> str | None:
    (found,) = find_dates(text)
    known = resolve(found, anchor)
    return known.value if known else None


@pytest.mark.parametrize(("text", "value"), cases(__file__, "test_with_a_day"))
def test_with_a_day(text: str, value: str | None) -> None:
    assert meaning(text, ANCHOR) == value


@pytest.mark.parametrize(("text", "value"), cases(__file__, "test_without_a_year_nothing_is_guessed"))
@pytest.mark.parametrize(
    "anchor", [None, PartialDate(value="--12-16", precision="day-without-year", source="dateline")]
)
def test_without_a_year_nothing_is_guessed(text: str, value: str | None, anchor: PartialDate | None) -> None:
    assert meaning(text, anchor) == value


def test_nothing_is_more_precise_than_its_anchor() -> None:
    assert meaning("Tuesday", MONTH) is None
    assert meaning("yesterday", MONTH) is None
    assert meaning("last week", MONTH) is None
    assert meaning("last month", MONTH) == "2022-11"
    assert meaning("in March", MONTH) == "2022-03"
    assert meaning("in March", PartialDate(value="2022", precision="year", source="meta")) is None
    assert meaning("last year", MONTH) == "2021"
    assert meaning("two hours ago", INSTANT) == "2022-12-15"


def test_confidence_follows_the_anchor() -> None:
    (found,) = find_dates("Tuesday")
    known = resolve(found, INSTANT, source="cue")
    assert known == PartialDate(value="2022-12-13", precision="day", source="cue", confidence="assumed")
    (absolute,) = find_dates("December 15, 2020")
    sure = resolve(absolute, INSTANT)
    assert sure and sure.confidence == "high"


def test_impossible_days_are_unknown() -> None:
    (found,) = find_dates("12 years ago")
    assert resolve(found, PartialDate(value="0005-01-01", precision="day", source="meta")) is None
    (month,) = find_dates("15 months ago")
    assert resolve(month, PartialDate(value="0001-01-01", precision="day", source="meta")) is None


@pytest.mark.parametrize(("language", "text", "value"), cases(__file__, "test_in_other_languages"))
def test_in_other_languages(language: str, text: str, value: str) -> None:
    (found,) = find_dates(text, language=language)
    known = resolve(found, ANCHOR)
    assert known and known.value == value

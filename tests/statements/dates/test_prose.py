"""Dates in prose: absolute, weekdays, relative, their resolution; and text that resembles them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.prose import find_dates, resolve
from tests.cases import cases

ANCHOR = PartialDate(value="2022-12-16", precision="day", source="meta")  # a Friday
INSTANT = PartialDate(value="2022-12-16T01:30:00+01:00", precision="instant", source="meta", confidence="assumed")
MONTH = PartialDate(value="2022-12", precision="month", source="meta")


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


@pytest.mark.slow
def test_long_runs_take_linear_time() -> None:
    for run in ("in May ", "vor drei ", "May ", "15 ", "20", "Monday ", "a week ", " "):
        assert sum(1 for _ in find_dates(run * 20_000)) <= 20_000


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


def test_impossible_days_are_unknown() -> None:
    (found,) = find_dates("12 years ago")
    assert resolve(found, PartialDate(value="0005-01-01", precision="day", source="meta")) is None
    (month,) = find_dates("15 months ago")
    assert resolve(month, PartialDate(value="0001-01-01", precision="day", source="meta")) is None


@pytest.mark.parametrize(("text", "anchor", "value"), cases(__file__, "test_days_that_no_calendar_has_are_unknown"))
def test_days_that_no_calendar_has_are_unknown(text: str, anchor: str, value: str | None) -> None:
    (found,) = find_dates(text)
    known = resolve(found, PartialDate(value=anchor, precision="day", source="meta"))
    assert (known.value if known else None) == value


@pytest.mark.parametrize(("language", "text", "value"), cases(__file__, "test_in_other_languages"))
def test_in_other_languages(language: str, text: str, value: str) -> None:
    (found,) = find_dates(text, language=language)
    known = resolve(found, ANCHOR)
    assert known and known.value == value

"""The days that a partial date covers."""

from datetime import date

import pytest

from searchkit.statements.dates import PartialDate, Precision


@pytest.mark.parametrize(
    ("value", "precision", "first", "last"),
    [
        ("2022-12-15T23:00:00-05:00", "instant", date(2022, 12, 15), date(2022, 12, 15)),
        ("2022-12-15", "day", date(2022, 12, 15), date(2022, 12, 15)),
        ("2022-W50", "week", date(2022, 12, 12), date(2022, 12, 18)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022", "year", date(2022, 1, 1), date(2022, 12, 31)),
        ("--12-15", "day-without-year", None, None),
    ],
)
def test_bounds(value: str, precision: Precision, first: date | None, last: date | None) -> None:
    found = PartialDate(value=value, precision=precision, source="text")
    assert (found.earliest, found.latest) == (first, last)


def test_a_week_that_is_none() -> None:
    with pytest.raises(ValueError, match="not an ISO week"):
        _ = PartialDate(value="2022-50", precision="week", source="text").earliest


def test_the_day_the_outlet_shows_is_the_day() -> None:
    found = PartialDate(
        value="2023-11-09T01:09:00+00:00", precision="instant", source="json-ld", zone="Z", local_day="2023-11-08"
    )
    assert (found.earliest, found.latest) == (date(2023, 11, 8), date(2023, 11, 8))

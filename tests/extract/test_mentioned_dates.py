"""Dates a text mentions."""

from searchkit.dates import PartialDate
from searchkit.extract import mentioned_dates

ANCHOR = PartialDate(value="2022-12-16", precision="day", source="meta")
TEXT = "The Ostrava Trade Office fined Meridian Optics on Tuesday, after a warning on March 3, 2021 and one last year."


def test_mentions_slice_to_their_surface_and_name_their_rule() -> None:
    found = mentioned_dates.find(TEXT, ANCHOR, "en")
    assert [(mention.surface, mention.date.value, mention.rule) for mention in found] == [
        ("Tuesday", "2022-12-13", "weekday"),
        ("March 3, 2021", "2021-03-03", "day-month-year"),
        ("last year", "2021", "relative"),
    ]
    assert all(mention.span.of(TEXT) == mention.surface for mention in found)
    assert {mention.date.source for mention in found} == {"text"}


def test_without_a_day_of_publication_only_what_is_written_counts() -> None:
    assert [mention.surface for mention in mentioned_dates.find(TEXT, None)] == ["March 3, 2021"]
    (yearless,) = mentioned_dates.find("The office acted on December 15.", None)
    assert (yearless.date.value, yearless.date.precision) == ("--12-15", "day-without-year")


def test_a_weekday_may_be_that_of_an_update_shortly_after() -> None:
    text = "The office met on Saturday, after Thursday and before last Saturday."

    def days(updated: str | None) -> list[str]:
        update = PartialDate(value=updated, precision="day", source="meta") if updated else None
        return [mention.date.value for mention in mentioned_dates.find(text, ANCHOR, updated=update)]

    assert days(None) == ["2022-12-10", "2022-12-15", "2022-12-10"]
    assert days("2022-12-17") == ["2022-12-17", "2022-12-15", "2022-12-10"]
    assert days("2022-12-18") == ["2022-12-17", "2022-12-15", "2022-12-10"]
    assert days("2022-12-16") == days("2022-12-27") == days(None)


def test_a_month_without_a_year_is_of_low_confidence() -> None:
    (month,) = mentioned_dates.find("The office acted in March.", ANCHOR)
    assert (month.date.value, month.date.confidence, month.rule) == ("2022-03", "low", "month")
    assert mentioned_dates.find("The office acted in March.", None) == ()

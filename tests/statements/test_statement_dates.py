"""Dates that a text mentions, and dates of statements."""

import pytest
from msgspec.structs import replace

from searchkit.statements.annotation import annotate
from searchkit.statements.dates import Confidence, PartialDate
from searchkit.statements.quotes import finding as quotes
from searchkit.statements.statement_dates import date_of, is_ahead, mentioned, reported_days
from searchkit.statements.text import Span
from tests.cases import cases
from tests.statements.scene import PEOPLE, article, named

ANCHOR = PartialDate(value="2022-12-16", precision="day", source="meta")
TEXT = "The Ostrava Trade Office fined Meridian Optics on Tuesday, after a warning on March 3, 2021 and one last year."


def test_mentions_slice_to_their_surface_and_name_their_rule() -> None:
    found = mentioned(TEXT, ANCHOR, "en")
    assert [(mention.surface, mention.date.value, mention.rule) for mention in found] == [
        ("Tuesday", "2022-12-13", "weekday"),
        ("March 3, 2021", "2021-03-03", "day-month-year"),
        ("last year", "2021", "relative"),
    ]
    assert all(mention.span.of(TEXT) == mention.surface for mention in found)
    assert {mention.date.source for mention in found} == {"text"}


def test_without_a_day_of_publication_only_what_is_written_counts() -> None:
    assert [mention.surface for mention in mentioned(TEXT, None)] == ["March 3, 2021"]
    (yearless,) = mentioned("The office acted on December 15.", None)
    assert (yearless.date.value, yearless.date.precision) == ("--12-15", "day-without-year")


def test_a_weekday_may_be_that_of_an_update_shortly_after() -> None:
    text = "The office met on Saturday, after Thursday and before last Saturday."

    def days(updated: str | None) -> list[str]:
        update = PartialDate(value=updated, precision="day", source="meta") if updated else None
        return [mention.date.value for mention in mentioned(text, ANCHOR, updated=update)]

    assert days(None) == ["2022-12-10", "2022-12-15", "2022-12-10"]
    assert days("2022-12-17") == ["2022-12-17", "2022-12-15", "2022-12-10"]
    assert days("2022-12-18") == ["2022-12-17", "2022-12-15", "2022-12-10"]
    assert days("2022-12-16") == days("2022-12-27") == days(None)


def test_a_month_without_a_year_is_of_low_confidence() -> None:
    (month,) = mentioned("The office acted in March.", ANCHOR)
    assert (month.date.value, month.date.confidence, month.rule) == ("2022-03", "low", "month")
    assert mentioned("The office acted in March.", None) == ()


# A Friday.
PUBLISHED = PartialDate(value="2026-03-06", precision="day", source="json-ld")


def _date(text: str, published: PartialDate | None = PUBLISHED, language: str = "en") -> PartialDate | None:
    found = quotes.find(article(text, language=language), named(text, person=PEOPLE)).statements
    dates = reported_days(mentioned(text, published, language), published, None)
    return date_of(found[-1], text, dates, published)


@pytest.mark.parametrize(("text", "value"), cases(__file__, "test_a_date_beside_the_cue_is_the_date_of_the_statement"))
def test_a_date_beside_the_cue_is_the_date_of_the_statement(text: str, value: str) -> None:
    date = _date(text)
    assert date is not None
    assert date.value == value


@pytest.mark.parametrize("text", cases(__file__, "test_a_date_of_something_else_is_not"))
def test_a_date_of_something_else_is_not(text: str) -> None:
    date = _date(text)
    assert date is not None
    assert (date.value, date.confidence) == ("2026-03-06", "assumed")


def test_a_date_inside_the_words_is_not() -> None:
    date = _date("Korbel said the quay was closed on Monday.")
    assert date == PartialDate(value="2026-03-06", precision="day", source="publication", confidence="assumed")


def test_a_month_said_is_past_and_so_as_sure_as_the_day_of_publication() -> None:
    date = _date("Korbel said in February that the quay was closed.")
    assert date == PartialDate(value="2026-02", precision="month", source="text")


@pytest.mark.parametrize(("text", "value"), cases(__file__, "test_a_day_without_its_year_or_week_follows_the_tense"))
def test_a_day_without_its_year_or_week_follows_the_tense(text: str, value: str) -> None:
    dates = mentioned(text, PUBLISHED, "en")
    assert " ".join(mention.date.value for mention in dates) == value


def test_a_day_is_at_most_assumed_where_no_verb_shows_whether_it_is_ahead() -> None:
    shown, unshown = (mentioned(text, PUBLISHED)[0].date for text in ("The quay opened on Monday.", "Quay, on Monday."))
    assert (shown.value, shown.confidence) == ("2026-03-02", "high")
    assert (unshown.value, unshown.confidence) == ("2026-03-02", "assumed")


@pytest.mark.parametrize(
    ("source", "confidence", "value"),
    [("meta", "high", "2026-03-03"), ("dateline", "assumed", "2026-03-03"), ("time", "assumed", "2026-03-06")],
)
def test_a_weekday_is_a_calendar_day_only_if_the_day_of_publication_is_stated(
    source: str, confidence: Confidence, value: str
) -> None:
    published = PartialDate(value="2026-03-06", precision="day", source=source, confidence=confidence)
    date = _date("Korbel denied on Tuesday that the quay was closed.", published)
    assert date is not None
    assert (date.value, date.confidence) == (value, confidence if value == "2026-03-03" else "assumed")
    exact = _date("Korbel denied on March 3, 2025, that the quay was closed.", published)
    assert exact is not None
    assert exact.value == "2025-03-03"


@pytest.mark.parametrize(
    ("text", "updated", "value"), cases(__file__, "test_an_article_updated_long_after_publication_dates_no_words")
)
def test_an_article_updated_long_after_publication_dates_no_words(text: str, updated: str, value: str | None) -> None:
    published = PartialDate(value="2026-03-06T09:00:00+00:00", precision="instant", source="json-ld", zone="Z")
    update = PartialDate(value=updated, precision="day", source="json-ld")
    (quote,) = annotate(replace(article(text), published=published, updated=update)).quotes
    assert (quote.date.value if quote.date else None) == value


def test_without_any_date_there_is_none() -> None:
    assert _date("“The quay is closed,” Korbel said.", None) is None


@pytest.mark.parametrize(("language", "text", "value"), cases(__file__, "test_other_languages"))
def test_other_languages(language: str, text: str, value: str | None) -> None:
    date = _date(text, language=language)
    assert date is not None
    assert (date.value if date.source == "text" else None) == value


@pytest.mark.parametrize(("language", "text", "ahead"), cases(__file__, "test_the_nearest_verb_decides"))
def test_the_nearest_verb_decides(language: str, text: str, ahead: bool | None) -> None:
    start, end = text.index("["), text.index("]") - 1
    assert is_ahead(text.replace("[", "").replace("]", ""), Span(start, end), language) is ahead


@pytest.mark.parametrize("text", cases(__file__, "test_a_day_counted_from_another_is_not_the_day_of_publication"))
def test_a_day_counted_from_another_is_not_the_day_of_publication(text: str) -> None:
    assert _date(text) is None


@pytest.mark.parametrize(("text", "language"), cases(__file__, "test_a_day_counted_from_another_in_other_languages"))
def test_a_day_counted_from_another_in_other_languages(text: str, language: str) -> None:
    assert _date(text, language=language) is None


def test_a_day_counted_in_the_words_does_not_date_them() -> None:
    found = _date("Korbel said the quay had been closed a day earlier.")
    assert found is not None
    assert (found.value, found.confidence) == ("2026-03-06", "assumed")


@pytest.mark.parametrize(("text", "day"), cases(__file__, "test_the_date_behind_what_is_denied_is_that_of_the_denial"))
def test_the_date_behind_what_is_denied_is_that_of_the_denial(text: str, day: str) -> None:
    found = _date(text)
    assert found is not None
    assert found.value == day

import pytest

from searchkit.dates import PartialDate
from searchkit.extract import mentioned_dates, statement_dates
from searchkit.extract.quotes import finding as quotes
from tests.cases import cases
from tests.extract.scene import PEOPLE, article, named

# A Friday.
PUBLISHED = PartialDate(value="2026-03-06", precision="day", source="json-ld")


def _date(text: str, published: PartialDate | None = PUBLISHED, language: str = "en") -> PartialDate | None:
    found = quotes.find(article(text, language=language), named(text, person=PEOPLE)).statements
    dates = mentioned_dates.find(text, published, language)
    return statement_dates.date_of(found[-1], text, dates, published)


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


def test_without_any_date_there_is_none() -> None:
    assert _date("“The quay is closed,” Korbel said.", None) is None


@pytest.mark.parametrize(("language", "text", "value"), cases(__file__, "test_other_languages"))
def test_other_languages(language: str, text: str, value: str | None) -> None:
    date = _date(text, language=language)
    assert date is not None
    assert (date.value if date.source == "text" else None) == value

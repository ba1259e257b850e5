import pytest

from searchkit.dates import PartialDate
from searchkit.extract import mentioned_dates, statement_dates
from searchkit.extract.quotes import finding as quotes
from tests.extract.scene import PEOPLE, article, named

# A Friday.
PUBLISHED = PartialDate(value="2026-03-06", precision="day", source="json-ld")


def _date(text: str, published: PartialDate | None = PUBLISHED, language: str = "en") -> PartialDate | None:
    found = quotes.find(article(text, language=language), named(text, person=PEOPLE)).statements
    dates = mentioned_dates.find(text, published, language)
    return statement_dates.date_of(found[-1], text, dates, published)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Korbel said on Monday that the quay is closed.", "2026-03-02"),
        ("“The quay is closed,” Korbel said Monday.", "2026-03-02"),
        ("On March 3, Korbel said the quay is closed.", "2026-03-03"),
        ("On Friday Korbel said the quay is closed.", "2026-03-06"),
        ("On March 3, 2025, Nadia Korbel told reporters: “We act.”", "2025-03-03"),
        ("At a hearing on March 3, 2025, Korbel said the quay is closed.", "2025-03-03"),
        ("Korbel told reporters on March 3, 2025, that the quay is closed.", "2025-03-03"),
        ("Korbel said in 2020 that the quay is closed.", "2020"),
        ("In 2020, Korbel said that the quay is closed.", "2020"),
        ("“The quay is closed,” Korbel said in 2020.", "2020"),
        ("Korbel said on March 3, 2025, that the quay is closed.", "2025-03-03"),
        ("Korbel told reporters on Dec. 15 that the quay is closed.", "2025-12-15"),
        ("Korbel told reporters Dec. 15 the quay is closed.", "2025-12-15"),
        ("Korbel said in a statement late Tuesday that the quay is closed.", "2026-03-03"),
        ("“The quay is closed,” Korbel said in a statement late Tuesday.", "2026-03-03"),
        ("“The quay is closed,” Korbel told the paper on Thursday night.", "2026-03-05"),
        ("“The quay closed on Monday,” Korbel said on Tuesday.", "2026-03-03"),
        ("Korbel said last week that the quay is closed.", "2026-W09"),
        ("Last week, Korbel said that the quay is closed.", "2026-W09"),
        ("Korbel said three days ago that the quay is closed.", "2026-03-03"),
        ("“The quay is closed,” Korbel said earlier this month.", "2026-03"),
        ("Earlier this week, Korbel said the quay is closed.", "2026-W10"),
        ("Korbel said last year the quay was closed.", "2025"),
        ("Korbel said in late February that the quay is closed.", "2026-02"),
        ("In February, Korbel said the quay is closed.", "2026-02"),
        ("“The quay is closed,” Korbel said in February.", "2026-02"),
        ("Yesterday Korbel said the quay is closed.", "2026-03-05"),
        ("Korbel, speaking on Monday, said the quay is closed.", "2026-03-02"),
        ("According to Vera Lind on Monday, the quay is closed.", "2026-03-02"),
        ("Vera Lind of the Port Club, which keeps the quay, said on Monday that it is closed.", "2026-03-02"),
        ("Vera Lind left the office on March 3, saying the quay was closed.", "2026-03-03"),
        ("The crew of Vera Lind on March 3 left the office, claiming that the quay was closed.", "2026-03-03"),
        ("Vera Lind on Monday left the office, saying that the quay was closed.", "2026-03-02"),
    ],
)
def test_a_date_beside_the_cue_is_the_date_of_the_statement(text: str, value: str) -> None:
    date = _date(text)
    assert date is not None
    assert date.value == value


@pytest.mark.parametrize(
    "text",
    [
        "Korbel, who resigned on Monday, said the quay was closed.",
        "Korbel, who joined in 2019, said the quay was closed.",
        "After the quay was closed on Monday, Korbel said that it was empty.",
        "In the 2020 report, Korbel said that the quay was empty.",
        "“The quay closes on Monday,” Korbel said.",
        "Korbel told reporters that the quay was closed in 2020.",
        "Korbel told reporters that the quay was closed in February.",
        "Korbel said that on Monday the quay was closed.",
        "The quay was closed on Monday, Korbel said.",
        "The quay was closed on Monday, according to Vera Lind.",
        "Korbel said Monday's fire closed the quay.",
        "Korbel has said since 2019 that the quay is closed.",
        "“The quay is closed,” said Vera Lind, who came on Monday.",
        "“The quay is closed,” said Vera Lind, director of the Monday Club.",
        "A day after the fire on Monday, Korbel said the quay was closed.",
        "Vera Lind left the office, which opened on Monday, saying the quay was closed.",
        "Vera Lind, fired on Monday, left on Tuesday, saying the quay was closed.",
    ],
)
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


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "Vera Lind sagte am Montag, dass die Brücke geschlossen werde.", "2026-03-02"),
        ("de", "Am Montag sagte Vera Lind, die Brücke sei geschlossen.", "2026-03-02"),
        ("de", "„Die Brücke ist seit Jahren zu“, sagte Vera Lind am Dienstagabend.", "2026-03-03"),
        ("de", "Vera Lind erklärte am 3. März 2025, dass die Brücke zu sei.", "2025-03-03"),
        ("de", "Vera Lind erklärte gestern, die Brücke werde geschlossen.", "2026-03-05"),
        ("de", "Vera Lind, die am Montag kam, sagte, die Brücke sei geschlossen.", None),
        ("de", "Nach Angaben von Vera Lind wurde die Brücke am Montag geschlossen.", None),
        ("fr", "« Le pont est fermé depuis des années », a déclaré Vera Lind lundi.", "2026-03-02"),
        ("fr", "Lundi, Vera Lind a déclaré que le pont était fermé.", "2026-03-02"),
        ("fr", "Vera Lind a affirmé hier que le pont était fermé.", "2026-03-05"),
        ("fr", "Le 3 mars 2025, Vera Lind a annoncé que le pont était fermé.", "2025-03-03"),
        ("fr", "Vera Lind a déclaré que le pont avait été fermé lundi.", None),
        ("fr", "Vera Lind, qui est arrivée lundi, a déclaré que le pont était fermé.", None),
    ],
)
def test_other_languages(language: str, text: str, value: str | None) -> None:
    date = _date(text, language=language)
    assert date is not None
    assert (date.value if date.source == "text" else None) == value

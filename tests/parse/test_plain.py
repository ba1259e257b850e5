import pytest

from searchkit.errors import InputError
from searchkit.statements.document import Article
from tests.cases import cases
from tests.parse import pages


def read(content: str | bytes) -> Article:
    return pages.read(content, "text/plain", "file:///archive/story.txt")


BODY = "Nadia Korbel of the Ostrava Trade Office said that the cranes were sound.\n\nThe port agreed."


def test_title_and_header_leave_the_body() -> None:
    article = read(
        "Cranes are sound, office says\r\n\r\nBy Nadia Brandt and Tomas Vrba\r\nPublished: 2022-12-16\r\n"
        "Updated: 17 December 2022\r\nOutlet: Harbor Ledger\r\nURL: https://ledger.example.org/cranes\r\n"
        "Language: en-US\r\n\r\n" + BODY
    )
    assert article.title == "Cranes are sound, office says"
    assert article.byline == ("Nadia Brandt", "Tomas Vrba")
    assert article.published and (article.published.value, article.published.source) == ("2022-12-16", "header")
    assert article.updated and article.updated.value == "2022-12-17"
    assert article.outlet == "Harbor Ledger"
    assert article.canonical_url == "https://ledger.example.org/cranes"
    assert article.language == "en"
    assert article.text == BODY


@pytest.mark.parametrize("header", ["Title: Cranes\nDate: 2022-12-16\n\n", "Date: 2022-12-16\n\nCranes\n\n"])
def test_header_above_the_title(header: str) -> None:
    article = read(header + BODY)
    assert article.title == "Cranes"
    assert article.published is not None
    assert article.text == BODY


def test_header_in_other_languages() -> None:
    article = read("Kräne halten\n\nVon Nadia Korbel\nVeröffentlicht: 2022-12-16\nSprache: de\n\n" + BODY)
    assert (article.title, article.byline, article.language) == ("Kräne halten", ("Nadia Korbel",), "de")


@pytest.mark.parametrize("text", [*cases(__file__, "test_texts_without_a_title"), "x" * 151 + "\n\n" + BODY])
def test_texts_without_a_title(text: str) -> None:
    article = read(text)
    assert article.title is None
    assert article.text == text


@pytest.mark.parametrize("line", cases(__file__, "test_a_date_needs_no_colon"))
@pytest.mark.parametrize(
    "above", ["Cranes\n", "Cranes\n\n", "Cranes\n\nBy Nadia Korbel\n", "Cranes\n\nBy Nadia Korbel\n\n"]
)
def test_a_date_needs_no_colon(above: str, line: str) -> None:
    article = read(above + line + "\n\n" + BODY)
    assert (article.title, article.text) == ("Cranes", BODY)
    assert article.published and (article.published.value[:10], article.published.source) == ("2025-05-12", "header")


def test_a_chronicle_keeps_its_dates() -> None:
    text = f"12 May 2025\n\n{BODY}\n\n13 May 2025\n\nIt rained."
    article = read("The spring of the cranes\n\n" + text)
    assert (article.title, article.published, article.text) == ("The spring of the cranes", None, text)


def test_a_job_in_the_byline() -> None:
    article = read("Cranes\n\nBy Nadia Korbel, Science Correspondent\nPublished: 2025-05-12\n\n" + BODY)
    assert (article.byline, article.text) == (("Nadia Korbel",), BODY)
    assert article.published is not None


@pytest.mark.parametrize("line", ["By Reuters", "By Nadia Korbel, Reuters", "By KBN News"])
@pytest.mark.parametrize("above", ["Title: Cranes\n", "Cranes\n\n", "Cranes\n"])
def test_an_agency_byline(line: str, above: str) -> None:
    article = read(f"{above}{line}\nDate: 12 May 2025\nOutlet: Harbor Ledger\nURL: https://ledger.example/a\n\n{BODY}")
    assert (article.title, article.outlet, article.text) == ("Cranes", "Harbor Ledger", BODY)
    assert article.canonical_url == "https://ledger.example/a"
    assert article.published and article.published.value == "2025-05-12"
    assert article.byline == (("Nadia Korbel",) if "Korbel" in line else (line.removeprefix("By "),))


def test_byline_and_date_share_a_line() -> None:
    article = read("Cranes\n\nBy Nadia Korbel | Published 12 May 2025 | Updated 13 May 2025\n\n" + BODY)
    assert (article.byline, article.text) == (("Nadia Korbel",), BODY)
    assert article.published is not None and article.published.value == "2025-05-12"
    assert article.updated is not None and article.updated.value == "2025-05-13"


def test_a_header_directly_above_a_long_paragraph() -> None:
    article = read("Cranes\nBy Nadia Korbel\nUpdated 12 May 2025\n" + "The port agreed with the office. " * 8)
    assert article.text.startswith("The port agreed")
    assert article.updated is not None


@pytest.mark.parametrize("line", ["May 2025", "The winter of 2014", "12 May 2031", "Spring 12 May 2025", "12 May"])
def test_incomplete_dates_stay(line: str) -> None:
    article = read(f"Cranes\n\n{line}\n\n{BODY}")
    assert article.published is None
    assert article.text.startswith(line)


def test_a_title_directly_above_long_paragraphs() -> None:
    article = read("Cranes are sound\n" + "The port agreed with the office. " * 8)
    assert article.title == "Cranes are sound"
    assert article.text.startswith("The port agreed")


def test_a_transcript_is_not_a_header() -> None:
    text = "KORBEL: How many cranes?\nVRBA: Nine.\n\nBy the river, nobody counts."
    assert read("Transcript: the hearing\n\n" + text).text == text
    listed = "Published: nothing\nThe office answered late.\n\nAnd so on."
    assert read("What they did\n\n" + listed).text == listed


def test_an_unusable_date_is_noted() -> None:
    article = read("Cranes\n\nPublished: soon\n\n" + BODY)
    assert article.published is None
    assert article.notes == ("published ignored (not a date up to today): soon",)


def test_a_header_alone_is_text() -> None:
    assert read("By Nadia Korbel").text == "By Nadia Korbel"
    with pytest.raises(InputError, match="has no text"):
        read(" \n\0\n")


def test_the_encoding_is_found() -> None:
    article = read("Zöllner prüfen Kräne\n\n".encode("cp1252") + "Die Kräne hielten, hieß es. ".encode("cp1252") * 20)
    assert article.title == "Zöllner prüfen Kräne"

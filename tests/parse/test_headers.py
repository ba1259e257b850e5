"""Header lines above a text."""

from datetime import date

import pytest

from searchkit.parse.headers import FIELD_OF, draft, labelled, read_header, read_opening
from tests.cases import cases

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(("line", "field"), cases(__file__, "test_labelled_lines"))
def test_labelled_lines(line: str, field: tuple[str, str] | None) -> None:
    assert labelled(line) == field
    assert labelled("Title: " + "x" * 1_001) is None


def test_every_label_is_one_word_in_lower_case() -> None:
    assert all(label.isalpha() and label == label.casefold() for label in FIELD_OF)
    for label, field in FIELD_OF.items():
        value = {"url": "https://a.example/", "language": "en"}.get(field, "x")
        assert labelled(f"{label.upper()}: {value}") == (field, value)


def test_fields_become_a_draft() -> None:
    made = draft(
        {
            "title": "Cranes",
            "byline": "By Nadia Korbel and Petr Havel",
            "published": "16 December 2022",
            "updated": "2022-12-17",
            "outlet": "Harbor Ledger",
            "url": "https://a.example/x",
            "language": "en-GB",
        },
        text="Words.",
        today=TODAY,
        links=("https://a.example/1",),
        notes=("first",),
    )
    assert (made.title, made.outlet, made.language) == ("Cranes", "Harbor Ledger", "en")
    assert made.byline == ("Nadia Korbel", "Petr Havel")
    assert made.canonical_url == "https://a.example/x"
    assert made.published and (made.published.value, made.published.source) == ("2022-12-16", "header")
    assert made.updated and made.updated.value == "2022-12-17"
    assert (made.text, made.links, made.notes) == ("Words.", ("https://a.example/1",), ("first",))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("soon", "not a date up to today"),
        ("2099-01-01", "not a date up to today"),
        ("x" * 500, "not a date up to today"),
        ("05/06/2025", "ambiguous date: write 2025-06-05 or 2025-05-06"),
    ],
)
def test_an_unusable_date_is_noted(written: str, why: str) -> None:
    made = draft({"published": written}, text="Words.", today=TODAY, links=(), notes=("first",))
    assert made.published is None
    assert made.notes == ("first", f"published ignored ({why}): {written[:100]}")


def test_an_organization_as_author_stays_as_written() -> None:
    made = draft({"byline": "Ledger newsroom"}, text="Words.", today=TODAY, links=(), notes=())
    assert made.byline == ("Ledger newsroom",)


def test_no_fields() -> None:
    made = draft({}, text="Words.", today=TODAY, links=(), notes=())
    assert (made.title, made.byline, made.published, made.canonical_url, made.notes) == (None, (), None, None, ())
    assert draft({"url": "ledger/x"}, text="Words.", today=TODAY, links=(), notes=()).canonical_url is None


def test_title_byline_and_date() -> None:
    size, header = read_opening(
        ["Cranes stand still", "By Nadia Korbel", "12 May 2025", "The cranes stood still.", "Nobody knew why."],
        today=TODAY,
    )
    assert (size, header.title, header.byline) == (3, "Cranes stand still", ("Nadia Korbel",))
    assert header.published and (header.published.value, header.published.confidence) == ("2025-05-12", "high")


def test_labelled_fields() -> None:
    size, header = read_opening(
        ["Outlet: Harbor Ledger", "Language: de", "URL: https://ledger.example/a", "Die Kräne standen still."],
        today=TODAY,
    )
    assert (size, header.outlet, header.language) == (3, "Harbor Ledger", "de")
    assert header.canonical_url == "https://ledger.example/a"


def test_text_without_a_header() -> None:
    for paragraphs in ([], ["One title alone"], ["The cranes stood still.", "Nobody knew why."], ["x" * 200, "Words."]):
        size, header = read_opening(paragraphs, today=TODAY)
        assert (size, header.title, header.byline, header.published) == (0, None, (), None)


def test_a_title_broken_over_lines_is_one() -> None:
    _, header = read_opening(["Cranes\nstand still", "The cranes stood still."], today=TODAY)
    assert header.title == "Cranes stand still"


def test_a_writer_on_each_line() -> None:
    fields, _ = read_header(["By: Nadia Korbel", "By: Jo Belden", "", "The crane stands still."], None)
    assert fields == {"byline": "Nadia Korbel, Jo Belden"}

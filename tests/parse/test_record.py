import json

import pytest

from searchkit.errors import InputError
from searchkit.statements.dates import PartialDate
from tests.parse.pages import read

RECORD = "application/x-searchkit-record"


def test_text_is_taken_as_it_is() -> None:
    text = "Cranes stand still\n\nNadia Korbel said so.  “Twice.”\nThe port agreed."
    article = read(json.dumps({"text": text}), RECORD)
    assert article.text == text
    assert article.title is None
    assert article.paragraphs[1].of(article.text) == "Nadia Korbel said so.  “Twice.”"


def test_known_fields_and_the_rest() -> None:
    article = read(
        json.dumps(
            {
                "text": "Cranes stand still.",
                "url": "https://wire.example.org/1",
                "id": "n-1",
                "title": " Cranes\nstand  still ",
                "published": "2022-12-16",
                "outlet": "Atlas Wire",
                "byline": "By Nadia Korbel and Tomas Vrba",
                "language": "en-GB",
                "desk": {"floor": 3},
            }
        ),
        RECORD,
        "https://wire.example.org/1",
    )
    assert article.canonical_url == "https://wire.example.org/1"
    assert article.title == "Cranes stand still"
    assert article.published == PartialDate(value="2022-12-16", precision="day", source="record")
    assert (article.outlet, article.language) == ("Atlas Wire", "en")
    assert article.byline == ("Nadia Korbel", "Tomas Vrba")
    assert article.extra == {"desk": {"floor": 3}}
    assert article.notes == ()


def test_a_list_of_people_and_the_other_name_of_the_date() -> None:
    article = read(json.dumps({"text": "A.", "byline": ["Nadia Korbel", "The Desk"], "date": "2022-12"}), RECORD)
    assert article.byline == ("Nadia Korbel", "The Desk")
    assert article.published and article.published.value == "2022-12"


def test_values_of_unexpected_types() -> None:
    article = read('{"text": "A.", "title": 5, "byline": {"a": 1}, "date": "last spring", "language": 7}', RECORD)
    assert (article.title, article.byline, article.published, article.language) == (None, (), None, None)
    assert article.extra == {"title": 5, "byline": {"a": 1}, "date": "last spring", "language": 7}
    assert article.notes == ('date ignored (not a date up to today): "last spring"',)


@pytest.mark.parametrize("line", ["[1]", "{", '{"text": 5}', '{"text": "  "}', "[" * 100_000])
def test_invalid_records(line: str) -> None:
    with pytest.raises(InputError):
        read(line, RECORD)


def test_odd_values_do_no_harm() -> None:
    article = read('{"text": "A \\ud800 \\u0000b.", "score": NaN, "url": "javascript:alert(1)"}', RECORD)
    assert article.text == "A \ufffd b."
    assert article.extra == {"score": None}
    assert article.canonical_url is None


def test_body_is_another_name_for_text_and_old_dates_are_believed() -> None:
    made = read('{"id": 1, "body": "Cocoa fell in the port of Brunnhaven.", "date": "1887-02-26T15:01:01"}', RECORD)
    assert made.text == "Cocoa fell in the port of Brunnhaven."
    assert made.published and made.published.value == "1887-02-26"

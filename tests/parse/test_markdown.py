import pytest

from searchkit.statements.document import Article
from tests.cases import cases
from tests.parse import pages


def read(content: str) -> Article:
    return pages.read(content, "text/markdown", "file:///archive/story.md")


FRONT = """---
title: "Cranes are sound"
author:
  - Nadia Brandt
  - Tomas Vrba
date: 2022-12-16
outlet: Harbor Ledger
url: https://ledger.example.org/cranes
language: en
tags: [ports, cranes]
---
"""


def test_front_matter() -> None:
    article = read(FRONT + "\n# Cranes are sound\n\nNadia Korbel *said* so.\n")
    assert article.title == "Cranes are sound"
    assert article.byline == ("Nadia Brandt", "Tomas Vrba")
    assert article.published and article.published.value == "2022-12-16"
    assert (article.outlet, article.language) == ("Harbor Ledger", "en")
    assert article.canonical_url == "https://ledger.example.org/cranes"
    assert article.text == "Nadia Korbel said so."


@pytest.mark.parametrize("authors", ["[Nadia Brandt, 'Tomas Vrba']", "Nadia Brandt and Tomas Vrba"])
def test_authors_on_one_line(authors: str) -> None:
    assert read(f"---\nauthors: {authors}\n---\nText.").byline == ("Nadia Brandt", "Tomas Vrba")


def test_front_matter_that_never_ends_is_text() -> None:
    assert "title: x" in read("---\ntitle: x\n\nText.").text


@pytest.mark.parametrize("heading", ["# Cranes\n", "# Cranes #\n", "Cranes\n======\n", "## Cranes\n"])
def test_the_first_heading_is_the_title(heading: str) -> None:
    article = read(heading + "\nNadia Korbel said so.\n\n## Later\n\nThe port agreed.")
    assert article.title == "Cranes"
    assert article.text == "Nadia Korbel said so.\n\nLater\n\nThe port agreed."


def test_a_heading_below_text_is_no_title() -> None:
    article = read("Nadia Korbel said so.\n\n# Cranes\n\nMore.")
    assert article.title is None
    assert article.text == "Nadia Korbel said so.\n\nCranes\n\nMore."


@pytest.mark.parametrize(("written", "shown"), cases(__file__, "test_markup_goes_and_words_stay"))
def test_markup_goes_and_words_stay(written: str, shown: str) -> None:
    assert read("Start.\n\n" + written).text == f"Start.\n\n{shown.strip()}"


def test_links_keep_their_words() -> None:
    article = read(
        "See [the notice](https://board.example.org/n(1)), [the list][list], [list] and <https://port.example.org/>.\n"
        "Not [this](/relative) and [x].\n\n[list]: https://board.example.org/list 'The list'\n"
    )
    assert article.text == ("See the notice, the list, [list] and https://port.example.org/. Not this and [x].")
    assert article.links == (
        "https://board.example.org/n(1)",
        "https://board.example.org/list",
        "https://port.example.org/",
    )


@pytest.mark.parametrize(
    "flood", ["[" * 50_000, "*a" * 50_000, "_" * 50_000, "> " * 20_000, "`" * 50_000, "<a " * 20_000]
)
def test_floods_are_read(flood: str) -> None:
    assert "needle" in read("needle\n\n" + flood).text

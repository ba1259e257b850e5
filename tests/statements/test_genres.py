"""The genre of each text of genres.txt, with its evidence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.statements.annotation import annotate
from tests.statements.scene import article


def _texts() -> Iterator[tuple[str, ...]]:
    for block in Path(__file__).with_name("genres.txt").read_text(encoding="utf-8").split("\n=== ")[1:]:
        heading, _, text = block.partition("\n")
        yield *(part.strip() for part in heading.split("|", 2)), text.strip().replace("\n", "\n\n")


@pytest.mark.parametrize(("genre", "language", "title", "text"), tuple(_texts()))
def test_the_genre_of_a_text(genre: str, language: str, title: str, text: str) -> None:
    document = annotate(replace(article(text, language=language), title=title))
    assert (document.genre, bool(document.genre_evidence)) == (genre, genre != "news")


@pytest.mark.parametrize(
    ("address", "genre"),
    [
        ("https://tidewater.example/forum/viewtopic.php?t=9", "forum"),
        ("https://post.example/opinion/the-pier", "opinion"),
        ("https://post.example/news/the-pier", "news"),
    ],
)
def test_an_address_is_evidence(address: str, genre: str) -> None:
    text = "The pier is closed.\n\nIt was closed before.\n\nIt will be closed again."
    assert annotate(replace(article(text), canonical_url=address)).genre == genre


def test_a_line_with_a_label_and_an_amount_has_no_speaker() -> None:
    wares = "Marlow Red: 12.50 €\n\nMarlow White: 11 €\n\nMarlow Red: 75 cl\n\nBrand: | Marlow\n\nBrand: | Marlow"
    assert annotate(article(f"Korbel and Marlow sell wine by the case.\n\n{wares}")).quotes == ()


def test_headings_above_questions_and_answers_are_no_labels() -> None:
    heads = ("Port Consultant: Risks and Rewards", "Ship Broker: Hours and Pay") * 2
    body = "\n\n".join(f"{head}\n\nThe work of the trade is described in many books." for head in heads)
    asked = "Q: Which pays more?\n\nA: The broker earns more, as a rule.\n\nQ: Why?\n\nA: Ships are dear."
    quotes = annotate(article(f"{body}\n\n{asked}")).quotes
    assert {quote.speaker.name for quote in quotes if quote.speaker.name} <= {"A"}

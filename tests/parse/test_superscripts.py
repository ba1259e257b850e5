"""Raised numbers do not change the figures they stand behind."""

import time

import pytest

from searchkit.parse.superscripts import with_superscripts
from tests.parse.pages import PARAGRAPHS, page, read


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('40<sup><a href="#f2">2</a></sup> million', "40 million"),
        ("40<sup>[12]</sup> million", "40 million"),
        ("1,200<sup>3</sup> families", "1,200³ families"),
        ("12 m<SUP class=x>2</SUP>", "12 m²"),
        ("the 4<sup>th</sup> of May", "the 4<sup>th</sup> of May"),
        ("nothing raised", "nothing raised"),
        ("<sup>2", "<sup>2"),
    ],
)
def test_raised_numbers(markup: str, text: str) -> None:
    assert with_superscripts(markup) == text


def test_a_figure_in_a_quotation_stays_what_it_was() -> None:
    said = "“We spent 40<sup><a href='#f2'>2</a></sup> million,” Korbel said. The hall has 300 m<sup>2</sup> of floor."
    text = read(page(paragraphs=(said, *PARAGRAPHS))).text
    assert "“We spent 40 million,” Korbel said." in text
    assert "300 m² of floor" in text


def test_a_flood_takes_little_time() -> None:
    started = time.process_time()
    for piece in ("<sup>", "<sup><a ", "<sup x" + " " * 300):
        with_superscripts(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 5

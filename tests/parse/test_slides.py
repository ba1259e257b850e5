"""PPTX: slides in the order in which they are shown, each a page."""

import pytest

from searchkit.errors import InputError
from tests.formats import pptx
from tests.parse.pages import read

KIND = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def test_slides_are_pages_in_the_order_shown() -> None:
    article = read(pptx("The crane stands still.", "Korbel said it would stay so.", notes="Pause here."), KIND)
    assert article.text == "The crane stands still.\n\nPause here.\n\nKorbel said it would stay so."
    assert article.page_of(article.text.index("Korbel")) == 2
    assert article.page_of(0) == 1


def test_slides_without_text_are_refused() -> None:
    with pytest.raises(InputError, match="slides without text"):
        read(pptx("", ""), KIND)

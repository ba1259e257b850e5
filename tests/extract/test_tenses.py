"""Whether the verbs of a sentence place a day ahead of the article or before it."""

import pytest

from searchkit.extract.tenses import is_ahead
from searchkit.text import Span
from tests.cases import cases


@pytest.mark.parametrize(("language", "text", "ahead"), cases(__file__, "test_the_nearest_verb_decides"))
def test_the_nearest_verb_decides(language: str, text: str, ahead: bool | None) -> None:
    start, end = text.index("["), text.index("]") - 1
    assert is_ahead(text.replace("[", "").replace("]", ""), Span(start, end), language) is ahead

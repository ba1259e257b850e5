"""Only plain translations are linked."""

import pytest

from searchkit.histories.translations import translations
from searchkit.statements.document import Document
from tests.histories.articles import article, statements

ENGLISH = (
    '"We can hear them knocking, and we knock back every ten minutes so they know we are coming," said Danilo Verhas.'
)
GERMAN = (
    "\u201eWir h\u00f6ren sie klopfen, und wir klopfen alle {} Minuten zur\u00fcck, damit sie wissen, dass wir "
    "kommen\u201c, sagte Danilo Verhas."
)


def german(number: str = "zehn", published: str = "2024-05-07", key: str = "b") -> Document:
    return article(key, GERMAN.format(number), published, language="de")


def test_the_same_numbers_of_the_same_speaker_are_a_translation() -> None:
    groups = [statements(article("a", ENGLISH)), statements(german())]
    (found,) = translations(groups)
    assert set(found.languages) == {"en", "de"}
    assert found.shared == ("10",)
    assert translations(reversed(groups)) == (found,)


@pytest.mark.parametrize(
    "other",
    [
        german("zwanzig"),
        german(published="2024-06-07"),
        article("b", ENGLISH.replace("We can", "We could")),
        article("b", GERMAN.format("zehn").replace("Danilo Verhas", "Petr Sabo"), language="de"),
        article("b", "\u201eAlle zehn Minuten klopfen wir\u201c, sagte Danilo Verhas.", language="de"),
    ],
)
def test_in_doubt_there_is_no_link(other: Document) -> None:
    assert translations([statements(article("a", ENGLISH)), statements(other)]) == ()


def test_two_quotes_that_fit_are_no_translation() -> None:
    both = [statements(german()), statements(german(key="c"))]
    assert translations([statements(article("a", ENGLISH)), *both]) == ()

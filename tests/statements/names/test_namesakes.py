import pytest

from searchkit.statements.names.namesakes import resolve_namesakes
from tests.cases import cases
from tests.statements.scene import article, named


def _meant(text: str, *people: str) -> str:
    """The name that the last mention of `text` points to; like the linker, lone surnames point to the latest."""
    mentions = list(named(text, person="; ".join(people)))
    return resolve_namesakes(article(text), mentions)[-1].name


KORBELS = ("Nadia Korbel", "Tovo Korbel")


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_the_title_tells_namesakes_apart"))
def test_the_title_tells_namesakes_apart(text: str, name: str) -> None:
    assert _meant(text, *KORBELS) == name


def test_another_title_than_that_of_the_only_bearer_is_another_person() -> None:
    assert _meant("Nadia Korbel met Igor Malt. Mr. Korbel left.", "Nadia Korbel", "Igor Malt") == "Mr Korbel"


def test_a_pronoun_in_the_sentence_tells_the_gender() -> None:
    text = "Ylva Korbel said she was late. Tovo Korbel came. Ms. Korbel left."
    assert _meant(text, "Ylva Korbel", "Tovo Korbel") == "Ylva Korbel"


def test_one_bearer_of_a_surname_stays_as_linked() -> None:
    text = "Nadia Korbel met Igor Malt. Ms. Korbel left."
    mentions = named(text, person="Nadia Korbel; Igor Malt")
    assert resolve_namesakes(article(text), mentions) == mentions


def test_a_pronoun_behind_a_surname_shows_whose_it_is() -> None:
    people = ("Igor Korbel", "Nadia Korbel")
    assert _meant("Igor Korbel met Nadia Korbel. Korbel said he was late.", *people) == "Igor Korbel"
    assert _meant("Igor Korbel met Nadia Korbel. Korbel said she was late.", *people) == "Nadia Korbel"

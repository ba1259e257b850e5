"""People without a name: where they are subjects, where they stand behind another, and whom pronouns mean then."""

import pytest

from searchkit.statements.speakers.participants import Participants
from searchkit.statements.speakers.unnamed import UnnamedPeople
from tests.cases import cases
from tests.statements.scene import ENGLISH, PEOPLE, article, named, who


def unnamed(text: str) -> UnnamedPeople:
    assert ENGLISH is not None
    return UnnamedPeople(Participants(article(text), named(text, person=PEOPLE), ENGLISH), is_said=lambda _: False)


@pytest.mark.parametrize(("text", "noun"), cases(__file__, "test_the_subject_of_a_sentence"))
def test_the_subject_of_a_sentence(text: str, noun: str | None) -> None:
    found = unnamed(text).subject(0, len(text))
    assert (found[1] if found is not None else None) == noun


@pytest.mark.parametrize(("text", "gender", "inside"), cases(__file__, "test_behind_another_subject"))
def test_behind_another_subject(text: str, gender: str, inside: bool) -> None:
    assert unnamed(text).is_inside(0, len(text), gender) is inside


LIND = "Vera Lind, spokesperson for the Ostrava Trade Office, said the quay is closed. "


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_whom_she_means"))
def test_whom_she_means(text: str, name: str | None) -> None:
    assert who(LIND + text, person=PEOPLE)[-1][0] == name


def test_a_pronoun_shows_the_gender_only_of_whom_it_means() -> None:
    text = (
        "Igor Malt ran. The club’s trainer said he is ill. She added that it hurts. Malt waved. “It is wet,” he said."
    )
    assert who(text, person=PEOPLE)[-1][0] == "Igor Malt"

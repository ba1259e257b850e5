"""People without a name: where they are subjects, where they stand behind another, and whom pronouns mean then."""

import pytest

from searchkit.statements.speakers.participants import Participants
from searchkit.statements.speakers.unnamed import ONE, UnnamedPeople
from tests.cases import cases
from tests.statements.scene import ENGLISH, PEOPLE, article, named, who


def unnamed(text: str) -> UnnamedPeople:
    assert ENGLISH is not None
    return UnnamedPeople(Participants(article(text), named(text, person=PEOPLE), ENGLISH), is_said=lambda _: False)


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("It rained. A retired baker from Ostrava left.", "baker"),
        ("It rained. One of the importers left.", "importer"),
        ("It rained. One of the ships left.", None),
        ("A retired baker left.", "baker"),
        ("It rained. One hundred boats left.", None),
        ("It rained. The arrest of his brother came late.", None),
        ("It rained. Another left.", ONE),
        ("It rained. The other pointed at it.", ONE),
        ("It rained. The oldest of the three left.", ONE),
        ("It rained. Igor Malt’s driver left.", "driver"),
        ("It rained. At the gates, a miner left.", "miner"),
        ("It rained. At the gates Malt, a miner, left.", None),
        ("It rained. The official rate was low.", None),
        ("It rained. The court official was late.", "official"),
        ("It rained. The Union’s boats left.", None),
    ],
)
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

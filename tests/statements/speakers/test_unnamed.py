"""People without a name: where they are subjects, where they stand behind another, and whom pronouns mean then."""

import pytest

from searchkit.statements.speakers.participants import Participants
from searchkit.statements.speakers.unnamed import ONE, UnnamedPeople
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


@pytest.mark.parametrize(
    ("text", "gender", "inside"),
    [
        ("In the road stood a farmer with a dog.", "male", True),
        ("In the road stood a grandmother with a dog.", "male", False),
        ("He met a farmer with a dog.", "male", False),
        ("Igor Malt, a farmer, left.", "male", False),
        ("The bell rang when a farmer sold.", "", True),
        ("The dog was sold as a farmer.", "", False),
        ("The town has a guest house.", "", False),
        ("The town paid one hundred crowns.", "", False),
        ("It was bought by the farmer.", "", True),
    ],
)
def test_behind_another_subject(text: str, gender: str, inside: bool) -> None:
    assert unnamed(text).is_inside(0, len(text), gender) is inside


def test_who_is_known() -> None:
    people = unnamed("Malt waved at a tall linesman. The linesman left.")
    assert people.is_known("linesman", 31)
    assert not people.is_known("linesman", 10)
    assert not people.is_known("umpire", 31)


LIND = "Vera Lind, spokesperson for the Ostrava Trade Office, said the quay is closed. "


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # Who is named beside somebody without a name is not meant, but who speaks or acts is.
        ("A dealer had listened to Lind. “It is wet,” she said.", None),
        ("Lind had listened to a dealer. “It is wet,” she said.", "Vera Lind"),
        ("A dealer left. Lind stayed. “It is wet,” she said.", "Vera Lind"),
        (
            "First to rise was a baker who had served under the owner, Vera Lind, for years. “It is wet,” she said.",
            None,
        ),
        ("After a baker left, Lind came in. “It is wet,” she said.", "Vera Lind"),
        ("The owner of the bakery, Vera Lind, had a daughter. “It is wet,” she said.", "Vera Lind"),
        ("In the road stood a farmer. She trades with Lind. “It is wet,” she said.", None),
        ("Lind’s offer did not please a dealer. “It is wet,” she said.", None),
        ("According to a customer who knows Lind, it is old. “It is wet,” she said.", None),
        # A known noun is its bearer; one that is not may describe the person who was named.
        ("She waved at an umpire. The umpire was unmoved. “It is wet,” she said.", None),
        ("The candidate was unmoved. “It is wet,” she said.", "Vera Lind"),
        ("The official said it is old. She added that it is wet.", "Vera Lind"),
        ("The club’s trainer said it is old. She added that it is wet.", None),
        # Nobody speaks to herself.
        ("The umpire turned to Lind. “It is wet,” she told Lind.", None),
        ("The rain had gone. “It is wet,” she told Lind's brother.", "Vera Lind"),
        ("A driver, Igor Malt, left. Nadia Korbel's driver was unmoved. “It is wet,” he said.", None),
    ],
)
def test_whom_she_means(text: str, name: str | None) -> None:
    assert who(LIND + text, person=PEOPLE)[-1][0] == name


def test_a_pronoun_shows_the_gender_only_of_whom_it_means() -> None:
    text = (
        "Igor Malt ran. The club’s trainer said he is ill. She added that it hurts. Malt waved. “It is wet,” he said."
    )
    assert who(text, person=PEOPLE)[-1][0] == "Igor Malt"

"""Quoted complements: what is said of the object of a verb, wherever the object stands."""

import pytest

from tests.extract.scene import find, said


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("called the plan “a trick.”", "the plan “a trick.”"),
        ("called him “a substitute pilot,” and left.", "him “a substitute pilot,”"),
        ("called her “a pilot.”", "her “a pilot.”"),
        ("called it “a trick.”", "“a trick.”"),
        ("called the plan for the quay “a trick.”", "the plan for the quay “a trick.”"),
        ("called the plan “old” and “wet” there.", "the plan “old” and “wet”"),
        ("has repeatedly described the inquiry as “a witch hunt.”", "the inquiry as “a witch hunt.”"),
        ("accused staff of “costing a dream.”", "staff of “costing a dream.”"),
        ("likened the quay to “a wet sponge.”", "the quay to “a wet sponge.”"),
        ("dismissed the plan as “a wet sponge.”", "the plan as “a wet sponge.”"),
        ("spoke of “a dark day.”", "“a dark day.”"),
        (
            "spoke of a “double standard” in the office's treatment of ships.",
            "a “double standard” in the office's treatment of ships",
        ),
        ("rejected as “wild” a report that blamed the union.", "as “wild” a report that blamed the union"),
        ("called on the union to “close it.”", "the union to “close it.”"),
    ],
)
def test_the_object_belongs_to_what_is_said(told: str, words: str) -> None:
    assert said(f"Korbel {told}") == [words]


@pytest.mark.parametrize(
    ("text", "words", "speaker"),
    [
        ("The paper, which Malt called “optimistic,” was shelved.", "“optimistic,”", "Malt"),
        ("A plan that Korbel described as “a bad dream” has failed.", "a bad dream", "Korbel"),
        ("It was a choice Malt called “the slowest ship in the bay.”", "“the slowest ship in the bay.”", "Malt"),
        ("The leak, which the office called a “hiccup,” went on.", "a “hiccup,”", "the office"),
        ("The leak, which she has dismissed as “a hiccup,” went on.", "“a hiccup,”", "she"),
    ],
)
def test_the_object_may_stand_before(text: str, words: str, speaker: str) -> None:
    (found,) = find(text)
    assert words in found.content.of(text)
    assert found.attribution is not None
    assert found.attribution.of(text).endswith(speaker)


@pytest.mark.parametrize(
    "text",
    [
        "Korbel called the crew to the “Red Lantern” cafe.",
        "Korbel called, and the “quay” closed.",
        "Korbel called on Monday.",
        "The boat was called “Sponge” by its crew.",
        "They sell an app called “Sponge” in Brno.",
        "Korbel faced what she called “a wall of mud.”",
        "It leaks when you call it “a sponge.”",
    ],
)
def test_no_complement(text: str) -> None:
    assert said(text) == []

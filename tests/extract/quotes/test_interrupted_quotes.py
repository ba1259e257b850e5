"""Sentences that an attribution interrupts: what stands on both sides of it is one statement."""

import pytest

from tests.extract.scene import find, said


@pytest.mark.parametrize(
    ("before", "attribution", "behind"),
    [
        ("The offer", "according to Korbel", "arrived 40 minutes after the closure was announced"),
        ("Some of those fears", "according to harbor experts", "include the age of the cranes"),
        ("By then", "according to Korbel", "the crane had fallen"),
        ("In March", "according to the Harbor Union", "nobody was paid"),
        ("The cost of the work", "he pointed out", "puts a strain on the town"),
        ("The latest dredger", "Korbel said", "was the biggest yet"),
        ("The truth", "the senator said then", "was that the pumps had failed"),
        ("The cranes", "Korbel added", "weigh eleven tonnes each"),
        ("The old quay", "the report notes", "leans by two degrees"),
        ("Neither pump", "Korbel admitted", "worked that night"),
        ("The tanker", "Korbel told reporters on Monday", "stood two metres too low"),
        ("What the town wants", "Korbel insisted", "is a bigger quay"),
        ("Too often", "Korbel said", "the debate ends before lunch"),
        ("The crane, which was built in 1950", "Korbel said", "had never failed"),
        ("The bridge", "as Korbel pointed out", "needs new bolts"),
        ("The pilot", "Korbel said", "and the crew were asleep"),
    ],
)
def test_an_attribution_in_the_middle(before: str, attribution: str, behind: str) -> None:
    text = f"{before}, {attribution}, {behind}."
    assert said(text) == [before, behind]
    assert len({found.group for found in find(text)}) == 1


@pytest.mark.parametrize(
    "behind",
    [
        "because nobody paid for a new one",
        "because of the war",
        "if the storm came",
        "when the storm hit",
        "although they were new",
        "until a plumber came",
    ],
)
@pytest.mark.parametrize(
    "attribution", ["Korbel said", "said Korbel", "Korbel said in an interview", "according to Malt"]
)
def test_a_reason_behind_the_attribution_is_said_as_well(attribution: str, behind: str) -> None:
    assert said(f"The pumps failed, {attribution}, {behind}.") == ["The pumps failed", behind]


@pytest.mark.parametrize(
    "behind",
    [
        "as she left",
        "when asked on Monday",
        "after meeting with the crew",
        "smiling at the crowd",
        "pointing at the water",
        "who left at noon",
    ],
)
def test_how_it_was_said_is_no_part_of_it(behind: str) -> None:
    assert said(f"The pumps failed, Korbel said, {behind}.") == ["The pumps failed"]


@pytest.mark.parametrize(
    "text",
    [
        "The pilot, Korbel said, and left.",
        "The harbor office, Korbel said.",
        "The chairman, Igor Malt, asked for quiet, and left.",
        "The wall was built according to plan, and it held.",
        "The crew, according to custom, poured wine into the sea.",
    ],
)
def test_nothing_is_interrupted(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Korbel, who said the quay was old, left for Brno.", "the quay was old"),
        ("Korbel, who says that pumps are useless, lives in Brno.", "pumps are useless"),
        ("Korbel, who claimed the plan was sound, then resigned on Monday.", "the plan was sound"),
        ("The pilot, who insisted that the ship was safe, boarded it himself.", "the ship was safe"),
        ("A letter was read by Malt, who said the quay was old, wet and unsafe.", "the quay was old, wet and unsafe"),
        (
            "The crew, who said the pumps had failed, slept, Korbel said.",
            "The crew, who said the pumps had failed, slept",
        ),
    ],
)
def test_a_relative_clause_ends_where_its_main_clause_goes_on(text: str, words: str) -> None:
    assert said(text) == [words]


def test_a_second_attribution_is_not_what_goes_on() -> None:
    assert "it said" not in " ".join(said("In the harbor, the rise continued, it said, where nobody was paid."))

"""Clauses that share one cue: in one sentence, and in the sentence after it."""

import pytest

from tests.extract.scene import find, said


@pytest.mark.parametrize(
    ("told", "clauses"),
    [
        ("that the quay was old, then that it was new", ["the quay was old", "it was new"]),
        ("the quay was old, and then that it was new", ["the quay was old", "it was new"]),
        ("the quay was old, later that nobody used it", ["the quay was old", "nobody used it"]),
        ("the quay was old, and, more quietly, that it would fall", ["the quay was old", "it would fall"]),
        (
            "it was old, then that she would read the bill, and finally, pressed by Malt, that she had answered",
            ["it was old", "she would read the bill", "she had answered"],
        ),
    ],
)
def test_clauses_said_one_after_the_other(told: str, clauses: list[str]) -> None:
    text = f"Korbel said {told}."
    assert said(text) == clauses
    assert len({found.group for found in find(text)}) == 1


@pytest.mark.parametrize(
    "told",
    [
        "the quay was old and that the crane was older",
        "the quay was old but that it would hold",
        "the crane that fell was old",
        "the crane was so old that it fell",
        "it was clear that the crane was old, and that it would fall",
        "it was raining then that day",
    ],
)
def test_what_is_said_in_one_breath_is_one_statement(told: str) -> None:
    assert said(f"Korbel said that {told}.") == [told]


def test_clauses_with_a_quotation_each_are_a_statement_each() -> None:
    text = "Korbel said that the quay was “a ruin” and that there were “holes in it.”"
    assert said(text) == ["the quay was “a ruin”", "there were “holes in it.”"]
    assert len({found.group for found in find(text)}) == 1


@pytest.mark.parametrize("lead", ["Then, a few minutes later,", "And", "But also", "Later,", "And then"])
def test_a_sentence_may_go_on_with_the_report_before_it(lead: str) -> None:
    text = f"Korbel said the quay was old. {lead} that it was empty."
    assert said(text) == ["the quay was old", "it was empty"]
    last = find(text)[-1]
    assert (last.rule, last.verb, last.attribution and last.attribution.of(text)) == ("chained", "say", "Korbel")


@pytest.mark.parametrize(
    "after",
    [
        "That the crane is older is well known.",
        "That was on Monday.",
        "That crane fell.",
        "So that was it.",
        "And that was that.",
        "Now that it is closed, nobody cares.",
        "Then that day came.",
        "The crew is sure that it was empty.",
    ],
)
def test_a_sentence_of_its_own_is_not_said(after: str) -> None:
    assert said(f"Korbel said the quay was old. {after}") == ["the quay was old"]


def test_a_clause_without_a_report_before_it_is_not_said() -> None:
    assert said("The quay was old. And that it was empty.") == []


def test_a_clause_behind_the_attribution() -> None:
    assert said("“The quay is old,” Korbel said, and that it would fall.") == ["“The quay is old,”", "it would fall"]


@pytest.mark.parametrize(
    "other",
    [
        "although an engineer, Vera Lind, cautioned that it was wet",
        "but experts such as Vera Lind said that it was wet",
        "while the guard of the quay, Vera Lind, says it is wet",
    ],
)
def test_what_another_says_against_it_is_no_part_of_it(other: str) -> None:
    assert said(f"Korbel said the quay was old, {other}.")[0] == "the quay was old"

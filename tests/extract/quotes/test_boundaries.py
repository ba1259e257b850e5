"""Extents: where the words end before their sentence does, seen through the statements found."""

import pytest

from tests.extract.scene import said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("When Korbel said the quay was old, the office closed it.", ["the quay was old"]),
        ("While Korbel has said it is old, she has kept it.", ["it is old"]),
        ("After Korbel said it, the beam of the quay, was old, Malt left.", ["it, the beam of the quay, was old"]),
        ("It closed after Korbel said if it rained, it would.", ["if it rained, it would"]),
        ("Korbel said the quay, a beam of oak, was old.", ["the quay, a beam of oak, was old"]),
    ],
)
def test_a_condition_ends_at_its_main_clause(text: str, words: list[str]) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Korbel's claim that the quay was closed is false.", ["the quay was closed"]),
        ("Korbel's claim that the quay was soon closed angered Malt.", ["the quay was soon closed"]),
        ("Contrary to his claim that it is old, the quay is new.", ["it is old"]),
        ("The office rejected his claim that it is old.", ["it is old"]),
        ("Korbel's claim that boats sink there.", []),
    ],
)
def test_the_clause_of_a_noun_ends_at_the_verb_of_the_noun(text: str, words: list[str]) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "“It is old,” the office's harbor officer, Igor Malt, said.",
        "“It is old,” the officer, Igor Malt, said.",
        "“It is old,” Under Secretary Igor Malt said in a statement.",
        "“It is old,” said Under Secretary Igor Malt.",
    ],
)
def test_an_office_before_the_name_is_no_part_of_the_words(text: str) -> None:
    assert said(text) == ["“It is old,”"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Korbel said “it is late” and waved.", ["“it is late”"]),
        ("Korbel said “beams” and planks are old.", ["“beams” and planks are old"]),
        ("Korbel said “it is late” when the bells rang.", ["“it is late”"]),
        ("Korbel said “it is late” if it rains.", ["“it is late” if it rains"]),
        ("Korbel said, “It is late,” raising a hand.", ["“It is late,”"]),
    ],
)
def test_a_quotation_complete_in_itself_ends_the_words(text: str, words: list[str]) -> None:
    assert said(text) == words

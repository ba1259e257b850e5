"""Noun phrases before and after a verb, and what can be a clause."""

import pytest

from tests.cases import cases
from tests.statements.scene import GRAMMAR, read, words


@pytest.mark.parametrize(
    ("word", "adverb"),
    [
        *(("quickly", True), ("also", True), ("monday", True), ("likewise", True), ("clockwise", True)),
        *(("family", False), ("italy", False), ("wise", False), ("fly", False), ("quay", False), ("", False)),
    ],
)
def test_adverbs_by_ending_or_list(word: str, adverb: bool) -> None:
    assert GRAMMAR.is_adverb(word) is adverb


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Under Secretary Malt spoke", "under-secretary"),
        ("under Secretary Malt it grew", "under"),
        ("Under it", "under"),
    ],
)
def test_an_office_may_begin_with_a_preposition(text: str, opening: str) -> None:
    (sentence,) = read(text)
    GRAMMAR.join_offices(sentence)
    assert sentence.low[0] == opening


@pytest.mark.parametrize(
    ("word", "contraction"),
    [("he's", True), ("they've", True), ("i'm", True), ("korbel's", False), ("he", False), ("'", False), ("", False)],
)
def test_contractions_begin_with_a_pronoun(word: str, contraction: bool) -> None:
    assert GRAMMAR.is_contraction(word) is contraction


@pytest.mark.parametrize(("text", "subject"), cases(__file__, "test_the_subject_before_a_verb"))
def test_the_subject_before_a_verb(text: str, subject: str) -> None:
    (sentence,) = read(text)
    assert words(text, sentence, GRAMMAR.subject_before(sentence, len(sentence) - 1)) == subject


@pytest.mark.parametrize(
    "text",
    ["The quay is", "endorsed him", "of", "and", ",", "old and wet,", "“It is old”", "that", "not yet", "the bank's"],
)
def test_no_subject(text: str) -> None:
    (sentence,) = read(text)
    assert GRAMMAR.subject_before(sentence, len(sentence) - 1) is None


def test_nothing_stands_before_the_start() -> None:
    (sentence,) = read("Korbel")
    assert GRAMMAR.subject_before(sentence, -1) is None
    assert GRAMMAR.phrase_after(sentence, 1) is None


@pytest.mark.parametrize(("text", "phrase"), cases(__file__, "test_the_phrase_after_a_verb"))
def test_the_phrase_after_a_verb(text: str, phrase: str | None) -> None:
    (sentence,) = read(text)
    end = GRAMMAR.phrase_after(sentence, 0)
    assert words(text, sentence, None if end is None else (0, end)) == phrase


@pytest.mark.parametrize(("text", "states"), cases(__file__, "test_what_can_be_a_statement"))
def test_what_can_be_a_statement(text: str, states: bool) -> None:
    (sentence,) = read(text)
    assert GRAMMAR.states(sentence, 0, len(sentence)) is states


def test_a_closing_attribution_may_do_without_a_known_verb() -> None:
    (sentence,) = read("Pumps hum there")
    assert not GRAMMAR.states(sentence, 0, 3)
    assert GRAMMAR.states(sentence, 0, 3, verb=False)


@pytest.mark.parametrize(("text", "clause"), cases(__file__, "test_a_clause_has_a_verb_of_its_own"))
def test_a_clause_has_a_verb_of_its_own(text: str, clause: bool) -> None:
    (sentence,) = read(text)
    assert GRAMMAR.is_clause(sentence, 0, len(sentence)) is clause


@pytest.mark.parametrize(("text", "verb"), cases(__file__, "test_a_quotation_holds_its_own_verb"))
def test_a_quotation_holds_its_own_verb(text: str, verb: bool) -> None:
    (sentence,) = read(text)
    assert GRAMMAR.has_verb(sentence, 0, len(sentence)) is verb
    assert not GRAMMAR.has_verb(sentence, 0, 0)

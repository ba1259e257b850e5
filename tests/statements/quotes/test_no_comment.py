"""Refusals to comment: which sentences hold one, whose it is, and which words."""

import pytest

from searchkit.statements.annotation import annotate
from searchkit.statements.document import NO_COMMENT, Article
from searchkit.statements.text import paragraphs
from tests.cases import cases


def refusals(text: str, language: str = "en") -> list[tuple[str | None, str]]:
    """Party and words of the refusals in a text."""
    document = annotate(Article(uri="file:///a.txt", text=text, paragraphs=paragraphs(text), language=language))
    found = [quote for quote in document.quotes if quote.verb == NO_COMMENT]
    assert all(quote.rule == NO_COMMENT for quote in found)
    return [(quote.attribution.of(text) if quote.attribution else None, quote.content.of(text)) for quote in found]


@pytest.mark.parametrize(("text", "party", "words"), cases(__file__, "test_refusals"))
def test_refusals(text: str, party: str | None, words: str | None) -> None:
    assert refusals(text) == ([] if words is None else [(party, words)])


@pytest.mark.parametrize(("language", "text", "party", "words"), cases(__file__, "test_refusals_in_other_languages"))
def test_refusals_in_other_languages(language: str, text: str, party: str | None, words: str | None) -> None:
    assert refusals(text, language) == ([] if words is None else [(party, words)])


def test_a_sentence_may_hold_the_refusals_of_two_parties() -> None:
    text = "Kolm AG declined to comment, and Ada Holm did not return a call."
    assert refusals(text) == [("Kolm AG", "declined to comment"), ("Ada Holm", "did not return a call")]


def test_a_short_answer_needs_somebody_who_asked() -> None:
    asked = "The Ledger asked Kolm AG about the quay. The company did not answer."
    assert refusals(asked) == [("The company", "did not answer")]
    assert refusals("The exam was hard. The pupil did not answer.") == []

"""Why verbs of speech and quotations made no statement."""

import pytest

from searchkit.statements.quotes import finding as quotes
from tests.cases import cases
from tests.statements.scene import PEOPLE, article, named


def passed(text: str, language: str = "en") -> list[tuple[str, str]]:
    """Return the places of `text` that made no statement, with the reason."""
    known, mentions = article(text, language=language), named(text, person=PEOPLE)
    unreported, _ = quotes.explain(known, mentions, quotes.find(known, mentions))
    return [(place.span.of(text), place.reason) for place in unreported]


@pytest.mark.parametrize(("text", "place", "reason"), cases(__file__, "test_the_reason_of_a_verb"))
def test_the_reason_of_a_verb(text: str, place: str, reason: str) -> None:
    ((word, why),) = passed(text)
    assert word == place
    assert reason in why


def test_the_reasons_of_quotations() -> None:
    text = "The “smart quay” holds. He likes “The Long Way Home from Brno”. “It is old,” Korbel said."
    assert passed(text) == [
        ("“smart quay”", "a term: fewer than four words and no cue"),
        ("“The Long Way Home from Brno”", "a quotation without a cue, and no sentence of its own"),
    ]


def test_a_report_inside_a_report() -> None:
    ((word, why),) = passed("Korbel said that Malt had said it is old.")
    assert (word, why) == ("said", "inside another statement")


def test_a_language_without_a_pack_explains_quotations_only() -> None:
    assert passed("A “smart” quay, he said so.", "xx") == [("“smart”", "a term: fewer than four words and no cue")]

"""Attributions without a verb: which sentences are headlines and signatures, and whose words they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.extract.quotes.verbless import Event, Verbless
from searchkit.text import normalize
from tests.extract.scene import GRAMMAR, read

VERBLESS = Verbless(GRAMMAR)


def told(text: str, event: Event | None) -> tuple[str, str, list[str]] | None:
    """Rule, subject and contents."""
    if event is None:
        return None
    sentence = read(text)[0]
    return event.rule, event.subject.of(text), [sentence.range(*part).of(text) for part in event.contents]


@pytest.mark.parametrize(
    ("text", "rule", "subject", "content"),
    [
        ("Korbel denies the quay is closed: ministry", "headline", "ministry", "Korbel denies the quay is closed"),
        ("Quay stays closed for good: Nadia Korbel", "headline", "Nadia Korbel", "Quay stays closed for good"),
        ("Poll: the quay should stay open", "headline", "Poll", "the quay should stay open"),
        ("Harbor Union: Quay Closed for Good", "headline", "Harbor Union", "Quay Closed for Good"),
        ("“It is old and wet” — Igor Malt, pilot", "signed", "Igor Malt", "“It is old and wet”"),
        ("Igor Malt — “It is old and wet.”", "signed", "Igor Malt", "“It is old and wet.”"),
    ],
)
def test_whose_words(text: str, rule: str, subject: str, content: str) -> None:
    assert told(text, VERBLESS.find(read(text)[0], None)) == (rule, subject, [content])


@pytest.mark.parametrize(
    "text",
    [
        "Korbel named three ports: Brno, Ostrava and Opava.",
        "The quay has a new head: Korbel.",
        "Note: the quay is closed",
        "Company: Meridian Optics of Ostrava",
        "Quay: old",
        "The quay is closed: it is old",
        "It is “old” — wet",
    ],
)
def test_a_colon_or_a_dash_alone_attributes_nothing(text: str) -> None:
    assert VERBLESS.find(read(text)[0], None) is None


def test_only_the_first_sentence_of_a_paragraph_can_be_a_headline() -> None:
    first, second = read("It rains. Quay stays closed for good: Nadia Korbel")
    assert VERBLESS.find(second, first) is None


def test_for_somebody_something_is_so_in_marks() -> None:
    text = "For Nadia Korbel, the quay is “a ruin”."
    assert told(text, VERBLESS.seen_by(read(text)[0])) == ("for-speaker", "Nadia Korbel", ["the quay is “a ruin”"])
    for other in ("For Nadia Korbel, the quay is a ruin.", "For years, the quay was “a ruin”.", "For Korbel “a ruin”."):
        assert VERBLESS.seen_by(read(other)[0]) is None


@given(st.text(alphabet="Aa :—-“”.\n", max_size=60))
def test_no_sentence_raises(raw: str) -> None:
    for sentence in read(normalize(raw)):
        VERBLESS.find(sentence, None)
        VERBLESS.seen_by(sentence)

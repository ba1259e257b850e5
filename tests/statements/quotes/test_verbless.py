"""Attributions without a verb: which sentences are headlines and signatures, and whose words they hold."""

from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.quotes.reading import Report
from searchkit.statements.quotes.verbless import Verbless
from searchkit.statements.text import normalize
from tests.statements.scene import GRAMMAR, read

VERBLESS = Verbless(GRAMMAR)


def shown(text: str, report: Report | None) -> tuple[str, str, list[str]] | None:
    """Rule, subject and contents."""
    if report is None or report.subject is None:
        return None
    sentence = read(text)[0]
    return report.rule, report.subject.of(text), [sentence.range(*part).of(text) for part in report.contents]


def test_only_the_first_sentence_of_a_paragraph_can_be_a_headline() -> None:
    first, second = read("It rains. Quay stays closed for good: Nadia Korbel")
    assert VERBLESS.find(second, first) is None


def test_quoted_words_for_a_person() -> None:
    text = "For Nadia Korbel, the quay is “a ruin”."
    assert shown(text, VERBLESS.seen_by(read(text)[0])) == ("for-speaker", "Nadia Korbel", ["the quay is “a ruin”"])
    for other in ("For Nadia Korbel, the quay is a ruin.", "For years, the quay was “a ruin”.", "For Korbel “a ruin”."):
        assert VERBLESS.seen_by(read(other)[0]) is None


@given(st.text(alphabet="Aa :—-“”.\n", max_size=60))
def test_no_sentence_raises(raw: str) -> None:
    for sentence in read(normalize(raw)):
        VERBLESS.find(sentence, None)
        VERBLESS.seen_by(sentence)

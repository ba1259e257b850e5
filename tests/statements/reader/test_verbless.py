"""Attributions without a verb: which sentences are headlines and signatures, and whose words they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.text import normalize
from tests.statements.scene import ENGLISH_READER as READER
from tests.statements.scene import read


def test_only_the_first_sentence_of_a_paragraph_can_be_a_headline() -> None:
    first, second = read("It rains. Quay stays closed for good: Nadia Korbel")
    assert list(READER.find(second, first, None)) == []


def test_quoted_words_for_a_person() -> None:
    text = "For Nadia Korbel, the quay is “a ruin”."
    sentence = read(text)[0]
    (report,) = READER.find(sentence, None, None)
    assert report.subject is not None
    assert (report.rule, report.subject.of(text)) == ("for-speaker", "Nadia Korbel")
    assert [sentence.range(*part).of(text) for part in report.contents] == ["the quay is “a ruin”"]


@pytest.mark.parametrize(
    "text", ["For Nadia Korbel, the quay is a ruin.", "For years, the quay was “a ruin”.", "For Korbel “a ruin”."]
)
def test_words_of_nobody(text: str) -> None:
    assert list(READER.find(read(text)[0], None, None)) == []


@given(st.text(alphabet="Aa :—-“”.\n", max_size=60))
def test_no_sentence_raises(raw: str) -> None:
    for sentence in read(normalize(raw)):
        assert all(report.contents or report.takes_previous for report in READER.find(sentence, None, None))

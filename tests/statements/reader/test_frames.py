"""Attributions: which constituents report, whose words they are, and where their subject stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.text import normalize
from tests.cases import cases
from tests.statements.scene import ENGLISH_READER as READER
from tests.statements.scene import read, words


def attributions(text: str) -> list[tuple[str, str | None, str]]:
    """Lemma, speaker and place of the subject of every attribution."""
    found: list[tuple[str, str | None, str]] = []
    for sentence in read(text):
        line = READER.line(sentence)
        found += [
            (frame.cue.lemma, words(text, sentence, READER.frames.speaker(line, frame)), frame.subject.how)
            for frame in READER.frames.find(line)
        ]
    return found


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_an_attribution_has_a_subject"))
def test_an_attribution_has_a_subject(text: str, found: tuple[str, str, str]) -> None:
    assert attributions(text)[0] == found


@pytest.mark.parametrize("text", cases(__file__, "test_what_attributes_nothing"))
def test_what_attributes_nothing(text: str) -> None:
    assert attributions(text) == []


@pytest.mark.parametrize("text", cases(__file__, "test_what_is_not_said"))
def test_what_is_not_said(text: str) -> None:
    line = READER.line(read(text)[0])
    frame = list(READER.frames.find(line))[-1]
    assert (frame.negated, line.words(frame.subject.first, frame.subject.last)) == (True, ["korbel"])


def test_each_speaker_of_a_sentence_has_an_attribution() -> None:
    text = "Korbel said it is old, but Malt said it is wet."
    assert attributions(text) == [("say", "Korbel", "left"), ("say", "Malt", "left")]


_PIECES = st.sampled_from(
    [
        *"Korbel said saying that , according to and not was he's the office who ( ) — : told on went n't 's".split(),
        *("her", "claims", "“it is”", "quoted as", "Vera Lind"),
    ]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PIECES, max_size=25).map(" ".join))
def test_attributions_lie_inside_their_sentence(raw: str) -> None:
    for sentence in read(normalize(raw)):
        line = READER.line(sentence)
        assert [at for part in line.parts for at in range(part.first, part.last)] == list(range(len(sentence)))
        for frame in READER.frames.find(line):
            first, last = READER.frames.speaker(line, frame)
            assert 0 <= first < last <= len(sentence)
            assert 0 <= frame.at < frame.end <= len(line)

"""Cues: which verbs report, whose they are, and where their subject stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.quotes.cues import CueFinder
from searchkit.statements.text import normalize
from tests.cases import cases
from tests.statements.scene import GRAMMAR, read, words

FINDER = CueFinder(GRAMMAR)


def cues(text: str) -> list[tuple[str, str | None, str]]:
    """Lemma, subject and side of every cue."""
    return [
        (candidate.cue.lemma, words(text, sentence, candidate.subject), candidate.side)
        for sentence in read(text)
        for candidate in FINDER.candidates(sentence)
    ]


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_a_cue_has_a_subject_and_a_side"))
def test_a_cue_has_a_subject_and_a_side(text: str, found: tuple[str, str, str]) -> None:
    assert cues(text)[0] == found


@pytest.mark.parametrize("text", cases(__file__, "test_what_is_no_cue"))
def test_what_is_no_cue(text: str) -> None:
    assert cues(text) == []


@pytest.mark.parametrize("text", cases(__file__, "test_what_is_not_said"))
def test_what_is_not_said(text: str) -> None:
    (sentence,) = read(text)
    (candidate,) = FINDER.candidates(sentence)
    assert candidate.negated
    assert words(text, sentence, candidate.subject) == "Korbel"


def test_an_appositive_is_no_inversion() -> None:
    text = "Vera Lind, head of the Ostrava Trade Office, said the newest quay is closed."
    assert cues(text) == [("say", "Vera Lind", "left")]


def test_a_particle_is_part_of_the_cue() -> None:
    text = "Korbel pointed out that it is old."
    (sentence,) = read(text)
    (candidate,) = FINDER.candidates(sentence)
    assert words(text, sentence, (candidate.at, candidate.after)) == "pointed out"


def test_each_speaker_of_a_sentence_keeps_their_own_cue() -> None:
    text = "Korbel said it is old, but Malt said it is wet."
    assert cues(text) == [("say", "Korbel", "left"), ("say", "Malt", "left")]


_PIECES = st.sampled_from(
    [
        *"Korbel said saying that , according to and not was he's the office who ( ) — : told on went n't 's".split(),
        *("her", "claims", "“it is”", "quoted as", "Vera Lind"),
    ]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PIECES, max_size=25).map(" ".join))
def test_candidates_lie_inside_their_sentence(raw: str) -> None:
    for sentence in read(normalize(raw)):
        last = -1
        for candidate in FINDER.candidates(sentence):
            assert last < candidate.at < candidate.after <= len(sentence)
            assert 0 <= candidate.subject[0] < candidate.subject[1] <= len(sentence)
            last = candidate.at

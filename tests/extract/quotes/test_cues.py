"""Cues: which verbs report, whose they are, and where their subject stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.extract.quotes.cues import CueFinder
from searchkit.text import normalize
from tests.extract.scene import GRAMMAR, read, words

FINDER = CueFinder(GRAMMAR)


def cues(text: str) -> list[tuple[str, str | None, str]]:
    """Lemma, subject and side of every cue."""
    return [
        (candidate.cue.lemma, words(text, sentence, candidate.subject), candidate.side)
        for sentence in read(text)
        for candidate in FINDER.candidates(sentence)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Korbel said the quay is closed.", ("say", "Korbel", "left")),
        ("Korbel also said it.", ("say", "Korbel", "left")),
        ("Korbel has repeatedly said it.", ("say", "Korbel", "left")),
        ("She says it.", ("say", "She", "left")),
        ("He's saying it.", ("say", "He's", "left")),
        ("He’s claiming it is old.", ("claim", "He’s", "left")),
        ("They'd said it.", ("say", "They'd", "left")),
        ("The office said it.", ("say", "The office", "left")),
        ("Critics say it is old.", ("say", "Critics", "left")),
        ("The Ostrava Trade Office said it.", ("say", "The Ostrava Trade Office", "left")),
        ("Vera Lind, head of the office, said it.", ("say", "Vera Lind", "left")),
        ("Vera Lind, who left, said it.", ("say", "Vera Lind", "left")),
        ("A lawyer for the port, Igor Malt, said it.", ("say", "Igor Malt", "left")),
        ("Korbel denied it.", ("deny", "Korbel", "left")),
        ("Korbel did not deny it.", ("deny", "Korbel", "left")),
        ("“It is old,” said Korbel.", ("say", "Korbel", "right")),
        ("“It is old,” said the office.", ("say", "the office", "right")),
        ("“It is old,” said its chairman, Igor Malt.", ("say", "Igor Malt", "right")),
        ("The quay is old, said Korbel.", ("say", "Korbel", "right")),
        ("Said Korbel: “It is old.”", ("say", "Korbel", "right")),
        ("Korbel was quoted as saying it is old.", ("say", "Korbel", "left")),
        ("The quay is old, according to Korbel.", ("according to", "Korbel", "according")),
        ("According to the office, it is old.", ("according to", "the office", "according")),
        ("Korbel pointed out that it is old.", ("point out", "Korbel", "left")),
        ("Korbel went on to say that it is old.", ("go on", "Korbel", "left")),
    ],
)
def test_a_cue_has_a_subject_and_a_side(text: str, found: tuple[str, str, str]) -> None:
    assert cues(text)[0] == found


@pytest.mark.parametrize(
    "text",
    [
        "Korbel did not say it.",
        "Korbel never said it.",
        "Korbel won't say it.",
        "Korbel could say it.",
        "Korbel declined to say it.",
        "He'd say it.",
        "He’ll write it.",
        "Korbel was told it is old.",
        "The report is long.",
        "Her claims are old.",
        "The office lowered its warning to orange.",
        "Korbel pointed at the quay.",
        "Korbel went home.",
        "Korbel came “and said” nothing.",
        "The Ostrava Report Office closed.",
        "It is old, according to.",
        "",
        "said",
        "Said.",
    ],
)
def test_what_is_no_cue(text: str) -> None:
    assert cues(text) == []


@pytest.mark.parametrize(
    ("text", "lemma", "participle"),
    [
        ("Korbel said it is old and added that it is wet.", "add", False),
        ("Korbel said it is old, adding that it is wet.", "add", True),
        ("Korbel left early, saying it is old.", "say", True),
    ],
)
def test_a_later_cue_shares_the_subject(text: str, lemma: str, participle: bool) -> None:
    (sentence,) = read(text)
    last = FINDER.candidates(sentence)[-1]
    assert (last.cue.lemma, last.side, last.participle) == (lemma, "shared", participle)
    assert words(text, sentence, last.subject) == "Korbel"


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

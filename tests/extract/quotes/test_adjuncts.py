"""What stands between a cue and its words, and what firmly opens them."""

import pytest

from searchkit.extract.quotes.adjuncts import Adjuncts
from tests.extract.scene import ENGLISH, GRAMMAR, read, words

ADJUNCTS = Adjuncts(GRAMMAR)


def opened(text: str) -> tuple[str | None, str]:
    """The words that follow the frame, and what opens them; the second token of `text` is the cue."""
    assert ENGLISH is not None
    sentence = read(text)[0]
    cue = ENGLISH.cues[sentence.low[1]]
    at, firm = ADJUNCTS.opening(sentence, cue, 2, len(sentence))
    return words(text, sentence, (at, len(sentence))), firm


@pytest.mark.parametrize(
    ("text", "content", "firm"),
    [
        ("Korbel said it is old", "it is old", ""),
        ("Korbel said that it is old", "it is old", "that"),
        ("Korbel said, that it is old", "it is old", "that"),
        ("Korbel said: it is old", "it is old", "colon"),
        ("Korbel said “it is old”", "“it is old”", "quote"),
        ("Korbel said, “it is old”", "“it is old”", "quote"),
        ("Korbel said Monday it is old", "it is old", ""),
        ("Korbel said Monday morning that it is old", "it is old", "that"),
        ("Korbel said last week that it is old", "it is old", "that"),
        ("Korbel said earlier this week it is old", "it is old", ""),
        ("Korbel said yesterday the quay is old", "the quay is old", ""),
        ("Korbel said in a statement that it is old", "it is old", "that"),
        ("Korbel said in a statement on Monday the quay is old", "the quay is old", ""),
        ("Korbel said in an interview with a magazine: “It is old”", "“It is old”", "colon"),
        ("Korbel said outside court: “It is old”", "“It is old”", "colon"),
        ("Korbel said of Malt: “He is old”", "“He is old”", "colon"),
        ("Korbel said of what was left: “It is old”", "of what was left: “It is old”", ""),
        ("Korbel said at a fair in Brno that it is old", "it is old", "that"),
        ("Korbel said on March 3, 2026, “it is old”", "“it is old”", "quote"),
        ("Korbel said on March 3 that it is old", "it is old", "that"),
        ("Korbel said later that it is old", "it is old", "that"),
        ("Korbel said a moment later that it is old", "it is old", "that"),
        ("Korbel said two long weeks ago it is old", "it is old", ""),
        ("Korbel said on Monday, hours later, it was old", ", hours later, it was old", ""),
        ("Korbel said, without evidence, that it is old", "it is old", "that"),
        ("Korbel said, most recently at a fair in Brno, that the quay is old", "the quay is old", "that"),
        ("Korbel said, “It is old,” a day later, that is", "“It is old,” a day later, that is", "quote"),
        ("Korbel told reporters it is old", "it is old", ""),
        ("Korbel told reporters on Monday that it is old", "it is old", "that"),
        ("Korbel told him the quay is old", "the quay is old", ""),
        ("Korbel told Igor Malt that it is old", "it is old", "that"),
        ("Korbel told Igor Malt the quay is old", "the quay is old", ""),
        ("Korbel told a weekly paper the quay is old", "the quay is old", ""),
        ("Korbel told a meeting of the Harbor Union it is old", "it is old", ""),
        ("Korbel warned in March the quay is old", "the quay is old", ""),
        ("Korbel warned in a statement: “It is old”", "“It is old”", "colon"),
        ("Korbel warned in March", "", ""),
        ("Korbel said in the harbor, it is old", "in the harbor, it is old", ""),
        ("Korbel said", "", ""),
        ("Korbel told", "", ""),
        ("Korbel said Monday", "", ""),
    ],
)
def test_the_frame_is_stepped_over(text: str, content: str, firm: str) -> None:
    if content == "":
        sentence = read(text)[0]
        assert ENGLISH is not None
        assert ADJUNCTS.opening(sentence, ENGLISH.cues[sentence.low[1]], 2, len(sentence)) == (len(sentence), firm)
    else:
        assert opened(text) == (content, firm)


def test_it_stops_where_the_next_cue_begins() -> None:
    assert ENGLISH is not None
    sentence = read("Korbel said on Monday in a statement and added that it is old")[0]
    for stop in range(2, len(sentence)):
        at, _ = ADJUNCTS.opening(sentence, ENGLISH.cues["said"], 2, stop)
        assert at <= max(stop, 2)


@pytest.mark.parametrize("filler", ["Monday ", "in ", "in a statement ", "March 3 ", "last week ", ", "])
def test_a_long_frame_is_no_trap(filler: str) -> None:
    assert ENGLISH is not None
    sentence = read("Korbel told " + filler * 100)[0]
    at, _ = ADJUNCTS.opening(sentence, ENGLISH.cues["told"], 2, len(sentence))
    assert 2 <= at <= len(sentence)

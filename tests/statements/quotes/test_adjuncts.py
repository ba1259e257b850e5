"""What stands between a cue and its words, and what firmly opens them."""

import pytest

from searchkit.statements.quotes.adjuncts import Adjuncts
from tests.cases import cases
from tests.statements.scene import ENGLISH, GRAMMAR, read, words

ADJUNCTS = Adjuncts(GRAMMAR)


def opened(text: str) -> tuple[str | None, str]:
    """The words that follow the frame, and what opens them; the second token of `text` is the cue."""
    assert ENGLISH is not None
    sentence = read(text)[0]
    cue = ENGLISH.cues[sentence.low[1]]
    at, firm = ADJUNCTS.opening(sentence, cue, 2, len(sentence))
    return words(text, sentence, (at, len(sentence))), firm


@pytest.mark.parametrize(("text", "content", "firm"), cases(__file__, "test_the_frame_is_stepped_over"))
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

"""Whether the words behind a cue are what was said."""

import pytest

from searchkit.extract.quotes.contents import Contents
from searchkit.extract.quotes.cues import CueFinder
from tests.extract.scene import GRAMMAR, read

CONTENTS = Contents(GRAMMAR)


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Korbel said it fell", True),
        ("Korbel said sales fell", True),
        ("Korbel said goodbye", False),
        ("Korbel said nothing", False),
        ("Korbel said much of it was lost", True),
        ("Korbel said the quay", False),
        ("Korbel said, as ever", False),
        ("Korbel argued the case for twelve years", False),
        ("Korbel argued the quay is old", True),
        ("Korbel maintained his “hold” rating on the quay", False),
        ("Korbel asked if it was old", True),
        ("Korbel denied having seen it", True),
        ("Korbel denied the harbor", False),
        ("Korbel said", False),
    ],
)
def test_what_can_be_said_behind_a_cue(text: str, opens: bool) -> None:
    (sentence,) = read(text)
    (candidate,) = CueFinder(GRAMMAR).candidates(sentence)
    assert CONTENTS.opens(sentence, candidate.after, len(sentence), candidate, "") is opens


def test_what_opens_the_words_firmly_decides() -> None:
    (sentence,) = read("Korbel said the quay")
    (candidate,) = CueFinder(GRAMMAR).candidates(sentence)
    assert CONTENTS.opens(sentence, candidate.after, len(sentence), candidate, "colon")

"""Tests of whether the words behind a cue are what was said."""

import pytest

from searchkit.statements.quotes.contents import Contents
from searchkit.statements.quotes.cues import CueFinder
from tests.cases import cases
from tests.statements.scene import GRAMMAR, read

CONTENTS = Contents(GRAMMAR)


@pytest.mark.parametrize(("text", "opens"), cases(__file__, "test_what_can_be_said_behind_a_cue"))
def test_what_can_be_said_behind_a_cue(text: str, opens: bool) -> None:
    (sentence,) = read(text)
    (candidate,) = CueFinder(GRAMMAR).candidates(sentence)
    assert CONTENTS.opens(sentence, candidate.after, len(sentence), candidate, "") is opens


def test_what_opens_the_words_firmly_decides() -> None:
    (sentence,) = read("Korbel said the quay")
    (candidate,) = CueFinder(GRAMMAR).candidates(sentence)
    assert CONTENTS.opens(sentence, candidate.after, len(sentence), candidate, "colon")

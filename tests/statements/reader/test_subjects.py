"""The subject before a verb, and what can be a statement."""

import pytest

from tests.cases import cases
from tests.statements.scene import ENGLISH_READER as READER
from tests.statements.scene import read, words


@pytest.mark.parametrize(("text", "subject"), cases(__file__, "test_the_subject_before_a_verb"))
def test_the_subject_before_a_verb(text: str, subject: str | None) -> None:
    (sentence,) = read(text)
    found = READER.subject_before(sentence, len(sentence))
    assert (None if found is None else words(text, sentence, found)) == subject


@pytest.mark.parametrize(("text", "states"), cases(__file__, "test_what_can_be_a_statement"))
def test_what_can_be_a_statement(text: str, states: bool) -> None:
    line = READER.line(read(text)[0])
    assert READER.ends.states(line, 0, len(line)) is states

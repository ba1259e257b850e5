"""What stands behind a verb of speech: each row of patterns.txt, with what matches and what does not."""

import pytest

from tests.cases import cases
from tests.statements.scene import ENGLISH_READER as READER
from tests.statements.scene import read, words


def opened(text: str) -> tuple[str, str | None]:
    """The row that finds what the first attribution of `text` reports, and those words."""
    sentence = read(text)[0]
    line = READER.line(sentence)
    frame = next(READER.frames.find(line))
    found = READER.complements.behind(line, frame, len(line))
    return ("", None) if found is None else (found.row, words(text, sentence, line.range(found.first, found.last)))


@pytest.mark.parametrize(("text", "row", "content"), cases(__file__, "test_the_words_behind_a_verb"))
def test_the_words_behind_a_verb(text: str, row: str, content: str | None) -> None:
    assert opened(text) == (row, content)


@pytest.mark.parametrize("filler", ["Monday ", "in ", "in a statement ", "March 3 ", "last week ", ", "])
def test_many_adjuncts_hold_no_words(filler: str) -> None:
    text = "Korbel told " + filler * 100
    assert text.startswith(f"Korbel told {filler}{filler}") and opened(text)[0] in {"", "bare"}

"""Characters that need care, through all rooms; `scripts/hostile unicode` takes all of Unicode."""

from pathlib import Path

import pytest

from tests.hostile import letters

# Apostrophes, vowel signs, marks and fillers that fold to nothing, to blanks or to several words, and digits.
_CHARACTERS = (
    "\u02bc\u0e35\u0eb4\u17b6\u102d\uff9e\ufe70\ufc62\ufdfa\u0149"
    "\u3164\u200d\u202e\U000e0100\u0640\u00b2\u0661\u0345\u2160\u4e00"
)


@pytest.mark.slow
def test_characters_that_need_care(tmp_path: Path) -> None:
    assert list(letters.rooms(_CHARACTERS, tmp_path)) == []


def test_every_character_that_unicode_assigns_is_taken() -> None:
    every = letters.characters()
    rows = list(letters.rows(every))
    assert {character for row in rows for word in row for character in word} == set(every)
    assert all(len(row) == 6 for row in rows)

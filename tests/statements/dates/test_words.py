"""The words of dates, by language."""

import pytest

from searchkit.statements.dates.words import LANGUAGES, date_words
from tests.cases import cases


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words(language: str) -> None:
    words = date_words((language,))
    assert set(words.months.values()) == set(range(1, 13))
    assert set(words.weekdays.values()) == set(range(7))
    assert {-1, 0} < set(words.day_words.values())
    assert set(words.units.values()) == {"hour", "day", "week", "month", "year"}
    assert set(words.counts.values()) >= set(range(1, 13))
    assert date_words((language,)) is words


def test_of_all_languages_there_are_the_months_and_the_rest_of_english() -> None:
    words = date_words(LANGUAGES)
    assert (words.months["Mai"], words.months["mai"], words.months["May"]) == (5, 5, 5)
    assert "Monday" in words.weekdays
    assert "Montag" not in words.weekdays


def test_no_language_has_no_words() -> None:
    words = date_words(())
    assert not (words.months or words.weekdays or words.units)
    assert words.which("last week", 0, 5, 9) is None


@pytest.mark.parametrize(("language", "text", "word", "shift"), cases(__file__, "test_last_this_and_next"))
def test_last_this_and_next(language: str, text: str, word: str, shift: int | None) -> None:
    start = text.index(word)
    found = date_words((language,)).which(text, 0, start, start + len(word))
    assert (found[2] if found else None) == shift
    if found:
        assert (found[0], found[1]) == (0, len(text))

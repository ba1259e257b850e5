"""Which differences between two wordings have a meaning."""

import pytest

from searchkit.statements.text import Span, word_key
from searchkit.wording.alike import is_typo
from searchkit.wording.meaning import Side, Token, differences, tokens
from tests.cases import cases


def read(text: str, language: str = "en", *, reported: bool = False) -> tuple[Token, ...]:
    return tokens(text, [Span(0, len(text))], (), language, reported=reported)


def differ(old: str, new: str, language: str = "en", *, reported: bool = False) -> set[str]:
    sides = [
        Side(tokens=read(text, language, reported=reported), text=text, words=word_key(text)) for text in (old, new)
    ]
    return set(differences(*sides, reported=reported))


@pytest.mark.parametrize(("old", "new", "language"), cases(__file__, "test_other_spellings_mean_the_same"))
def test_other_spellings_mean_the_same(old: str, new: str, language: str) -> None:
    assert differ(old, new, language) == set()


@pytest.mark.parametrize(("old", "new", "kinds"), cases(__file__, "test_words_numbers_and_dates_differ"))
def test_words_numbers_and_dates_differ(old: str, new: str, kinds: tuple[str, ...]) -> None:
    assert differ(old, new) == set(kinds)


def test_reported_speech_shifts_tense_and_person() -> None:
    assert differ("he will come", "she would come", reported=True) == set()
    assert differ("it had sunk", "the boat sank", reported=True) == {"word"}
    assert differ("it accepted the plan", "the company accepted the plan", reported=True) == set()
    assert differ("We will come", "We would come") == {"word"}


def test_words_that_the_other_text_has_elsewhere_were_not_edited() -> None:
    old, new = "I trust my men", 'I trust my men." She paused. "But I check every bolt'
    whole = Side(tokens=read(new), text=new, words=word_key(new))
    part = Side(tokens=read(old), text=old, words=word_key(new))
    assert differences(part, whole, reported=False) == set()


@pytest.mark.parametrize(("old", "new", "expected"), cases(__file__, "test_a_typo_leaves_the_word"))
def test_a_typo_leaves_the_word(old: str, new: str, expected: bool) -> None:
    assert is_typo(old, new) is is_typo(new, old) is expected


@pytest.mark.parametrize("text", ["", "²", "٣٤", "n't", "'", "1,234.5.6", "9" * 60, "[", "日本語です。"])
def test_any_text_is_read(text: str) -> None:
    assert differ(text, text) == set()

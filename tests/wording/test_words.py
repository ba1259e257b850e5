"""Spellings of one quote agree, and changes of its sense do not."""

import pytest

from searchkit.statements.text import Span
from searchkit.wording.words import distinctive, kept_words, length, normalized, overlap, raw_words
from tests.cases import cases


def words(text: str) -> list[str]:
    return [word for word, _ in normalized(raw_words(text, (Span(0, len(text)),)))]


@pytest.mark.parametrize(("first", "second"), cases(__file__, "test_spellings_of_the_same_words_agree"))
def test_spellings_of_the_same_words_agree(first: str, second: str) -> None:
    assert words(first) == words(second)


@pytest.mark.parametrize(
    ("written", "number"), [("0.528", "0.528"), ("43.147", "43.147"), ("1.000.000", "1000000"), ("12,5", "12.5")]
)
def test_a_point_is_decimal_unless_it_separates_thousands(written: str, number: str) -> None:
    assert words(written) == [number]


@pytest.mark.parametrize("text", ["five six", "1 2", "ten and four"])
def test_numbers_in_a_row_stay_apart(text: str) -> None:
    assert len([word for word in words(text) if word.isdigit()]) == 2


def test_each_normalized_word_knows_the_word_that_it_was_made_of() -> None:
    text = "forty thousand people don't know"
    assert normalized(raw_words(text, (Span(0, len(text)),))) == [
        ("40000", 0),
        ("people", 2),
        ("do", 3),
        ("not", 3),
        ("know", 4),
    ]


def test_two_characters_of_a_script_without_spaces_count_as_a_word() -> None:
    assert length(raw_words("港口已经关闭", (Span(0, 6),))) == 3


def test_vowel_signs_and_accents_alone_are_not_words() -> None:
    text = "\u0e35 \u0e17\u0e35\u0e48 \u02bc \u0eb4 \u17b6\u102d \u02bca har\ufc62bour"
    assert raw_words(text, (Span(0, len(text)),)) == ["\u0e17", "\u02bca", "har\ufc62bour"]
    assert words(text) == ["\u0e17", "a", "harbor"]
    assert overlap([], ["a", "b"]).words == 0


def test_an_unclosed_bracket_leaves_the_words() -> None:
    assert words("the [old quay") == ["the", "old", "quay"]


def test_what_two_versions_share_is_counted_in_the_shorter_one() -> None:
    common = overlap(words("the quay is closed and we are sorry"), words("the quay is closed"))
    assert (common.share, common.run, common.words, common.contradicts) == (1.0, 1.0, 4, False)


@pytest.mark.parametrize(("first", "second"), cases(__file__, "test_a_negation_or_another_number_contradicts"))
def test_a_negation_or_another_number_contradicts(first: str, second: str) -> None:
    assert overlap(words(first), words(second)).contradicts


def test_a_negation_in_an_omitted_part_does_not_contradict() -> None:
    full = words("we can hear them knocking, though we do not know from where, so they know we are coming")
    assert not overlap(full, words("we can hear them knocking ... so they know we are coming")).contradicts


def test_a_replaced_word_is_counted() -> None:
    assert overlap(words("we build the bridge by spring"), words("we build the bridge by autumn")).replaced == 1


@pytest.mark.parametrize("other", ["we planned the bridge by spring", "we plan the bridge by spring"])
def test_another_ending_replaces_no_word(other: str) -> None:
    assert overlap(words("we plan the bridges by spring"), words(other)).replaced == 0


def test_kept_words_are_ranges_of_the_fullest_version() -> None:
    assert kept_words(words("a b c d e f g h"), words("b c d and g h")) == [range(1, 4), range(6, 8)]


def test_set_phrases_have_no_distinctive_words() -> None:
    assert distinctive(words("We will vigorously defend ourselves against these allegations in court")) == 0
    assert distinctive(words("An island that goes to bed at ten will wake up poor")) >= 3

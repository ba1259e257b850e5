"""Sentences as tokens: quotations are one token, names know their mention, offsets stay those of the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.quotes.reading import MOST_TOKENS
from searchkit.statements.text import normalize
from tests.cases import cases
from tests.statements.scene import read


@pytest.mark.parametrize(("text", "low"), cases(__file__, "test_tokens"))
def test_tokens(text: str, low: tuple[str, ...]) -> None:
    (sentence,) = read(text)
    assert tuple(sentence.low) == low
    assert len(sentence) == len(low)


def test_words_in_marks_end_no_sentence_unless_they_end_it() -> None:
    assert len(read("Korbel said “It is old. It is wet. Go.” The quay closed.")) == 2
    assert len(read("Korbel called “no way. no how” on the radio.")) == 1


def test_a_quoted_stretch_keeps_its_number_and_its_span() -> None:
    text = "“It is old,” Korbel said, “and it is wet.”"
    (sentence,) = read(text)
    assert [number for number in sentence.quoted if number >= 0] == [0, 1]
    assert sentence.range(0, 1).of(text) == "“It is old,”"
    assert sentence.range(len(sentence) - 1, len(sentence)).of(text) == "“and it is wet.”"


def test_a_name_covers_all_its_tokens_and_no_more() -> None:
    (sentence,) = read("Then Nadia Korbel of the Ostrava Trade Office left.")
    assert [mention.name if mention else None for mention in sentence.named] == [
        *(None, "Nadia Korbel", "Nadia Korbel", None, None),
        *("Ostrava Trade Office", "Ostrava Trade Office", "Ostrava Trade Office", None),
    ]


def test_the_longer_of_two_names_wins_and_a_quotation_has_none() -> None:
    (sentence,) = read("The Ostrava Trade Office met “Igor Malt” there.", place="Ostrava")
    kinds = [mention.kind if mention else None for mention in sentence.named]
    assert kinds == [None, "agency", "agency", "agency", None, None, None]


def test_a_possessive_belongs_to_its_name() -> None:
    (sentence,) = read("Korbel's plan failed.")
    assert sentence.named[0] is not None
    assert sentence.named[1] is None


def test_a_sentence_knows_its_paragraph() -> None:
    assert [sentence.paragraph for sentence in read("One came. Two left.\n\nThree stayed.")] == [0, 0, 1]


def test_a_stretch_over_two_paragraphs_is_a_token_in_each() -> None:
    first, second = read("Korbel said: “The quay is old.\n\n“It is wet.” She left.")[:2]
    assert first.quoted[-1] == second.quoted[0] == 0


def test_a_table_is_cut_off() -> None:
    (sentence,) = read("x " * 5_000)
    assert len(sentence) == MOST_TOKENS + 1


_PIECES = st.sampled_from(
    ["Korbel", "“", "”", '"', "''", " ", ". ", "\n\n", "—", "(", "’s", "İ", "ß", "Igor Malt", "a"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_tokens_stand_in_order_inside_their_sentence(raw: str) -> None:
    text = normalize(raw)
    for sentence in read(text):
        position = sentence.span.start
        for number in range(len(sentence)):
            assert position <= sentence.start[number] < sentence.end[number] <= sentence.span.end
            position = sentence.end[number]
            if sentence.quoted[number] < 0:
                assert text[sentence.start[number] : sentence.end[number]] == sentence.raw[number]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["“" * 100_000, "a’" * 100_000, "“a” " * 20_000, "x. " * 30_000, "w" * 300_000])
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    read(text)


@pytest.mark.parametrize(
    ("text", "count"), cases(__file__, "test_an_abbreviation_before_a_quoted_sentence_ends_its_own")
)
def test_an_abbreviation_before_a_quoted_sentence_ends_its_own(text: str, count: int) -> None:
    assert len(read(text)) == count

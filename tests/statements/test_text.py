import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.text import (
    Span,
    fold,
    fold_words,
    mixed_words,
    name_key,
    normalize,
    paragraphs,
    person_key,
    redacted,
    safe_json,
    sentences,
    slug,
    visible,
)
from tests.cases import cases
from tests.limits import processor_time_below


def _sentences(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


def test_clean_text_stays_as_it_is() -> None:
    text = "First line.\n\nSecond  paragraph, with “marks” and\ttabs – and 天地."
    assert normalize(text) == text


def test_words_that_mix_alphabets() -> None:
    text = (
        "Nadia K\u043erbel met M\u0430\u200blt, \u039dadia and K\u043erbel. TNF\u03b1, IT-\u043a\u043e\u043c, k\u03a9"
    )
    assert mixed_words(text) == ("K\u043erbel", "M\u0430lt", "\u039dadia")


def test_line_ends_controls_and_fillers() -> None:
    assert normalize("a\r\nb\rc\u2028d\x00e\u00adf\ufeffg\u200bh") == "a\nb\nc\nd" + "efgh"
    assert normalize("\n  body\n\n ") == "\n  body"
    assert normalize("cafe\u0301") == "café"
    assert normalize("a\ud800b") == "a\ufffdb"


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(st.text())
def test_paragraphs_and_sentences_are_in_order_and_trimmed(text: str) -> None:
    text = normalize(text)
    for spans in (list(paragraphs(text)), list(sentences(text))):
        assert all(left.end <= right.start for left, right in pairwise(spans))
        assert all(span.of(text) == span.of(text).strip() != "" for span in spans)


def test_blank_lines_and_single_lines_end_paragraphs() -> None:
    text = "One is here.\n\nTwo is here.\nThree is here."
    assert [span.of(text) for span in paragraphs(text)] == ["One is here.", "Two is here.", "Three is here."]


def test_two_lines_are_one_paragraph_inside_a_sentence() -> None:
    first = "The office said on Monday that the maker of optical"
    assert len(paragraphs(f"{first}\nparts had ignored its letters.")) == 1
    assert len(paragraphs(f"{first}\nParts had been ignored.")) == 2
    assert len(paragraphs(f"{first}.\nparts had been ignored.")) == 2


def test_a_mark_after_the_stop_belongs_to_the_sentence() -> None:
    assert _sentences('"Stop." She left.') == ['"Stop."', "She left."]
    assert _sentences("他走了。她来了。") == ["他走了。", "她来了。"]
    assert _sentences("no stops at all") == ["no stops at all"]


def test_sentences_of_a_part() -> None:
    text = "Left out. One. Two."
    assert [span.of(text) for span in sentences(text, Span(10, 19))] == ["One.", "Two."]


def test_keys() -> None:
    assert fold("Müller’s ÉTAT") == "muller's etat"
    assert fold("Ma\u200blt كتاب") == fold("Malt کتاب")
    assert fold_words(["ʼ", "\uff9e", "\u0e35", "\u200b", "\ufe70"]) == ["'", "\uff9e", "\u0e35", "\u200b", "\ufe70"]
    assert name_key("U.S. Gov't") == "us gov t"
    assert slug("Meridian Optics, Ltd.") == "meridian-optics-ltd"


def test_spans() -> None:
    assert Span(0, 3).overlaps(Span(2, 5))
    assert not Span(0, 3).overlaps(Span(3, 5))
    assert Span(0, 5).covers(Span(1, 5))


@pytest.mark.parametrize(("text", "count"), cases(__file__, "test_a_german_ordinal_ends_no_sentence"))
def test_a_german_ordinal_ends_no_sentence(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


def test_a_german_closing_mark_belongs_to_the_sentence_it_closes() -> None:
    text = "Lindholt sagte: „Der Kai ist zu.“ Dann ging er."
    assert [span.of(text) for span in sentences(text)] == ["Lindholt sagte: „Der Kai ist zu.“", "Dann ging er."]


def test_abbreviations_in_any_place() -> None:
    assert len(list(sentences("Dr. Lind met J. Malt of Veltra Inc. Friday. It rained."))) == 2
    assert len(list(sentences("(St. Orlin is old.) It rained."))) == 2


@given(st.lists(st.text(min_size=1).filter(lambda word: not word.isspace() and " " not in word)))
def test_words_are_folded_together_as_they_are_alone(words: list[str]) -> None:
    assert fold_words(words) == [fold(word) for word in words]


@given(st.text())
def test_a_name_key_has_single_spaces_and_no_accents(text: str) -> None:
    key = name_key(text)
    assert key == " ".join(key.split())


@pytest.mark.parametrize(("text", "shown"), cases(__file__, "test_secrets_in_addresses_are_redacted"))
def test_secrets_in_addresses_are_redacted(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown


def test_redaction_is_linear() -> None:
    for unit in ("://", "?a_", "&key=", "?token", "@", "://a@"):
        with processor_time_below(2):
            redacted(unit * 100_000 + "=@")


def test_safe_json() -> None:
    odd = {"a\x1b": ["\u202e", "\ud800", "\x9b", "\x7f", "é"]}
    written = safe_json(odd)
    assert visible(written) == written
    assert "é" in written
    assert json.loads(written) == odd


def test_a_name_without_letters_stays_as_it_is() -> None:
    assert [person_key(name) for name in ("", " ", "9", "Helvi R. Sandqvort")] == ["", " ", "9", "Helvi Sandqvort"]

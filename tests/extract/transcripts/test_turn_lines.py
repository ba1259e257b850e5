"""Labels before the words of a paragraph, and the entries of a live blog."""

import pytest

from searchkit.extract.transcripts import turn_lines
from searchkit.extract.transcripts.turn_lines import entry_starts
from searchkit.text import paragraphs
from tests.cases import cases
from tests.extract.scene import ENGLISH


def read(text: str) -> list[tuple[str, str, str]]:
    """Sort, label and words of each line of `text`."""
    assert ENGLISH is not None
    spans = paragraphs(text)
    lines = turn_lines.find(text, spans, ENGLISH)
    return [(line.kind, line.name.of(text), text[line.start : spans[line.paragraph].end]) for line in lines]


@pytest.mark.parametrize(("line", "sort", "label", "words"), cases(__file__, "test_a_label"))
def test_a_label(line: str, sort: str, label: str, words: str) -> None:
    assert read(line) == [(sort, label, words)]


@pytest.mark.parametrize("line", cases(__file__, "test_no_label"))
def test_no_label(line: str) -> None:
    assert read(line) == []


def test_an_answer_with_a_stop_needs_a_question_before_it() -> None:
    assert [sort for sort, _, _ in read("Q. Is it old?\n\nA. It is.")] == ["question", "answer"]


def test_a_small_letter_is_a_word() -> None:
    assert [sort for sort, _, _ in read("a: it is.\n\nq: is it?")] == ["name", "name"]


def words(*lines: str) -> list[str]:
    """The words of each entry."""
    text = "\n\n".join(lines)
    spans = paragraphs(text)
    return [text[start : spans[number].end] for number, start in entry_starts(text, spans).items()]


@pytest.mark.parametrize(
    "clock", ["14:05", "9.30am", "9:30 a.m.", "9:30 p.m. ET", "14:05 GMT", "[14:05]", "14:05 –", "14:05 |", "14h05"]
)
def test_the_time_is_no_part_of_the_words(clock: str) -> None:
    assert words(f"{clock} It is old.", f"{clock} It is wet.", f"{clock} It closes.") == [
        "It is old.",
        "It is wet.",
        "It closes.",
    ]


def test_two_times_make_no_live_blog() -> None:
    assert words("14:05 It is old.", "It is wet.", "15:10 It closes.") == []


@pytest.mark.parametrize(
    "line", ["14:05", "14.05.2026 It is old.", "12:30:15 It is old.", "2:1 It is old.", "14 It is."]
)
def test_other_numbers(line: str) -> None:
    assert words(line, line, line) == []

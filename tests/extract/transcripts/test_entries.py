"""Entries of a live blog."""

import pytest

from searchkit.extract.transcripts import entries
from searchkit.text import paragraphs


def words(*lines: str) -> list[str]:
    """The words of each entry."""
    text = "\n\n".join(lines)
    spans = paragraphs(text)
    return [text[start : spans[number].end] for number, start in entries.find(text, spans).items()]


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

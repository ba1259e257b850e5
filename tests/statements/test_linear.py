"""The time that extraction takes grows with the length of a text, whatever the text is.

What is compared are two times of one process, so a slow or busy machine cannot fail it; only growth can.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article
from searchkit.statements.text import normalize, paragraphs
from tests.cases import cases

pytestmark = [pytest.mark.slow, pytest.mark.long]

# The short text has some 2,000 characters, the long one as many times more. Linear growth makes the long one take this
# many times longer, quadratic growth its square: 256. Five times the linear share is left to caches and chance.
_TIMES = 16
_SHORT = 2_000
_SLACK = 5
# Below this the clock says little; in seconds.
_FLOOR = 0.002

# What the rules look for, and what traps them: marks that never close, cues, names, titles, brackets, dates, lists.
_FRAGMENTS = (
    *("“", '"', "'", "‘", "„", "«", "「", "''", "”", "’", "»"),
    *("Nadia Korbel", "Korbel", "Ministry of", "the", "The official", "U.S.", "BIS", "(BIS)", "X", "van der", "Mr."),
    *("said", "said that", "according to", "denied", "he said", "told", "saying", "and that", "asked", "WALLACE:"),
    *(",", ".", "—", "-", ":", ";", "(", ")", "!", "?", "|", "#", "•", "\n", "\n\n", "  ", "\t", "\u200b", "\u0301"),
    *"Dec. 15|2022-12-15|on Monday|15|sagte|laut|selon|a déclaré|天地玄黄".split("|"),
    *'\n—Si|, —dijo|—. |– Nej, säger|\n- |»|「行か。|」と述べ|״א|ב"ג'.split("|"),
    *("x" * 40, "Ä" * 20),
)
_pieces = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=6)), min_size=1, max_size=12)


def _seconds(unit: str, length: int, language: str | None) -> float:
    text = normalize((unit * (length // len(unit) + 1))[:length])
    article = Article(uri="file:x", text=text, paragraphs=paragraphs(text), language=language)
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        annotate(article)
        best = min(best, time.process_time() - start)
    return best


def _check(unit: str, language: str | None) -> None:
    _seconds(unit, _SHORT, language)  # word lists are read once
    assert any(_is_linear(unit, language) for _ in range(3))  # a busy machine may disturb one measurement


def _is_linear(unit: str, language: str | None) -> bool:
    short = max(_seconds(unit, _SHORT, language), _FLOOR)
    return _seconds(unit, _SHORT * _TIMES, language) < short * _TIMES * _SLACK


@settings(max_examples=40, deadline=None)
@given(
    pieces=_pieces,
    joint=st.sampled_from([" ", "", "\n"]),
    language=st.sampled_from(["en", "de", "fr", "zh", "es", "sv", None]),
)
def test_twice_the_text_takes_twice_the_time(pieces: list[str], joint: str, language: str | None) -> None:
    unit = joint.join(pieces) + joint
    if unit.strip():
        _check(unit, language)


# Each piece once made one rule slow, or nearly matches a bounded pattern.


@pytest.mark.parametrize("unit", cases(__file__, "test_a_repeated_piece_takes_linear_time"))
def test_a_repeated_piece_takes_linear_time(unit: str) -> None:
    _check(unit, "en")

"""Single words and rows of words of a text: those, and at the places, that tables of all its words tell."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.analysis import places, words
from searchkit.index.lone_words import LoneWords
from searchkit.index.passages import Passage, Passages
from searchkit.query import ast
from searchkit.text import Span

TEXT = "“Cranes,” the crane's keeper (a Crâne) said: craning U.S. cranes-to-be—crane... stood by A.B. Crane.\nCraned!"

WORDS = ("crane", "cranes", "Crâne", "craning", "crate", "stood", "U.S", "a", "7", "天", "'s", "’s", "e\u0301")
BETWEEN = ("'", ".", ", ", "-", " ", "  ", "\n\n", "“", '"', "\u00ad", "\u200b", "\ufeff", "\u3000")
pieces = st.sampled_from((*WORDS, *BETWEEN))
# Texts of plain letters alone are read in another way.
plain = st.sampled_from(
    (
        *(piece for piece in (*WORDS, *BETWEEN) if piece.isascii()),
        "u.s",
        "CRANE",
        "_",
        "\t",
        "`",
        "a" * 70,
        "crane" * 52,
    )
)
texts = st.one_of(st.lists(pieces, max_size=40).map("".join), st.lists(plain, max_size=40).map("".join))
one_word = st.sampled_from(["crane", "cranes", "crate", "us", "a", "s", "7", "天", "cr", "crâne", "u.s."])
nodes = st.one_of(
    st.builds(lambda text: ast.Term(text=text), one_word),
    st.builds(lambda text: ast.Prefix(text=text), one_word),
    st.builds(lambda text, distance: ast.Fuzzy(text=text, distance=distance), one_word, st.integers(1, 2)),
    st.lists(one_word, min_size=1, max_size=4).map(lambda row: ast.Phrase(text=" ".join(row))),
    st.lists(one_word, min_size=1, max_size=3).map(lambda row: ast.Term(text="-".join(row))),
)


def _by_tables(text: str, node: ast.Node) -> list[Span]:
    at = places(text)
    return [Span(at[first][0], at[last][1]) for first, last in Passage(text).places(node)]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (ast.Term(text="crane"), ["Cranes", "crane", "Crâne", "craning", "cranes", "crane", "Crane", "Craned"]),
        (ast.Term(text="U.S."), ["U.S."]),
        (ast.Prefix(text="craning"), ["craning"]),
        (ast.Fuzzy(text="stod", distance=1), ["stood"]),
        (ast.Term(text="heron"), []),
        (ast.Term(text="to-be"), ["to-be"]),
        (ast.Phrase(text="crane"), ["crane", "Crâne", "crane", "Crane"]),
        (ast.Phrase(text="the crane keeper"), ["the crane's keeper"]),
        (ast.Phrase(text="keeper crane"), []),
    ],
)
def test_words_are_found_where_they_stand(node: ast.Node, expected: list[str]) -> None:
    found = LoneWords(TEXT).spans(node)
    assert found is not None
    assert [span.of(TEXT) for span in found] == expected


@pytest.mark.parametrize(
    "node",
    [
        ast.Prefix(text="cranes-to"),
        ast.Term(text="..."),
        ast.Phrase(text="the keeper", slop=1),
        ast.Phrase(text="a " * 9),
        ast.Exact(text="crane"),
        ast.All(),
    ],
)
def test_what_is_neither_a_word_nor_a_short_row_is_not_answered(node: ast.Node) -> None:
    assert LoneWords(TEXT).spans(node) is None
    assert LoneWords(TEXT).holding(node, [Span(0, len(TEXT))]) is None


@given(texts, nodes)
def test_every_word_stands_where_the_tables_have_it(text: str, node: ast.Node) -> None:
    found = LoneWords(text).spans(node)
    if found is not None:
        assert found == _by_tables(text, node)


@given(texts, nodes, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_parts_that_are_told_hold_what_they_hold_by_themselves(
    text: str, node: ast.Node, cuts: list[tuple[int, int]]
) -> None:
    parts = [Span(min(*cut, len(text)), min(max(cut), len(text))) for cut in cuts]
    found = LoneWords(text).holding(node, parts)
    if found is not None:
        assert found == Passages([part.of(text) for part in parts]).holding(node)


def test_after_many_words_or_for_many_spellings_the_tables_are_left_to_answer() -> None:
    lone = LoneWords(TEXT)
    assert all(lone.spans(ast.Term(text=f"word{number}")) == [] for number in range(16))
    assert lone.spans(ast.Term(text="crane")) is None
    assert lone.spans(ast.Term(text="word0")) == []
    assert LoneWords(" ".join(f"crane{'!' * number}" for number in range(9))).spans(ast.Term(text="crane")) is None


@pytest.mark.parametrize("text", ["crane " * 50_000, "crane-" * 50_000, "a" * 300_000, "crane! ! " * 30_000 + "crane"])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    lone = LoneWords(text)
    found = [
        lone.spans(node)
        for node in (
            ast.Term(text="crane"),
            ast.Prefix(text="cra"),
            ast.Fuzzy(text="crone", distance=1),
            ast.Phrase(text="crane crane"),
        )
    ]
    assert all(spans is None or len(spans) <= len(words(text)) for spans in found)
    assert time.process_time() - started < 10  # seconds; it grows with the length, not with its square

"""Test places in a passage against the oracle, which tries every pair of words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.analysis import places, words
from searchkit.index.passages import Finder, Passage, Place, finder_of
from searchkit.query import ast
from searchkit.query.parser import parse
from searchkit.statements.text import Span
from tests.cases import cases
from tests.limits import processor_time_below
from tests.oracle.row_matching import occurrences

TEXT = "The cranes stood still; a crane stands still, and fox-it stood near the Crâne's foxes."


def _found(node: ast.Node, text: str = TEXT) -> list[str]:
    passage = words(text)
    return [" ".join(passage[first : last + 1]) for first, last in Passage(text).places(node)]


@pytest.mark.parametrize(("query", "expected"), cases(__file__, "test_places"))
def test_places(query: str, expected: tuple[str, ...]) -> None:
    assert tuple(_found(parse(query, today=date(2026, 1, 1)).tree)) == expected


@pytest.mark.parametrize("node", [ast.Regex(pattern="cranes"), ast.Term(text="...")])
def test_a_node_without_words_has_no_places(node: ast.Node) -> None:
    assert _found(node) == []


vocabulary = st.sampled_from(["crane", "cranes", "crate", "still", "stood", "天"])
passages = st.lists(vocabulary, max_size=24)
phrases = st.lists(vocabulary, min_size=1, max_size=3).map(" ".join)
leaves = st.one_of(
    st.builds(lambda text: ast.Term(text=text), vocabulary),
    st.builds(lambda text, slop: ast.Phrase(text=text, slop=slop), phrases, st.integers(0, 4)),
    st.builds(lambda text: ast.Prefix(text=text), st.sampled_from(["cra", "st", "crane st"])),
    st.builds(lambda text, distance: ast.Fuzzy(text=text, distance=distance), vocabulary, st.integers(1, 2)),
)


@given(passages, leaves)
def test_places_match_the_oracle(passage: list[str], node: ast.Node) -> None:
    if isinstance(node, ast.Term):
        node = ast.Phrase(text=node.text)  # the oracle's places are of words as written
    every, found = occurrences(node, passage), Passage(" ".join(passage)).places(node)
    nearest: dict[int, Place] = {}
    for place in sorted(every):
        nearest.setdefault(place[0], place)
    assert found == sorted(nearest.values())


@given(passages, leaves, leaves, st.integers(0, 5), st.booleans())
def test_near_matches_the_oracle(
    passage: list[str], left: ast.Node, right: ast.Node, distance: int, ordered: bool
) -> None:
    node = ast.Near(left=left, right=right, distance=distance, ordered=ordered)
    expected = set()
    for one in occurrences(left, passage):
        for other in occurrences(right, passage):
            follows = 0 <= other[0] - one[1] - 1 <= distance
            if follows or (not ordered and 0 <= one[0] - other[1] - 1 <= distance):
                expected |= {one, other}
    assert Passage(" ".join(passage)).places(node) == sorted(expected)
    assert bool(expected) is bool(occurrences(node, passage))


@pytest.mark.parametrize(
    ("written", "expected"),
    [("cranes stood", True), ("still; a", True), ("still, a", False), ("ane", False), (";", True), ("!", False)],
)
def test_exact_compares_characters(written: str, expected: bool) -> None:
    assert bool(Passage(TEXT).spans([finder_of(ast.Exact(text=written))])) is expected


pieces = st.sampled_from(
    (
        *"crane CRANE cranes Crâne craning crate stood U.S u.s US us C.R.A.N.E a 7 ' ’s “ … 's . , - _ ` 天 \xad".split(
            " "
        ),
        " ",
        "  ",
        "\n\n",
        "\t",
    )
)
one_word = st.sampled_from(["crane", "cranes", "us", "a", "s", "7", "cr", "crâne", "u.s.", "crane's", "天"])
rows = st.lists(st.sampled_from(["crane", "stood", "us", "a"]), min_size=2, max_size=3).map(" ".join)


@given(
    st.lists(pieces, max_size=40).map("".join),
    st.one_of(
        st.one_of(one_word, rows).map(lambda text: ast.Term(text=text)),
        rows.map(lambda text: ast.Phrase(text=text)),
        one_word.map(lambda text: ast.Prefix(text=text)),
        st.builds(lambda text, distance: ast.Fuzzy(text=text, distance=distance), one_word, st.integers(1, 2)),
    ),
)
def test_words_are_found_in_parts_of_a_text_as_in_all_of_it(text: str, node: ast.Node) -> None:
    at = places(text)
    expected = {Span(at[first][0], at[last][1]) for first, last in Passage(text).places(node)}
    found = Passage(text).spans([finder_of(node)])
    assert found == sorted(expected, key=lambda span: span.start)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["crane " * 50_000, "crane-" * 50_000, "a" * 300_000, "crane! ! " * 30_000 + "crane", "crane " * 50_000 + "aa"],
)
def test_no_single_word_takes_long(text: str) -> None:
    with processor_time_below(10):  # seconds; it grows with the length, not with its square
        nodes = [ast.Prefix(text="cra"), ast.Prefix(text="aa"), ast.Fuzzy(text="crone", distance=1)]
        for node in (*nodes, ast.Term(text="crane"), ast.Phrase(text="crane crane"), ast.Phrase(text="crane aa crane")):
            assert len(Passage(text).spans([finder_of(node)])) <= len(words(text))


@pytest.mark.slow
def test_no_passage_takes_long() -> None:
    passage = Passage("crane " * 20_000)
    with processor_time_below(10):  # seconds; it grows with the length, not with its square
        phrase = ast.Phrase(text="crane crane crane", slop=1_000)
        for node in (
            phrase,
            ast.Near(left=phrase, right=phrase, distance=1_000),
            ast.Near(left=ast.Term(text="crane"), right=ast.Term(text="crate"), distance=1_000),
            ast.Phrase(text="crane " * 200),
        ):
            passage.places(node)


@pytest.mark.parametrize(
    "node",
    [
        ast.Term(text="cranes"),
        ast.Term(text="US"),
        ast.Phrase(text="us"),
        ast.Prefix(text="cra"),
        ast.Fuzzy(text="crane", distance=1),
    ],
)
@given(
    part=st.lists(
        st.sampled_from(["crane", "Cranes", "US", "us", "s", ".", "'", ",", "(", "-", "_", "é", "1"]), max_size=5
    )
)
def test_parts_of_one_word_are_read_as_other_texts(node: ast.Node, part: list[str]) -> None:
    text = "".join(part)
    at = places(text)
    expected = [(at[first][0], at[last][1]) for first, last in Passage(text).places(node)]
    assert [*Finder(node).places_in(text)] == expected

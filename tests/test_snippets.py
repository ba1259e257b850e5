from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.query import ast
from searchkit.query.ast import Node
from searchkit.query.parser import parse
from searchkit.snippets import WIDTH, Snippet, marked, matches, snippets
from searchkit.text import Span, normalize, paragraphs

TEXT = (
    "Regulators meet twice a year. The double standards of suppliers were noted.\n"
    "A double standard was denied by Meridian Optics. Warnings came in March."
)


def _tree(query: str) -> Node:
    return parse(query, today=date(2026, 3, 4)).tree


def _found(query: str, text: str = TEXT) -> list[str]:
    return [span.of(text) for span in matches(text, _tree(query))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("standard", ["standards", "standard"]),  # a word matches its other forms
        ('"double standard"', ["double standard"]),  # a phrase does not, and is one mark
        ("warn*", ["Warnings"]),
        ("merdian~1", ["Meridian"]),
        ("meridian -optics", ["Meridian"]),  # what is excluded is not marked
        ("speaker:Meridian", []),  # a name asked for elsewhere is not marked in the text
        ('body:"twice a year" OR title:March', ["twice a year", "March"]),
        ('"double was"~1', ["double standard was"]),
        ("quote:{optics speaker:x}", ["Optics"]),
        ("double NEAR/2 denied", ["double", "double", "denied"]),
        ("*", []),
    ],
)
def test_only_what_was_asked_for_is_marked(query: str, expected: list[str]) -> None:
    assert _found(query) == expected


def test_accents_and_possessives_do_not_hide_a_match() -> None:
    assert _found("muller", "Said Müller’s office.") == ["Müller"]


def test_the_best_sentences_are_shown_in_reading_order() -> None:
    shown = snippets(TEXT, _tree("double standard warnings"), within=paragraphs(TEXT))
    assert [snippet.text for snippet in shown] == [
        "The double standards of suppliers were noted.",
        "A double standard was denied by Meridian Optics.",
    ]
    assert [mark.of(shown[1].text) for mark in shown[1].marks] == ["double", "standard"]
    assert all(snippet.span.of(TEXT) == snippet.text for snippet in shown)


def test_a_hit_without_words_shows_its_first_sentence() -> None:
    (only,) = snippets(TEXT, _tree("*"), within=paragraphs(TEXT))
    assert (only.text, only.marks) == ("Regulators meet twice a year.", ())
    assert snippets("", _tree("*"), within=()) == ()


def test_a_long_sentence_is_cut_around_its_match() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    (only,) = snippets(text, _tree("needle"), within=paragraphs(text), width=80)
    assert only.text.startswith("… word") and only.text.endswith(" …")
    assert len(only.text) < 100
    assert [mark.of(only.text) for mark in only.marks] == ["needle"]


def test_one_endless_word_is_cut_as_well() -> None:
    text = "x" * 5000
    (only,) = snippets(text, _tree("y"), within=paragraphs(text), width=80)
    assert len(only.text) < 100


def test_a_statement_is_shown_whole() -> None:
    span = Span(TEXT.index("A double"), len(TEXT))
    shown = marked(TEXT, span, _tree("optics"))
    assert shown.text == span.of(TEXT)
    assert [mark.of(shown.text) for mark in shown.marks] == ["Optics"]


# --- laws -----------------------------------------------------------------------------------------------------------

# Words that match, words that do not, and what may stand between them.
pieces = st.sampled_from(["crane", "cranes", "Crâne", "crate", "still", "天地", "x" * 300, "e\u0301"])
gaps = st.sampled_from([" ", ", ", ". ", ".\n\n", "\n", "\t", " — ", "\u00a0"])
texts = st.lists(st.tuples(pieces, gaps), max_size=60).map(
    lambda parts: normalize("".join(piece + gap for piece, gap in parts))
)
leaves = st.sampled_from(
    [
        ast.Term(text="crane"),
        ast.Term(text="天地"),
        ast.Phrase(text="crane still"),
        ast.Phrase(text="crane crate", slop=2),
        ast.Exact(text="cranes, still"),
        ast.Prefix(text="cra"),
        ast.Fuzzy(text="crane", distance=1),
        ast.Near(left=ast.Term(text="crane"), right=ast.Term(text="still")),
        ast.Field(name="speaker", value=ast.Term(text="crane")),
        ast.Not(child=ast.Term(text="still")),
        ast.Scope(inner=ast.Term(text="crate")),
        ast.All(),
    ]
)
queries = st.one_of(leaves, st.lists(leaves, min_size=2, max_size=3).map(lambda nodes: ast.Or(children=tuple(nodes))))


def _check(snippet: Snippet, text: str) -> None:
    before = 2 if snippet.text.startswith("… ") and not snippet.span.of(text).startswith("… ") else 0
    words = snippet.span.of(text)
    shown = snippet.text[before : before + len(words)]
    assert shown.split() == words.split()
    assert len(snippet.text.splitlines()) <= 1
    position = 0
    for mark in snippet.marks:
        assert position <= mark.start < mark.end <= before + len(words)
        position = mark.end


@given(texts, queries, st.integers(1, 4), st.integers(20, WIDTH))
def test_snippets_are_passages_of_the_text(text: str, query: ast.Node, count: int, width: int) -> None:
    within = paragraphs(text)
    found = snippets(text, query, within=within, count=count, width=width)
    assert len(found) <= count
    assert bool(found) is bool(within)
    starts = [snippet.span.start for snippet in found]
    assert starts == sorted(set(starts))
    for snippet in found:
        _check(snippet, text)
        assert len(snippet.span.of(text)) <= width + 40  # back to the start of a word
        assert any(paragraph.covers(snippet.span) for paragraph in within)


@given(texts, queries)
def test_every_mark_is_a_match_of_the_text(text: str, query: ast.Node) -> None:
    spans = matches(text, query)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    words = {" ".join(span.of(text).split()) for span in spans}
    for snippet in snippets(text, query, within=paragraphs(text), count=9, width=10_000):
        for mark in snippet.marks:
            shown = " ".join(mark.of(snippet.text).split())
            assert any(word.startswith(shown) for word in words)  # cut where the sentence ends
    assert bool(spans) is any(snippet.marks for snippet in snippets(text, query, within=paragraphs(text), count=99))


@given(texts, queries, st.data())
def test_a_statement_is_marked_within_itself(text: str, query: ast.Node, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    snippet = marked(text, span, query)
    assert snippet.span == span
    assert len(snippet.text) == span.end - span.start
    _check(snippet, text)
    assert snippet.marks == matches(span.of(text), query)


def test_a_phrase_over_the_end_of_a_paragraph_is_shown_where_it_begins() -> None:
    text = "Hall nine.\n\nThe cranes stand\n\nstill since Friday."
    (snippet,) = snippets(text, ast.Phrase(text="stand still"), within=paragraphs(text))
    assert (snippet.text, snippet.marks) == ("The cranes stand", (Span(11, 16),))

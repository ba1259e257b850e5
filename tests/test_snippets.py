from datetime import date

import pytest

from searchkit.query.ast import Node
from searchkit.query.parser import parse
from searchkit.snippets import marked, matches, snippets
from searchkit.text import Span, paragraphs

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

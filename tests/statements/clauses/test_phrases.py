"""Clauses and noun phrases of German and French sentences."""

import pytest

from searchkit.statements.clauses.phrases import ClauseGrammar, Clauses
from searchkit.statements.names import finding as names
from searchkit.statements.packs import pack_for
from searchkit.statements.quotes import marks
from searchkit.statements.quotes.reading import Reader
from tests.cases import cases
from tests.statements.scene import article


def clauses(text: str, language: str = "de") -> Clauses:
    """The first sentence of `text`."""
    scene = article(text, language=language)
    pack = pack_for(language)
    assert pack is not None
    reader = Reader(text, marks.find(text, scene.paragraphs), names.find(scene))
    return Clauses(ClauseGrammar(pack), next(reader.sentences(scene.paragraphs[0], 0)))


def phrase(text: str, language: str = "de", at: int = 0) -> str:
    """The noun phrase that begins with token `at`."""
    read = clauses(text, language)
    end = read.phrase_end(at, read.size)
    return read.sentence.range(at, end).of(text) if end > at else ""


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_a_german_phrase_ends_with_its_last_capital"))
def test_a_german_phrase_ends_with_its_last_capital(text: str, found: str) -> None:
    assert phrase(text) == found


@pytest.mark.parametrize(("text", "found"), cases(__file__, "test_a_french_phrase_runs_up_to_a_word_that_ends_it"))
def test_a_french_phrase_runs_up_to_a_word_that_ends_it(text: str, found: str) -> None:
    assert phrase(text, "fr") == found


def test_parts_end_at_commas_but_not_in_brackets() -> None:
    read = clauses("Der Kai (alt, grau) ist zu, sagte er.")
    assert read.start(2) == 0
    assert read.low[read.end(0)] == ","
    assert read.low[read.start(read.end(0) + 1)] == "sagte"


@pytest.mark.parametrize(("text", "main"), cases(__file__, "test_a_main_clause_has_its_verb_second"))
def test_a_main_clause_has_its_verb_second(text: str, main: bool) -> None:
    assert clauses(text).is_main(0) is main


def test_the_mood_depends_on_the_spelling() -> None:
    assert clauses("Der Kai würde gesperrt.").has_mood(0, 4)
    assert not clauses("Der Kai wurde gesperrt.").has_mood(0, 4)


def test_a_phrase_is_found_from_its_end() -> None:
    text = "Es lag den Angaben der Werft zufolge am Kran."
    read = clauses(text)
    at = read.low.index("zufolge")
    assert read.sentence.range(read.phrase_start(at, 0), at).of(text) == "den Angaben der Werft"

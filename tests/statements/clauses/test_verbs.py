"""Verbs of speech in German and French: particles, auxiliaries, attached pronouns."""

import pytest

from searchkit.statements.clauses.reports import ClauseReader
from searchkit.statements.clauses.verbs import Verb
from searchkit.statements.packs import pack_for
from tests.cases import cases
from tests.statements.clauses.test_phrases import clauses


def only(text: str, language: str = "de") -> Verb | None:
    """The only verb of speech in `text`."""
    pack = pack_for(language)
    assert pack is not None
    found = ClauseReader(pack).verbs.mark(clauses(text, language))
    assert len(found) < 2
    return next(iter(found.values()), None)


@pytest.mark.parametrize(("text", "lemma"), cases(__file__, "test_german_verbs"))
def test_german_verbs(text: str, lemma: str) -> None:
    verb = only(text)
    assert verb is not None
    assert verb.cue.lemma == lemma


@pytest.mark.parametrize("text", cases(__file__, "test_what_is_no_german_verb_of_speech"))
def test_what_is_no_german_verb_of_speech(text: str) -> None:
    assert only(text) is None


@pytest.mark.parametrize(("text", "lemma"), cases(__file__, "test_french_verbs"))
def test_french_verbs(text: str, lemma: str) -> None:
    verb = only(text, "fr")
    assert verb is not None
    assert verb.cue.lemma == lemma


def test_a_french_participle_needs_its_auxiliary() -> None:
    assert only("un quai annoncé", "fr") is None
    assert only("un quai à annoncé", "fr") is None  # "à" is no auxiliary


def test_the_passive_is_recognized() -> None:
    verb = only("Das wird am Abend mitgeteilt.")
    assert verb is not None
    assert verb.passive


def test_an_unreal_report_is_recognized() -> None:
    verb = only("Sie hätte den Umbau angekündigt.")
    assert verb is not None
    assert verb.unreal

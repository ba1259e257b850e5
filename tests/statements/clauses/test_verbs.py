"""Verbs of speech in German and French: particles, auxiliaries, attached pronouns."""

import pytest

from searchkit.statements.clauses.phrases import ClauseGrammar
from searchkit.statements.clauses.verbs import Verb, Verbs
from searchkit.statements.packs import pack_for
from tests.cases import cases
from tests.statements.clauses.test_phrases import clauses


def verbs(language: str) -> Verbs:
    """The verbs of `language`."""
    pack = pack_for(language)
    assert pack is not None
    return Verbs(ClauseGrammar(pack))


def only(text: str, language: str = "de") -> Verb | None:
    """The only verb of speech in `text`."""
    read = clauses(text, language)
    found = [verb for at in range(read.size) if (verb := verbs(language).at(read, at)) is not None]
    assert len(found) < 2
    return found[0] if found else None


@pytest.mark.parametrize(("text", "lemma"), cases(__file__, "test_german_verbs"))
def test_german_verbs(text: str, lemma: str) -> None:
    verb = only(text)
    assert verb is not None
    assert verb.cue.lemma == lemma


@pytest.mark.parametrize(
    "text", ["Die Stadt teilte das Brot.", "Der Kai heißt so.", "Das angekündigte Fest", "Die Stadt gab dem Kai Namen."]
)
def test_what_is_no_german_verb_of_speech(text: str) -> None:
    assert only(text) is None


@pytest.mark.parametrize(("text", "lemma", "clitic"), cases(__file__, "test_french_verbs"))
def test_french_verbs(text: str, lemma: str, clitic: str) -> None:
    verb = only(text, "fr")
    assert verb is not None
    assert verb.cue.lemma == lemma
    assert verbs("fr").clitic(clauses(text, "fr").low[verb.at]) == clitic


def test_a_french_participle_needs_its_auxiliary() -> None:
    assert only("un quai annoncé", "fr") is None
    assert only("un quai à annoncé", "fr") is None  # "à" is no auxiliary


def test_the_passive_is_recognized() -> None:
    verb = only("Das wird am Abend mitgeteilt.")
    assert verb is not None
    assert verb.passive

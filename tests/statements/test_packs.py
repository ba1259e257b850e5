"""Language packs: which languages have one, what their words are, and the lemmas of reporting verbs."""

from typing import get_args

import pytest

from searchkit.statements.packs import CueClass, Pack, languages, lemmas, pack_for
from searchkit.statements.text import fold
from tests.cases import cases
from tests.statements.scene import ENGLISH


def pack(language: str) -> Pack:
    found = pack_for(language)
    assert found is not None
    return found


@pytest.mark.parametrize("language", [None, "", "en", "EN", "en-GB", "en_US", "en-Latn-GB"])
def test_english_in_all_its_tags_has_one_pack(language: str | None) -> None:
    assert pack_for(language) is ENGLISH


@pytest.mark.parametrize("language", ["es", "enm", "xx", "-", "e", "../en", "\x00", "english"])
def test_another_language_has_none(language: str) -> None:
    assert pack_for(language) is None


@pytest.mark.parametrize(("form", "lemma", "needs", "particle"), cases(__file__, "test_a_form_leads_to_its_cue"))
def test_a_form_leads_to_its_cue(form: str, lemma: str, needs: str, particle: str) -> None:
    assert ENGLISH is not None
    cue = ENGLISH.cues[form]
    assert (cue.lemma, cue.needs, cue.particle) == (lemma, needs, particle)


@pytest.mark.parametrize(("language", "clausal"), [("en", False), ("de-AT", True), ("fr_CA", True)])
def test_cues_and_words_are_folded_and_of_known_classes(language: str, clausal: bool) -> None:
    found = pack(language)
    assert found.clausal is clausal
    assert {cue.needs for cue in found.cues.values()} <= set(get_args(CueClass))
    assert all(form == fold(form) and " " not in form for form in found.cues)
    for group in (found.words, found.roles):
        for name, words in group.items():
            assert all(word == fold(word) for word in words), name
            assert words or clausal, name
    assert found.words["no such class"] == frozenset()


def test_each_cue_has_a_past_tense() -> None:
    cues = pack("en").cues
    for form, cue in cues.items():
        verb = cue.lemma.partition(" ")[0]
        past = {known for known, other in cues.items() if other is cue and not known.endswith(("s", "ing"))}
        assert past - {verb} or verb in {"hit", "put", "read"}, form


def test_german_and_french_words() -> None:
    german, french = pack("de"), pack("fr")
    assert "teilte" not in german.cues
    assert [(cue.lemma, cue.particle) for cue in german.particled["teilte"]] == [("mitteilen", "mit")]
    assert {cue.lemma for cue in german.particled["gab"]} >= {"angeben", "bekanntgeben", "zugeben"}
    # Folded, these forms would be the same as other words.
    assert "würde" in german.spelled["loose"] and "wurde" not in german.spelled["loose"]
    assert "affirmé" in french.participles and "affirme" not in french.participles
    assert pack("en").words["given-female"] < german.words["given-female"]


@pytest.mark.parametrize("form", ["deny", "denies", "denied", "denying", "Denied"])
def test_every_form_means_the_verb(form: str) -> None:
    assert lemmas(form) == ("deny",)


def test_a_particle_belongs_to_the_verb() -> None:
    assert lemmas("pointed  out") == lemmas("point out") == ("point out",)
    assert lemmas("pointed") == ()


def test_words_that_report_nothing_have_no_lemma() -> None:
    assert lemmas("blurbed") == lemmas("") == ()


def test_every_lemma_stands_for_itself() -> None:
    for code in languages():
        pack = pack_for(code)
        assert pack is not None
        for cue in pack.cues.values():
            assert lemmas(cue.lemma) == (cue.lemma,)

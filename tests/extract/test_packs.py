"""Packs: which languages have one, and that their classes do not contradict each other."""

from typing import get_args

import pytest

from searchkit.extract.packs import CueClass, pack_for
from searchkit.text import fold
from tests.extract.scene import ENGLISH


@pytest.mark.parametrize("language", [None, "", "en", "EN", "en-GB", "en_US", "en-Latn-GB"])
def test_english_in_all_its_tags_has_one_pack(language: str | None) -> None:
    assert pack_for(language) is ENGLISH


@pytest.mark.parametrize("language", ["es", "enm", "xx", "-", "e", "../en", "\x00", "english"])
def test_another_language_has_none(language: str) -> None:
    assert pack_for(language) is None


@pytest.mark.parametrize(
    ("form", "lemma", "needs", "particle"),
    [
        ("said", "say", "strong", ""),
        ("saying", "say", "strong", ""),
        ("wrote", "write", "clause", ""),
        ("shrugged", "shrug", "quoted", ""),
        ("vowed", "vow", "wish", ""),
        ("dubbed", "dub", "about", ""),
        ("pointed", "point out", "clause", "out"),
        ("went", "go on", "clause", "on"),
    ],
)
def test_a_form_leads_to_its_cue(form: str, lemma: str, needs: str, particle: str) -> None:
    assert ENGLISH is not None
    cue = ENGLISH.cues[form]
    assert (cue.lemma, cue.needs, cue.particle) == (lemma, needs, particle)


def test_cues_are_of_known_classes_and_in_folded_letters() -> None:
    assert ENGLISH is not None
    assert {cue.needs for cue in ENGLISH.cues.values()} <= set(get_args(CueClass))
    assert all(form == fold(form) and " " not in form for form in ENGLISH.cues)


def test_each_cue_can_stand_in_the_past() -> None:
    assert ENGLISH is not None
    for form, cue in ENGLISH.cues.items():
        verb = cue.lemma.partition(" ")[0]
        past = {known for known, other in ENGLISH.cues.items() if other is cue and not known.endswith(("s", "ing"))}
        assert past - {verb} or verb in {"hit", "put", "read"}, form


def test_words_and_roles_are_folded_and_not_empty() -> None:
    assert ENGLISH is not None
    for group in (ENGLISH.words, ENGLISH.roles):
        for name, words in group.items():
            assert words, name
            assert all(word == fold(word) for word in words), name


def test_bodies_tell_one_kind_each() -> None:
    assert ENGLISH is not None
    assert ENGLISH.bodies["company"] == "company"
    assert ENGLISH.bodies["ministry"] == "agency"
    assert ENGLISH.bodies["union"] == "organisation"
    assert set(ENGLISH.bodies.values()) == {"company", "agency", "organisation"}


@pytest.mark.parametrize("language", ["de", "de-AT", "fr", "fr_CA"])
def test_german_and_french_are_read_by_their_clauses(language: str) -> None:
    pack = pack_for(language)
    assert pack is not None
    assert pack.clausal
    assert {cue.needs for cue in pack.cues.values()} <= set(get_args(CueClass))
    assert all(form == fold(form) for form in pack.cues)
    assert all(word == fold(word) for words in (*pack.words.values(), *pack.roles.values()) for word in words)


def test_a_separable_verb_counts_with_its_particle_only() -> None:
    pack = pack_for("de")
    assert pack is not None
    assert "teilte" not in pack.cues
    assert [(cue.lemma, cue.particle) for cue in pack.particled["teilte"]] == [("mitteilen", "mit")]
    assert {cue.lemma for cue in pack.particled["gab"]} >= {"angeben", "bekanntgeben", "zugeben"}


def test_forms_that_folding_would_confuse_are_kept_as_spelled() -> None:
    german, french = pack_for("de"), pack_for("fr")
    assert german is not None
    assert french is not None
    assert "würde" in german.spelled["loose"]
    assert "wurde" not in german.spelled["loose"]
    assert "affirmé" in french.participles
    assert "affirme" not in french.participles


def test_a_class_without_words_is_empty() -> None:
    pack = pack_for("fr")
    assert pack is not None
    assert pack.words["no such class"] == frozenset()


def test_given_names_tell_the_same_gender_in_every_language() -> None:
    pack = pack_for("de")
    assert pack is not None
    assert ENGLISH is not None
    assert ENGLISH.words["given-female"] < pack.words["given-female"]

"""Any form of a reporting verb leads to its lemma."""

import pytest

from searchkit.extract.packs import languages, pack_for
from searchkit.extract.verbs import lemmas


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

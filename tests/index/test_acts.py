"""The list of what reporting verbs do."""

from collections import Counter
from importlib import resources

from searchkit.extract.packs import languages, pack_for
from searchkit.index.acts import act_of, acts, lemmas_by_act
from searchkit.query.fields import find


def test_every_verb_of_every_language_does_something() -> None:
    for code in languages():
        pack = pack_for(code)
        assert pack is not None
        cues = [*pack.cues.values(), *(cue for several in pack.particled.values() for cue in several)]
        assert [cue.lemma for cue in cues if act_of(cue.lemma) is None] == []


def test_each_verb_stands_once() -> None:
    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "["))]
    lemmas = [lemma.strip() for line in lines for lemma in line.split(";") if lemma.strip()]
    assert [lemma for lemma, count in Counter(lemmas).items() if count > 1] == []
    assert len(lemmas) == sum(map(len, lemmas_by_act().values()))


def test_some_verbs() -> None:
    wanted = {
        "say": "say",
        "deny": "deny",
        "dementieren": "deny",
        "démentir": "deny",
        "accuse": "accuse",
        "warn": "warn",
        "want to know": "ask",
        "fordern": "demand",
        "se féliciter": "praise",
        "pledge": "promise",
        "annoncer": "announce",
    }
    assert {lemma: act_of(lemma) for lemma in wanted} == wanted
    assert act_of("Said") is None
    assert act_of("") is None


def test_the_field_names_all_acts() -> None:
    field = find("act")
    assert field is not None
    assert all(act in field.describes for act in acts())
    assert 8 <= len(acts()) <= 12

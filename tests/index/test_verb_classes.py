"""Test the acts of reporting verbs."""

from collections import Counter
from importlib import resources

from searchkit.extract.packs import languages, pack_for
from searchkit.index.values import act_of, acts
from searchkit.query.fields import find


def test_every_verb_of_every_language_has_an_act() -> None:
    for code in languages():
        pack = pack_for(code)
        assert pack is not None
        cues = [*pack.cues.values(), *(cue for several in pack.particled.values() for cue in several)]
        assert [cue.lemma for cue in cues if act_of(cue.lemma) is None] == []


def test_nouns_and_phrases_have_acts() -> None:
    pack = pack_for("en")
    assert pack is not None
    verbs = dict(pair.split("-") for pair in pack.words["noun-verb"])
    nouns = {noun.removesuffix("s") for noun in pack.words["speech-noun"]}
    phrases = {phrase.replace("-", " ") for phrase in pack.words["source-phrase"]}
    assert [word for word in phrases | {verbs.get(noun, noun) for noun in nouns} if act_of(word) is None] == []
    for code, names in (("de", ("according", "according-with", "postposed", "such", "thus")), ("fr", ("according",))):
        other = pack_for(code)
        assert other is not None
        assert [word for name in names for word in other.words[name] if act_of(word) is None] == []


def test_first_word_of_a_phrase_counts() -> None:
    assert (act_of("nach übereinstimmenden angaben"), act_of("nach meinung")) == ("say", "believe")


def test_verbs_are_listed_once() -> None:
    text = resources.files("searchkit.index").joinpath("data", "acts.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "["))]
    lemmas = [lemma.strip() for line in lines for lemma in line.split(";") if lemma.strip()]
    assert [lemma for lemma, count in Counter(lemmas).items() if count > 1] == []


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
    assert act_of("Dementir") == "deny"
    assert act_of("said") is None
    assert act_of("") is None


def test_field_description_names_all_acts() -> None:
    field = find("act")
    assert field is not None
    assert all(act in field.describes for act in acts())
    assert 8 <= len(acts()) <= 12

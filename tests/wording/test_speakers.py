"""Two speakers are different only if both are named and no article relates them."""

import pytest

from searchkit.statements.document import Quote, Speaker
from searchkit.statements.text import Span
from searchkit.wording.speakers import are_other_sources, is_certain, is_same_speaker, names_agree, related, same_voice
from tests.cases import cases
from tests.histories.articles import article, statements

WORDS = "The machine was parked by the book and the wind had not read the book"


def quote(name: str | None, verb: str = "say", *, negated: bool = False, **fields: str) -> Quote:
    named = None if name is None or name.islower() else f"person:{name}"
    speaker = Speaker(name=name, entity_id=named, **fields)  # type: ignore[arg-type]  # all are text
    return Quote(
        id="x", content=Span(0, 1), kind="direct", verb=verb, negated=negated, speaker=speaker, rule="r", confidence=1
    )


@pytest.mark.parametrize(("first", "second", "agree"), cases(__file__, "test_names_agree_by_surname_and_given_name"))
def test_names_agree_by_surname_and_given_name(first: str, second: str, agree: bool) -> None:
    assert names_agree(first, second) is agree
    assert names_agree(second, first) is agree


def test_a_spokeswoman_and_her_body_are_one_voice() -> None:
    morgan = Speaker(name="Tess Morgan", entity_id="person:tess-morgan", represents="company:lofthouse")
    assert same_voice(morgan, Speaker(name="Lofthouse", entity_id="company:lofthouse"))
    assert not same_voice(morgan, Speaker(name="Ned Garrow", entity_id="person:ned-garrow"))
    assert not same_voice(Speaker(), Speaker())


@pytest.mark.parametrize(
    ("first", "second", "expected"), cases(__file__, "test_speakers_are_related_as_the_articles_say")
)
def test_speakers_are_related_as_the_articles_say(first: str, second: str, expected: bool) -> None:
    (one,) = statements(article("a", first.format(WORDS)))
    (other,) = statements(article("b", second.format(WORDS)))
    assert related([one], [other]) is expected
    assert related([other], [one]) is expected


def test_an_unresolved_speaker_is_not_certain() -> None:
    ((_, named),) = statements(article("a", f'"{WORDS}," said Otto Brandl.'))
    ((_, unnamed),) = statements(article("b", f'"{WORDS}," officials said.'))
    assert is_certain(named)
    assert not is_certain(unnamed)


def test_a_spokeswoman_may_speak_for_the_other() -> None:
    (one,) = statements(article("a", f'"{WORDS}," said Jonas Brack.'))
    (other,) = statements(article("b", f'"{WORDS}," the minister\'s spokeswoman Lena Voss said.'))
    assert related([one], [other])


@pytest.mark.parametrize(("old", "new", "same"), cases(__file__, "test_names_show_who_is_the_same"))
def test_names_show_who_is_the_same(old: str | None, new: str | None, same: bool) -> None:
    assert is_same_speaker(quote(old), quote(new)) is is_same_speaker(quote(new), quote(old)) is same


def test_a_body_and_who_speaks_for_it_are_one_speaker_but_two_spokespeople_are_two() -> None:
    body, berg = quote("Ostwind"), quote("Jan Berg", represents="person:Ostwind")
    assert is_same_speaker(body, berg)
    assert is_same_speaker(body, quote("Jan Berg", affiliation="Ostwind"))
    assert not is_same_speaker(berg, quote("Ann Holm", represents="person:Ostwind"))


@pytest.mark.parametrize(("old", "new", "other"), cases(__file__, "test_unnamed_speakers_of_two_kinds_are_two"))
def test_unnamed_speakers_of_two_kinds_are_two(old: str, new: str, other: bool) -> None:
    assert are_other_sources(Speaker(name=old), Speaker(name=new), "en") is other
    assert not are_other_sources(Speaker(name=old), Speaker(name=new), "xx")

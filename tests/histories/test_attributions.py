"""Who said a statement, and what the reporter vouches for, in two revisions."""

import pytest

from searchkit.histories.attributions import are_other_sources, is_other_verb, is_same_speaker
from searchkit.statements.document import Quote, Speaker
from searchkit.statements.text import Span


def quote(name: str | None, verb: str = "say", *, negated: bool = False, **fields: str) -> Quote:
    named = None if name is None or name.islower() else f"person:{name}"
    speaker = Speaker(name=name, entity_id=named, **fields)  # type: ignore[arg-type]  # all are text
    return Quote(
        id="x", content=Span(0, 1), kind="direct", verb=verb, negated=negated, speaker=speaker, rule="r", confidence=1
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("Per Vinje", "Vinje", True),
        ("Surveyor Hugh Danby", "Hugh Danby", True),
        ("Stefan Holm", "Stephan Holm", True),
        ("Inge Solbakk", "Ingé Solbákk", True),
        ("Marek Tull", "Jon Tull", False),
        ("Inge Solbakk", "Per Vinje", False),
        ("the ministry", "The Ministry", True),
        (None, "Per Vinje", False),
    ],
)
def test_names_show_who_is_the_same(old: str | None, new: str | None, same: bool) -> None:
    assert is_same_speaker(quote(old), quote(new)) is is_same_speaker(quote(new), quote(old)) is same


def test_a_body_and_who_speaks_for_it_are_one_speaker_but_two_spokespeople_are_two() -> None:
    body, berg = quote("Ostwind"), quote("Jan Berg", represents="person:Ostwind")
    assert is_same_speaker(body, berg)
    assert is_same_speaker(body, quote("Jan Berg", affiliation="Ostwind"))
    assert not is_same_speaker(berg, quote("Ann Holm", represents="person:Ostwind"))


@pytest.mark.parametrize(
    ("old", "new", "other"),
    [
        ("police", "prosecutors", True),
        ("the ministry", "the union", True),
        ("the ministry", "ministry officials", False),
        ("the company", "the airline", False),
        ("a spokesman", "a woman", False),
    ],
)
def test_unnamed_speakers_of_two_kinds_are_two(old: str, new: str, other: bool) -> None:
    assert are_other_sources(Speaker(name=old), Speaker(name=new), "en") is other
    assert not are_other_sources(Speaker(name=old), Speaker(name=new), "xx")


@pytest.mark.parametrize(
    ("old", "new", "other"),
    [
        ("say", "tell", False),
        ("say", "announce", False),
        ("say", "claim", True),
        ("deny", "confirm", True),
        ("admit", "say", True),
    ],
)
def test_only_some_verbs_vouch_for_something_else(old: str, new: str, other: bool) -> None:
    assert is_other_verb(quote("Vinje", old), quote("Vinje", new)) is other
    assert is_other_verb(quote("Vinje", old), quote("Vinje", old, negated=True))

"""The shipped words: head words, the lower-case bodies that follow a place, look-alikes."""

import pytest

from searchkit.extract.names.vocabulary import head_words, look_alikes
from searchkit.extract.word_lists import parts


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("Ministry", "agency"), ("Technologies", "company"), ("University", "organisation"), ("Act", "law")),
        *(("River", "place"),),
    ],
)
def test_a_head_tells_its_kind(word: str, kind: str) -> None:
    assert head_words().kinds[word] == kind


def test_words_that_are_no_heads_tell_nothing() -> None:
    assert not {"Korbel", "the", "ministry", ""} & head_words().kinds.keys()


def test_legal_forms_are_known_without_their_stop() -> None:
    assert {"Ltd", "Inc", "Co"} <= head_words().legal
    assert not any(form.endswith(".") for form in head_words().legal)


@pytest.mark.parametrize(
    ("following", "body", "head"),
    [
        (" government is old", " government", "government"),
        ("'s foreign ministry said", "'s foreign ministry", "ministry"),
        (" regional government said", " regional government", "government"),
        (" foreign affairs ministry.", " foreign affairs ministry", "ministry"),
    ],
)
def test_a_body_in_small_letters(following: str, body: str, head: str) -> None:
    found = head_words().body.match(following)
    assert found is not None
    assert (found[0], found[1]) == (body, head)


@pytest.mark.parametrize(
    "following",
    ["", " ", " quay", "government", " governments", " government-run", ", government", " Government", "'s"],
)
def test_no_body(following: str) -> None:
    assert head_words().body.match(following) is None


def test_longer_topics_are_tried_first() -> None:
    topics = parts("heads.txt")["topics"]
    for topic in topics:
        found = head_words().body.match(f" {topic} ministry")
        assert found is not None, topic
        assert found[0] == f" {topic} ministry"


def test_hostile_topics_are_quick() -> None:
    for topic in parts("heads.txt")["topics"][:3]:
        assert head_words().body.match(f" {topic}" * 50_000) is None


def test_words_stand_in_the_sets_they_belong_to() -> None:
    alike = look_alikes()
    assert "Jordan" in alike.given
    assert "Jordan" in alike.person_like
    assert "Turkey" in alike.plain_like
    assert "Deputy" in alike.modifiers
    assert "Ostrava" not in alike.given | alike.person_like | alike.plain_like

"""The shipped words: head words, the lower-case bodies that follow a place, look-alikes."""

import pytest

from searchkit.extract.names.vocabulary import head_words, look_alikes
from searchkit.extract.word_lists import parts


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


def test_words_are_in_the_sets_they_belong_to() -> None:
    heads, alike = head_words(), look_alikes()
    kinds = {
        "Ministry": "agency",
        "Technologies": "company",
        "University": "organisation",
        "Act": "law",
        "River": "place",
    }
    assert kinds.items() <= heads.kinds.items()
    assert not {"Korbel", "the", "ministry", ""} & heads.kinds.keys()
    assert {"Ltd", "Inc", "Co"} <= heads.legal and not any(form.endswith(".") for form in heads.legal)
    assert "Jordan" in alike.given & alike.person_like and "Turkey" in alike.plain_like and "Deputy" in alike.modifiers
    assert "Ostrava" not in alike.given | alike.person_like | alike.plain_like

"""The shipped words: head words, the lower-case bodies that follow a place, look-alikes."""

import pytest

from searchkit.extract.names.vocabulary import head_words
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


def test_longer_topics_are_tried_first() -> None:
    topics = parts("heads.txt")["topics"]
    for topic in topics:
        found = head_words().body.match(f" {topic} ministry")
        assert found is not None, topic
        assert found[0] == f" {topic} ministry"

"""The shipped words: lower-case bodies that follow a place."""

from searchkit.extract.names.vocabulary import head_words
from searchkit.extract.word_lists import parts


def test_longer_topics_are_tried_first() -> None:
    topics = parts("heads.txt")["topics"]
    for topic in topics:
        found = head_words().body.match(f" {topic} ministry")
        assert found is not None, topic
        assert found[0] == f" {topic} ministry"

"""Events: the rule that finds each statement of a sentence, its subject and the tokens of what is said."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.extract.quotes.events import EventFinder, event_finder
from searchkit.extract.quotes.reading import Sentence
from searchkit.extract.quotes.verbless import Event
from searchkit.text import normalize
from tests.extract.scene import GRAMMAR, read

FINDER = EventFinder(GRAMMAR)


def events(text: str) -> list[tuple[Sentence, Event]]:
    """The events of every sentence of one paragraph, each sentence knowing the one before."""
    sentences: list[Sentence | None] = [None, *read(text)]
    return [
        (sentence, event)
        for previous, sentence in pairwise(sentences)
        if sentence is not None
        for event in FINDER.find(sentence, previous)
    ]


def told(text: str) -> list[tuple[str, str, str, list[str]]]:
    """Rule, verb, subject and contents of every event."""
    return [
        (event.rule, event.verb, event.subject.of(text), [sentence.range(*part).of(text) for part in event.contents])
        for sentence, event in events(text)
    ]


@pytest.mark.parametrize(
    ("text", "rule", "subject", "contents"),
    [
        ("Korbel said the quay is old.", "cue-after-subject", "Korbel", ["the quay is old"]),
        ("Korbel said that it is old.", "cue-after-subject-that", "Korbel", ["it is old"]),
        ("Korbel said: it is old.", "cue-after-subject-colon", "Korbel", ["it is old"]),
        ("Korbel said “it is old”.", "cue-after-subject-quote", "Korbel", ["“it is old”"]),
        (
            "Korbel said that it is old and that it is wet.",
            "cue-after-subject-that",
            "Korbel",
            ["it is old and that it is wet"],
        ),
        ("“It is old,” Korbel said.", "before-cue", "Korbel", ["“It is old,”"]),
        ("The quay is old, Korbel said.", "before-cue", "Korbel", ["The quay is old"]),
        ("Pumps hum all night, Korbel said.", "before-cue", "Korbel", ["Pumps hum all night"]),
        ("The quay is old, Korbel said on Monday.", "before-cue", "Korbel", ["The quay is old"]),
        ("“It is old,” Korbel said, “and wet.”", "before-cue", "Korbel", ["“It is old,”", "“and wet.”"]),
        ("The quay, Korbel said, will close.", "interrupted", "Korbel", ["The quay", "will close"]),
        ("“It is old,” said Igor Malt.", "inverted", "Igor Malt", ["“It is old,”"]),
        ("Said Malt: “It is old.”", "inverted-colon", "Malt", ["“It is old.”"]),
        ("Korbel left, saying that it is old.", "participle-that", "Korbel", ["it is old"]),
        ("Korbel left, saying the quay is old.", "participle", "Korbel", ["the quay is old"]),
        ("Korbel vowed to close it.", "infinitive", "Korbel", ["to close it"]),
        ("Korbel urged the office not to close it.", "infinitive", "Korbel", ["not to close it"]),
        ("Korbel called the plan “old and wet.”", "about", "Korbel", ["the plan “old and wet.”"]),
        ("Korbel called the plan “old” and “wet” there.", "about", "Korbel", ["the plan “old” and “wet”"]),
        ("As Korbel said, the quay is old.", "as-said", "Korbel", ["the quay is old"]),
        ("The quay is old, as Korbel said.", "as-said", "Korbel", ["The quay is old"]),
        ("According to Korbel, the quay is old.", "according-to", "Korbel", [", the quay is old"]),
        ("The quay is old, according to Korbel.", "according-to", "Korbel", ["The quay is old,"]),
        ("“It is old and wet” — Igor Malt, pilot", "signed", "Igor Malt", ["“It is old and wet”"]),
        ("Korbel asked whether it is old.", "cue-after-subject", "Korbel", ["whether it is old"]),
        ("Korbel joked when asked, “It is old.”", "cue-after-subject-quote", "Korbel", ["“It is old.”"]),
    ],
)
def test_each_rule(text: str, rule: str, subject: str, contents: list[str]) -> None:
    found, _, by, parts = told(text)[0]
    assert (found, by) == (rule, subject)
    assert [part.rstrip(".") for part in parts] == [part.rstrip(".") for part in contents]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The quay is old.",
        "Korbel said so.",
        "Korbel said nothing.",
        "Korbel said.",
        "What Korbel said was old.",
        "Whatever Korbel says is old.",
        "Everything Korbel said that day was wrong.",
        "As Korbel noted it was wet.",
        "Korbel accused the office.",
        "Korbel added 36 pumps.",
        "Korbel shrugged at the quay.",
        "Korbel called the office.",
        "Korbel called, and the “quay” closed.",
        "In the spring, Korbel said.",
        "It is “old” — wet",
        "According to Korbel, no.",
    ],
)
def test_no_event(text: str) -> None:
    assert told(text) == []


def test_a_colon_at_the_end_awaits_the_next_paragraph() -> None:
    ((_, event),) = events("Korbel said on Monday:")
    assert (event.awaits, event.contents, event.rule) == (True, (), "colon")


def test_a_bare_attribution_takes_the_quotation_before_it() -> None:
    ((_, event),) = events("“It is old. It is wet.” Korbel said on Monday.")[-1:]
    assert (event.rule, event.takes_previous or bool(event.contents)) == ("before-cue", True)


def test_a_signature_in_a_sentence_of_its_own_takes_the_one_before() -> None:
    found = [event for _, event in events("“It is old.”\n— Igor Malt, pilot")]
    assert [(event.rule, event.verb) for event in found] == [("signed", "")]


def test_a_table_is_not_read() -> None:
    assert told("Korbel said it is old and " + "wet, " * 500) == []


_PIECES = st.sampled_from(
    [
        *"Korbel Malt said adding that , and not as : ; the office who ( ) — told reporters vowed to called .".split(),
        *("is", "“it is old”", "according to", "Vera Lind"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=30).map(" ".join))
def test_contents_lie_inside_their_sentence_and_hold_no_cue_of_their_own(raw: str) -> None:
    for sentence, event in events(normalize(raw)):
        assert sentence.span.start <= event.cue.start < event.cue.end <= sentence.span.end
        assert event.subject.start < event.subject.end
        for first, last in event.contents:
            assert 0 <= first < last <= len(sentence)
            assert not sentence.range(first, last).covers(event.cue)


def test_a_finder_knows_nothing_of_what_another_one_read() -> None:
    first, second = read("Lind said the quay was closed. It will open in May.")
    one, other = event_finder(GRAMMAR.pack), event_finder(GRAMMAR.pack)
    assert [event.rule for event in one.find(first, None)] == ["cue-after-subject"]
    assert [event.rule for event in other.find(second, first)] == []

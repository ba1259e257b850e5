"""Events: the rule that finds each statement of a sentence, its subject and the tokens of what is said."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.extract.quotes.events import EventFinder, event_finder
from searchkit.extract.quotes.reading import Sentence
from searchkit.extract.quotes.verbless import Event
from searchkit.text import normalize
from tests.extract.scene import GRAMMAR, read, said

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


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("Korbel said it is old and added that it is wet.", [["it is old"], ["it is wet"]]),
        ("Korbel said it is old, adding that it is wet.", [["it is old"], ["it is wet"]]),
        ("Korbel said it is old before adding that it is wet.", [["it is old"], ["it is wet"]]),
        ("Korbel said it is old, before adding that it is wet.", [["it is old"], ["it is wet"]]),
        ("Korbel said it is old, but Malt said it is wet.", [["it is old,"], ["it is wet"]]),
        ("Korbel said it is old, and Malt said it is wet.", [["it is old"], ["it is wet"]]),
        ("Korbel said it is old; Malt said it is wet.", [["it is old"], ["it is wet"]]),
    ],
)
def test_the_next_cue_ends_what_is_said(text: str, contents: list[list[str]]) -> None:
    assert [parts for *_, parts in told(text)] == contents


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
        *("Korbel", "Malt", "said", "adding", "that", ",", "“it is old”", "according to", "and", "not", "as", ":", ";"),
        *("Vera Lind", "the", "office", "who", "(", ")", "—", "told", "reporters", "vowed", "to", "called", "is", "."),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Korbel denied ever telling Malt to keep quiet.", "ever telling Malt to keep quiet"),
        ("The union denies coordinating with the harbor office.", "coordinating with the harbor office"),
        ("Korbel has denied having seen the memo.", "having seen the memo"),
        ("Korbel denies any wrongdoing.", "any wrongdoing"),
        ("Korbel denied telling reporters that the quay was closed.", "telling reporters that the quay was closed"),
        ("Reporters asked if Korbel had said that the quay was old.", "if Korbel had said that the quay was old"),
        ("Korbel wanted to know if the quay was old.", "if the quay was old"),
        ("Korbel wants to know where the money went.", "where the money went"),
        ("Malt asked her if she remembered the storm.", "if she remembered the storm"),
        ("Malt asks what the crew would be for.", "what the crew would be for"),
        ("Asked if she knew, Malt said the quay was old.", "the quay was old"),
        ("Korbel allowed that she had read the memo.", "she had read the memo"),
        ("The office promises the crossing will take four minutes.", "the crossing will take four minutes"),
        ("The pilot warned of “mud,” Korbel said.", "The pilot warned of “mud,”"),
        ("They slept and responded “in kind,” he told a news conference.", "They slept and responded “in kind,”"),
        ("Korbel called the quay “old,” Malt said.", "Korbel called the quay “old,”"),
        ("She is survived by a son and, Korbel said, “four thousand jars.”", "“four thousand jars.”"),
        ("The brochure calls the ferry “a cherished bottleneck.”", "the ferry “a cherished bottleneck.”"),
        ("The brochure claims the ferry is safe.", "the ferry is safe"),
        ("The quay is old, she told a meeting of the Harbor Union.", "The quay is old"),
        ("The witness agreed she had never seen the memo.", "she had never seen the memo"),
        ("The inquiry heard on Thursday that the pumps had failed.", "the pumps had failed"),
        ("The pumps had failed for weeks, a public inquiry heard on Thursday.", "The pumps had failed for weeks"),
        ("The government disputes that the quay is old.", "the quay is old"),
        ("Malt rose to say that the quay was old.", "the quay was old"),
        ("The union says it fell.", "it fell"),
        ("Korbel's boast that she “wrote the book” would be better if there were one.", "she “wrote the book”"),
        ("Korbel likes to say that the sea pays no rent.", "the sea pays no rent"),
        ("Korbel made it clear that the quay would close.", "the quay would close"),
        ("Malt shot back that the crew lived on it.", "the crew lived on it"),
        ("The treaty states that the water is shared.", "the water is shared"),
        ("The pensioner insists the quay is old.", "the quay is old"),
        ("“Keep Malt out of the room,” one line reads.", "“Keep Malt out of the room,”"),
        ("The office announced late on Friday that the quay was closed.", "the quay was closed"),
        ("Malt judged the plan “as prepared as a tax form.”", "the plan “as prepared as a tax form.”"),
        ("Korbel thanked the crew for “a night of hard work.”", "the crew for “a night of hard work.”"),
        ("Korbel blamed the leak on “sheer greed.”", "the leak on “sheer greed.”"),
    ],
)
def test_verbs_and_what_they_need(text: str, words: str) -> None:
    assert said(text) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "Korbel wanted the office to close it.",
        "Korbel denied the crew their pay.",
        "Korbel denied Malt entry.",
        "Malt shook her head when Korbel asked if the quay was old.",
        "Malt advises towns on how to drain them.",
        "Malt shot back over the wall.",
        "Korbel allowed the ship to leave.",
        "The crew made a raft.",
        "The states that share the river met.",
        "Korbel asked for quiet.",
        "The reports the union made are old.",
        "The phone calls the crew made were “long.”",
        "She argued the case for 12 years.",
        "Malt maintained the pumps for nine years.",
        "Korbel heard that the quay was closed.",
        "Korbel said it again.",
    ],
)
def test_verbs_without_what_they_need(text: str) -> None:
    assert said(text) == []


def test_a_time_of_day_opens_nothing() -> None:
    assert said("“It is old,” Korbel told reporters at 4:30 a.m. in Brno.") == ["“It is old,”"]


def test_a_question_ends_before_the_next_report() -> None:
    text = "When she rose and asked if he knew, the pilot told her that it was old."
    assert said(text) == ["if he knew", "it was old"]


def test_a_finder_knows_nothing_of_what_another_one_read() -> None:
    first, second = read("Lind said the quay was closed. It will open in May.")
    one, other = event_finder(GRAMMAR.pack), event_finder(GRAMMAR.pack)
    assert [event.rule for event in one.find(first, None)] == ["cue-after-subject"]
    assert [event.rule for event in other.find(second, first)] == []

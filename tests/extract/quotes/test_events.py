"""Events: the rule that finds each statement of a sentence, its subject and the tokens of what is said."""

from itertools import pairwise

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
    assert events("Korbel said it is old and " + "wet, " * 500) == []


_PIECES = st.sampled_from(
    [
        *"Korbel Malt said adding that , and not as : ; the office who ( ) — told reporters vowed to called .".split(),
        *("is", "“it is old”", "according to", "Vera Lind"),
    ]
)


@settings(max_examples=50, deadline=None)
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

"""Events: the rule that finds each statement of a sentence, its subject and the tokens of what is said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.quotes.reading import Report, Sentence
from searchkit.statements.text import normalize
from tests.statements.scene import ENGLISH_READER as READER
from tests.statements.scene import read


def reports(text: str) -> list[tuple[Sentence, Report]]:
    """The reports of every sentence of one paragraph, each sentence knowing the one before."""
    found: list[tuple[Sentence, Report]] = []
    previous: Sentence | None = None
    for sentence in read(text):
        earlier = found[-1][1] if found and found[-1][0] is previous else None
        found.extend((sentence, report) for report in READER.find(sentence, previous, earlier))
        previous = sentence
    return found


def test_a_colon_at_the_end_awaits_the_next_paragraph() -> None:
    ((_, report),) = reports("Korbel said on Monday:")
    assert (report.awaits, report.contents, report.rule) == (True, (), "colon")


def test_a_bare_attribution_takes_the_quotation_before_it() -> None:
    ((_, report),) = reports("“It is old. It is wet.” Korbel said on Monday.")[-1:]
    assert (report.rule, report.takes_previous or bool(report.contents)) == ("before-cue", True)


def test_a_signature_in_a_sentence_of_its_own_takes_the_one_before() -> None:
    found = [report for _, report in reports("“It is old.”\n— Igor Malt, pilot")]
    assert [(report.rule, report.verb) for report in found] == [("signed", "")]


def test_a_table_is_not_read() -> None:
    assert reports("Korbel said it is old and " + "wet, " * 500) == []


_PIECES = st.sampled_from(
    [
        *"Korbel Malt said adding that , and not as : ; the office who ( ) — told reporters vowed to called .".split(),
        *("is", "“it is old”", "according to", "Vera Lind"),
    ]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PIECES, max_size=30).map(" ".join))
def test_contents_lie_inside_their_sentence_and_hold_no_cue_of_their_own(raw: str) -> None:
    for sentence, report in reports(normalize(raw)):
        assert report.cue is not None and report.subject is not None
        assert sentence.span.start <= report.cue.start < report.cue.end <= sentence.span.end
        assert report.subject.start < report.subject.end
        for first, last in report.contents:
            assert 0 <= first < last <= len(sentence)
            assert not sentence.range(first, last).covers(report.cue)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.statements.quotes import finding as quotes
from searchkit.statements.rules import rule_confidence
from searchkit.statements.text import normalize
from tests.statements.scene import article, find, said


def test_transcripts_and_labels() -> None:
    turns = ["KORBEL: The quay is closed.", "LIND: Since when is that so?", "KORBEL: Since May.", "LIND: I see."]
    text = "\n\n".join([*turns, "Nadia Korbel and Vera Lind met."])
    assert [(found.rule, found.content.of(text)) for found in find(text, person="Nadia Korbel; Vera Lind")] == [
        ("transcript", "The quay is closed."),
        ("transcript", "Since when is that so?"),
        ("transcript", "Since May."),
        ("transcript", "I see."),
    ]
    assert said("Note: The quay is closed.\n\nMore: The harbor is open.") == []


def test_a_language_without_a_pack_gives_quotations_of_low_confidence() -> None:
    text = "Korbel sagte: „Der Kai ist für immer zu.“ Das „Wort“ fiel."
    (found,) = quotes.find(article(text, language="xx"), ()).statements
    assert (found.kind, found.rule, found.cue) == ("direct", "marks-only", None)
    assert rule_confidence(found.rule) < 0.5


_PIECES = st.sampled_from(
    [*'Korbel said that , . “ ” " he : ? — told ‘'.split(), "\n\n", "according to", "and added", "the quay is old"]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PIECES, max_size=60).map(" ".join) | st.text(max_size=120))
def test_no_text_raises_and_all_spans_lie_inside(raw: str) -> None:
    text = normalize(raw)
    last = 0
    for found in find(text):
        assert 0 <= found.content.start < found.content.end <= len(text)
        assert last <= found.content.start
        last = found.content.start
        for span in (found.cue, found.attribution):
            assert span is None or 0 <= span.start < span.end <= len(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["“" * 200_000, "said " * 40_000, "He said that " * 20_000, "A “b. " * 30_000, "X" * 500_000]
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    find(text)


def test_short_words_in_marks_without_a_speaker_are_terms() -> None:
    text = "A so-called “smart quay” is 'green'. “Is it?” Korbel said the “old” quay is shut."
    read = quotes.find(article(text), ())
    assert [term.of(text) for term in read.terms] == ["“smart quay”", "'green'"]
    assert [found.content.of(text) for found in read.statements] == ["“Is it?”", "the “old” quay is shut"]


def test_a_row_of_a_table_has_no_terms() -> None:
    assert quotes.find(article("| Team | “Won” |"), ()).terms == ()

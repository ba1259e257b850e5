import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.quotes import marks
from searchkit.statements.text import normalize, paragraphs
from tests.cases import cases


def stretches(text: str) -> list[str]:
    return [quoted.span.of(text) for quoted in marks.find(text, paragraphs(text))]


@pytest.mark.parametrize(("text", "quoted"), cases(__file__, "test_a_mark_is_closed_by_what_its_opener_allows"))
def test_a_mark_is_closed_by_what_its_opener_allows(text: str, quoted: tuple[str, ...]) -> None:
    assert tuple(stretches(text)) == quoted


@pytest.mark.parametrize(("text", "quoted"), cases(__file__, "test_only_the_outer_marks_of_nested_quotations_count"))
def test_only_the_outer_marks_of_nested_quotations_count(text: str, quoted: tuple[str, ...]) -> None:
    assert tuple(stretches(text)) == quoted


@pytest.mark.parametrize(("text", "quoted"), cases(__file__, "test_single_marks_quote_and_apostrophes_do_not"))
def test_single_marks_quote_and_apostrophes_do_not(text: str, quoted: tuple[str, ...]) -> None:
    assert tuple(stretches(text)) == quoted


def test_single_marks_may_open_paragraph_after_paragraph() -> None:
    text = "‘The first part goes on.\n\n‘The second part ends it,’ Lind said."
    (quoted,) = marks.find(text, paragraphs(text))
    assert quoted.closed
    assert len(quoted.parts) == 2


def test_an_unclosed_mark_runs_to_the_end_of_its_paragraph() -> None:
    text = "She said “this never ends at all\n\nAnother paragraph."
    (quoted,) = marks.find(text, paragraphs(text))
    assert quoted.span.of(text) == "“this never ends at all"
    assert not quoted.closed


def test_each_paragraph_of_a_long_quotation_opens_with_a_mark() -> None:
    text = "“The first part of it goes on.\n\n“The second part ends it,” Lind said.\n\n“Another one.”"
    first, second = marks.find(text, paragraphs(text))
    assert first.closed
    assert len(first.parts) == 2
    assert first.span.of(text).endswith("ends it,”")
    assert second.span.of(text) == "“Another one.”"


def test_inches_open_nothing() -> None:
    assert stretches('A 6" pipe and a 9" pipe were laid.') == []


@given(st.text(alphabet="ab .,\n\"'“”„«»‘’「」", max_size=200))
def test_stretches_lie_in_order_and_inside_the_text(raw: str) -> None:
    text = normalize(raw)
    last = 0
    for quoted in marks.find(text, paragraphs(text)):
        assert last <= quoted.span.start < quoted.span.end <= len(text)
        assert quoted.parts[0].start == quoted.span.start
        assert quoted.parts[-1].end == quoted.span.end
        last = quoted.span.end


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["“", '"', "'", "‘", " 'a", "“a ‘b"])
def test_a_million_open_marks_are_read_once(mark: str) -> None:
    text = mark * (1_000_000 // len(mark))
    marks.find(text, paragraphs(text))


def test_an_unclosed_speech_is_one_stretch() -> None:
    text = "“" * 100_000
    assert len(marks.find(text, paragraphs(text))) == 1

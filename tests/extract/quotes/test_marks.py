import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.extract.quotes import marks
from searchkit.text import normalize, paragraphs


def stretches(text: str) -> list[str]:
    return [quoted.span.of(text) for quoted in marks.find(text, paragraphs(text))]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said "one two" and "three".', ['"one two"', '"three"']),
        ("He said “one two” and “three”.", ["“one two”", "“three”"]),
        ("Er sagte „eins zwei“ und „drei“.", ["„eins zwei“", "„drei“"]),
        ("Il dit « un deux » hier.", ["« un deux »"]),
        ("Er sagte »eins zwei« gestern.", ["»eins zwei«"]),
        ("他说「我们不去」。", ["「我们不去」"]),
        ("He said ''one two'' there.", ["''one two''"]),
        ("He said ''it isn't one'' there.", ["''it isn't one''"]),
        ("Il a dit «un deux» et «trois».", ["«un deux»", "«trois»"]),
        ("他说『我们不去』。", ["『我们不去』"]),
        ("He said ＂one two＂ there.", ["＂one two＂"]),
        ("He said ``one two'' there.", ["``one two''"]),
        ("Hon sade ”en två” i dag.", ["”en två”"]),
        ('A “mixed pair" ends with what is at hand.', ['“mixed pair"']),
    ],
)
def test_a_mark_is_closed_by_what_its_opener_allows(text: str, quoted: list[str]) -> None:
    assert stretches(text) == quoted


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“She said “no” to me,” he said.", ["“She said “no” to me,”"]),
        ("“She said ‘no’ to me,” he said.", ["“She said ‘no’ to me,”"]),
        ("‘She said “no” to me,’ he said.", ["‘She said “no” to me,’"]),
        ("'She said \"no\" to me,' he said.", ["'She said \"no\" to me,'"]),
        ("“She said “no” to me. He left. “Late.”", ["“She said “no”", "“Late.”"]),
        ("A ‘first’ and a “second” one.", ["‘first’", "“second”"]),
    ],
)
def test_only_the_outer_marks_of_nested_quotations_count(text: str, quoted: list[str]) -> None:
    assert stretches(text) == quoted


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("‘We’re late,’ she said. ‘It’s over.’", ["‘We’re late,’", "‘It’s over.’"]),
        ("'We're late,' she said. 'It's over.'", ["'We're late,'", "'It's over.'"]),
        ("'We love the boys' club,' she said.", ["'We love the boys' club,'"]),
        ("He spoke of a 'double standard' there.", ["'double standard'"]),
        ("The boys’ dog and Lind’s cat.", []),
        ("The boys' dog and Lind's cat.", []),
        ("The '80s and the '90s, rock 'n' roll, give 'em hell.", []),
        ("The ‘90s were 'good' years.", ["'good'"]),
        ("It rose 'til May, and the players' union agreed.", []),
        ("He said ‹one two› and ›three four‹.", ["‹one two›", "›three four‹"]),
        ("An 'unclosed word and no more.\n\nThe dogs' home.", []),
    ],
)
def test_single_marks_quote_and_apostrophes_do_not(text: str, quoted: list[str]) -> None:
    assert stretches(text) == quoted


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

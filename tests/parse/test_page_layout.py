"""Printed lines to paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.parse.base import Draft, finish
from searchkit.parse.page_layout import Line, join, lay_out
from searchkit.statements.text import normalize
from tests.cases import cases
from tests.formats import Placed, printed
from tests.limits import processor_time_below
from tests.parse.test_base import resource


def lines(page: int, placed: list[Placed]) -> list[Line]:
    return [Line(page=page, text=text, x=x, y=y, size=size) for x, y, size, text in placed]


def unplaced(page: int, *texts: str) -> list[Line]:
    return [Line(page=page, text=text) for text in texts]


def paragraphs(*pages: list[Line]) -> list[str]:
    return [join([paragraph], len(pages))[0] for paragraph in lay_out(pages).paragraphs]


FULL = "The port of Velmar stood still on Monday because all"
NEXT = "of its cranes were being looked at by inspectors who"
LAST = "came from the capital."
ORDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen last end done".split()
)


def test_a_wider_gap_begins_a_paragraph() -> None:
    page = lines(0, printed(FULL, NEXT, FULL + ".", "", FULL, NEXT, LAST))
    assert paragraphs(page) == [f"{FULL} {NEXT} {FULL}.", f"{FULL} {NEXT} {LAST}"]


def test_an_indent_begins_a_paragraph() -> None:
    placed = [(84.0, 780.0, 10.0, FULL), *printed(NEXT, FULL + ".", top=768), (84.0, 744.0, 10.0, FULL)]
    page = lines(0, [*placed, *printed(NEXT, FULL + ".", FULL, LAST, top=732)])
    assert len(paragraphs(page)) == 2


def test_another_size_of_type_begins_a_paragraph() -> None:
    page = lines(0, [(72, 800, 18, "Cranes stand still"), *printed(FULL, NEXT, LAST, top=786)])
    assert paragraphs(page) == ["Cranes stand still", f"{FULL} {NEXT} {LAST}"]


def test_a_raised_sign_does_not() -> None:
    page = lines(0, [*printed(FULL), (72, 768, 6, "and so on"), *printed(NEXT, LAST, top=756)])
    assert paragraphs(page) == [f"{FULL} and so on {NEXT} {LAST}"]


def test_a_short_line_that_ends_a_sentence_ends_a_paragraph() -> None:
    assert paragraphs(unplaced(0, FULL, NEXT, LAST, FULL, NEXT, LAST)) == [f"{FULL} {NEXT} {LAST}"] * 2
    assert paragraphs(unplaced(0, FULL, "etc.", "of course, " + NEXT, NEXT)) == [
        f"{FULL} etc. of course, {NEXT} {NEXT}"
    ]


def test_bullets_begin_paragraphs() -> None:
    assert paragraphs(unplaced(0, FULL, "• one, two", "• three")) == [FULL, "• one, two", "• three"]


def test_a_paragraph_goes_on_over_columns_and_pages() -> None:
    left, right = printed(FULL, NEXT), printed(NEXT, LAST, left=320)
    assert paragraphs(lines(0, [*left, *right])) == [f"{FULL} {NEXT} {NEXT} {LAST}"]
    assert paragraphs(lines(0, left), lines(1, printed(NEXT, LAST))) == [f"{FULL} {NEXT} {NEXT} {LAST}"]
    ended = printed(FULL, NEXT + ".")
    other = printed("Nobody knew on Tuesday why it had come so far, and", LAST)
    assert len(paragraphs(lines(0, ended), lines(1, other))) == 2


@pytest.mark.parametrize(("first", "second", "text"), cases(__file__, "test_hyphens"))
def test_hyphens(first: str, second: str, text: str) -> None:
    assert join([unplaced(0, first, second)], 1)[0] == text


def test_running_heads_are_dropped_and_kept() -> None:
    pages = [
        lines(
            number,
            [
                (72, 820, 8, "HARBOR LEDGER 12 May"),
                *printed(*(f"{word} of line {9 - number}" for word in ORDINALS[number * 6 : number * 6 + 6])),
                (290, 30, 8, f"Page {number + 1} of 3"),
            ],
        )
        for number in range(3)
    ]
    layout = lay_out(pages)
    assert layout.removed == ("HARBOR LEDGER 12 May", "Page 1 of 3")
    kept = " ".join(line.text for paragraph in layout.paragraphs for line in paragraph)
    assert "LEDGER" not in kept
    assert kept.count(" of line ") == 18


def test_heads_of_two_pages_must_have_the_same_place() -> None:
    def page(number: int, y: float) -> list[Line]:
        return lines(number, [(72, y, 8, "HARBOR LEDGER"), *printed(*ORDINALS[number * 6 : number * 6 + 6], top=760)])

    assert lay_out([page(0, 820), page(1, 820)]).removed == ("HARBOR LEDGER",)
    assert lay_out([page(0, 820), page(1, 790)]).removed == ()
    assert lay_out([page(0, 820)]).removed == ()


def test_numbers_of_pages_are_dropped_where_they_stand_alone() -> None:
    for number in ("7", "- 7 -", "Seite 7", "p. 7", "7/9", "7 | 9"):
        assert lay_out([unplaced(0, FULL, NEXT, number)]).removed == (number,)
    for other in ("1990", "7.", "7 cranes", "Page"):
        assert lay_out([unplaced(0, FULL, NEXT, LAST, other)]).removed == ()
    middle = unplaced(0, *["Words of a line"] * 4, "7", *["Words of a line"] * 4)
    assert lay_out([middle]).removed == ()


def test_starts_of_pages() -> None:
    pages = [
        unplaced(0, FULL, "the admin-"),
        unplaced(1, "istration and", LAST),
        [],
        unplaced(3, "Nobody knew on Tuesday why it had come so far, and", NEXT + "."),
        [],
    ]
    text, starts = join(lay_out(pages).paragraphs, len(pages))
    assert text[: starts[1]].endswith("the administration ")
    assert text[starts[1] :].startswith("and came")
    assert starts[2] == starts[3]
    assert text[starts[3] :].startswith("Nobody knew")
    assert starts[4] == len(text)


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@given(st.lists(st.lists(WORDS, max_size=4), min_size=1, max_size=5))
def test_pages_stay_exact_when_the_text_is_normalized(texts: list[list[str]]) -> None:
    cleaned = [[" ".join(text.split()) for text in page] for page in texts]
    pages = [[Line(page=n, text=text) for text in page if text] for n, page in enumerate(cleaned)]
    text, starts = join(lay_out(pages).paragraphs, len(pages))
    if not normalize(text):
        return
    article = finish(Draft(text=text, pages=starts), resource())
    assert article.text == normalize(text)
    assert len(article.pages) == len(pages)
    assert article.pages[0] == 0
    assert list(article.pages) == sorted(article.pages)
    for start, end, page in zip(starts, (*starts[1:], len(text)), range(len(pages)), strict=True):
        piece = article.text[article.pages[page] : (*article.pages, len(article.text))[page + 1]]
        assert piece.strip() == normalize(text[start:end]).strip()


def test_many_lines_take_no_time() -> None:
    with processor_time_below(10):
        pages = [unplaced(number, *["word-"] * 200) for number in range(500)]
        join(lay_out(pages).paragraphs, 500)
        lay_out([lines(0, printed(*["x" * 4_000] * 5_000))])


def test_a_page_whose_lines_are_all_alike_keeps_them() -> None:
    pages = [
        unplaced(page, f"Statement {page} of the port council was read aloud", f"Many words of item {page} follow here")
        for page in range(3)
    ]
    layout = lay_out(pages)
    assert layout.removed == ()
    assert sum(len(paragraph) for paragraph in layout.paragraphs) == 6


def test_words_that_somebody_said_and_ends_of_sentences_are_no_heads() -> None:
    pages = [
        lines(
            page,
            [
                (50, 700, 10, f"The board of {town} met on Monday and spoke of cranes, quays and of the ferry"),
                (50, 688, 10, "and will meet once more before the"),
                (50, 676, 10, "summer, the secretary noted."),
            ],
        )
        for page, town in enumerate(("Velmar", "Ostrava"))
    ]
    assert "the secretary noted." not in lay_out(pages).removed
    assert sum("secretary noted." in line.text for part in lay_out(pages).paragraphs for line in part) == 2
    said = [unplaced(page, '"We deny it," said Orla Finch', "words " * 20 + str(page)) for page in range(4)]
    assert lay_out(said).removed == ()


def book(*heads: str, count: int = 6, foot: str = "", apart: float = 0.0) -> list[list[Line]]:
    """Pages of text, each with one of `heads` in turn, and the same last line."""
    pages = []
    for number in range(count):
        words = ORDINALS[number * 3 : number * 3 + 3]
        text = printed(*(f"{word} words of a line that goes on and on over the page" for word in words), top=760)
        text += [(72, text[-1][1] - 12 - apart, 10.0, foot)] if foot else []
        head = [(72, 820, 9.0, heads[number % len(heads)])] if heads else []
        pages.append(lines(number, [*head, *text]))
    return pages


def words_of(pages: list[list[Line]]) -> str:
    return " ".join(line.text for paragraph in lay_out(pages).paragraphs for line in paragraph)


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_left_and_right_pages_have_heads_of_their_own(count: int) -> None:
    pages = book("HARBOR LEDGER", "The cranes of Velmar", count=count)
    assert lay_out(pages).removed == ("HARBOR LEDGER", "The cranes of Velmar")
    assert "LEDGER" not in words_of(pages)
    assert "of Velmar" not in words_of(pages)


def test_a_head_that_changes_with_the_chapter_stands_in_its_place() -> None:
    pages = book("HARBOR LEDGER", "One", "HARBOR LEDGER", "Two", "HARBOR LEDGER", "Three")
    assert lay_out(pages).removed == ("HARBOR LEDGER", "One", "Two", "Three")
    two_sides = [lines(0, printed(FULL, NEXT)), lines(1, printed(NEXT, LAST))]
    assert lay_out(two_sides).removed == ()


def test_a_sentence_that_comes_again_is_text_unless_it_is_set_apart() -> None:
    for count in (3, 6):
        assert words_of(book(foot="The port said no.", count=count)).count("The port said no.") == count
        assert lay_out(book(foot="Not for print.", count=count, apart=30)).removed == ("Not for print.",)
    assert words_of([unplaced(number, FULL, NEXT, "The port said no.") for number in range(4)]).count("said no.") == 4
    assert lay_out(book(foot="Harbor Ledger Press", count=4)).removed == ("Harbor Ledger Press",)

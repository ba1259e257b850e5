"""What the sentences around a statement show about it."""

from searchkit.histories.sentences import Sentences
from searchkit.statements.text import Span
from tests.histories.articles import article

LINES = [f"This is the long sentence with the number {number}." for number in range(12)]


def compared(old: list[str], new: list[str]) -> Sentences:
    return Sentences(article("courier", "\n\n".join(old)), article("courier", "\n\n".join(new)))


def span_of(line: str, lines: list[str]) -> Span:
    start = "\n\n".join(lines).index(line)
    return Span(start, start + len(line))


def test_a_sentence_between_kept_sentences_was_cut_out() -> None:
    for number, cut in ((4, LINES[4:5]), (4, LINES[3:6]), (0, LINES[:1]), (11, LINES[11:])):
        left = [line for line in LINES if line not in cut]
        assert compared(LINES, left).is_cut_out(span_of(LINES[number], LINES))


def test_a_page_that_lost_most_of_its_text_shows_no_cut() -> None:
    for left in (LINES[:5], LINES[:2] + LINES[10:], []):
        assert not compared(LINES, left).is_cut_out(span_of(LINES[6], LINES))


def test_a_place_is_known_by_its_neighbours() -> None:
    moved = [*LINES[:3], *LINES[6:8], "Another one.", LINES[4]]
    place = compared(LINES, moved)
    assert place.is_same_place(span_of(LINES[8], LINES), span_of("Another one.", moved))
    assert not place.is_same_place(span_of(LINES[1], LINES), span_of("Another one.", moved))


def test_a_changed_sentence_may_still_have_the_words_of_a_statement() -> None:
    old = [*LINES[:3], "The door was locked from outside, Holm said."]
    new = [*LINES[:3], "That the door was locked from outside is what Holm remembers."]
    place = compared(old, new)
    assert place.is_still_there("the door was locked from outside")
    assert not place.is_still_there("the window was broken by a stone")

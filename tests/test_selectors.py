"""Words at a place, and where they are in another state of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.selectors import CONTEXT, Selector, nearest, own_nearest, own_places, places, selector
from searchkit.statements.text import Span, normalize
from tests.limits import processor_time_below
from tests.samples import present

BEFORE = "The yearly meeting of the harbor board ended late on Wednesday. Nadia Korbel said: "
AFTER = " Then the board went home, and the lights of the port were put out one by one."


def of(text: str, words: str, start: int = 0) -> Selector:
    """The selector of `words` in `text`, looked for from `start`."""
    place = text.index(words, start)
    return selector(text, Span(place, place + len(words)))


def test_a_selector_has_words_and_what_stands_around_them() -> None:
    text = f"{BEFORE}“Yes.”{AFTER}"
    made = of(text, "“Yes.”")
    assert (made.exact, made.start, made.end) == ("“Yes.”", len(BEFORE), len(BEFORE) + 6)
    assert (made.prefix, made.suffix) == (BEFORE[-CONTEXT:], AFTER[:CONTEXT])
    at_the_edges = selector("Yes.", Span(0, 4))
    assert (at_the_edges.prefix, at_the_edges.suffix) == ("", "")


def test_what_moved_is_found_where_it_is_now() -> None:
    made = of(f"{BEFORE}“Yes.”{AFTER}", "“Yes.”")
    assert places(f"A correction was added.\n\n{BEFORE}“Yes.”{AFTER}", made) == (len(BEFORE) + 25,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Late on Wednesday Nadia Korbel said: ", AFTER),  # an edit before it
        (BEFORE, " Then the board left, and the lights went out."),  # one behind it
        ("Asked again, Korbel said: ", AFTER),
        (BEFORE, " So it was."),
    ],
)
def test_edits_beside_short_words_leave_them_found(before: str, after: str) -> None:
    made = of(f"{BEFORE}“Yes.”{AFTER}", "“Yes.”")
    assert places(f"{before}“Yes.”{after}", made) == (len(before),)


def test_identical_short_words_are_reported_apart_by_what_stands_around_them() -> None:
    text = "Was the gate open? “Yes.” Did anybody see it? “Yes.” Was it told to the board of the port? “Yes.”"
    starts = [place for place in range(len(text)) if text.startswith("“Yes.”", place)]
    for start in starts:
        assert places(f"Corrected. {text}", of(text, "“Yes.”", start)) == (start + 11,)


def test_identical_words_that_nothing_reports_apart_are_several_places() -> None:
    verse = "And the board of the port said once more what it had said before: “No.” "
    made = of(verse * 3, "“No.”", 100)
    assert len(places("x" + verse * 4, made)) > 1


def test_short_words_elsewhere_are_not_those() -> None:
    made = of(f"{BEFORE}“Yes.”{AFTER}", "“Yes.”")
    assert places("Somebody else was asked about the weather. “Yes.” It rained for the rest of the week.", made) == ()
    # With nothing around them at all, short words are nobody's.
    assert places("He said Yes. And left.", selector("Yes.", Span(0, 4))) == ()


def test_long_words_are_found_by_themselves_if_they_stand_there_once() -> None:
    words = "“the double standard of its suppliers was plain to everybody”"
    made = of(f"{BEFORE}{words}{AFTER}", words)
    assert places(f"Quite another article. {words} It ended.", made) == (23,)
    assert places(f"Quite another article. {words} It ended. {words}", made) == ()


@pytest.mark.parametrize(
    "words", ["“Ne\u0301e”", "“👩‍👩‍👧 so it was 🏗️”", "«\u200fהם אמרו שלום\u200f»", "「我们数了两遍箱子」", "“a\nb”"]
)
def test_signs_of_every_kind(words: str) -> None:
    text = normalize(f"{BEFORE}{words}{AFTER}")
    words = normalize(words)
    made = of(text, words)
    assert made.exact == words
    assert places(f"🏗️é {text}", made) == (made.start + 4,)


def test_what_was_reworded_in_its_place_is_shown() -> None:
    made = of(f"{BEFORE}We counted the crates twice.{AFTER}", "We counted the crates twice.")
    text = f"{BEFORE}We counted the crates once, or so it seems.{AFTER}"
    close = present(nearest(text, made))
    assert close.span.of(text) == "We counted the crates once, or so it seems."
    assert 0.5 < close.likeness < 1


def test_what_was_cut_out_leaves_an_empty_place() -> None:
    made = of(f"{BEFORE}We counted the crates twice.{AFTER}", "We counted the crates twice.")
    close = present(nearest(BEFORE + AFTER, made))
    assert close.span == Span(len(BEFORE), len(BEFORE))


def test_words_like_it_elsewhere_are_shown() -> None:
    made = of(f"{BEFORE}We counted the crates in the hall twice.{AFTER}", "We counted the crates in the hall twice.")
    text = "Another day. In the end we counted the crates in the yard twice, she said. It rained."
    close = present(nearest(text, made))
    assert close.span.of(text) == "we counted the crates in the yard twice"
    assert close.likeness == pytest.approx(7 / 8)
    assert nearest("Nothing of the kind stands here.", made) is None
    assert nearest("", made) is None


def test_words_without_blanks_are_compared_sign_by_sign() -> None:
    made = of("他说：我们数了两遍箱子。", "我们数了两遍箱子")
    close = present(nearest("今天的新闻。我们只数了一遍箱子，天下雨了。", made))
    assert close.likeness >= 0.5


@given(st.text(max_size=200), st.data())
def test_in_an_unchanged_text_nothing_moves(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    made = selector(text, Span(start, end))
    found = places(text, made)
    assert not found or start in found or len(found) == 20
    assert all(text.startswith(made.exact, place) for place in found)
    close = nearest(text, made)
    assert close is None or 0 <= close.span.start <= close.span.end <= len(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * 1_000_000, "a" * 1000),
        ("a b " * 250_000, "a b " * 500 + "c"),
        ("yes " * 250_000, "yes"),
        (" " * 1_000_000, " " * 100),
        ("x" * 1_000_000 + "y", "x" * 500_000 + "z"),
    ],
)
def test_floods_take_no_time(text: str, words: str) -> None:
    with processor_time_below(5):
        for around in ("", "a b ", "said: "):
            made = Selector(exact=words, start=5, prefix=around, suffix=around)
            places(text, made)
            nearest(text, made)


# --- "gone" wins over a lookalike -------------------------------------------------------------------------------------

SAID = "“We have not paid a single crown to anybody,” said Nadia Korbel."


@pytest.mark.parametrize("other", [SAID, SAID.replace("crown", "euro")])
def test_words_that_were_cut_out_are_not_found_in_a_passage_that_stood_there_before(other: str) -> None:
    recorded = f"{SAID}\n\nThe cranes stood still.\n\nAt noon, in the hall: {other} The hall was full."
    first, second = of(recorded, SAID), of(recorded, other, len(SAID))
    now = f"A correction.\n\n{recorded.removeprefix(SAID)}"
    assert own_places(now, first, recorded) == ()
    assert own_nearest(now, first, recorded) is None
    assert own_places(now, second, recorded) == (now.index(other),)
    # Without the recorded text, the place is unknown.
    assert own_places(now, first, "") == places(now, first)
    assert own_nearest(now, first, "") == nearest(now, first)


def test_words_that_moved_or_were_reworded_are_still_found() -> None:
    recorded = f"{BEFORE}{SAID}{AFTER} At noon, in the hall: {SAID} The hall was full."
    made = of(recorded, SAID)
    assert own_places(f"A correction.\n\n{recorded}", made, recorded) == (len(BEFORE) + 15,)
    now = recorded.replace("crown", "penny", 1)
    close = present(own_nearest(now, made, recorded))
    assert close.span.of(now) == SAID.replace("crown", "penny")
    assert own_places("", made, recorded) == ()

"""Test the analysis of text."""

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchkit.index.analysis import (
    MAX_LENGTH,
    beginning,
    contains_exact,
    exact_key,
    name_words,
    places,
    stem,
    stems,
    words,
)
from tests.cases import cases


def test_names_ignore_full_stops() -> None:
    assert name_words("U.S. Navy of the US") == name_words("us navy of the u.s.") == "us navy of the us".split()


@pytest.mark.parametrize(("text", "expected"), cases(__file__, "test_words"))
def test_words(text: str, expected: str | None) -> None:
    found = words(text)
    if expected is None:  # the letters may be folded, but words must stay whole
        assert len(found) == len(text.split())
    else:
        assert found == expected.split()


def test_places() -> None:
    text = "“The U.S. firm’s café,” Korbel said."
    assert [text[start:end] for start, end in places(text)] == ["The", "U.S.", "firm", "café", "Korbel", "said"]


signs = st.sampled_from("aAsS.'’-_ é\u0301\u200b\u200d天ー1²½İſßﬁ\ud800ﾞ́")


@pytest.mark.slow
@given(st.text(signs, max_size=60) | st.text(max_size=60))
@example("U." * 30)
def test_words_have_places_in_order(text: str) -> None:
    assert all(words(text))
    assert len(words(text)) == len(places(text))
    bounds = [0, *(bound for place in places(text) for bound in place), len(text)]
    assert bounds == sorted(bounds)
    assert all(start < end for start, end in places(text))


@given(st.text(max_size=40), st.text(max_size=40))
def test_white_space_separates_words(left: str, right: str) -> None:
    assert words(f"{left} {right}") == words(left) + words(right)


@given(st.text(st.sampled_from("abé.'’s -_½“Æ"), max_size=40))
def test_token_patterns_agree(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert words(plain + " é") == [*words(plain), "e"]
    assert words(text + " 天") == [*words(text), "天"]


@pytest.mark.parametrize("flood", ["a", "é", "a.", "a'", "’", "\u0301", "天", "_", ".", "\u200d", "1,"])
def test_floods_are_cut(flood: str) -> None:
    found = words(flood * 100_000)
    assert all(0 < len(word) <= MAX_LENGTH for word in found)


def test_stems() -> None:
    assert stems(["standards", "standard", "running", "天"]) == ["standard", "standard", "run", "天"]
    assert stem("companies") == stem("company")


_ENDS = """
    able ably al alism aliti alize alli ally ance anci ant ate ated ation ational ator bli bly e ed edly eed ence enci
    er es ful fulli fulness ibility ical icate iciti ied ies ing ingly ion ism iti ity ive iveness ization izer l less
    li ll logi logy ly ment ness ogist ousli ousness s sion sses tional ying y ys 's
""".split()


def test_beginnings_of_stems() -> None:
    for word in "skies dying lying tying idly gently ugly early only singly news inning proceed canning".split():
        assert word.startswith(beginning(stem(word)))


@given(st.from_regex(r"\A[a-z0-9][a-z0-9']{0,8}\Z"), st.lists(st.sampled_from(_ENDS), max_size=3).map("".join))
def test_any_word_begins_with_the_beginning_of_its_stem(base: str, ending: str) -> None:
    assert (base + ending).startswith(beginning(stem(base + ending)))


def test_names_are_not_stemmed() -> None:
    assert name_words("Tavira Systems’") == ["tavira", "systems"]


@pytest.mark.parametrize(("text", "wanted", "found"), cases(__file__, "test_exact"))
def test_exact(text: str, wanted: str, *, found: bool) -> None:
    assert contains_exact(exact_key(text), exact_key(wanted)) is found


def test_importing_the_index_loads_no_engine() -> None:
    code = (
        "import sys, searchkit.index, searchkit.index.base, searchkit.index.rows, searchkit.index.analysis;"
        "print([m for m in ('whoosh', 'numpy', 'Stemmer', 'searchkit.statements.document') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

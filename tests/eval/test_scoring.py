"""The scorer itself: matching, names, and counting."""

from searchkit.document import Quote, Speaker
from searchkit.text import Span
from tests.eval.scoring import RELAXED, STRICT, Match, Ratio, match, same_name

TEXT = "It was late, and it was raining, Korbel said. Nobody minded."
WHOLE = Span(0, 31)
FIRST, SECOND = Span(0, 11), Span(13, 31)


def quote(span: Span, group: str | None = None) -> Quote:
    return Quote(
        id="x", content=span, kind="indirect", group=group, rule="test", confidence=1.0, speaker=Speaker(name="Korbel")
    )


def test_a_statement_meets_the_quote_with_its_letters() -> None:
    assert match(TEXT, [(WHOLE, None)], [quote(Span(46, 60)), quote(WHOLE)], RELAXED) == [Match((0,), (1,), 1.0)]


def test_strict_wants_more_letters_than_relaxed() -> None:
    assert match(TEXT, [(WHOLE, None)], [quote(SECOND)], STRICT) == []
    assert len(match(TEXT, [(WHOLE, None)], [quote(SECOND)], RELAXED)) == 1


def test_each_is_used_once() -> None:
    assert len(match(TEXT, [(WHOLE, None)], [quote(WHOLE), quote(WHOLE)], RELAXED)) == 1


def test_parts_listed_apart_meet_one_whole_quote() -> None:
    (pair,) = match(TEXT, [(FIRST, "A"), (SECOND, "A")], [quote(WHOLE)], STRICT)
    assert (pair.listed, pair.quotes) == ((0, 1), (0,))


def test_one_statement_meets_the_parts_of_a_split_quote() -> None:
    (pair,) = match(TEXT, [(WHOLE, None)], [quote(FIRST, "1"), quote(SECOND, "1")], STRICT)
    assert (pair.listed, pair.quotes) == ((0,), (0, 1))


def test_parts_without_a_group_are_not_joined() -> None:
    assert match(TEXT, [(FIRST, None), (SECOND, None)], [quote(WHOLE)], STRICT) == []


def test_names_are_the_same_in_other_dress() -> None:
    assert same_name("U.S. Commerce Department") == same_name("the Department of Commerce")
    assert same_name("Meridian Optics Ltd") == same_name("Meridian Optics")
    assert same_name("Tarpan Steel S.p.A.") == same_name("Tarpan Steel")
    assert same_name("Karvan's Sanctions Tribunal") != same_name("Sanctions Tribunal")
    assert same_name("Leonie Tidegrave") != same_name("Anselm Tidegrave")
    assert same_name("The") == {"the"}


def test_ratios_count() -> None:
    ratio = Ratio()
    assert (ratio.precision, ratio.recall, ratio.f1) == (1.0, 1.0, 1.0)
    ratio.add(found=True, right=True)
    ratio.add(found=True)
    ratio.add(wanted=True, right=True)
    assert (ratio.precision, ratio.recall) == (0.5, 1.0)
    assert round(ratio.f1, 3) == 0.667

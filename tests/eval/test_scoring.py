"""The scorer itself: matching, names, and counting."""

import pytest
from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document, Quote, Speaker
from searchkit.statements.text import Span
from tests.eval.annotated import Statement
from tests.eval.scoring import RELAXED, STRICT, Ratio, Scores, match, same_name, score_statements

TEXT = "It was late, and it was raining, Korbel said. Nobody minded."
WHOLE = Span(0, 31)
FIRST, SECOND = Span(0, 11), Span(13, 31)


def quote(span: Span, group: str | None = None) -> Quote:
    return Quote(
        id="x", content=span, kind="indirect", group=group, rule="test", confidence=1.0, speaker=Speaker(name="Korbel")
    )


@pytest.mark.parametrize(
    ("listed", "quotes", "least", "pairs"),
    [
        ([(WHOLE, None)], [quote(Span(46, 60)), quote(WHOLE)], RELAXED, [((0,), (1,))]),
        ([(WHOLE, None)], [quote(SECOND)], RELAXED, [((0,), (0,))]),
        ([(WHOLE, None)], [quote(SECOND)], STRICT, []),
        ([(WHOLE, None)], [quote(WHOLE), quote(WHOLE)], RELAXED, [((0,), (0,))]),
        ([(FIRST, "A"), (SECOND, "A")], [quote(WHOLE)], STRICT, [((0, 1), (0,))]),
        ([(WHOLE, None)], [quote(FIRST, "1"), quote(SECOND, "1")], STRICT, [((0,), (0, 1))]),
        ([(FIRST, None), (SECOND, None)], [quote(WHOLE)], STRICT, []),
    ],
    ids=["same letters", "relaxed", "strict", "used once", "parts listed", "split quote", "parts without a group"],
)
def test_statements_match_quotes_with_the_same_letters(
    listed: list[tuple[Span, str | None]],
    quotes: list[Quote],
    least: float,
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]],
) -> None:
    assert [(pair.listed, pair.quotes) for pair in match(TEXT, listed, quotes, least)] == pairs


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


def _scores(about: tuple[str, ...] | None, said: str | None, read: Quote) -> Scores:
    listed = Statement(
        file="x", text=WHOLE.of(TEXT), speaker="Korbel", kind="indirect", about=about, cue=None, said=said
    )
    scores = Scores()
    document = Document(
        uri="file:x", text=TEXT, paragraphs=(), id="x", digest="", extractor_version="1", quotes=(read,)
    )
    score_statements(scores, document, [listed])
    return scores


def test_targets_count_one_by_one_and_as_a_whole() -> None:
    read = replace(quote(WHOLE), about=("Harbor Union", "Velmar"))
    scores = _scores(("the Harbor Union", "Igor Malt"), "", read)
    pairs = scores.of("about, pairs")
    assert (pairs.found, pairs.found_right, pairs.wanted, pairs.wanted_right) == (2, 1, 2, 1)
    assert scores.of("about, whole").precision == 0.0
    assert _scores(("Velmar", "Harbor Union"), "", read).of("about, whole").precision == 1.0


def test_an_empty_about_differs_from_a_missing_one() -> None:
    scores = _scores((), "", replace(quote(WHOLE), about=("Velmar",)))
    assert (scores.of("about, pairs").precision, scores.of("about, whole").precision) == (0.0, 0.0)
    assert "about, whole" not in _scores(None, "", quote(WHOLE)).measures


def test_a_date_is_right_when_it_is_the_one_stated_or_assumed_where_none_is() -> None:
    stated = replace(quote(WHOLE), date=PartialDate(value="2024-03-04", precision="day", source="text"))
    assumed = replace(quote(WHOLE), date=PartialDate(value="2024-03-04", precision="day", source="publication"))
    for said, read, share, found, wanted in (
        ("2024-03-04", stated, 1.0, 1, 1),
        ("2024-03-04", assumed, 0.0, 0, 1),
        ("assumed", assumed, 1.0, 0, 0),
        ("assumed", stated, 0.0, 1, 0),
        (None, quote(WHOLE), 1.0, 0, 0),
        (None, assumed, 0.0, 0, 0),
    ):
        scores = _scores(None, said, read)
        counted = scores.of("date stated")
        assert (scores.of("date, given a match").precision, counted.found, counted.wanted) == (share, found, wanted)
    assert "date stated" not in _scores(None, "", stated).measures

"""Laws that hold for every query and every tree."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.errors import QueryError
from searchkit.query.ast import (
    All,
    Equals,
    Exact,
    Exists,
    Field,
    Fuzzy,
    Near,
    Node,
    Not,
    Phrase,
    Prefix,
    Range,
    Scope,
    Term,
    Unplaced,
    conjunction,
    disjunction,
)
from searchkit.query.fields import FIELDS, Record
from searchkit.query.leaves import read_date
from searchkit.query.parser import parse
from searchkit.query.scanner import MAX_QUERY
from searchkit.query.walk import interpreted
from searchkit.query.words import caret

JOINERS = "\u200c\u200d"
TODAY = date(2026, 3, 4)

words = st.sampled_from(
    ["Korbel", "U.S.", "company's", "fox-it", "12:30", "天地", "or", "é", "C++", "why?", "=x", "/x"]
)
field_words = st.sampled_from(["Korbel", "U.S.", "fox-it", "12:30", "天地", "or", "why?"])
texts = st.text(alphabet="abc \"\\'-()é", max_size=8).map(lambda text: "a" + text)
exact_texts = st.text(alphabet='abc "\\“”’–\u00e9(', max_size=8).map(lambda text: "a" + text)
terms = words.map(lambda word: Term(text=word))
phrases = st.builds(lambda text, slop: Phrase(text=text, slop=slop), texts, st.integers(0, 5))
simple = st.one_of(terms, phrases)
nears = st.builds(
    lambda left, right, distance, ordered: Near(left=left, right=right, distance=distance, ordered=ordered),
    simple,
    simple,
    st.integers(0, 50),
    st.booleans(),
)
others = st.one_of(
    st.sampled_from(["Meri", "U.S.", "ab"]).map(lambda text: Prefix(text=text)),
    st.builds(lambda distance: Fuzzy(text="Meridien", distance=distance), st.integers(1, 2)),
)
points = st.sampled_from(
    "2022|2022-12|2022-12-15|7d|last-week|>2022|2020..2022-03|[2020 TO *]|..1mo|=2022-12|={2020 TO 2022]".split("|")
)


def _range(written: str) -> Range:
    tree = parse(f"date:{written}", today=TODAY).tree
    assert isinstance(tree, Field)
    assert isinstance(tree.value, Range)
    return tree.value


ranges = points.map(_range)
values = st.one_of(
    field_words.map(lambda word: Term(text=word)),
    phrases,
    others,
    exact_texts.map(lambda text: Equals(text=text)),
    st.just(Exists()),
)


def _grown(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda child: Not(child=child)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: conjunction(*parts)),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: disjunction(*parts)),
        ),
        max_leaves=6,
    )


names = st.sampled_from([field.name for field in FIELDS if field.kind == "name"])
fields = st.one_of(
    st.builds(lambda name, value: Field(name=name, value=value), names, _grown(values)),
    _grown(ranges | st.sampled_from([Unplaced(unit="day"), Unplaced(unit="year")])).map(
        lambda value: Field(name="date", value=value)
    ),
)
leaves = st.one_of(simple, nears, others, fields, exact_texts.map(lambda text: Exact(text=text)))
trees = _grown(st.one_of(leaves, _grown(leaves).map(lambda inner: Scope(inner=inner)), st.just(All())))


@pytest.mark.slow
@given(trees)
@settings(max_examples=200, deadline=None)
def test_the_canonical_form_parses_to_the_same_tree(tree: Node) -> None:
    written = str(tree)
    read = parse(written, today=TODAY).tree
    assert read == tree
    assert str(read) == written


@given(trees)
@settings(max_examples=60, deadline=None)
def test_the_interpreted_form_is_a_query_with_the_same_days(tree: Node) -> None:
    written = interpreted(tree)
    assert interpreted(parse(written, today=date(2031, 1, 1)).tree) == written


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            'a Korbel AND OR NOT NEAR/3 NEAR "x " ( ) quote:{ } speaker: date: 2022 .. * ~ ~1 ? - + – = /x/ [ ] TO'
            " exact: has: ^2 && ! : ' ... http://x/ 1mo".split(" ")
        ),
        st.just(" "),
        st.text(max_size=3),
    ),
    max_size=14,
).map("".join)


@pytest.mark.slow
@given(pieces, st.sampled_from(["document", "quote"]))
@settings(max_examples=300, deadline=None)
def test_any_query_is_read_or_refused_at_a_place(query: str, record: Record) -> None:
    try:
        tree = parse(query, today=TODAY, record=record).tree
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(query)
        assert all(sign == "\n" or sign.isprintable() or sign in JOINERS or sign.isspace() for sign in caret(error))
        return
    assert parse(str(tree), today=TODAY, record=record).tree == tree


# Any sign at all, lone surrogates too; and long ones, made of a few pieces again and again.
anything = st.text(st.characters(exclude_categories=()), max_size=200)
long = st.builds(
    lambda parts, times: ("".join(parts) * times)[:20_000],
    st.lists(
        st.sampled_from(["a", " ", "(", ")", "-", '"', "NOT ", "x:", "quote:{", "}", "~", "* ", "OR ", "é", "＼"])
    ),
    st.sampled_from([50, 1_000, 20_000]),
)


@pytest.mark.slow
@given(anything | long, st.sampled_from(["document", "quote"]))
@settings(max_examples=200, deadline=2_000)
def test_whatever_is_typed_is_read_or_refused_at_once(query: str, record: Record) -> None:
    try:
        tree = parse(query, today=TODAY, record=record).tree
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(query)
        assert "\n" not in error.message
        assert caret(error)
        return
    if max(len(str(tree)), len(interpreted(tree))) <= MAX_QUERY:
        assert parse(str(tree), today=TODAY, record=record).tree == tree
        assert parse(interpreted(tree), today=TODAY, record=record)


@given(st.lists(st.sampled_from(["(", "NOT ", "-(", "speaker:(", "quote:{"]), max_size=60), st.text("ab ", max_size=5))
@settings(max_examples=100, deadline=None)
def test_deep_queries_are_read_or_refused(openers: list[str], inside: str) -> None:
    closers = "".join({"(": ")", "{": "}"}.get(opener[-1], "") for opener in reversed(openers))
    query = "".join(openers) + inside + closers
    try:
        tree = parse(query, today=TODAY).tree
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(query)
        return
    assert parse(str(tree), today=TODAY).tree == tree


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.dates(date(1900, 1, 1), date(2100, 12, 31)))
@settings(max_examples=50, deadline=None)
def test_a_day_is_inside_its_month_and_year(day: date, today: date) -> None:
    for written in (f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}"):
        span = read_date(written, today)
        assert span.start is not None
        assert span.end is not None
        assert span.start <= day <= span.end
        before, after = read_date(f"<{written}", today), read_date(f">{written}", today)
        assert before.end is not None
        assert after.start is not None
        assert before.end < day < after.start

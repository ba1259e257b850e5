"""Marks and passages, and which statements of a document matched: those that a search over statements finds."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.index.base import Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import FIELDS
from searchkit.query.parser import parse
from searchkit.search.answer import Excerpt, alone
from searchkit.search.highlight import (
    ARTICLE_FIELDS,
    LONGEST_STATEMENT,
    STATEMENT,
    TITLE,
    TITLE_OF_STATEMENT,
    WIDTH,
    DocumentMatcher,
    Snippet,
    StatementMatch,
    best_statements,
    complete,
    matches,
    passages,
    snippets,
)
from searchkit.search.rewrite import NameExpander
from searchkit.statements.document import Document, WatchlistMatch
from searchkit.statements.text import Span, normalize, paragraphs
from tests.cases import cases
from tests.limits import processor_time_below
from tests.oracle.memory import MemoryIndex
from tests.samples import document, present

TODAY = date(2026, 3, 4)
TEXT = (
    "Regulators meet twice a year. The double standards of suppliers were noted.\n"
    "A double standard was denied by Meridian Optics. Warnings came in March."
)


def _tree(query: str) -> ast.Node:
    return parse(query, today=TODAY).tree


def _found(query: str, text: str = TEXT) -> list[str]:
    return [span.of(text) for span in matches(text, _tree(query))]


@pytest.mark.parametrize(("query", "expected"), cases(__file__, "test_only_what_was_asked_for_is_marked"))
def test_only_what_was_asked_for_is_marked(query: str, expected: tuple[str, ...]) -> None:
    assert _found(query) == list(expected)


@pytest.mark.parametrize(
    ("query", "title", "statement", "beside"), cases(__file__, "test_what_is_asked_of_one_field_is_marked_there_alone")
)
def test_what_is_asked_of_one_field_is_marked_there_alone(
    query: str, title: tuple[str, ...], statement: tuple[str, ...], beside: tuple[str, ...]
) -> None:
    text = "A double standard"

    def found(fields: frozenset[str]) -> tuple[str, ...]:
        return tuple(span.of(text) for span in matches(text, _tree(query), fields=fields))

    assert [found(fields) for fields in (TITLE, STATEMENT, TITLE_OF_STATEMENT)] == [title, statement, beside]


def test_words_bound_to_a_statement_are_marked_in_those_that_meet_the_condition() -> None:
    first, second = Span(0, 29), Span(30, 75)
    asked: list[str] = []

    def statements_of(condition: ast.Node, field: str) -> list[Span]:
        assert field == ("text" if isinstance(condition, ast.Scope) else "quote")
        asked.append(str(condition))
        return [second] if isinstance(condition, ast.Scope) else [first]

    tree = _tree('quote:{standards speaker:x "a b"} OR quote:(year AND twice)')
    found = matches(TEXT, tree, statements_of=statements_of)
    assert [span.of(TEXT) for span in found] == ["twice", "year", "standards"]
    assert set(asked) == {'quote:{standards AND speaker:x AND "a b"}', "quote:year", "quote:twice"}


def test_exact_words_are_found_through_what_case_does_to_letters() -> None:
    text = "Die STRASSE  und die Straße, İnce."
    assert _found('exact:"straße und"', text) == ["STRASSE  und"]
    assert _found('exact:"strasse"', text) == ["STRASSE", "Straße"]
    assert _found('exact:"die stra"', text) == []
    assert _found('exact:", İnce."', text) == [", İnce."]


def test_accents_and_possessives_do_not_hide_a_match() -> None:
    assert _found("muller", "Said Müller’s office.") == ["Müller"]


def test_the_best_sentences_are_shown_in_reading_order() -> None:
    shown = snippets(TEXT, _tree("double standard warnings"), within=paragraphs(TEXT))
    assert [snippet.text for snippet in shown] == [
        "The double standards of suppliers were noted.",
        "A double standard was denied by Meridian Optics.",
    ]
    assert [mark.of(shown[1].text) for mark in shown[1].marks] == ["double", "standard"]
    assert all(snippet.span.of(TEXT) == snippet.text for snippet in shown)


def test_a_hit_without_words_shows_its_first_sentence() -> None:
    (only,) = snippets(TEXT, _tree("*"), within=paragraphs(TEXT))
    assert (only.text, only.marks) == ("Regulators meet twice a year.", ())
    assert snippets("", _tree("*"), within=()) == ()


def test_a_long_sentence_is_cut_around_its_match() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    (only,) = snippets(text, _tree("needle"), within=paragraphs(text), width=80)
    assert only.text.startswith("… word") and only.text.endswith(" …")
    assert len(only.text) < 100
    assert [mark.of(only.text) for mark in only.marks] == ["needle"]


def test_one_endless_word_is_cut_as_well() -> None:
    text = "x" * 5000
    (only,) = snippets(text, _tree("y"), within=paragraphs(text), width=80)
    assert len(only.text) < 100


def test_a_statement_around_a_match_is_shown_whole() -> None:
    words = '"' + "We saw nothing. " * 25 + 'Then came the needle. We saw nothing again."'
    text = f"{'The hall was cold. ' * 20}{words} Nadia Korbel said. The rest was silence."
    statement = Span(text.index(words), text.index(words) + len(words))
    (only,) = passages(text, matches(text, _tree("needle")), within=paragraphs(text), statements=[statement])
    assert only.span == statement
    assert [mark.of(only.text) for mark in only.marks] == ["needle"]
    # Shorter ones come with their sentences.
    text = 'The hall was cold. "We saw the needle," Nadia Korbel said. The rest was silence.'
    (only,) = passages(text, matches(text, _tree("needle")), within=paragraphs(text), statements=[Span(19, 38)])
    assert only.text == '"We saw the needle," Nadia Korbel said.'


def test_a_monstrous_statement_is_cut_around_its_match() -> None:
    text = "word " * 5_000 + "needle " + "word " * 5_000
    statement = Span(0, len(text.rstrip()))
    marks = matches(text, _tree("needle"))
    for shown in (
        *passages(text, marks, within=paragraphs(text), statements=[statement]),
        complete(text, statement, marks),
    ):
        assert len(shown.text) <= LONGEST_STATEMENT + 50
        assert [mark.of(shown.text) for mark in shown.marks] == ["needle"]


def test_without_words_the_statements_that_matched_are_shown() -> None:
    statements = [Span(TEXT.index("A double"), TEXT.index(" was denied")), Span(TEXT.index("The double"), 75)]
    shown = passages(TEXT, (), within=paragraphs(TEXT), matched=statements, count=1)
    assert [snippet.text for snippet in shown] == ["A double standard was denied by Meridian Optics."]
    assert len(passages(TEXT, (), within=paragraphs(TEXT), matched=statements)) == 2


def test_statements_in_one_another_and_over_paragraphs() -> None:
    text = "One. Two needle three.\n\nFour."
    inner, outer = Span(9, 15), Span(5, len(text))
    (only,) = passages(text, [Span(9, 15)], within=paragraphs(text), statements=[inner, outer])
    assert only.span == outer
    assert only.text == "Two needle three.  Four."


def test_a_match_far_into_a_long_text_is_shown() -> None:
    text = "word " * 90_000 + "The needle is here."
    (only,) = snippets(text, _tree("needle"), within=paragraphs(text))
    assert "needle" in only.text


def test_a_text_of_which_no_paragraphs_are_known_has_a_snippet() -> None:
    assert [snippet.text for snippet in snippets("One two.", _tree("three"), within=())] == ["One two."]
    assert snippets(" ", _tree("three"), within=()) == ()


# --- laws -----------------------------------------------------------------------------------------------------------

# Words that match, words that do not, and what may stand between them.
pieces = st.sampled_from(["crane", "cranes", "Crâne", "crate", "still", "天地", "x" * 300, "e\u0301"])
gaps = st.sampled_from([" ", ", ", ". ", ".\n\n", "\n", "\t", " — ", "\u00a0"])
texts = st.lists(st.tuples(pieces, gaps), max_size=60).map(
    lambda parts: normalize("".join(piece + gap for piece, gap in parts))
)
leaves = st.sampled_from(
    [
        ast.Term(text="crane"),
        ast.Term(text="天地"),
        ast.Phrase(text="crane still"),
        ast.Phrase(text="crane crate", slop=2),
        ast.Exact(text="cranes, still"),
        ast.Prefix(text="cra"),
        ast.Fuzzy(text="crane", distance=1),
        ast.Near(left=ast.Term(text="crane"), right=ast.Term(text="still")),
        ast.Field(name="speaker", value=ast.Term(text="crane")),
        ast.Not(child=ast.Term(text="still")),
        ast.Scope(inner=ast.Term(text="crate")),
        ast.All(),
    ]
)
queries = st.one_of(leaves, st.lists(leaves, min_size=2, max_size=3).map(lambda nodes: ast.Or(children=tuple(nodes))))


def _check(snippet: Snippet, text: str) -> None:
    before = 2 if snippet.text.startswith("… ") and not snippet.span.of(text).startswith("… ") else 0
    words = snippet.span.of(text)
    shown = snippet.text[before : before + len(words)]
    assert shown.split() == words.split()
    assert len(snippet.text.splitlines()) <= 1
    position = 0
    for mark in snippet.marks:
        assert position <= mark.start < mark.end <= before + len(words)
        position = mark.end


@given(texts, queries, st.integers(1, 4), st.integers(20, WIDTH))
def test_snippets_are_passages_of_the_text(text: str, query: ast.Node, count: int, width: int) -> None:
    within = paragraphs(text)
    found = snippets(text, query, within=within, count=count, width=width)
    assert len(found) <= count
    assert bool(found) is bool(within)
    starts = [snippet.span.start for snippet in found]
    assert starts == sorted(set(starts))
    for snippet in found:
        _check(snippet, text)
        assert len(snippet.span.of(text)) <= width + 40  # back to the start of a word
        assert any(paragraph.covers(snippet.span) for paragraph in within)


@given(texts, queries)
def test_every_mark_is_a_match_of_the_text(text: str, query: ast.Node) -> None:
    spans = matches(text, query)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    words = {" ".join(span.of(text).split()) for span in spans}
    for snippet in snippets(text, query, within=paragraphs(text), count=9, width=10_000):
        for mark in snippet.marks:
            shown = " ".join(mark.of(snippet.text).split())
            assert any(word.startswith(shown) for word in words)  # cut where the paragraph ends
    assert bool(spans) is any(snippet.marks for snippet in snippets(text, query, within=paragraphs(text), count=99))


@given(texts, queries, st.data())
def test_a_statement_is_marked_within_itself(text: str, query: ast.Node, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    marks = matches(text, query, fields=STATEMENT, part=span)
    assert marks == tuple(Span(start + m.start, start + m.end) for m in matches(span.of(text), query, fields=STATEMENT))
    snippet = complete(text, span, marks)
    _check(snippet, text)
    if span.end - span.start <= LONGEST_STATEMENT:
        assert snippet.span == span
        assert len(snippet.text) == span.end - span.start
        assert [Span(start + mark.start, start + mark.end) for mark in snippet.marks] == list(marks)


@given(texts, queries, st.data())
def test_statements_around_matches_are_whole(text: str, query: ast.Node, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    ends = data.draw(st.lists(st.tuples(places, places), max_size=4))
    statements = [Span(min(pair), max(pair)) for pair in ends if text[min(pair) : max(pair)].strip()]
    marks = matches(text, query)
    for snippet in passages(text, marks, within=paragraphs(text), statements=statements, count=9, width=40):
        assert len(snippet.text) <= LONGEST_STATEMENT + 44
        if snippet.marks and snippet.span.end - snippet.span.start > 80:
            assert any(snippet.span.covers(statement) for statement in statements)


def test_a_phrase_over_the_end_of_a_paragraph_is_shown_where_it_begins() -> None:
    text = "Hall nine.\n\nThe cranes stand\n\nstill since Friday."
    (snippet,) = snippets(text, ast.Phrase(text="stand still"), within=paragraphs(text))
    assert (snippet.text, snippet.marks) == ("The cranes stand", (Span(11, 16),))


@given(texts, queries, st.data())
def test_the_longest_statement_around_a_match_is_shown(text: str, query: ast.Node, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    drawn = data.draw(st.lists(st.tuples(places, places), max_size=8))
    statements = sorted({Span(min(pair), max(pair)) for pair in drawn if text[min(pair) : max(pair)].strip()})
    for mark in matches(text, query)[:1]:
        around = [span for span in statements if span.covers(mark) and span.end - span.start <= LONGEST_STATEMENT]
        for snippet in passages(text, [mark], within=paragraphs(text), statements=statements, width=1):
            longest = max((span.end - span.start for span in around), default=0)
            if around:
                wanted = next(span for span in around if span.end - span.start == longest)
                assert snippet.span.covers(wanted)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [". ", " "])
def test_a_thousand_words_in_a_long_text_do_not_take_long(stop: str) -> None:
    words = [f"{a}{b}{c}" for a in "bdfgklmnpr" for b in "aeiou" for c in "bdfgklmnpr"]
    text = stop.join(" ".join(words[start : start + 10]) for start in range(0, 500, 10)) * 100
    query = ast.disjunction(*(ast.Term(text=word) for word in words))
    with processor_time_below(3):  # seconds; it grows with the length, not with its square
        found = snippets(text, query, within=paragraphs(text))
    assert found[0].marks


SAMPLE = document()
FIRST, SECOND = (quote.id for quote in SAMPLE.quotes)


def _index(*documents: Document) -> MemoryIndex:
    index = MemoryIndex()
    with index.writer() as writer:
        writer.put(documents)
        writer.commit(1)
    return index


def _excerpt(tree: ast.Node, of: Document = SAMPLE, index: Index | None = None) -> Excerpt:
    return Excerpt(alone(of), tree, DocumentMatcher(tree, [of.id], NameExpander(index or _index(of), "document")))


def _matched(query: str, of: Document = SAMPLE, index: Index | None = None) -> dict[str, tuple[str, ...]]:
    return {match.quote.id: match.clauses for match in _excerpt(_tree(query), of, index).statements}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *cases(__file__, "test_statements_that_matched"),
        (f"id:{FIRST}", (("first", (f"id:{FIRST}",)),)),
        (f"id:{SAMPLE.id}", ()),
    ],
)
def test_statements_that_matched(query: str, expected: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    ids = {"first": FIRST, "second": SECOND}
    assert list(_matched(query).items()) == [(ids[name], clauses) for name, clauses in expected]


@pytest.mark.parametrize(("count", "expected"), [(0, ""), (1, "c"), (2, "ac"), (3, "acd"), (9, "abcde")])
def test_the_best_statements_match_what_few_match_and_are_in_text_order(count: int, expected: str) -> None:
    clauses = {"a": ("x", "y"), "b": ("x",), "c": ("x", "y", "z"), "d": ("x", "z"), "e": ()}
    found = [StatementMatch(quote=replace(SAMPLE.quotes[0], id=name), clauses=own) for name, own in clauses.items()]
    assert "".join(match.quote.id for match in best_statements(found, count)) == expected


def test_the_places_of_bound_words() -> None:
    tree = _tree("quote:{Nadia warnings}")
    words, sentence = (_excerpt(tree)._bound(tree, field)[0].of(SAMPLE.text) for field in ("quote", "text"))
    assert words == '"Meridian Optics ignored three warnings,"'
    assert sentence == f"{words} Nadia Korbel, spokesperson for the Ostrava Trade Office, said."


def test_every_condition_reported_finds_the_statement_when_it_is_asked_of_statements() -> None:
    index = _index(SAMPLE)
    for query in ("warnings speaker:Korbel said:2022", "quote:{about:Meridian kind:direct} OR body:plain"):
        found = _matched(query)
        assert found
        for quote_id, meets in found.items():
            for condition in meets:
                tree = ast.conjunction(_tree(condition), _tree(f"id:{quote_id}"))
                assert index.search(SearchRequest(query=tree, record="quote")).total == 1


def test_weak_matches_of_a_watchlist_count_with_the_others() -> None:
    span = SAMPLE.mentions[1].span
    entry = WatchlistMatch(span=span, surface="x", watchlist="port", entry_id="EX-1", name="Meridian Optics", weak=True)
    own = replace(entry, span=SAMPLE.quotes[0].content)
    made = replace(SAMPLE, matches=(entry, own))
    assert FIRST in _matched("watchlist:=EX-1", made)
    assert _matched("watchlist:=EX-1/strong", made) == {}


def test_a_document_without_statements_has_none() -> None:
    assert _matched("warnings speaker:Korbel", replace(SAMPLE, quotes=())) == {}


def test_every_field_is_of_the_article_or_of_the_statement() -> None:
    """A new field must be put on one side: of the article, or it is asked of every statement."""
    asked_of_statements = (
        "text body quote speaker unnamed about topic verb act kind entity agency watchlist said id mark tag".split()
    )
    asked_of_statements += "changed current disputed spread".split()
    names = {field.name.partition(".")[0] for field in FIELDS}
    assert names == ARTICLE_FIELDS | set(asked_of_statements)


# --- against the engine ----------------------------------------------------------------------------------------------


conditions = st.sampled_from(
    [
        "cranes", "crate", '"the crates"', "cran*", "crones~2", 'exact:"crates twice,"', "speaker:Korbel", "speaker:*",
        "kind:direct", "verb:say", "agency:trade", "quote:{crate speaker:Korbel}", "quote:{-speaker:Korbel}",
        "said:2022", "counted NEAR/2 twice", "about:*", "entity:Velmar",
    ]
)  # fmt: skip


@given(conditions)
def test_a_single_condition_is_met_by_the_statements_that_a_search_finds(
    archive_of: Callable[[], Archive], condition: str
) -> None:
    archive = archive_of()
    tree = _tree(condition)
    expected = {hit.id for hit in archive.search(SearchRequest(query=tree, record="quote", limit=99)).hits}
    documents = archive.search(SearchRequest(query=tree, limit=99)).hits
    found = set()
    for hit in documents:
        of = present(archive.get(hit.document))
        found |= set(_matched(condition, of, archive.index))
    assert found == expected


@pytest.fixture(scope="module")
def archive_of(harbor_read_only: Path) -> Iterator[Callable[[], Archive]]:
    """hypothesis prints what a test is given; an archive has no short form."""
    with Archive.open(harbor_read_only) as opened:
        yield lambda: opened


def test_many_documents_are_matched_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchkit.search.highlight._PAGE", 2)
    made = [
        replace(SAMPLE, id=f"{n}" * 12, quotes=(replace(SAMPLE.quotes[0], id=f"{n}" * 12 + "-1"),)) for n in range(5)
    ]
    matcher = DocumentMatcher(_tree("warnings"), [one.id for one in made], NameExpander(_index(*made), "document"))
    assert [len(matcher.of(one)[ast.Term(text="warnings")][1] & {one.quotes[0].id}) for one in (*made, made[0])] == [
        1
    ] * 6

"""Which statements of a document matched: exactly those that a search over statements finds."""

from collections.abc import Callable, Iterator
from datetime import date

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
from searchkit.search.matches import ARTICLE_FIELDS, DocumentMatcher, StatementMatch, best_statements
from searchkit.search.rewrite import NameExpander
from searchkit.statements.document import Document, WatchlistMatch
from tests.cases import cases
from tests.cli.harbor import archive_of_the_harbor
from tests.oracle.memory import MemoryIndex
from tests.samples import document, present

TODAY = date(2026, 3, 4)
SAMPLE = document()
FIRST, SECOND = (quote.id for quote in SAMPLE.quotes)


def _tree(query: str) -> ast.Node:
    return parse(query, today=TODAY).tree


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
    assert set(_matched("watchlist:=EX-1", made)) == {FIRST}
    assert _matched("watchlist:=EX-1/strong", made) == {}


def test_a_document_without_statements_has_none() -> None:
    assert _matched("warnings speaker:Korbel", replace(SAMPLE, quotes=())) == {}


def test_every_field_is_of_the_article_or_of_the_statement() -> None:
    """A new field must be put on one side: of the article, or it is asked of every statement."""
    asked_of_statements = (
        "text body quote speaker unnamed about verb act kind entity agency watchlist said id mark tag".split()
    )
    asked_of_statements += "changed disputed spread".split()
    names = {field.name.partition(".")[0] for field in FIELDS}
    assert names == ARTICLE_FIELDS | set(asked_of_statements)


# --- against the engine ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive_of_the_harbor(tmp_path_factory.mktemp("harbor") / "archive") as opened:
        yield opened


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
def archive_of(archive: Archive) -> Callable[[], Archive]:
    """hypothesis prints what a test is given; an archive has no short form."""
    return lambda: archive


def test_many_documents_are_matched_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchkit.search.matches._PAGE", 2)
    made = [
        replace(SAMPLE, id=f"{n}" * 12, quotes=(replace(SAMPLE.quotes[0], id=f"{n}" * 12 + "-1"),)) for n in range(5)
    ]
    matcher = DocumentMatcher(_tree("warnings"), [one.id for one in made], NameExpander(_index(*made), "document"))
    assert [len(matcher.of(one)[ast.Term(text="warnings")][1] & {one.quotes[0].id}) for one in (*made, made[0])] == [
        1
    ] * 6

"""Stock Whoosh as a second oracle: its own matchers over our files find the same records as our engine."""

import tempfile
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query as stock
from whoosh.index import open_dir
from whoosh.qparser import QueryParser

from searchkit.index import generations, open_index
from searchkit.index.analysis import stems, words
from searchkit.index.base import SearchRequest
from searchkit.index.ranking import text_fields
from searchkit.index.values import searched_fields, value_key
from searchkit.index.whoosh.segments import INDEX_NAMES
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.statements.document import Document
from tests.index.random_archives import documents
from tests.index.random_archives import words as any_word
from tests.index.records import document

_PREFIXES = st.sampled_from(["re", "sta", "korb", "har", "na", "天"])
_terms = st.builds(ast.Term, text=any_word)
_phrases = st.builds(ast.Phrase, text=st.lists(any_word, min_size=1, max_size=3).map(" ".join))
_words = st.one_of(_terms, _phrases, st.builds(ast.Prefix, text=_PREFIXES))
_keys = st.builds(ast.Equals, text=st.sampled_from(["say", "SAY", "deny", "en", "de", "harbor", "direct", "d1"]))
_TEXTS = ("title", "body", "quote", "text")
_NAMES = ("speaker", "about", "entity", "agency", "entity.person", "outlet", "wire", "watchlist")
_KEYWORDS = ("verb", "kind", "lang", "source", "id")
_leaves = st.one_of(
    st.builds(ast.Field, name=st.sampled_from(_TEXTS), value=_words),  # Whoosh does not see a text without words
    st.builds(ast.Field, name=st.sampled_from(_NAMES), value=_words | st.just(ast.Exists())),
    st.builds(ast.Field, name=st.sampled_from(_KEYWORDS), value=_keys | st.just(ast.Exists())),
)


def _joined(children: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    pairs = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.And, children=pairs), st.builds(ast.Or, children=pairs), st.builds(ast.Not, child=children)
    )


_trees = st.recursive(_leaves, _joined, max_leaves=4)


def _translated(node: ast.Node, record: Record) -> stock.Query:
    """Return the query of Whoosh that means the same."""
    match node:
        case ast.And(children=children):
            return stock.And([_translated(child, record) for child in children])
        case ast.Or(children=children):
            return stock.Or([_translated(child, record) for child in children])
        case ast.Not(child=child):
            return stock.And([stock.Every(), stock.Not(_translated(child, record))])
        case ast.Field(name=name, value=value):
            field = fields.find(name)
            if field is None or record not in field.records:
                return stock.NullQuery
            if field.kind == "text":
                return stock.Or([_text(part, value) for part in text_fields(name, record)])
            if field.kind == "name":
                return stock.Or([_placed(searched.name, value) for searched in searched_fields(field, value)])
            return stock.Every(name) if isinstance(value, ast.Exists) else stock.Term(name, value_key(value.text))  # type: ignore[attr-defined]
    raise AssertionError(node)


def _text(name: str, node: ast.Node) -> stock.Query:
    if isinstance(node, ast.Term) and len(words(node.text)) == 1:
        return stock.Term(name, stems(words(node.text))[0])
    return _placed(f"{name}.words", node)


def _placed(name: str, node: ast.Node) -> stock.Query:
    match node:
        case ast.Exists():
            return stock.Every(name)
        case ast.Prefix(text=text):
            *before, last = words(text)
            assert not before
            return stock.Prefix(name, last)
        case ast.Term(text=text) | ast.Phrase(text=text):
            found = words(text)
            if not found:
                return stock.NullQuery
            return stock.Term(name, found[0]) if len(found) == 1 else stock.Phrase(name, found, slop=1)
    raise AssertionError(node)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches=st.lists(st.lists(documents(), min_size=1, max_size=3), min_size=1, max_size=3),
    trees=st.lists(_trees, min_size=1, max_size=8),
)
def test_stock_whoosh_finds_the_same_records(batches: list[list[Document]], trees: list[ast.Node]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours = open_index("whoosh:", Path(folder))
        for number, batch in enumerate(batches, start=1):  # documents replace each other, so segments have deleted rows
            with ours.writer() as writer:
                writer.put(batch)
                writer.commit(number)
        for record, name in INDEX_NAMES.items():
            with open_dir(generations.current(Path(folder)), name).searcher() as searcher:
                for tree in trees:
                    request = SearchRequest(query=tree, record=record, limit=1000, copies=True)
                    expected = {hit.id for hit in ours.search(request).hits}
                    found = searcher.search(_translated(tree, record), limit=None)
                    assert {hit["id"] for hit in found} == expected, repr(tree)
        ours.close()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("cranes", {"d1"}),
        ('"the cranes stand"', {"d1"}),
        ('"stand still cranes"', set()),
        ("cran*", {"d1", "d2"}),
        ("speaker:korbel", {"d1"}),
        ('speaker:"nadia korbel"', {"d1"}),
        ("date:2022-12", {"d1"}),
        ("date:[2022 TO 2023]", {"d1", "d2"}),
        ("date:[2023-02 TO]", {"d2"}),
        ("lang:EN NOT cranes", {"d2"}),
    ],
)
def test_whoosh_parses_and_answers(tmp_path: Path, written: str, found: set[str]) -> None:
    ours = open_index("whoosh:", tmp_path)
    names = [{"surface": "Korbel", "name": "Nadia Korbel", "kind": "person"}]
    first = {"text": "The cranes stand still. Korbel waits.", "names": names, "published": "2022-12-15"}
    quotes = [{"words": "The cranes stand still.", "speaker": "Nadia Korbel"}]
    second = {"text": "A cranium was found.", "published": "2023-03-01"}
    with ours.writer() as writer:
        writer.put([document({"id": "d1", "language": "en", "quotes": quotes, **first})])
        writer.put([document({"id": "d2", "language": "en", **second})])
        writer.commit(1)
    index = open_dir(generations.current(tmp_path), INDEX_NAMES["document"])
    with index.searcher() as searcher:
        hits = searcher.search(QueryParser("body", index.schema).parse(written), sortedby="date")
        assert {hit["id"] for hit in hits} == found
        assert [hit["id"] for hit in hits] == sorted(found)
        reader = searcher.reader()
        assert reader.doc_count() == reduce(lambda count, _: count + 1, reader.all_doc_ids(), 0) == 2
        assert b"crane" in set(reader.lexicon("body"))
        assert list(reader.terms_within("body.words", "crames", 1)) == ["cranes"]

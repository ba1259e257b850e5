"""tantivy by itself: its own query objects, its own aggregations, its own snippets (or ours, for comparison)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Filter, Occur, Query

from benchmark.questions import FIELDS, Question
from benchmark.rivals.base import Counted, Found, Record

_COUNTS = {field: {"terms": {"field": field, "size": 10}} for field in FIELDS}
_COUNTS["month"] = {"terms": {"field": "month", "size": 5_000}}
_TEXTS = ("title", "body")
_WRITTEN = ("id", *_TEXTS, *FIELDS, "month", "day")
_TITLE_WEIGHT = 2.0


def _analyzer() -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in (Filter.remove_long(256), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(one)
    return builder.build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in _TEXTS:
        builder.add_text_field(name, stored=True, tokenizer_name="stems")
    for name in (*FIELDS, "month"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", indexed=True, fast=True)
    return builder.build()


class BareTantivy:
    """A Rival. With `our_snippets` texts are cut by searchkit's snippets instead of tantivy's."""

    def __init__(self, folder: Path, *, our_snippets: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._index: Any = tantivy.Index(self._schema, path=str(folder))
        self._analyzer = _analyzer()
        self._index.register_tokenizer("stems", self._analyzer)
        self._searcher: Any = self._index.searcher()
        self._writer: Any = None
        self._our_snippets = our_snippets

    def add(self, records: Sequence[Record]) -> None:
        if self._writer is None:
            self._new = self._searcher.num_docs == 0
            self._writer = self._index.writer(num_threads=1)
        for record in records:
            if not self._new:
                self._writer.delete_documents_by_term("id", record["id"])
            self._writer.add_document(
                tantivy.Document.from_dict({name: record[name] for name in _WRITTEN}, self._schema)
            )

    def commit(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, question: Question) -> Found:
        query = self._query(question)
        result = self._searcher.search(query, 10, count=True)
        documents = [self._searcher.doc(address) for _, address in result.hits]
        if self._our_snippets:
            cut = _ours(question, [document["body"][0] for document in documents])
        else:
            generator = tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "body")
            cut = tuple(generator.snippet_from_doc(document).to_html() for document in documents)
        return Found(total=result.count, ids=tuple(document["id"][0] for document in documents), snippets=cut)

    def count(self, question: Question) -> Counted:
        query = self._query(question)
        result = self._searcher.search(query, 10, count=True)
        found = self._searcher.aggregate(query, _COUNTS)
        return Counted(
            total=result.count,
            ids=tuple(self._searcher.doc(address)["id"][0] for _, address in result.hits),
            facets={
                field: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[field]["buckets"]}
                for field in _COUNTS
            },
        )

    def _query(self, question: Question) -> Any:
        match question.form:
            case "any":
                texts = [(Occur.Should, self._term(word)) for word in question.words]
            case "phrase":
                texts = [(Occur.Must, self._phrase(question.words))]
            case "prefix":
                prefix: list[Any] = [question.words[0]]
                sides = [Query.phrase_prefix_query(self._schema, name, prefix) for name in _TEXTS]
                texts = [(Occur.Must, _weighted(*sides))]
            case "fuzzy":
                stem = self._stems(question.words[0])[0]
                sides = [Query.fuzzy_term_query(self._schema, name, stem, 1) for name in _TEXTS]
                texts = [(Occur.Must, _weighted(*sides))]
            case _:
                texts = [(Occur.Must, self._term(word)) for word in question.words]
        clauses = [(Occur.Must, Query.boolean_query(texts))]
        if question.days:
            first, last = question.days
            days = Query.range_query(self._schema, "day", tantivy.FieldType.Integer, first, last)
            clauses.append((Occur.Must, Query.const_score_query(days, 0.0)))
        if question.entity:
            named = Query.term_query(self._schema, "entity", question.entity, "basic")
            clauses.append((Occur.Must, Query.const_score_query(named, 0.0)))
        return Query.boolean_query(clauses)

    def _term(self, word: str) -> Any:
        stem = self._stems(word)[0]
        return _weighted(*(Query.term_query(self._schema, name, stem) for name in _TEXTS))

    def _phrase(self, words: Sequence[str]) -> Any:
        stems: list[Any] = [stem for word in words for stem in self._stems(word)]
        return _weighted(*(Query.phrase_query(self._schema, name, stems) for name in _TEXTS))

    def _stems(self, word: str) -> list[str]:
        return self._analyzer.analyze(word) or [word]

    def close(self) -> None:
        self._searcher = self._index = None


def _weighted(title: Any, body: Any) -> Any:
    return Query.boolean_query([(Occur.Should, Query.boost_query(title, _TITLE_WEIGHT)), (Occur.Should, body)])


def _ours(question: Question, texts: Sequence[str]) -> tuple[str, ...]:
    from datetime import date

    from searchkit.query.parser import parse
    from searchkit.search.highlight import snippets
    from searchkit.text import paragraphs

    tree = parse(question.in_searchkit(), today=date.today()).tree
    return tuple(cut.text for text in texts for cut in snippets(text, tree, within=paragraphs(text)))

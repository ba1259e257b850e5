"""Whoosh as its documentation does it: own codec, StemmingAnalyzer, grouped results, highlights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whoosh import fields, highlight, index, query, sorting
from whoosh.analysis import StemmingAnalyzer

from benchmark.questions import FIELDS, Question
from benchmark.rivals.base import Counted, Found, Record

_TITLE_WEIGHT = 2.0


def _schema() -> Any:
    stems = StemmingAnalyzer()
    counted = {field: fields.KEYWORD(commas=True) for field in FIELDS}
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        title=fields.TEXT(analyzer=stems, field_boost=_TITLE_WEIGHT),
        body=fields.TEXT(analyzer=stems, stored=True),
        month=fields.ID(sortable=True),
        day=fields.NUMERIC(sortable=True),
        **counted,
    )


def _plain(name: str) -> str:
    """A name without the sign that parts names."""
    return name.replace(",", ";").strip()


class StockWhoosh:
    """A Rival. With `statements` they are indexed as well, one row each, as searchkit does."""

    def __init__(self, folder: Path, *, statements: bool = False) -> None:
        self._statements = StockStatements(folder) if statements else None
        if index.exists_in(folder):
            self._index = index.open_dir(folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = index.create_in(folder, _schema())
        self._stems = self._index.schema["body"].analyzer
        self._writer: Any = None
        self._searcher: Any = None

    def add(self, records: Sequence[Record]) -> None:
        if self._writer is None:
            self._put = "update_document" if self._index.doc_count() else "add_document"
            self._writer = self._index.writer(limitmb=256)
        for record in records:
            counted = {field: ",".join(map(_plain, record[field])) for field in FIELDS}
            kept = {name: record[name] for name in ("id", "title", "body", "month", "day")}
            getattr(self._writer, self._put)(**kept, **counted)
        if self._statements is not None:
            self._statements.add(records)

    def commit(self) -> None:
        self._writer.commit()
        self._writer = None
        if self._statements is not None:
            self._statements.commit()

    def find(self, question: Question) -> Found:
        results = self._open().search(self._query(question), limit=10)
        results.fragmenter = highlight.SentenceFragmenter()
        return Found(
            total=len(results),
            ids=tuple(hit["id"] for hit in results),
            snippets=tuple(hit.highlights("body", top=2) for hit in results),
        )

    def count(self, question: Question) -> Counted:
        groups = sorting.Facets()
        for field in FIELDS:
            groups.add_facet(field, sorting.FieldFacet(field, allow_overlap=True, maptype=sorting.Count))
        groups.add_facet("month", sorting.FieldFacet("month", maptype=sorting.Count))
        results = self._open().search(self._query(question), limit=10, groupedby=groups)
        counts = {name: {key: n for key, n in results.groups(name).items() if key} for name in (*FIELDS, "month")}
        for field in FIELDS:
            counts[field] = dict(sorted(counts[field].items(), key=lambda pair: (-pair[1], pair[0]))[:10])
        return Counted(total=len(results), ids=tuple(hit["id"] for hit in results), facets=counts)

    def _open(self) -> Any:
        if self._searcher is None:
            self._searcher = self._index.searcher()
        return self._searcher

    def _query(self, question: Question) -> Any:
        first = question.words[0]
        match question.form:
            case "any":
                wanted = query.Or([self._either(word) for word in question.words])
            case "phrase":
                stems = [stem for word in question.words for stem in self._analyzed(word)]
                wanted = query.Or([query.Phrase("title", stems), query.Phrase("body", stems)])
            case "prefix":
                wanted = query.Or([query.Prefix("title", first), query.Prefix("body", first)])
            case "fuzzy":
                stem = self._analyzed(first)[0]
                wanted = query.Or([query.FuzzyTerm(name, stem, prefixlength=1) for name in ("title", "body")])
            case _:
                wanted = query.And([self._either(word) for word in question.words])
        if question.days:
            wanted &= query.NumericRange("day", *question.days)
        if question.entity:
            wanted &= query.ConstantScoreQuery(query.Term("entity", _plain(question.entity)))
        return wanted

    def _either(self, word: str) -> Any:
        stem = self._analyzed(word)[0]
        return query.Or([query.Term("title", stem), query.Term("body", stem)])

    def _analyzed(self, word: str) -> list[str]:
        return [token.text for token in self._stems(word)] or [word]

    def close(self) -> None:
        if self._statements is not None:
            self._statements.close()
        if self._searcher is not None:
            self._searcher.close()
        self._index.close()


class StockStatements:
    """The statements of records in an index of their own, beside that of the documents."""

    _NAMES = ("speaker", "about", "entity", "agency")

    def __init__(self, folder: Path) -> None:
        stems = StemmingAnalyzer()
        schema = fields.Schema(
            id=fields.ID(unique=True, stored=True),
            document=fields.ID(stored=True),
            title=fields.TEXT(analyzer=stems),
            text=fields.TEXT(analyzer=stems),
            day=fields.NUMERIC(sortable=True),
            **{name: fields.KEYWORD(commas=True) for name in self._NAMES},
        )
        folder.mkdir(parents=True, exist_ok=True)
        self._index = index.create_in(folder, schema, "statements")
        self._writer: Any = None

    def add(self, records: Sequence[Record]) -> None:
        """Take in the statements of new records."""
        if self._writer is None:
            self._writer = self._index.writer(limitmb=256)
        for record in records:
            for said in record["statements"]:
                self._writer.add_document(
                    id=said["id"],
                    document=record["id"],
                    title=record["title"],
                    text=said["text"],
                    day=record["day"],
                    **{name: ",".join(map(_plain, said[name])) for name in self._NAMES},
                )

    def commit(self) -> None:
        """Make them durable."""
        self._writer.commit()
        self._writer = None

    def close(self) -> None:
        """Release files."""
        self._index.close()

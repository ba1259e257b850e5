"""Xapian 1.4: stemmed terms beside plain ones, names as boolean terms, days and names in values, a spy that counts."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xapian

from benchmark.questions import FIELDS, Question
from benchmark.rivals.base import Counted, Found, Record

_DAY, _COUNTED = 0, 1
_TITLE_WEIGHT = 2
_SNIPPET = 260
# A term may have so many bytes.
_LONGEST = 200


def _name_term(name: str) -> str:
    return ("XE" + name)[:_LONGEST]


class _Spy(xapian.MatchSpy):
    """Counts the values of all matching documents."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[bytes] = Counter()

    def __call__(self, document: Any, _weight: float) -> None:
        self.counts.update(document.get_value(_COUNTED).split(b"\n"))


class Xapian:
    """A Rival."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._folder = str(folder)
        self._writer: Any = None
        self._database: Any = xapian.Database(self._folder) if folder.exists() else None
        self._stemmer = xapian.Stem("english")

    def add(self, records: Sequence[Record]) -> None:
        if self._writer is None:
            self._writer = xapian.WritableDatabase(self._folder, xapian.DB_CREATE_OR_OPEN)
            self._terms = xapian.TermGenerator()
            self._terms.set_stemmer(self._stemmer)
        for record in records:
            document = xapian.Document()
            self._terms.set_document(document)
            self._terms.index_text(record["title"], _TITLE_WEIGHT, "S")
            self._terms.increase_termpos()
            self._terms.index_text(record["body"])
            for name in record["entity"]:
                document.add_boolean_term(_name_term(name))
            document.add_value(_DAY, xapian.sortable_serialise(record["day"]))
            counted = [f"{field}\t{name}" for field in FIELDS for name in record[field]]
            document.add_value(_COUNTED, "\n".join([*counted, f"month\t{record['month']}"]))
            document.set_data(json.dumps([record["id"], record["body"]]))
            unique = f"Q{record['id']}"
            document.add_boolean_term(unique)
            self._writer.replace_document(unique, document)

    def commit(self) -> None:
        self._writer.commit()
        self._writer.close()
        self._writer = None
        self._database = xapian.Database(self._folder)

    def find(self, question: Question) -> Found:
        found = self._matching(question, None)
        stored = [json.loads(match.document.get_data()) for match in found]
        return Found(
            total=found.get_matches_estimated(),
            ids=tuple(name for name, _ in stored),
            snippets=tuple(found.snippet(text, _SNIPPET, self._stemmer).decode() for _, text in stored),
        )

    def count(self, question: Question) -> Counted:
        spy = _Spy()
        found = self._matching(question, spy)
        facets: dict[str, dict[str, int]] = {name: {} for name in (*FIELDS, "month")}
        for value, count in spy.counts.most_common():
            field, _, name = value.decode().partition("\t")
            if name and (field == "month" or len(facets[field]) < 10):
                facets[field][name] = count
        ids = tuple(json.loads(match.document.get_data())[0] for match in found)
        return Counted(total=found.get_matches_estimated(), ids=ids, facets=facets)

    def _matching(self, question: Question, spy: "_Spy | None") -> Any:
        enquire = xapian.Enquire(self._database)
        enquire.set_query(self._query(question))
        if spy is not None:
            enquire.add_matchspy(spy)
        return enquire.get_mset(0, 10, self._database.get_doccount())

    def _query(self, question: Question) -> Any:
        first = question.words[0]
        match question.form:
            case "any":
                wanted = xapian.Query(xapian.Query.OP_OR, [self._either(word) for word in question.words])
            case "phrase":
                sides = [
                    xapian.Query(xapian.Query.OP_PHRASE, [prefix + word for word in question.words])
                    for prefix in ("S", "")
                ]
                wanted = xapian.Query(xapian.Query.OP_OR, sides)
            case "prefix":
                wanted = xapian.Query(
                    xapian.Query.OP_OR, [xapian.Query(xapian.Query.OP_WILDCARD, side + first) for side in ("S", "")]
                )
            case _:
                wanted = xapian.Query(xapian.Query.OP_AND, [self._either(word) for word in question.words])
        if question.days:
            low, high = (xapian.sortable_serialise(day) for day in question.days)
            days = xapian.Query(xapian.Query.OP_VALUE_RANGE, _DAY, low, high)
            wanted = xapian.Query(xapian.Query.OP_FILTER, wanted, days)
        if question.entity:
            wanted = xapian.Query(xapian.Query.OP_FILTER, wanted, xapian.Query(_name_term(question.entity)))
        return wanted

    def _either(self, word: str) -> Any:
        stem = self._stemmer(word).decode()
        return xapian.Query(xapian.Query.OP_OR, [xapian.Query("ZS" + stem), xapian.Query("Z" + stem)])

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

"""searchkit itself, used as by its command line: an archive, hits with their records, snippets and statements.

It does more than the other engines: it resolves names, collapses duplicates, returns the matching statements, and
counts a field without the filter on that field.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmark.questions import FIELDS, Question
from benchmark.rivals.base import Counted, Found, Record
from searchkit.archive import Archive
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.query.fields import Record as AnyRecord
from searchkit.query.parser import parse
from searchkit.search.answer import QueryRequest, answer

FACETS = (*(FacetRequest(field=field) for field in FIELDS), FacetRequest(field="date", interval="month", size=5_000))


class Searchkit:
    """A Rival over an archive in a folder. Duplicates are collapsed unless `copies`."""

    def __init__(self, folder: Path, *, copies: bool = False) -> None:
        self._archive = Archive.open(folder)
        self._copies = copies

    def add(self, records: Sequence[Record]) -> None:
        raise NotImplementedError("An archive is filled by `searchkit index`.")

    def commit(self) -> None:
        raise NotImplementedError("An archive is filled by `searchkit index`.")

    def find(self, question: Question) -> Found:
        return self.search(question.in_searchkit())

    def search(self, query: str, *, over: AnyRecord = "document", facets: tuple[FacetRequest, ...] = ()) -> Found:
        """Answer a query in searchkit's language."""
        request = QueryRequest(
            query=query, record=over, today=date.today(), sort="relevance", facets=facets, copies=self._copies
        )
        given = answer(self._archive, request)
        cut = [(found, given.excerpt(found)) for found in given.records]
        return Found(
            total=given.result.total,
            ids=tuple(found.hit.id for found, _ in cut),
            snippets=tuple(snippet.text for _, excerpt in cut for snippet in excerpt.snippets),
        )

    def count(self, question: Question) -> Counted:
        tree = parse(question.in_searchkit(), today=date.today()).tree
        result = self._archive.search(SearchRequest(query=tree, facets=FACETS, copies=self._copies))
        names = (*FIELDS, "month")
        facets = {
            name: {count.id: count.count for count in facet.counts if count.count}
            for name, facet in zip(names, result.facets, strict=True)
        }
        return Counted(total=result.total, ids=tuple(hit.id for hit in result.hits), facets=facets)

    def close(self) -> None:
        self._archive.close()

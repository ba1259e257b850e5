"""Compare the answers of a cluster with those of the embedded index and of the oracle, on the documents of an archive.

    python -m scripts.benchmark.cluster ARCHIVE [--times]

Compares ids, totals, facets, order by date, matching statements, excerpts with their marks, and look-ups. The oracle,
which compares every record with the query, answers all but the look-ups. Starts three nodes, which stop at the end.
Exit code 1 if an answer differs.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.archive.index_sync import fill
from searchkit.errors import StorageFull
from searchkit.index.base import (
    FacetRequest,
    Index,
    RankedValuesRequest,
    SearchRequest,
    SearchResult,
    ValuesRequest,
    open_index,
)
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse
from searchkit.search.answer import QueryRequest, answer
from tests.cluster.opensearch import running
from tests.oracle.memory import MemoryIndex

_QUERIES = (
    "*",
    "government",
    "commission AND price*",
    "oil OR (grain AND -export*)",
    '"prime minister"',
    '"price increase"~3',
    "bank NEAR/5 rate",
    'exact:"interest rates"',
    "econmy~1",
    "quote:{act:deny}",
    "speaker:minister* AND date:>=1987-03",
    "copies:*",
)
_RECORDS: tuple[Record, ...] = ("document", "quote")
_TODAY = date(2026, 1, 1)


def _requests() -> Iterator[SearchRequest]:
    for query in _QUERIES:
        tree = parse(query, today=_TODAY).tree
        for record in _RECORDS:
            facets = tuple(
                FacetRequest(field=field.name)
                for field in FIELDS
                if field.facet and field.indexed and record in field.records
            )
            request = SearchRequest(query=tree, record=record, sort="newest", limit=50, facets=facets)
            yield request
            yield replace(request, copies=True, sort="oldest", offset=20, facets=facets[:3])


def _lookups(index: Index) -> Iterator[object]:
    yield index.counts()
    for name in ("speaker", "entity", "verb"):
        yield index.values(ValuesRequest(field=name, value=ast.Prefix(text="ba"), record="quote"))
        yield index.values(ValuesRequest(field=name, query=ast.Term(text="oil")))
    fields: tuple[tuple[Record, str], ...] = (("document", "entity"), ("quote", "speaker"))
    yield index.ranked_values(RankedValuesRequest(fields=fields, size=50))
    yield index.spellings("text", "goverment", distance=2, record="document")
    yield index.days("date", "document")


def main() -> int:
    """Compare; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--times", action="store_true", help="Only measure.")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "cluster") as cluster,
        Archive.open(options.archive) as archive,
    ):
        store = archive.store()
        index = open_index(cluster.engine("large"), Path(folder) / "opensearch", archive.get)
        embedded = open_index("whoosh:", Path(folder) / "whoosh", archive.get)
        for each in (index, embedded):
            started = time.monotonic()
            each.replace(lambda new: fill(new, store))
            rows = sum(each.counts().values())
            seconds = time.monotonic() - started
            print(
                f"{type(each).__name__}: {rows:,} rows in {seconds:.0f} s, {rows / seconds:,.0f} a second", flush=True
            )
        wrong = 0
        if not options.times:
            oracle = MemoryIndex()
            fill(oracle, store)
            wrong = _compared(index, embedded, oracle)
            wrong += _shown_differently(archive, index, embedded)
            print(f"{wrong} wrong")
        words = _words(archive, index)
        for facets in ((), _FACETS):
            for each in (embedded, index):
                print(
                    f"{type(each).__name__}, {len(words)} queries, {len(facets)} facets: {_times(each, words, facets)}"
                )
    return 1 if wrong else 0


def _compared(index: Index, embedded: Index, oracle: Index) -> int:
    """Print which answers are equal, and return how many are not."""
    wrong = 0
    some = [hit.id for hit in embedded.search(SearchRequest(query=ast.All(), limit=200, sort="newest")).hits]
    for request in _requests():
        answers = [each.search(request) for each in (index, embedded, oracle)]
        matched = [each.matched((request.query,), some, request.record) for each in (index, embedded, oracle)]
        whole = [(_comparable(result), sets) for result, sets in zip(answers, matched, strict=True)]
        same = whole[0] == whole[1] == whole[2]
        wrong += not same
        times = ", ".join(f"{1000 * result.took:.0f} ms" for result in answers)
        print(
            f"{'equal' if same else 'WRONG'} {request.record:8} {request.query} {answers[0].total:,} ({times})",
            flush=True,
        )
    for ours_found, theirs_found in zip(_lookups(index), _lookups(embedded), strict=True):
        wrong += ours_found != theirs_found
        print(f"{'equal' if ours_found == theirs_found else 'WRONG'} look-up {str(theirs_found)[:100]}", flush=True)
    return wrong


def _comparable(result: SearchResult) -> SearchResult:
    """Return an answer without its time, and without what OpenSearch estimates of facets with many values."""
    facets = tuple(
        replace(facet, other=min(facet.other, 500), counts=tuple(replace(count, named=True) for count in facet.counts))
        for facet in result.facets
    )
    return replace(result, took=0.0, facets=facets)


class _WithIndex:
    """An archive that answers with another index."""

    hindrance: StorageFull | None = None

    def __init__(self, archive: Archive, index: Index) -> None:
        self._archive = archive
        self.index = index

    def refresh(self, **_: object) -> tuple[str, ...]:
        """Do nothing: the index is complete."""
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


def _shown_differently(archive: Archive, index: Index, embedded: Index) -> int:
    """Print for which queries titles, excerpts and matched statements of the newest hits are equal with both engines,
    and return for how many they are not."""
    wrong = 0
    for query in _QUERIES:
        for record in _RECORDS:
            request = QueryRequest(query=query, record=record, today=_TODAY, sort="newest", limit=30)
            shown = []
            for each in (index, embedded):
                found = answer(_WithIndex(archive, each), request)
                excerpts = [found.excerpt(record) for record in found.records]
                shown.append([(each.title, each.snippets, each.statements, each.marks) for each in excerpts])
            wrong += shown[0] != shown[1]
            print(f"{'equal' if shown[0] == shown[1] else 'WRONG'} excerpts {len(shown[0])} {record:8} {query}")
    return wrong


_FACETS = (*(FacetRequest(field=name) for name in ("speaker", "entity", "outlet")), FacetRequest(field="date"))


def _words(archive: Archive, index: Index) -> list[str]:
    """Return words from the titles of some documents, the same in each run."""
    hits = index.search(SearchRequest(query=ast.All(), limit=2_000, sort="oldest")).hits
    chosen = random.Random(1).sample(hits, min(200, len(hits)))
    titles = [document.title or "" for hit in chosen if (document := archive.get(hit.id))]
    return sorted({word.strip(",.") for title in titles for word in title.split() if word.isalpha()})[:200]


def _times(index: Index, words: Sequence[str], facets: tuple[FacetRequest, ...]) -> str:
    """Return median and 95th percentile of the milliseconds that a query takes, the second time."""
    for _ in range(2):
        taken = []
        for word in words:
            started = time.perf_counter()
            index.search(SearchRequest(query=ast.Term(text=word), facets=facets))
            taken.append(1000 * (time.perf_counter() - started))
    taken.sort()
    return f"{taken[len(taken) // 2]:.1f} / {taken[len(taken) * 95 // 100]:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())

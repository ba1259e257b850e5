"""Compare the answers of a cluster with those of the embedded index and of the oracle, on the documents of an archive.

    python -m tests.cluster.large ARCHIVE [--oracle N]

Compares ids, totals, facets, order by date, matching statements and look-ups. The oracle, which compares every record,
answers N of the questions. Starts three nodes, which stop at the end. Exit code 1 if an answer differs.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.archive.index_sync import fill
from searchkit.index import open_index
from searchkit.index.base import FacetRequest, Index, RankedValuesRequest, SearchRequest, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse
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
    "entity:/.*bank.*/",
    "copies:*",
)
_RECORDS: tuple[Record, ...] = ("document", "quote")


def _requests() -> Iterator[SearchRequest]:
    for query in _QUERIES:
        tree = parse(query, today=date(2026, 1, 1)).tree
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
    parser.add_argument("--oracle", type=int, default=4, metavar="N")
    options = parser.parse_args()
    wrong = 0
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
        oracle = MemoryIndex()
        fill(oracle, store)
        some = [hit.id for hit in embedded.search(SearchRequest(query=ast.All(), limit=200, sort="newest")).hits]
        for number, request in enumerate(_requests()):
            ours = index.search(request)
            other: Index = oracle if number % (4 * len(_QUERIES) // max(options.oracle, 1)) == 0 else embedded
            theirs = other.search(request)
            same = (ours.hits, ours.total, ours.duplicates, ours.facets) == (
                theirs.hits,
                theirs.total,
                theirs.duplicates,
                theirs.facets,
            )
            matched = [each.matched((request.query,), some, request.record) for each in (index, other)]
            same = same and matched[0] == matched[1]
            wrong += not same
            print(
                f"{'equal' if same else 'WRONG'} {type(other).__name__:12} {request.record:8} {request.query} "
                f"{ours.total:,} ({1000 * ours.took:.0f} ms, {1000 * theirs.took:.0f} ms)",
                flush=True,
            )
        for ours_found, theirs_found in zip(_lookups(index), _lookups(embedded), strict=True):
            wrong += ours_found != theirs_found
            print(f"{'equal' if ours_found == theirs_found else 'WRONG'} look-up {str(theirs_found)[:100]}", flush=True)
        words = _words(archive, index)
        for facets in ((), _FACETS):
            for each in (embedded, index):
                print(
                    f"{type(each).__name__}, {len(words)} queries, {len(facets)} facets: {_times(each, words, facets)}"
                )
    print(f"{wrong} wrong")
    return 1 if wrong else 0


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

"""Counts from columns: over segments, past deleted rows, of names, keywords and dates."""

from pathlib import Path
from typing import Any

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import Facet, FacetRequest, SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from searchkit.query.fields import Record
from tests.index.records import document, fill
from tests.oracle.memory import MemoryIndex

ALL = ast.All()


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": f"d{number}", "text": f"Crane number {number} of the port stood still."} | fields


RECORDS = [
    record(1, outlet="Harbor Ledger", published="2022-12-16", language="en"),
    record(2, outlet="Harbor Ledger", published="2022-12-01", language="en"),
    record(3, outlet="River Courier", published="2023-01-10", language="de"),
    record(4, outlet="River Courier", published="2022-12", language="EN"),
    record(5, outlet="harbor ledger", published="2021", language=None),
    record(6),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WhooshIndex:
    """One segment a document, and one document replaced; for reading only."""
    made = WhooshIndex(tmp_path_factory.mktemp("facets") / "index")
    fill(made, document(RECORDS[0] | {"outlet": "Old Gazette"}), sequence=1)
    for number, given in enumerate(RECORDS, 2):
        fill(made, document(given), sequence=number)
    return made


def counted(
    index: WhooshIndex | MemoryIndex, field: str, query: ast.Node = ALL, over: Record = "document", **request: Any
) -> Facet:
    wanted = FacetRequest(field=field, **request)
    (facet,) = index.search(SearchRequest(query=query, record=over, limit=0, facets=(wanted,))).facets
    return facet


def pairs(facet: Facet) -> list[tuple[str, int]]:
    return [(count.value, count.count) for count in facet.counts]


def test_values_are_counted_across_segments_past_deleted_rows(index: WhooshIndex) -> None:
    facet = counted(index, "outlet")
    assert ("Old Gazette", 1) not in pairs(facet)
    assert sum(count.count for count in facet.counts) == 5
    assert (facet.missing, facet.other, facet.error_bound) == (1, 0, 0)
    assert ("River Courier", 2) in pairs(facet)


def test_only_rows_that_were_found_count(index: WhooshIndex) -> None:
    facet = counted(index, "outlet", ast.Field(name="lang", value=ast.Term(text="de")))
    assert pairs(facet) == [("River Courier", 1)]
    assert facet.missing == 0
    nothing = counted(index, "outlet", ast.Term(text="zebra"))
    assert (nothing.counts, nothing.missing, nothing.other) == ((), 0, 0)


def test_beyond_the_size_values_are_numbered_only(index: WhooshIndex) -> None:
    whole = counted(index, "lang")
    for size in range(1, len(whole.counts) + 1):
        cut = counted(index, "lang", size=size)
        assert cut.counts == whole.counts[:size]
        assert cut.other == len(whole.counts) - size


@pytest.mark.parametrize(
    ("interval", "expected", "unknown"),
    [
        ("year", [("2021", 1), ("2022", 3), ("2023", 1)], 0),
        ("month", [("2022-12", 3), ("2023-01", 1)], 1),
        ("week", [("2022-W48", 1), ("2022-W50", 1), ("2023-W02", 1)], 2),
        ("day", [("2022-12-01", 1), ("2022-12-16", 1), ("2023-01-10", 1)], 2),
        (None, [("2022-12", 3), ("2023-01", 1)], 1),
    ],
)
def test_dates_less_precise_than_the_interval_are_told_apart(
    index: WhooshIndex, interval: Any, expected: list[tuple[str, int]], unknown: int
) -> None:
    facet = counted(index, "date", interval=interval, size=100)
    assert [pair for pair in pairs(facet) if pair[1]] == expected
    assert (facet.missing, facet.unknown) == (1, unknown)


def test_of_too_many_dates_the_latest_stay(index: WhooshIndex) -> None:
    facet = counted(index, "date", interval="day", size=2)
    assert (pairs(facet), facet.other) == ([("2022-12-16", 1), ("2023-01-10", 1)], 1)
    assert [gap.length for gap in facet.gaps] == [24]


def spoken(number: int, *speakers: str, day: str | None = None) -> dict[str, Any]:
    text = " ".join(f'"Words {place} of {number}," said {name}.' for place, name in enumerate(speakers))
    quotes = [
        {"words": f'"Words {place} of {number},"', "speaker": name, "date": day} for place, name in enumerate(speakers)
    ]
    return {"id": f"d{number}", "text": text, "quotes": quotes}


def test_a_document_counts_once_for_a_speaker_and_a_statement_for_itself(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    fill(index, document(spoken(1, "Nadia Korbel", "Nadia Korbel", "Petr Havel")), sequence=1)
    fill(index, document(spoken(2, "Nadia Korbel", day="2022-12-16")), sequence=2)
    assert pairs(counted(index, "speaker")) == [("Nadia Korbel", 2), ("Petr Havel", 1)]
    assert pairs(counted(index, "speaker", over="quote")) == [("Nadia Korbel", 3), ("Petr Havel", 1)]
    assert [count.id for count in counted(index, "speaker").counts] == ["person:nadia-korbel", "person:petr-havel"]
    said = counted(index, "said", over="quote", interval="year")
    assert (pairs(said), said.missing) == ([("2022", 1)], 3)


def test_values_that_differ_in_case_are_one_value(index: WhooshIndex) -> None:
    assert pairs(counted(index, "outlet")) == [("Harbor Ledger", 3), ("River Courier", 2)]
    assert pairs(counted(index, "lang")) == [("en", 3), ("de", 1)]


def test_a_row_with_two_spellings_of_a_value_counts_once(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    first, second = spoken(1, "Nadia Korbel", "Petr Havel"), spoken(2, "Nadia Korbel")
    first["quotes"][0]["verb"], first["quotes"][1]["verb"], second["quotes"][0]["verb"] = "say", "Say", "say"
    fill(index, document(first), document(second), sequence=1)
    assert pairs(counted(index, "verb")) == [("say", 2)]
    assert pairs(counted(index, "verb", over="quote")) == [("say", 3)]


def test_pairs_stand_in_one_statement(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    given = spoken(1, "Nadia Korbel", "Petr Havel", "Nadia Korbel")
    for quote, verb in zip(given["quotes"], ("say", "deny", "say"), strict=True):
        quote["verb"] = verb
    fill(index, document(given), sequence=1)
    fill(index, document(spoken(2, "Petr Havel")), sequence=2)
    facet = counted(index, "speaker", paired="verb")
    assert [(one.value, one.second and one.second.value, one.count) for one in facet.counts] == [
        ("Nadia Korbel", "say", 1),
        ("Petr Havel", "deny", 1),
    ]
    assert (facet.paired, facet.missing) == ("verb", 1)
    statements = counted(index, "speaker", over="quote", paired="verb")
    assert ([one.count for one in statements.counts], statements.missing) == ([2, 1], 1)


def test_a_facet_leaves_out_what_chooses_its_own_values(index: WhooshIndex) -> None:
    choice = ast.Field(name="outlet", value=ast.Equals(text="River Courier"))
    query = ast.conjunction(choice, ast.Field(name="date", value=ast.Exists()))
    assert pairs(counted(index, "outlet", query)) == [("Harbor Ledger", 3), ("River Courier", 2)]
    assert pairs(counted(index, "lang", query)) == [("de", 1), ("EN", 1)]


@pytest.mark.parametrize("field", ["outlet", "lang", "date", "seen", "wire", "speaker"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_the_oracle_counts_the_same(index: WhooshIndex, field: str, size: int) -> None:
    oracle = MemoryIndex()
    fill(oracle, *map(document, RECORDS))
    assert counted(index, field, size=size) == counted(oracle, field, size=size)


@pytest.mark.parametrize("request_", [FacetRequest(field="title"), FacetRequest(field="outlet", interval="day")])
def test_what_cannot_be_counted_is_refused(index: WhooshIndex, request_: FacetRequest) -> None:
    with pytest.raises(UsageError):
        index.search(SearchRequest(query=ALL, facets=(request_,)))

"""Sets and vectors: the same answers over more rows than the oracle can take; which is used when."""

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.index.base import FacetRequest, SearchRequest, ValuesRequest
from searchkit.index.whoosh import reckoning
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from tests.index.records import document, fill

TODAY = date(2026, 1, 2)
WORDS = "crane ferry harbor quay tide pilot the the the of of a".split()
PEOPLE = [f"{given} {family}" for given in ("Nadia", "Petr", "Ilse") for family in ("Korbel", "Havel", "Brandt")]
OUTLETS = ["Harbor Ledger", "harbor ledger", "River Courier", "Tide Table", None]

QUERIES = [
    "crane",
    "crane ferry",
    "crane OR ferry OR quay",
    "harbor -tide",
    '"the crane"',
    '"crane tide"~3',
    '"the of the"~1000',
    "the NEAR/1000 of",
    '"the tide"~2 NEAR/2 pilot',
    "the ADJ/1 pilot",
    "fe*",
    "crame~1",
    'exact:"the quay"',
    'exact:"the"',
    "*",
    "zebra",
    "speaker:korbel",
    'speaker:"Nadia Korbel" crane',
    "speaker=person:petr-havel date:2022",
    "date:2022-03..2022-05",
    "date:2022-03-05..2022-05-06",
    "quote:{speaker:havel tide}",
    "NOT date:2021.. lang:en",
]
FACETS: dict[Record, tuple[FacetRequest, ...]] = {
    record: (
        *(
            FacetRequest(field=field, size=size)
            for field in ("outlet", "entity", "speaker", "lang", "copies")
            for size in (0, 2, 10)
        ),
        FacetRequest(field="outlet", sort="value"),
        FacetRequest(field="speaker", paired="about"),
        FacetRequest(field="date", interval="month", size=100),
        FacetRequest(field="said", interval="year", size=100),
    )
    for record in ("document", "quote")
}


def article(number: int, dice: random.Random) -> dict[str, Any]:
    texts = [" ".join(dice.choices(WORDS, k=dice.randrange(2, 30))) for _ in range(dice.randrange(1, 4))]
    people = dice.sample(PEOPLE, len(texts))
    text = " ".join(f"{name} said {words}." for name, words in zip(people, texts, strict=True))
    day = dice.choice(["2021", "2022-03", None, f"2022-0{dice.randrange(1, 9)}-{dice.randrange(10, 29)}"])
    return {
        "id": f"d{number:03}",
        "title": " ".join(dice.choices(WORDS, k=3)),
        "text": text,
        "outlet": dice.choice(OUTLETS),
        "language": dice.choice(["en", "EN", "de"]),
        "published": day,
        "names": [{"surface": name, "name": name, "kind": "person"} for name in people],
        "quotes": [
            {"words": words, "speaker": name, "about": people[:1], "date": day}
            for name, words in zip(people, texts, strict=True)
        ],
        "copies": dice.choice(["", "", "", f"g{dice.randrange(20)}"]),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred documents in several segments, some of them replaced or deleted."""
    made = tmp_path_factory.mktemp("reckoning")
    dice = random.Random(11)
    index = WhooshIndex(made)
    for batch in range(5):
        given = [article(dice.randrange(batch * 60, batch * 60 + 70), dice) for _ in range(60)]
        fill(index, *(document(one) for one in {one["id"]: one for one in given}.values()), sequence=batch + 1)
    with index.writer() as writer:
        writer.delete([f"d{number:03}" for number in range(0, 300, 9)])
        writer.commit(6)
    return made


@pytest.fixture(scope="module")
def both(folder: Path) -> Iterator[tuple[WhooshIndex, WhooshIndex]]:
    """The same index, read in both ways."""
    vectors = reckoning.vectors()
    assert vectors is not None, "the tests are run with numpy"
    pair = WhooshIndex(folder, reckoning.sets()), WhooshIndex(folder, vectors)
    yield pair
    for index in pair:
        index.close()


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("record", ["document", "quote"])
def test_both_ways_give_the_same_answers(both: tuple[WhooshIndex, WhooshIndex], query: str, record: Record) -> None:
    tree = parse(query, today=TODAY).tree
    asked = SearchRequest(query=tree, record=record, facets=FACETS[record])
    for request in (
        asked,
        replace(asked, limit=3, offset=2),
        replace(asked, limit=1000, copies=True),
        replace(asked, sort="newest", facets=()),
        replace(asked, sort="oldest", facets=(), limit=20),
        replace(asked, limit=0),
    ):
        ours, theirs = (replace(index.search(request), took=0) for index in both)
        assert ours == theirs


@pytest.mark.parametrize("record", ["document", "quote"])
@pytest.mark.parametrize("field", ["speaker", "entity", "outlet"])
def test_both_ways_find_the_same_values(both: tuple[WhooshIndex, WhooshIndex], field: str, record: Record) -> None:
    found = 0
    names = ["Korbel", "Nadia Korbel", "Korbel Nadia", "Nadia Nadia", "Nadia Zebra", "Harbor Ledger", "..."]
    values: list[ast.Node] = [ast.Phrase(text=name) for name in names]
    values += [
        ast.Prefix(text="Kor"),
        ast.Equals(text="person:petr-havel"),
        ast.Exists(),
        ast.Or(children=(*values[:2],)),
    ]
    for value in values:
        for any_order, copies in ((False, False), (False, True), (True, True)):
            for query in (ast.All(), ast.Term(text="crane")):
                request = ValuesRequest(
                    field=field, value=value, any_order=any_order, query=query, record=record, copies=copies
                )
                ours, theirs = (index.values(request) for index in both)
                assert ours == theirs, request
                found += len(ours)
    assert found or (field, record) == ("entity", "quote"), "names that nobody bears prove nothing"


def test_numpy_is_loaded_when_it_pays_and_not_before(folder: Path) -> None:
    index = WhooshIndex(folder)
    request = SearchRequest(query=ast.Term(text="crane"), facets=FACETS["document"])
    used = [index.reckoning.name]
    first = index.search(request)
    while used[-1] == "sets" and len(used) < 1000:
        index.search(request)
        used.append(index.reckoning.name)
    assert (used[0], used[-1]) == ("sets", "vectors")
    assert replace(index.search(request), took=0) == replace(first, took=0)
    index.close()


def test_without_numpy_all_goes_on_with_sets(folder: Path) -> None:
    """In a process of its own, in which numpy cannot be imported."""
    code = f"""
import sys
sys.modules["numpy"] = None
from pathlib import Path
from searchkit.index.base import SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
index = WhooshIndex(Path({str(folder)!r}))
index._seconds = 3600.0
totals = {{index.search(SearchRequest(query=ast.Term(text="crane"))).total for _ in range(3)}}
print(index.reckoning.name, *totals)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    total = WhooshIndex(folder).search(SearchRequest(query=ast.Term(text="crane"))).total
    assert run.stdout.split() == ["sets", str(total)]


def test_numbers_of_groups_have_room_to_be_multiplied(folder: Path) -> None:
    """With the numbers of keys: of a hundred thousand groups and of as many names 32 bits are not enough."""
    vectors = reckoning.vectors()
    assert vectors is not None
    snapshot = open_snapshot(folder, vectors)
    groups = snapshot.copies("document").groups(snapshot.segments["document"].every_row)
    assert groups
    assert groups.units.dtype.itemsize == 8

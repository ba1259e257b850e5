"""The pure and the numpy backend: both give the same answers over more rows than the oracle can take."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from tests.cases import cases
from tests.index.engines import StoredIndex
from tests.index.records import document, fill

TODAY = date(2026, 1, 2)
WORDS = "crane ferry harbor quay tide pilot the the the of of a".split()
PEOPLE = [f"{given} {family}" for given in ("Nadia", "Petr", "Ilse") for family in ("Korbel", "Havel", "Brandt")]
OUTLETS = ["Harbor Ledger", "harbor ledger", "River Courier", "Tide Table", None]


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
    index = StoredIndex(made)
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
    pair = StoredIndex(folder, pure), StoredIndex(folder, kernels)
    yield pair
    for index in pair:
        index.close()


@pytest.mark.parametrize("query", cases(__file__, "test_backends_give_the_same_answers"))
@pytest.mark.parametrize("record", ["document", "quote"])
def test_backends_give_the_same_answers(both: tuple[WhooshIndex, WhooshIndex], query: str, record: Record) -> None:
    tree = parse(query, today=TODAY).tree
    asked = SearchRequest(query=tree, record=record)
    for request in (
        asked,
        replace(asked, limit=3, offset=2),
        replace(asked, limit=1000, copies=True),
        replace(asked, sort="newest"),
        replace(asked, sort="oldest", limit=20),
        replace(asked, limit=0),
    ):
        ours, theirs = (replace(index.search(request), took=0) for index in both)
        assert ours == theirs


def test_numpy_is_used_for_facets_and_after_some_time(folder: Path) -> None:
    request = SearchRequest(query=ast.Term(text="crane"))
    index = WhooshIndex(folder)
    first = index.search(request)
    index._seconds = 3600.0
    for _ in range(2):
        assert replace(index.search(request), took=0) == replace(first, took=0)
    assert index._backend is kernels
    other = WhooshIndex(folder)
    assert other.search(replace(request, facets=(FacetRequest(field="outlet"),))).hits == first.hits
    assert other._backend is kernels


def test_group_numbers_are_64_bit(folder: Path) -> None:
    """With the numbers of keys: of a hundred thousand groups and of as many names 32 bits are not enough."""
    segments = open_snapshot(folder, kernels).segments["document"]
    groups = kernels.copies(segments).groups(segments.every_row)
    assert groups
    assert groups.units.dtype.itemsize == 8

"""Test order over several segments, and following commits."""

import mmap
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.index.base import SearchRequest, Sort
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.index.records import document, fill

DAYS = ["2022-12-16", None, "2021-05-01", "2023-01-10", "2022-12-16", None, "2022-12"]


def crane(number: int, day: str | None = None, times: int = 1) -> Any:
    text = "The crane moved. " * times + "Nothing else of note was told in the harbor town."
    return document({"id": f"d{number}", "text": text, "published": day})


@pytest.fixture
def index(tmp_path: Path) -> WhooshIndex:
    """Seven documents in three segments."""
    made = WhooshIndex(tmp_path / "index")
    given = [crane(number, day, times=1 + number % 3) for number, day in enumerate(DAYS)]
    for sequence, part in enumerate((given[:3], given[3:4], given[4:]), 1):
        fill(made, *part, sequence=sequence)
    return made


def found(index: WhooshIndex, query: ast.Node | None = None, **request: Any) -> list[str]:
    asked = replace(SearchRequest(query=query or ast.Term(text="crane"), limit=100), **request)
    return [hit.id for hit in index.search(asked).hits]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("newest", ["d3", "d0", "d4", "d6", "d2", "d1", "d5"]), ("oldest", ["d2", "d6", "d0", "d4", "d3", "d1", "d5"])],
)
def test_hits_are_ordered_by_day_and_undated_come_last(index: WhooshIndex, sort: Sort, order: list[str]) -> None:
    assert found(index, sort=sort) == order
    assert found(index, ast.All(), sort=sort) == order


def test_frequency_orders_hits_then_id(index: WhooshIndex) -> None:
    assert found(index) == ["d2", "d5", "d1", "d4", "d0", "d3", "d6"]
    hits = index.search(SearchRequest(query=ast.Term(text="crane"))).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
    assert all(hit.document == hit.id for hit in hits)


def _in_memory(folder: Path) -> int:
    """Kilobytes of the files of `folder` that this process has mapped and in memory."""
    counted, total = False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            counted = str(folder) in line
        elif counted and name == "Rss:":
            total += int(rest[0])
    return total


def test_pages_of_other_files_do_not_release_ours_every_time(index: WhooshIndex, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with other.open("wb") as new:
        new.truncate(100_000_000)
    with other.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        assert not any(pages[:: mmap.PAGESIZE])  # each is in memory now
        assert found(index)
        assert not _in_memory(index.folder), "let go of once"
        assert found(index, ast.Term(text="harbor"))
        assert _in_memory(index.folder)

"""Rows for notebooks, pipes and spreadsheets: every cell reads back, and none is a formula."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchkit
from searchkit.archive import Archive
from searchkit.errors import NotInArchive, SearchkitError
from searchkit.export.tables import cell, csv_line
from tests.archive.taken import TEXT, WEATHER, selected, take
from tests.cases import cases

hostile_text = st.text("a \x1b\x07\r\n\t\u202e\u2066\u200b\ufeff\x9b\ud800=+-@,;\"'[]é天", max_size=20)


@pytest.mark.parametrize(("value", "written"), cases(__file__, "test_cell"))
def test_cell(value: object, written: str) -> None:
    assert cell(value) == written


@given(st.lists(hostile_text, min_size=1, max_size=4), st.sampled_from(",\t"))
def test_a_csv_line_is_one_row_with_the_same_cells(texts: list[str], delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_line(texts, delimiter) + "\n", newline=""), delimiter=delimiter))
    assert rows == [[cell(text) for text in texts]]


def test_rows_are_the_statements_with_their_verbs(seeded: Path) -> None:
    with searchkit.open(seeded) as archive:
        rows = archive.statements("speaker:Aske act:deny")
        assert [row.statement for row in rows] == [
            "Clementine Aske (managing director) denied that Meridian had been “told by Washington” what to sell"
        ]
        assert (len(rows), rows.total) == (1, 1)


def test_records_are_flat(seeded: Path) -> None:
    with searchkit.open(str(seeded)) as archive:
        (record,) = archive.documents("Tiandy", limit=1).to_records()
    assert record["title"]
    assert all(value is None or isinstance(value, str | int | float | tuple) for value in record.values())


def test_a_limit_leaves_the_total(seeded: Path) -> None:
    with searchkit.open(seeded) as archive:
        rows = archive.statements("Tiandy", limit=2, sort="oldest")
        assert len(rows) == 2 < rows.total


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limit": "5"}, {"sort": "date"}])
def test_an_argument_that_would_be_ignored_is_an_error(seeded: Path, wrong: dict[str, Any]) -> None:
    with searchkit.open(seeded) as archive, pytest.raises(SearchkitError, match=r"limit|sort"):
        archive.statements("Tiandy", **wrong)


def test_another_thread_is_told_to_open_the_archive_itself(seeded: Path) -> None:
    with searchkit.open(seeded) as archive, ThreadPoolExecutor(1) as threads:
        assert list(archive.statements("Tiandy", limit=1))
        with pytest.raises(SearchkitError, match="opened in another thread"):
            threads.submit(lambda: list(archive.statements("Tiandy", limit=1))).result()


def test_a_bad_query_says_where(seeded: Path) -> None:
    with searchkit.open(seeded) as archive, pytest.raises(searchkit.SearchkitError, match="not closed"):
        archive.statements("Tiandy AND (Xu")


@pytest.mark.slow
def test_all_is_selected_however_much_it_is(archive: Archive) -> None:
    for number in range(25):
        take(
            archive, f"{TEXT} That was on day {number}.", uri=f"https://ledger.example/{number}", title=f"Day {number}"
        )
    selection = selected(archive, copies=True)
    assert (len(selection.records), selection.result.total) == (50, 50)
    found = list(selection.records)
    assert len({one.hit.id for one in found}) == 50
    for one in found:
        assert one.quote is not None
        assert (one.quote.id, one.document.id) == (one.hit.id, one.hit.document)
    documents = selected(archive, "day", "document", copies=True)
    assert [one.quote for one in documents.records] == [None] * 25


def test_a_limit_takes_the_first_and_says_how_many_match(archive: Archive) -> None:
    take(archive)
    selection = selected(archive, limit=1)
    assert (len(selection.records), selection.result.total, len(list(selection.records))) == (1, 2, 1)
    assert (len(selected(archive, "nowhere").records), selected(archive, limit=9).result.total) == (0, 2)


def test_copies_are_counted_or_listed(archive: Archive) -> None:
    long = f"{TEXT} " + " ".join(f"The harbor log of day {number} tells of wind and of rain." for number in range(30))
    take(archive, long)
    take(archive, long, uri="https://courier.example/cranes", outlet="River Courier")
    assert sorted(one.hit.copies for one in selected(archive).records) == [1, 1]
    assert [one.hit.copies for one in selected(archive, copies=True).records] == [0] * 4


def test_what_left_the_archive_meanwhile_is_left_out(archive: Archive) -> None:
    take(archive)
    selection = selected(archive)
    take(archive, WEATHER, published="2026-03-05", days=1)
    steps: list[tuple[int, int]] = []
    assert list(selection.records.through(lambda done, total: steps.append((done, total)))) == []
    assert steps == [(1, 2), (2, 2)]
    with pytest.raises(NotInArchive):
        selection.records.get(selection.records.hits[0])


def test_the_document_at_an_address(archive: Archive) -> None:
    document = take(archive)
    assert archive.at(document.uri) == document
    assert archive.at("https://ledger.example/none") is None

"""An archive in a notebook: rows that say who said what."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import searchkit
from searchkit.errors import SearchkitError


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

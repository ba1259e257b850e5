"""What is whole in a store whose pages are not; tests/archive/test_repairing.py damages whole archives."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.document import Document
from searchkit.store.salvaging import salvage
from searchkit.store.sqlite import SqliteStore
from tests.samples import document

PAGE = 4096
DOCUMENTS = [document(f"The port of Velmar, day {number}. " * 60, uri=f"file:///{number}.txt") for number in range(40)]


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A store of forty documents, to be damaged."""
    path = tmp_path / "store.sqlite"
    with closing(SqliteStore(path, writable=True)) as store:
        for made in DOCUMENTS:
            store.put(made, resource=made.uri, digest="d")
        store.commit()
    return path


def wipe(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(b"\xff" * PAGE)


def saved(path: Path) -> dict[str, Document]:
    with closing(SqliteStore(path, writable=False)) as store:
        return {made.id: made for name in store.ids() if (made := store.get(name)) is not None}


def test_records_are_whole_where_the_index_of_their_ids_is_not(damaged: Path, tmp_path: Path) -> None:
    before = saved(damaged)
    with closing(sqlite3.connect(damaged)) as connection:
        statement = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_documents_1'"
        (number,) = connection.execute(statement).fetchone()
    wipe(damaged, number)
    done = salvage(damaged, tmp_path / "new.sqlite")
    assert "documents" not in done.lost
    assert "documents" in done.torn
    assert saved(tmp_path / "new.sqlite") == before


def test_of_a_page_of_records_only_those_on_it_are_lost(damaged: Path, tmp_path: Path) -> None:
    before = saved(damaged)
    content = damaged.read_bytes()
    wipe(damaged, content.index(b"day 20. ") // PAGE + 1)
    done = salvage(damaged, tmp_path / "new.sqlite")
    after = saved(tmp_path / "new.sqlite")
    assert after.items() <= before.items()
    assert set(done.lost["documents"]) == before.keys() - after.keys()
    assert len(before) - 8 <= len(after) < len(before)

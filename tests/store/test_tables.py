"""Every row has a checksum."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations_with_replacement
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.errors import ArchiveError
from searchkit.store.alerts import AlertRecord, AlertState
from searchkit.store.checking import faults, orphans, tables_of
from searchkit.store.near_duplicates import sketch
from searchkit.store.sources import Failure
from searchkit.store.store import open_store
from searchkit.store.tables import row_checksum
from tests.samples import document

AT = "2026-03-04T05:06:07+00:00"


def fill(path: Path) -> None:
    """A store with something in every table."""
    with closing(open_store(path, writable=True)) as store:
        first = document(digest="d", first_seen=AT)
        text = " ".join(f"Crane {number} of the harbor stood still." for number in range(30))
        for made in (
            *(first, document(uri="file:///b.txt"), document("Another text.\0 Ü", uri="file:///c.txt")),
            *(document(text, uri="file:///d.txt"), document(f"{text} So it was.", uri="file:///e.txt")),
        ):
            store.put(made, resource=made.uri, digest="r", sketch=sketch(made))
        store.put(replace(first, title="Another title"), resource=first.uri, digest="r2")
        store.touch(first.uri, AT, source="harbor")
        store.mark_gone("file:///c.txt", AT)
        failure = Failure(uri="file:///d", digest="", source="harbor", reason="\x1b no", at=AT, version="1")
        store.failures.note(failure)
        store.failures.note(replace(failure, version="2"))
        store.quarantine.note("file:///crash.pdf", "d", reason="too much", at=AT)
        store.runs.note("harbor", AT, ok=True, description="{}")
        store.runs.note("harbor", AT, ok=False, reason="no", description="{}")
        store.commit()
        ledger = store.alerts
        ledger.save_state(
            AlertState(name="a", written_query="q", last_resolved_query="q", sequence=1, since=AT, last_run=AT)
        )
        found = AlertRecord(alert="a", record="r", document=first.id, run=ledger.begin_run(AT), item="{}")
        ledger.add([found])
        ledger.add_deliveries([found], ["stdout"])
        ledger.note_failure("b", "no such field")
        ledger.commit()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "store.sqlite")
    return tmp_path / "store.sqlite"


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_checksums_differ_by_type_length_and_table() -> None:
    rows: list[tuple[str | bytes | float | None, ...]] = [
        *(("t", "ab", "c"), ("t", "a", "bc"), ("t", b"ab", "c"), ("u", "ab", "c"), ("t", "ab", "c", None)),
        *(("t", 1), ("t", 1.0), ("t", "1"), ("t", None), ("t", ""), ("t", "None"), ("t",)),
    ]
    assert len({row_checksum(*row) for row in rows}) == len(rows)
    assert row_checksum("documents", "ü", 7, None, b"x", 0.5) == 3_833_401_098, (
        "what is stored must not get another meaning"
    )


@pytest.mark.parametrize("table", ["sketch_hashes", "sketch_pairs"])
def test_any_two_flipped_bits_of_a_pair_change_its_checksum(table: str) -> None:
    pair = (0x5AC3_19E7, 0x0001_F3B4)
    checksum = row_checksum(table, *pair)
    places = [*((0, bit) for bit in range(31)), *((1, bit) for bit in range(31)), *((2, bit) for bit in range(32))]
    for flips in combinations_with_replacement(places, 2):
        row = [*pair, checksum]
        for place, bit in dict.fromkeys(flips):
            row[place] ^= 1 << bit
        assert row_checksum(table, *row[:2]) != row[2], flips
    assert checksum != row_checksum({"sketch_hashes": "sketch_pairs"}.get(table, "sketch_hashes"), *pair)
    assert {row_checksum(table, 1.0, 2), row_checksum(table, 1, None), row_checksum(table, 1)} == {-1}


def test_each_flipped_bit_changes_the_checksum() -> None:
    text = "Meridian Optics — fined"
    content = bytearray(text.encode())
    for place in range(len(content) * 8):
        content[place // 8] ^= 1 << place % 8
        assert row_checksum("t", content.decode("utf-8", "surrogateescape")) != row_checksum("t", text)
        content[place // 8] ^= 1 << place % 8


def test_every_table_has_matching_checksums_after_all_writes(path: Path, raw: sqlite3.Connection) -> None:
    for table in tables_of(raw):
        rows = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
        assert rows or table == "run_coverage", f"{table} is empty: nothing was tried"
        assert [row[-1] for row in rows] == [row_checksum(table, *row[:-1]) for row in rows]
    assert (list(faults(path)), list(orphans(path))) == ([], [])


def test_rows_cannot_be_written_without_the_function(raw: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="row_checksum"):
        raw.execute("UPDATE facts SET gone_at = 'x'")
    with pytest.raises(sqlite3.OperationalError, match="row_checksum"):
        raw.execute("INSERT INTO runs VALUES ('a', '', '', '', '', '')")
    with pytest.raises(sqlite3.OperationalError, match="checksum"):
        raw.execute("UPDATE facts SET checksum = 1")


def test_a_corrupt_record_is_reported_when_it_is_read(path: Path, raw: sqlite3.Connection) -> None:
    raw.create_function("row_checksum", -1, lambda *values: row_checksum(*values) ^ 1, deterministic=True)
    raw.execute("UPDATE documents SET statements = statements WHERE id = ?", (document().id,))
    raw.execute("UPDATE revisions SET record = record")
    with closing(open_store(path, writable=False)) as store:
        with pytest.raises(ArchiveError, match=f"document {document().id} is corrupt") as caught:
            store.get(document().id)
        assert "searchkit repair" in caught.value.hint
        assert store.get(document(uri="file:///b.txt").id) is not None
        with pytest.raises(ArchiveError, match="revision 1 of document"):
            store.past(document().id, 1)


def test_undecodable_text_is_reported_too(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"test\x02", b"tes\xe5\x02"))  # the extractor's version, before the record
    with closing(open_store(path, writable=False)) as store:
        with pytest.raises(ArchiveError, match=f"Cannot read document {document().id}. The store .*UTF-8") as caught:
            store.get(document().id)
        assert len(caught.value.message) < 400, "the text itself is not in the line"

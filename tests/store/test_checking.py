"""What a file of SQLite says that is not so."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.store.checking import faults, log_faults, orphans
from searchkit.store.store import open_store
from searchkit.store.tables import PAGE_BYTES
from tests.archive.damage import change_rows
from tests.cases import cases
from tests.samples import document
from tests.store.test_tables import fill


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "store.sqlite")
    return tmp_path / "store.sqlite"


@pytest.mark.parametrize(("statement", "reported"), cases(__file__, "test_orphaned_rows"))
def test_orphaned_rows(path: Path, statement: str, reported: str) -> None:
    change_rows(path, statement)
    assert list(faults(path)) == []
    assert any(reported in line for line in orphans(path))


def test_empty_references_lead_nowhere(path: Path) -> None:
    """A document needs no sketch, and a baseline no run."""
    change_rows(
        path, "UPDATE facts SET sketch = NULL, copies = ''", "DELETE FROM sketches", "DELETE FROM sketch_hashes"
    )
    change_rows(path, "DELETE FROM sketch_pairs", "UPDATE alert_records SET run = 0", "DELETE FROM alert_runs")
    assert list(orphans(path)) == []


@pytest.mark.parametrize(("statements", "reported"), cases(__file__, "test_unexpected_tables"))
def test_unexpected_tables(path: Path, statements: tuple[str, ...], reported: str) -> None:
    change_rows(path, *statements)
    assert any(reported in line for line in faults(path))


@pytest.mark.parametrize(
    ("damage", "reported"),
    [
        (Path.unlink, "is missing"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"no database " * 1_000), "cannot be read: file is not a database"),
        (lambda path: path.write_bytes(path.read_bytes()[:5_000]), "cannot be read"),
        (lambda path: (path.unlink(), path.mkdir()), "is not a file"),
    ],
)
def test_unreadable_files(path: Path, damage: Callable[[Path], object], reported: str) -> None:
    damage(path)
    lines = list(faults(path))
    assert any(reported in line for line in lines)
    assert all("\n" not in line for line in lines)
    list(orphans(path))


def test_corrupt_rows_are_reported_with_their_keys(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x1b no", b"\x1b on"))
    (line,) = faults(path)
    assert line.startswith("holds a corrupt row of failures (checksum mismatch): file:///d")


def test_a_damaged_log_is_detected(tmp_path: Path) -> None:
    """SQLite ignores it without an error; whichever bit it is, the check reports it."""
    path = tmp_path / "store.sqlite"
    store = open_store(path, writable=True)
    for number in range(4):
        made = document(uri=f"file:///{number}.txt")
        store.put(made, resource=made.uri, digest="d")
        store.commit()
    kept = tmp_path / "kept"
    kept.mkdir()
    for ending in ("", "-wal"):
        (kept / f"store.sqlite{ending}").write_bytes((tmp_path / f"store.sqlite{ending}").read_bytes())
    store.close()
    log = kept / "store.sqlite-wal"
    whole = log.read_bytes()
    assert list(log_faults(log)) == []
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    chance = random.Random(seed)
    frame = 24 + PAGE_BYTES
    last = 32 + (len(whole) - 32) // frame * frame
    for place in [*range(24, 32), *(chance.randrange(32, last) for _ in range(60))]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        log.write_bytes(damaged)
        assert len(list(log_faults(log))) == 1, f"byte {place}"
    log.write_bytes(whole[: last - 100])  # a batch that a power cut cut off was never said to be there
    assert list(log_faults(log)) == []

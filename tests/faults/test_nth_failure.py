"""Every call that writes fails in turn: then there is the old state or the new one, and the next run needs no help."""

import errno
import io
import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.archive.backup import back_up, read
from searchkit.archive.indexing import Indexing
from searchkit.cli import errors
from searchkit.crawl.web.captures import Captures
from searchkit.errors import StorageFull
from searchkit.index.generations import CURRENT, kept
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.ingest.reading import annotate
from searchkit.statements.document import Document, Resource, document_id
from searchkit.store.near_duplicates import sketch
from searchkit.store.store import open_store
from tests.faults.commands import EVERYTHING, Report
from tests.faults.disk import Faults, failing
from tests.faults.test_power import answers
from tests.faults.writer import NOW, TOGETHER, address, put, resources
from tests.index.records import fill
from tests.index.whoosh.test_writer import numbered

LATER = datetime(2026, 3, 5, tzinfo=UTC)
ACTS = ("run", "first run", "rebuild")
KINDS = [(errno.EIO, False), (errno.EIO, True), (errno.ENOSPC, True)]
# How many calls may be left out between two that fail, for a quick run; scripts/faults leaves out none.
QUICK = 4


def every_failure(
    folder: Path,
    prepared: Path,
    act: Callable[[Path], object],
    look: Callable[[Path, bool], None],
    *,
    error: int,
    lasting: bool,
    step: int = 1,
    first: int = 1,
) -> Report:
    """Let `act` fail at its `first` call, and each `step` after, on a copy of `prepared`; let `look` check the result,
    given whether `act` succeeded all the same. Report the numbers of calls and failures."""
    report, place = Report(), folder / "place"
    for at in count(first, step):
        shutil.copytree(prepared, place)
        faults = Faults(at=at, error=error, lasting=lasting)
        done = True
        with failing(faults, place):
            try:
                act(place)
            except Exception as found:  # noqa: BLE001 - errors.report decides what may come
                done = False
                # A failed write is reported in one line, and is never an internal error.
                allowed = {75} if error == errno.ENOSPC else {3, 75}
                with redirect_stderr(io.StringIO()):
                    code = errors.report(found)
                assert code in allowed, f"call {at}: {found!r}"
        try:
            look(place, done)
        except Exception as found:
            raise AssertionError(f"after call {at} failed ({errno.errorcode[error]}): {found!r}") from found
        shutil.rmtree(place)
        if not faults.failed:
            assert done
            report.seen["calls"] = faults.calls
            break
        report.seen["failures"] += 1
    return report


# --- the index -------------------------------------------------------------------------------------------------------


def prepare_index(folder: Path) -> Path:
    index = WhooshIndex(folder)
    for number in range(1, 8):
        fill(index, numbered(number), sequence=number)
    index.close()
    return folder


def commit(folder: Path) -> None:
    """A commit that adds, replaces and merges."""
    index = WhooshIndex(folder)
    try:
        fill(index, numbered(8), numbered(1, text="Replaced: she spoke of ferries."), sequence=8)
    finally:
        index.close()


def look_at_index(folder: Path, done: bool) -> None:
    applied, ids = answers(folder)
    assert applied in ({8} if done else {7, 8})
    assert sorted(ids) == [f"n{number:04}" for number in range(1, applied + 1)]
    index = WhooshIndex(folder)
    fill(index, numbered(9), sequence=9)
    assert len(index.search(EVERYTHING).hits) == applied + 1
    index.close()
    assert {path.name for path in folder.iterdir()} == {CURRENT, *(path.name for path in kept(folder)[:2])}


def index_failures(folder: Path, **fault: Any) -> Report:
    """Let a commit of the index fail at every call; `fault` goes to `every_failure`."""
    return every_failure(folder, prepare_index(folder / "prepared"), commit, look_at_index, **fault)


# --- an archive ------------------------------------------------------------------------------------------------------


def put_both(folder: Path, version: int) -> None:
    """Put a version of two slots."""
    with Archive.create(folder) as archive:
        list(put(archive, (1, version), (2, version)))


def versions(folder: Path) -> list[set[str]]:
    """Of each batch, the versions of its documents, as the store has them and as they are found."""
    with Archive.open(folder) as archive:
        hits = {hit.id for hit in archive.search(EVERYTHING).hits}
        assert archive.status().applied == archive.status().sequence
        found = []
        for slot in (1, 2):
            documents = [archive.get(document_id(address(slot, number))) for number in range(TOGETHER)]
            found.append({str(document.title).split()[-1] if document else "" for document in documents})
            assert all(document.id in hits for document in documents if document)
        assert archive.status().documents == len(hits)
    return found


def rebuild(folder: Path) -> None:
    with Archive.open(folder) as archive:
        Indexing(archive).rebuild()


def archive_failures(act: str, folder: Path, **fault: Any) -> Report:
    """Let a run, the first run of all, or a rebuild fail at every call that is not SQLite's own."""
    prepared = folder / "prepared"
    prepared.mkdir()
    if act != "first run":
        put_both(prepared, 1)
    before = "" if act == "first run" else "1"
    after = "1" if act == "rebuild" else "2"

    def look(place: Path, done: bool) -> None:
        for found in versions(place) if (place / "store.sqlite").exists() else []:
            assert found in ([{after}] if done else [{before}, {after}])
        put_both(place, 3)
        assert versions(place) == [{"3"}, {"3"}]
        index = place / "whoosh"
        assert {path.name for path in index.iterdir()} == {CURRENT, *(path.name for path in kept(index)[:2])}
        assert not list(place.glob("*.tmp"))

    def act_on(place: Path) -> None:
        rebuild(place) if act == "rebuild" else put_both(place, 2)

    return every_failure(folder, prepared, act_on, look, **fault)


# --- backup ----------------------------------------------------------------------------------------------------------


def backup_failures(folder: Path, **fault: Any) -> Report:
    """Let a backup fail at every call: it is complete, or there is none and the next one is."""
    archive, prepared = folder / "archive", folder / "prepared"
    put_both(archive, 1)
    Captures(archive / "captures").keep(b"bytes of a page")
    (archive / "aliases.toml").write_text("")
    prepared.mkdir()

    def act(place: Path) -> None:
        back_up(archive, place / "backup", now=LATER)

    def look(place: Path, done: bool) -> None:
        assert done or not (place / "backup").exists() or len(read(place / "backup")) == 4
        if not (place / "backup").exists():
            act(place)
        assert len(read(place / "backup")) == 4
        assert [path.name for path in place.iterdir()] == ["backup"]

    return every_failure(folder, prepared, act, look, **fault)


# --- the store -------------------------------------------------------------------------------------------------------


def store_failures(folder: Path, *, slots: int) -> Report:
    """Let SQLite run out of room at every page that a run needs: its own limit of pages simulates the full disk."""
    report = Report()
    put_both(folder / "prepared", 1)
    found = [resource for slot in range(3, 3 + slots) for resource in resources(slot, 1)]
    documents = [annotate(resource, NOW) for resource in found if isinstance(resource, Resource)]
    acknowledged: list[str] = []
    for room in count():
        acknowledged.clear()
        place = shutil.copytree(folder / "prepared", folder / "place")
        store = open_store(place / "store.sqlite", writable=True)
        pages = store._connection.scalar("PRAGMA page_count")
        store._connection.execute(f"PRAGMA max_page_count={pages + room}")
        before = store.sequence
        try:
            for first in range(0, len(documents), TOGETHER):
                batch = [document for document in documents[first:][:TOGETHER] if isinstance(document, Document)]
                for document in batch:
                    store.put(document, resource=document.uri, digest=document.digest, sketch=sketch(document))
                store.commit()
                acknowledged += [document.id for document in batch]
        except StorageFull:
            report.seen["failures"] += 1
        finally:
            store.close()
        again = open_store(place / "store.sqlite", writable=True)
        stored = [document_id(resource.uri) for resource in found if again.get(document_id(resource.uri))]
        assert stored == acknowledged
        assert (again.sequence == before) == (not acknowledged)
        assert again._connection.scalar("PRAGMA integrity_check") == "ok"
        again.close()
        shutil.rmtree(place)
        if len(acknowledged) == slots * TOGETHER:
            break
    return report


# --- quick: some of the calls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "lasting"), KINDS)
def test_a_commit_of_the_index(tmp_path: Path, error: int, lasting: bool, seed: int) -> None:
    seen = index_failures(tmp_path, error=error, lasting=lasting, step=QUICK, first=1 + seed % QUICK).seen
    assert seen["calls"] > 30
    assert seen["failures"] >= seen["calls"] // QUICK - 1


@pytest.mark.parametrize("act", ACTS)
def test_an_archive(tmp_path: Path, act: str, seed: int) -> None:
    error, lasting = random.Random(seed).choice(KINDS)
    seen = archive_failures(act, tmp_path, error=error, lasting=lasting, step=2 * QUICK, first=1 + seed % QUICK).seen
    assert seen["calls"] > 20


@pytest.mark.parametrize(("error", "lasting"), KINDS)
def test_a_backup(tmp_path: Path, error: int, lasting: bool, seed: int) -> None:
    seen = backup_failures(tmp_path, error=error, lasting=lasting, step=QUICK, first=1 + seed % QUICK).seen
    assert seen["calls"] > 10


def test_a_store_without_room(tmp_path: Path) -> None:
    assert store_failures(tmp_path, slots=12).seen["failures"] > 5

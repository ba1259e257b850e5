"""Every call that writes fails in turn: then there is the old state or the new one, and the next run needs no help."""

import errno
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Struct

from searchkit.archive import Archive
from searchkit.archive.backup import back_up, read
from searchkit.cli.errors import report
from searchkit.crawl.base import CrawlResult
from searchkit.crawl.web.captures import Captures
from searchkit.document import Document, Resource, document_id
from searchkit.errors import StorageFull
from searchkit.index.generations import CURRENT, kept
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.ingest import IngestOptions
from searchkit.ingest.reading import annotate
from searchkit.store.near_duplicates import sketch
from searchkit.store.sqlite import SqliteStore
from tests.faults.disk import Faults, failing
from tests.faults.test_power import EVERYTHING, answers
from tests.faults.writer import NOW, TOGETHER, address, resources
from tests.index.records import fill
from tests.index.whoosh.test_writer import numbered

pytestmark = pytest.mark.slow

LATER = datetime(2026, 3, 5, tzinfo=UTC)
KINDS = [(errno.EIO, False), (errno.EIO, True), (errno.ENOSPC, True)]
# How many calls may be left out between two that fail, for a quick run; scripts/faults leaves out none.
QUICK = 4


class Report(Struct, frozen=True, dict=True):
    """How many calls there are that can fail, and how many failed."""

    calls: int
    failures: int


def every_failure(
    folder: Path,
    prepared: Path,
    act: Callable[[Path], object],
    look: Callable[[Path, bool], None],
    *,
    error: int,
    lasting: bool,
    step: int,
    first: int = 1,
) -> Report:
    """Let `act` fail at its `first` call, and each `step` after, on a copy of `prepared`; `look` at what is then there,
    with whether it was done all the same."""
    at, failures = first, 0
    while True:
        place = folder / "place"
        shutil.copytree(prepared, place)
        faults = Faults(at=at, error=error, lasting=lasting)
        done = True
        with failing(faults, place):
            try:
                act(place)
            except Exception as found:  # noqa: BLE001 - report decides what may come
                done = False
                # A failed write is reported in one line, and is never a fault of ours.
                assert report(found) in ({75} if error == errno.ENOSPC else {3, 75}), f"call {at}: {found!r}"
        try:
            look(place, done)
        except Exception as found:
            raise AssertionError(f"after call {at} failed ({errno.errorcode[error]}): {found!r}") from found
        shutil.rmtree(place)
        if not faults.failed:
            assert done
            return Report(calls=faults.calls, failures=failures)
        at, failures = at + step, failures + 1


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


def index_failures(folder: Path, *, error: int, lasting: bool, step: int = 1, first: int = 1) -> Report:
    """A commit of the index fails at every call."""
    prepared = prepare_index(folder / "prepared")
    return every_failure(folder, prepared, commit, look_at_index, error=error, lasting=lasting, step=step, first=first)


# --- an archive ------------------------------------------------------------------------------------------------------


def take(folder: Path, version: int) -> list[str]:
    """Take in a new version of two batches; the slots that were acknowledged."""
    acknowledged: list[str] = []
    found = (one for slot in (1, 2) for one in resources(slot, version))
    options = IngestOptions(workers=1, batch_size=TOGETHER)
    with Archive.create(folder) as archive:
        for batch in archive.ingest(found, options=options, now=NOW):
            acknowledged += [outcome.uri for outcome in batch.outcomes]
    return acknowledged


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
        assert archive.status().counts.documents == len(hits)
    return found


def rebuild(folder: Path) -> None:
    with Archive.open(folder) as archive:
        archive.rebuild()


def archive_failures(folder: Path, act: str, *, error: int, lasting: bool, step: int = 1, first: int = 1) -> Report:
    """A run, the first run of all, or a rebuild fails at every call that is not SQLite's own."""
    prepared = folder / "prepared"
    prepared.mkdir()
    if act != "begin":
        take(prepared, 1)
    before = "" if act == "begin" else "1"
    after = "1" if act == "rebuild" else "2"

    def look(place: Path, done: bool) -> None:
        for found in versions(place) if (place / "store.sqlite").exists() else []:
            assert found in ([{after}] if done else [{before}, {after}])
        take(place, 3)
        assert versions(place) == [{"3"}, {"3"}]
        index = place / "whoosh"
        assert {path.name for path in index.iterdir()} == {CURRENT, *(path.name for path in kept(index)[:2])}
        assert not list(place.glob("*.tmp"))

    def act_on(place: Path) -> None:
        rebuild(place) if act == "rebuild" else take(place, 2)

    return every_failure(folder, prepared, act_on, look, error=error, lasting=lasting, step=step, first=first)


# --- backup ----------------------------------------------------------------------------------------------------------


def backup_failures(folder: Path, *, error: int, lasting: bool, step: int = 1, first: int = 1) -> Report:
    """A backup fails at every call: it is whole, or there is none and the next one is."""
    archive, prepared = folder / "archive", folder / "prepared"
    take(archive, 1)
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

    return every_failure(folder, prepared, act, look, error=error, lasting=lasting, step=step, first=first)


# --- the store -------------------------------------------------------------------------------------------------------


def store_failures(folder: Path, *, slots: int, step: int = 1) -> Report:
    """SQLite runs out of room at every page that a run needs: its own limit of pages is what plays the full disk."""
    prepared = folder / "prepared"
    take(prepared, 1)
    batches = [[_document(resource) for resource in resources(slot, 1)] for slot in range(3, 3 + slots)]
    failures = room = 0
    while True:
        place = folder / "place"
        shutil.copytree(prepared, place)
        store = SqliteStore(place / "store.sqlite", writable=True)
        pages = store._connection.scalar("PRAGMA page_count")
        store._connection.execute(f"PRAGMA max_page_count={pages + room}")
        acknowledged: list[str] = []
        before = store.sequence
        try:
            for batch in batches:
                for document in batch:
                    store.put(document, resource=document.uri, digest=document.digest, sketch=sketch(document))
                store.commit()
                acknowledged += [document.id for document in batch]
        except StorageFull:
            failures += 1
        finally:
            store.close()
        again = SqliteStore(place / "store.sqlite", writable=True)
        assert [one.id for batch in batches for one in batch if again.get(one.id)] == acknowledged
        assert (again.sequence == before) == (not acknowledged)
        assert again._connection.scalar("PRAGMA integrity_check") == "ok"
        again.close()
        shutil.rmtree(place)
        if len(acknowledged) == slots * TOGETHER:
            return Report(calls=room, failures=failures)
        room += step


def _document(found: CrawlResult) -> Document:
    assert isinstance(found, Resource)
    document = annotate(found, NOW)
    assert isinstance(document, Document)
    return document


# --- quick -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def first() -> int:
    """Where a quick run begins, so that in time all calls have their turn."""
    chosen = random.randrange(1, QUICK + 1)
    print(f"first {chosen}")  # noqa: T201 - shown when it fails, to try the same again
    return chosen


@pytest.mark.parametrize(("error", "lasting"), KINDS)
def test_a_commit_of_the_index(tmp_path: Path, error: int, lasting: bool, first: int) -> None:
    report = index_failures(tmp_path, error=error, lasting=lasting, step=QUICK, first=first)
    assert report.calls > 30
    assert report.failures >= report.calls // QUICK - 1


@pytest.mark.parametrize("act", ["add", "begin", "rebuild"])
def test_an_archive(tmp_path: Path, act: str, first: int) -> None:
    error, lasting = random.choice(KINDS)
    print(f"error {error}, lasting {lasting}")  # noqa: T201 - as above
    report = archive_failures(tmp_path, act, error=error, lasting=lasting, step=2 * QUICK, first=first)
    assert report.calls > 20


@pytest.mark.parametrize(("error", "lasting"), KINDS)
def test_a_backup(tmp_path: Path, error: int, lasting: bool, first: int) -> None:
    report = backup_failures(tmp_path, error=error, lasting=lasting, step=QUICK, first=first)
    assert report.calls > 10


def test_a_store_without_room(tmp_path: Path) -> None:
    assert store_failures(tmp_path, slots=4).failures > 5

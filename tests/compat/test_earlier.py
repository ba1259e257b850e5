"""Stored archives of earlier versions: what was in them is found, read as they lie there and after they were renewed.

How they were made, and of which commits, says make_archive.py.
"""

import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.archive.backup import restore
from searchkit.archive.checking import findings
from searchkit.archive.repairing import repair
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.tables import FRONTIER_VERSION
from searchkit.document import to_json
from searchkit.extract import EXTRACTOR_VERSION
from searchkit.index.base import SearchRequest
from searchkit.ingest import IngestOptions
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.filters import filtered
from searchkit.query.parser import parse
from searchkit.store.sqlite import SqliteStore
from searchkit.store.tables import STORE_VERSION
from searchkit.update import renew
from tests.compat.make_archive import PORT, QUESTIONS, essence, known_pages

STORED = Path(__file__).parent / "archives"
NAMES = sorted(path.name.removesuffix(".tar.gz") for path in STORED.glob("*.tar.gz"))
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Old:
    """One stored archive unpacked, and what the program that made it answered."""

    def __init__(self, name: str, place: Path) -> None:
        with tarfile.open(STORED / f"{name}.tar.gz") as tar:
            tar.extractall(place, filter="data")
        self.folder = place / "archive"
        self.backup = place / "backup"
        self.expected = self.told(name)
        self.pages: list[list[Any]] = self.expected.get("pages", [])
        self.store_version = int(name.split("-")[1])
        # Those of which another document was shown.
        documents = self.expected["documents"].items()
        self.copies = {name for name, one in documents if one["copies"] not in {"", name}}

    @staticmethod
    def told(name: str) -> dict[str, Any]:
        """What the old program answered."""
        return dict(json.loads((STORED / f"{name}.json").read_bytes()))

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix not in {".sqlite-shm", ".sqlite-wal"} and path.name != "lock"
        }


@pytest.fixture(params=NAMES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Old:
    return Old(request.param, tmp_path)


def ids(archive: Archive, record: Record, query: ast.Node) -> list[str]:
    request = SearchRequest(query=query, record=record, limit=100)
    return sorted(hit.id for hit in archive.search(request).hits)


def asked(archive: Archive, *words: str) -> list[str]:
    """What the command line of `make_archive` asks."""
    record: Record = "quote" if words[0] == "quotes" else "document"
    if words[1].startswith("--"):
        filters = {words[1].removeprefix("--"): (words[2],)}
        return ids(archive, record, filtered(ast.All(), filters, since="", until="", today=NOW.date()))
    return ids(archive, record, parse(words[1], today=date(2026, 3, 4), record=record).tree)


def answers(archive: Archive) -> dict[str, list[str]]:
    return {name: asked(archive, *words) for name, words in QUESTIONS.items()}


def assert_holds(expected: dict[str, Any], store: SqliteStore, *, without_copies: bool = False) -> None:
    """Nothing of what the old program told is another now; but for copies, which a later store tells anew."""
    found = {name: store.get(name) for name in expected["documents"]}
    told = {name: essence(_shown(one)) for name, one in found.items() if one is not None}
    assert told == {
        name: one | ({"copies": ""} if without_copies else {}) for name, one in expected["documents"].items()
    }
    for name, digest in expected["revisions"].items():
        first = store.revision(name, 1)
        assert first is not None
        assert sha256(first.text.encode()).hexdigest() == digest
    counts = store.counts("")
    assert (counts.documents, counts.statements, counts.revisions) == tuple(
        expected["status"][name] for name in ("documents", "statements", "revisions")
    )
    assert counts.gone == expected["status"].get("gone", 0)
    assert counts.failures == expected["status"].get("failures", 0)


def _shown(document: Any) -> dict[str, Any]:
    """A record as `show --json` prints it."""
    return to_json(document)


def test_every_version_is_there() -> None:
    told = {name: Old.told(name) for name in NAMES}
    # No program wrote version 5 (make_archive.py).
    assert {int(name.split("-")[1]) for name in told} == set(range(1, STORE_VERSION)) - {5}
    assert all(len(one["documents"]) == (7 if "pages" in one else 5) and one["revisions"] for one in told.values())
    assert sum(path.stat().st_size for path in STORED.iterdir()) < 600_000


def test_every_version_of_the_frontier_is_there(tmp_path: Path) -> None:
    found = set()
    for name in NAMES:
        path = Old(name, tmp_path / name).folder / "frontier.sqlite"
        if path.exists():
            with closing(sqlite3.connect(path)) as frontier:
                found.add(frontier.execute("PRAGMA user_version").fetchone()[0])
    assert found >= set(range(1, FRONTIER_VERSION))


def test_a_reader_that_may_not_write_finds_what_was_there(old: Old) -> None:
    """The store is read as it lies there; an index of another form is made by whoever may write."""
    before = old.files()
    with closing(SqliteStore(old.folder / "store.sqlite", writable=False)) as store:
        assert_holds(old.expected, store)
    assert old.files() == before


def test_the_first_question_makes_the_index_anew_and_changes_nothing_else(old: Old) -> None:
    before = old.files()["store.sqlite"]
    with Archive.open(old.folder) as archive:
        assert answers(archive) == old.expected["answers"]
        assert archive.status().counts.documents == len(old.expected["documents"])
        assert_holds(old.expected, archive.records())
    assert old.files()["store.sqlite"] == before, "a reader changes no store"


def test_a_writer_renews_it_and_loses_nothing(old: Old) -> None:
    path = old.folder / "store.sqlite"
    with closing(SqliteStore(path, writable=True)) as store:
        assert int(store._connection.one("PRAGMA user_version")) == STORE_VERSION
        # Copies are told otherwise since version 7: until documents are annotated again, none is one.
        told_anew = old.store_version < 7
        assert_holds(old.expected, store, without_copies=told_anew)
    with Archive.open(old.folder) as archive:
        found = answers(archive)
        copies = old.copies if told_anew else set()
        without = {name: [one for one in ids if one[:12] not in copies] for name, ids in found.items()}
        assert without == old.expected["answers"]
        before = old.files()
        assert_holds(old.expected, archive.records(), without_copies=told_anew)
    SqliteStore(path, writable=True).close()
    with Archive.open(old.folder) as archive:
        assert answers(archive) == found
    assert old.files() == before, "what was renewed once is left alone"


def test_what_is_outdated_is_annotated_again_from_the_store_alone(old: Old) -> None:
    with Archive.open(old.folder) as archive:
        outdated = archive.outdated()
        documents = len(old.expected["documents"])
        assert outdated in {0, documents}
        done = renew(archive, options=IngestOptions(workers=1), now=NOW)
        assert (done.count, done.failed, archive.outdated()) == (outdated, (), 0)
        assert archive.records().extractor_versions() == {EXTRACTOR_VERSION: documents}
        texts = {name: one["text"] for name, one in old.expected["documents"].items()}
        for name, digest in texts.items():
            document = archive.get(name)
            assert document is not None
            assert sha256(document.text.encode()).hexdigest() == digest
            assert document.revision == old.expected["documents"][name]["revision"]
        wire = [archive.get(name) for name, one in old.expected["documents"].items() if "crates" in one["uri"]]
        assert len({one.copies for one in wire if one}) == 1, "a store without sketches gets them"
        assert wire[0] is not None
        assert wire[0].copies


def test_it_is_backed_up_and_restored(old: Old, tmp_path: Path, searchkit: Callable[..., int]) -> None:
    assert searchkit(old.folder, "backup", str(tmp_path / "saved")) == 0
    assert restore(tmp_path / "saved", tmp_path / "again") >= 2
    with Archive.open(tmp_path / "again") as archive:
        assert_holds(old.expected, archive.records())


def test_a_backup_of_an_earlier_version_is_restored(tmp_path: Path) -> None:
    old = Old("store-2-form-2", tmp_path / "old")
    restore(old.backup, tmp_path / "again")
    with Archive.open(tmp_path / "again") as archive:
        assert answers(archive) == old.expected["answers"]
        assert_holds(old.expected, archive.records())


def test_what_alerts_have_told_is_known(tmp_path: Path) -> None:
    from searchkit.alerts.running import stored

    old = Old("store-4", tmp_path)
    with Archive.open(old.folder) as archive:
        assert len(stored(archive).items) == old.expected["alerts"] > 0


def test_a_document_of_an_earlier_archive_is_forgotten_without_a_trace(old: Old, searchkit: Callable[..., int]) -> None:
    from tests.archive.erasure.grep import holding

    (cranes,) = (name for name, one in old.expected["documents"].items() if one["title"] == "Crane closed")
    assert searchkit(old.folder, "forget", cranes) == 0
    assert holding(old.folder, cranes, "cranes.html", "Crane closed", "northern pillar", "bolt has been") == {}
    with Archive.open(old.folder) as archive:
        assert archive.status().counts.documents == len(old.expected["documents"]) - 1


def test_a_check_finds_it_sound_as_it_lies_there_and_renewed(old: Old) -> None:
    assert [one for one in findings(old.folder, full=True) if one.damage] == []
    SqliteStore(old.folder / "store.sqlite", writable=True).close()
    if old.pages:
        Frontier(old.folder / "frontier.sqlite").close()
    with Archive.open(old.folder) as archive:
        archive.catch_up()
    # Captures of pages that came again are their states; nothing else is remarked on.
    assert [one for one in findings(old.folder, full=True) if one.damage] == []


def test_nothing_is_to_be_repaired(old: Old) -> None:
    before = old.files()
    done = repair(old.folder, now=NOW, dry_run=True)
    assert (done.done, done.lost) == ([], [])
    assert old.files()["store.sqlite"] == before["store.sqlite"]


WITH_PAGES = [name for name in NAMES if Old.told(name).get("pages")]


@pytest.mark.parametrize("old", WITH_PAGES, indirect=True)
def test_what_was_fetched_is_known_and_not_asked_for_again(old: Old) -> None:
    """Pages, answers and captures live on in a frontier of this version."""
    Frontier(old.folder / "frontier.sqlite").close()
    assert known_pages(old.folder) == old.pages
    captures = Captures(old.folder / "captures")
    kept = {row[3] for row in old.pages if isinstance(row[0], str)} - {""}
    assert len(kept) == 2
    for digest in kept:
        body = captures.read(digest, max_bytes=100_000)
        assert body is not None
        assert sha256(body).hexdigest() == digest


@pytest.mark.parametrize("old", WITH_PAGES, indirect=True)
def test_a_page_of_an_earlier_archive_is_forgotten_without_a_trace(
    old: Old, searchkit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """With both its states and the address that leads to it, which alone does not name it."""
    from tests.archive.erasure.grep import holding

    ids = {one["title"]: name for name, one in old.expected["documents"].items()}
    site = f"http://127.0.0.1:{PORT}"
    assert searchkit(old.folder, "forget", f"{site}/sheds.html") == 0
    assert holding(old.folder, ids["Sheds to go"], f"{site}/sheds.html", "Sheds to go", "sheds on the") == {}
    assert searchkit(old.folder, "forget", f"{site}/old.html") == 2
    assert f"searchkit forget {ids['Lamps stay lit']}\n" in capsys.readouterr().err
    assert searchkit(old.folder, "forget", ids["Lamps stay lit"]) == 0
    gone = (ids["Lamps stay lit"], f"{site}/lamps.html", f"{site}/old.html", "Lamps stay lit", "lamps on the")
    assert holding(old.folder, *gone) == {}
    assert [one for one in findings(old.folder, full=True) if one.damage] == []

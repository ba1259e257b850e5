"""Damage is repaired, and everything that is lost is listed."""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.alerts import checking as saved
from searchkit.archive import Archive
from searchkit.archive.repairing import Repaired, repair
from searchkit.crawl.web.frontier import Frontier
from searchkit.document import document_id
from searchkit.errors import ArchiveError, ArchiveLocked
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.store.checking import STORE_SCHEMA
from searchkit.store.lock import exclusive
from searchkit.store.recovery import copy_rows
from searchkit.store.row_checksums import row_checksum
from searchkit.store.sqlite import SqliteStore
from tests.archive.damage import (
    NOW,
    PAGE,
    answers,
    archive_of_everything,
    by_a_folder,
    damage_in,
    flip,
    flip_in,
    replaced_by,
    root_page,
    zero_page,
)
from tests.cli.harbor import ARTICLES
from tests.samples import document

MARK = ".damaged-20260305T060708"
STORE = "store.sqlite"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "archive"
    archive_of_everything(folder)
    return folder


@pytest.fixture
def archive(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "archive")
    return tmp_path / "archive"


def contents(folder: Path) -> dict[str, bytes]:
    """The files of an archive, but for those that SQLite makes for whoever reads, and the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "lock"))
    }


def repaired(folder: Path) -> Repaired:
    """Repair an archive; a dry run reports the same and changes nothing."""
    before = contents(folder)
    said = repair(folder, now=NOW, dry_run=True, more=saved.findings)
    assert contents(folder) == before
    done = repair(folder, now=NOW, more=saved.findings)
    assert (said.done, said.lost) == (done.done, done.lost)
    return done


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        for statement in statements:
            connection.execute(statement)


def test_a_sound_archive_stays_as_it_is(archive: Path) -> None:
    before = contents(archive)
    done = repaired(archive)
    assert (done.done, done.lost) == ([], [])
    assert contents(archive) == before


@pytest.mark.parametrize(
    "damage", [Path.unlink, by_a_folder, replaced_by(b""), replaced_by(b'{"searchkit": 1, "engine": "x:"}')]
)
def test_the_marker(archive: Path, whole: Path, damage: Callable[[Path], object]) -> None:
    damage(archive / "archive.json")
    done = repaired(archive)
    assert done.lost == []
    assert [line.partition(":")[0].split()[0] for line in done.done] == ["archive.json"]
    assert json.loads((archive / "archive.json").read_text()) == {"searchkit": 1, "engine": "whoosh:"}
    assert answers(archive) == answers(whole)


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: (index / "CURRENT").write_text("gen-00000007 \n"),
        lambda index: [path.write_bytes(b"") for path in index.glob("gen-*/manifest.json")],
        lambda index: [path.write_bytes(b"x") for path in index.glob("gen-*/*.arrays")],
        lambda index: [path.unlink() for path in index.glob("gen-*/*")],
        replaced_by(b"x"),
    ],
)
def test_an_index_without_a_whole_generation_is_rebuilt(
    archive: Path, whole: Path, damage: Callable[[Path], object]
) -> None:
    damage(archive / "whoosh")
    done = repaired(archive)
    assert (len(done.done), done.lost) == (1, [])
    assert damage_in(archive) == []
    assert answers(archive) == answers(whole)
    assert repaired(archive).done == []


def test_an_index_of_another_store_is_rebuilt(archive: Path, whole: Path) -> None:
    with Archive.open(archive) as opened:
        counted = opened.search(SearchRequest(query=ast.All())).total
    # One document was removed from the store, and the index says that it knows.
    removed = f"document = '{document_id(str(ARTICLES[2]['uri']))}'"
    changed(
        archive / STORE,
        f"DELETE FROM sketch_hashes WHERE sketch = (SELECT sketch FROM facts WHERE {removed})",  # noqa: S608 - ours
        f"DELETE FROM sketches WHERE id = (SELECT sketch FROM facts WHERE {removed})",  # noqa: S608 - ours
        f"DELETE FROM facts WHERE {removed}",  # noqa: S608 - ours
        f"DELETE FROM resources WHERE {removed}",  # noqa: S608 - ours
        f"DELETE FROM documents WHERE id = {removed.partition('= ')[2]}",  # noqa: S608 - ours
        f"UPDATE changes SET kind = 'delete' WHERE {removed}",  # noqa: S608 - ours
    )
    assert {finding.where for finding in damage_in(archive)} == {"whoosh"}
    repaired(archive)
    assert damage_in(archive) == []
    with Archive.open(archive) as opened:
        assert opened.search(SearchRequest(query=ast.All())).total == counted - 1


def test_a_document_goes_back_to_its_last_whole_revision(archive: Path) -> None:
    changed(archive / STORE, "UPDATE revisions SET record = replace(record, 'Cranes stand', 'Cranes stood')")
    # ...whose digest still is another, so that it is none to go back to; then with one that is.
    with closing(SqliteStore(archive / STORE, writable=True)) as store:
        document = store.get(document_id(PAGE))
        assert document is not None
        store.connection.begin()
        store.connection.execute("UPDATE revisions SET record = (SELECT record FROM documents WHERE id = document)")
        store.connection.execute("UPDATE revisions SET record = replace(record, '\"revision\":2', '\"revision\":1')")
        store.commit()
    # Of both, since they are alike, the one in `documents` is damaged.
    content = (archive / STORE).read_bytes()
    page = root_page(archive / STORE, "documents")
    place = content.index(b"counted the crates", (page - 1) * 4096)
    (archive / STORE).write_bytes(content[:place] + b"C" + content[place + 1 :])
    done = repaired(archive)
    if not any("now at revision 1" in line for line in done.lost):
        assert any("old revisions" in line for line in done.lost), "the row that was hit was the other one"
        return
    (line,) = done.lost
    assert line.startswith(f'last state of document {document.id} ({PAGE}, "Cranes stand still")')
    assert damage_in(archive) == []
    with closing(SqliteStore(archive / STORE, writable=False)) as store:
        now = store.get(document.id)
        assert now is not None
        assert (now.revision, now.text) == (1, document.text)
        known = store.known(PAGE)
        assert known is not None
        assert known.digest == "", "so that the page is read again"


def test_a_document_that_is_lost_is_named_and_comes_again(archive: Path, whole: Path) -> None:
    page = str(ARTICLES[1]["uri"])
    flip_in(archive / STORE, b"The papers were one crate short")
    done = repaired(archive)
    (line,) = done.lost
    assert line == f"document {document_id(page)} ({page}); it is read again if its source still has it"
    assert done.done[0].endswith(f"the damaged file is kept as {STORE}{MARK}")
    assert (archive / f"{STORE}{MARK}").exists()
    assert damage_in(archive) == []
    with closing(SqliteStore(archive / STORE, writable=False)) as store:
        assert store.get(document_id(page)) is None
        assert store.known(page) is None, "so that it counts as new"
        assert len(list(store.ids())) == 2
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        assert frontier.unsettled("harbor") == [page], "what was fetched is handed on again"
    assert repaired(archive).done == []


def test_rows_that_can_be_made_are_no_loss(archive: Path, whole: Path) -> None:
    for table in ("facts", "sketches", "sketch_hashes", "changes"):
        zero_page(archive / STORE, root_page(archive / STORE, table))
    done = repaired(archive)
    assert done.lost == []
    assert damage_in(archive) == []
    told, expected = answers(archive), answers(whole)
    assert told[2:] == expected[2:]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, "is missing, and the rest"),
        (replaced_by(b"\x89PNG" * 5_000), "cannot be read at all"),
        (by_a_folder, "cannot be read at all"),
        (lambda path: zero_page(path, 1), "cannot be read at all"),
    ],
)
def test_a_store_that_cannot_be_opened_has_to_be_restored(
    archive: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(archive / STORE)
    before = contents(archive)
    with pytest.raises(ArchiveError, match=message) as caught:
        repair(archive, now=NOW)
    assert "searchkit restore" in caught.value.hint
    assert contents(archive) == before


def test_documents_between_damaged_pages_are_recovered(tmp_path: Path) -> None:
    """A table is read from both ends and, between two damaged places, row by row."""
    path = tmp_path / STORE
    made = [document(f"The port of Velmar, day {number}. " * 60, uri=f"file:///{number}.txt") for number in range(40)]
    with closing(SqliteStore(path, writable=True)) as store:
        for one in made:
            store.put(one, resource=one.uri, digest="d")
        store.commit()
    content = path.read_bytes()
    for day in (b"day 10. ", b"day 30. "):
        zero_page(path, content.index(day) // 4096 + 1)
    copied = copy_rows(path, tmp_path / "new.sqlite", STORE_SCHEMA)
    with closing(SqliteStore(tmp_path / "new.sqlite", writable=False)) as store:
        kept = [one for one in made if store.get(one.id) is not None]
    assert "documents" in copied.incomplete
    assert len(kept) >= len(made) - 2 * 8
    assert any(f"day {number}." in one.text for number in (19, 20, 21) for one in kept)


def test_the_frontier_keeps_what_is_whole(archive: Path) -> None:
    path = archive / "frontier.sqlite"
    with closing(sqlite3.connect(path)) as frontier:  # old pages hold the same rows
        frontier.create_function("row_checksum", -1, row_checksum, deterministic=True)
        frontier.execute("VACUUM")
    content, start = path.read_bytes(), (root_page(path, "pages") - 1) * 4096
    flip(path, content.index(b"settled", start))
    done = repaired(archive)
    assert damage_in(archive) == []
    assert any(line.startswith("frontier.sqlite: ") for line in done.lost)
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        assert len([page for article in ARTICLES if (page := frontier.page(str(article["uri"])))]) == 1
    for damage in (replaced_by(b"x" * 9_000), by_a_folder):
        shutil.move(archive / "frontier.sqlite", archive / "kept")
        shutil.copy(archive / "kept", archive / "frontier.sqlite")
        damage(archive / "frontier.sqlite")
        (archive / f"frontier.sqlite{MARK}").rename(archive / f"old-{damage.__name__}")
        assert any("possibly some known pages" in line for line in repaired(archive).lost)
        assert damage_in(archive) == []


def test_captures_are_fetched_again(archive: Path) -> None:
    first, second = sorted((archive / "captures").glob("*/*.gz"))
    first.unlink()
    second.write_bytes(b"\x1f\x8b nothing")
    done = repaired(archive)
    assert len(done.lost) == 2
    assert all("fetched again: https://ledger.example.org/" in line for line in done.lost)
    assert second.with_name(second.name + MARK).read_bytes() == b"\x1f\x8b nothing"
    assert damage_in(archive) == []
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        for article in ARTICLES[:2]:
            page = frontier.page(str(article["uri"]))
            assert page is not None
            assert (page.digest, page.due_at, page.state) == ("", NOW.timestamp(), "settled")
    assert repaired(archive).lost == []


def test_what_the_user_wrote_is_left_to_the_user(archive: Path) -> None:
    (archive / "aliases.toml").write_text("[[")
    (archive / "saved" / "korbel.toml").write_text("[[")
    done = repaired(archive)
    assert done.done == []
    assert [line.split()[0] for line in done.lost] == ["aliases.toml", "saved/korbel.toml"]
    assert (archive / "aliases.toml").read_text() == "[["


def test_no_other_process_writes_at_the_same_time(archive: Path, tmp_path: Path) -> None:
    with exclusive(archive / "lock"), pytest.raises(ArchiveLocked):
        repair(archive, now=NOW)
    with pytest.raises(ArchiveError, match="no archive"):
        repair(tmp_path / "none", now=NOW)


@pytest.mark.slow
def test_random_damage_is_repaired_or_reported(whole: Path, tmp_path: Path) -> None:
    expected = answers(whole)
    names = [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file() and path.stat().st_size]
    names = [name for name in names if name.parts[0] not in {"saved", "aliases.toml", "lock"}]
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    chance = random.Random(seed)
    for _ in range(8):
        folder = tmp_path / "damaged"
        shutil.copytree(whole, folder)
        name = chance.choice([*names, *([Path(STORE)] * len(names))])
        content = (folder / name).read_bytes()
        start = chance.randrange(len(content))
        length = chance.choice([1, 50, 4096])
        noise = chance.randbytes(len(content[start : start + length]))
        (folder / name).write_bytes(content[:start] + noise + content[start + length :])
        try:
            done = repaired(folder)
        except ArchiveError as error:
            assert (name, "restore" in error.hint) == (Path(STORE), True)
            shutil.rmtree(folder)
            continue
        where = f"{name} from byte {start}, {length} long: {done}"
        assert damage_in(folder) == [], where
        assert done.lost or answers(folder) == expected, where
        shutil.rmtree(folder)

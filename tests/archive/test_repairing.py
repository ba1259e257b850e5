"""What is damaged is mended, and what is lost is named, all of it."""

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
from searchkit.store.lock import exclusive
from searchkit.store.row_checksums import seal
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


def mended(folder: Path) -> Repaired:
    """The same is said before as is done then, and nothing is done before."""
    before = contents(folder)
    said = repair(folder, now=NOW, dry_run=True, more=saved.findings)
    assert contents(folder) == before
    done = repair(folder, now=NOW, more=saved.findings)
    assert (said.done, said.lost) == (done.done, done.lost)
    return done


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("seal", -1, seal, deterministic=True)
        for statement in statements:
            connection.execute(statement)


def test_a_sound_archive_stays_as_it_is(archive: Path) -> None:
    before = contents(archive)
    done = mended(archive)
    assert (done.done, done.lost) == ([], [])
    assert contents(archive) == before


@pytest.mark.parametrize(
    "damage", [Path.unlink, by_a_folder, replaced_by(b""), replaced_by(b'{"searchkit": 1, "engine": "x:"}')]
)
def test_the_marker(archive: Path, whole: Path, damage: Callable[[Path], object]) -> None:
    damage(archive / "archive.json")
    done = mended(archive)
    assert done.lost == []
    assert [line.partition(":")[0].split()[0] for line in done.done] == ["archive.json"]
    assert json.loads((archive / "archive.json").read_text()) == {"searchkit": 1, "engine": "whoosh:"}
    assert answers(archive) == answers(whole)


def test_the_index_goes_back_to_its_last_whole_generation(archive: Path, whole: Path) -> None:
    (own,) = (
        path
        for path in (archive / "whoosh" / "gen-00000002").glob("quotes_*.arrays")
        if not (archive / "whoosh" / "gen-00000001" / path.name).exists()
    )
    own.write_bytes(own.read_bytes()[:-1] + b"\xff")
    done = mended(archive)
    assert done.lost == []
    (line,) = done.done
    assert line.endswith("is not as it was written: back to gen-00000001, and on from there")
    assert answers(archive) == answers(whole)
    assert damage_in(archive) == []
    assert not (archive / "whoosh" / "gen-00000002" / own.name).exists()


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
def test_an_index_without_a_whole_generation_is_made_anew(
    archive: Path, whole: Path, damage: Callable[[Path], object]
) -> None:
    damage(archive / "whoosh")
    done = mended(archive)
    assert (len(done.done), done.lost) == (1, [])
    assert damage_in(archive) == []
    assert answers(archive) == answers(whole)
    assert mended(archive).done == []


def test_an_index_of_another_store_is_made_anew(archive: Path, whole: Path) -> None:
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
    mended(archive)
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
    done = mended(archive)
    if not any("stands as in revision 1" in line for line in done.lost):
        assert any("old revisions" in line for line in done.lost), "the row that was hit was the other one"
        return
    (line,) = done.lost
    assert line.startswith(f'the last state of document {document.id} ({PAGE}, "Cranes stand still")')
    assert damage_in(archive) == []
    with closing(SqliteStore(archive / STORE, writable=False)) as store:
        now = store.get(document.id)
        assert now is not None
        assert (now.revision, now.text) == (1, document.text)
        known = store.known(PAGE)
        assert known is not None
        assert known.digest == "", "so that the page is read anew"


def test_a_document_that_is_lost_is_named_and_comes_again(archive: Path, whole: Path) -> None:
    page = str(ARTICLES[1]["uri"])
    flip_in(archive / STORE, b"The papers were one crate short")
    done = mended(archive)
    (line,) = done.lost
    assert line == f"document {document_id(page)} ({page}), until it is read again"
    assert done.done[0].endswith(f"the damaged file stays as {STORE}{MARK}")
    assert (archive / f"{STORE}{MARK}").exists()
    assert damage_in(archive) == []
    with closing(SqliteStore(archive / STORE, writable=False)) as store:
        assert store.get(document_id(page)) is None
        assert store.known(page) is None, "so that it counts as new"
        assert len(list(store.ids())) == 2
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        assert frontier.unsettled("harbor") == [page], "what was fetched is handed on again"
    assert mended(archive).done == []


def test_rows_that_can_be_made_are_no_loss(archive: Path, whole: Path) -> None:
    for table in ("facts", "sketches", "sketch_hashes", "changes"):
        zero_page(archive / STORE, root_page(archive / STORE, table))
    done = mended(archive)
    assert done.lost == []
    assert damage_in(archive) == []
    told, expected = answers(archive), answers(whole)
    assert told[2:] == expected[2:]


@pytest.mark.parametrize("damage", [replaced_by(b""), replaced_by(b"\x89PNG" * 5_000), by_a_folder])
def test_of_a_store_of_which_nothing_is_left_all_is_named(archive: Path, damage: Callable[[Path], object]) -> None:
    damage(archive / STORE)
    done = mended(archive)
    named = "\n".join(done.lost)
    assert all(document_id(str(article["uri"])) in named for article in ARTICLES)
    assert PAGE in named, "the frontier knows its address"
    assert damage_in(archive) == []


def test_without_a_store_nothing_is_done(archive: Path) -> None:
    (archive / STORE).unlink()
    with pytest.raises(ArchiveError, match="is missing, and nothing") as caught:
        repair(archive, now=NOW)
    assert "searchkit restore" in caught.value.hint


@pytest.mark.parametrize("number", range(1, 6))
def test_a_page_of_the_header_or_the_table_of_tables(archive: Path, whole: Path, number: int) -> None:
    zero_page(archive / STORE, number)
    done = mended(archive)
    assert damage_in(archive) == []
    if number == 1:
        assert done.lost == []
        assert answers(archive) == answers(whole)


def test_the_frontier_keeps_what_is_whole(archive: Path) -> None:
    path = archive / "frontier.sqlite"
    with closing(sqlite3.connect(path)) as frontier:  # old pages hold the same rows
        frontier.create_function("seal", -1, seal, deterministic=True)
        frontier.execute("VACUUM")
    content, start = path.read_bytes(), (root_page(path, "pages") - 1) * 4096
    flip(path, content.index(b"settled", start))
    done = mended(archive)
    assert damage_in(archive) == []
    assert any(line.startswith("frontier.sqlite: ") for line in done.lost)
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        assert len([page for article in ARTICLES if (page := frontier.page(str(article["uri"])))]) == 1
    for damage in (replaced_by(b"x" * 9_000), by_a_folder):
        shutil.move(archive / "frontier.sqlite", archive / "kept")
        shutil.copy(archive / "kept", archive / "frontier.sqlite")
        damage(archive / "frontier.sqlite")
        (archive / f"frontier.sqlite{MARK}").rename(archive / f"old-{damage.__name__}")
        assert any("maybe some of what was known of pages" in line for line in mended(archive).lost)
        assert damage_in(archive) == []


def test_captures_are_asked_for_anew(archive: Path) -> None:
    first, second = sorted((archive / "captures").glob("*/*.gz"))
    first.unlink()
    second.write_bytes(b"\x1f\x8b nothing")
    done = mended(archive)
    assert len(done.lost) == 2
    assert all("asked for anew: https://ledger.example.org/" in line for line in done.lost)
    assert second.with_name(second.name + MARK).read_bytes() == b"\x1f\x8b nothing"
    assert damage_in(archive) == []
    with closing(Frontier(archive / "frontier.sqlite")) as frontier:
        for article in ARTICLES[:2]:
            page = frontier.page(str(article["uri"]))
            assert page is not None
            assert (page.digest, page.due_at, page.state) == ("", NOW.timestamp(), "settled")
    assert mended(archive).lost == []


def test_what_the_user_wrote_is_left_to_the_user(archive: Path) -> None:
    (archive / "aliases.toml").write_text("[[")
    (archive / "saved" / "korbel.toml").write_text("[[")
    done = mended(archive)
    assert done.done == []
    assert [line.split()[0] for line in done.lost] == ["aliases.toml", "saved/korbel.toml"]
    assert (archive / "aliases.toml").read_text() == "[["


def test_nobody_else_writes_meanwhile(archive: Path, tmp_path: Path) -> None:
    with exclusive(archive / "lock"), pytest.raises(ArchiveLocked):
        repair(archive, now=NOW)
    with pytest.raises(ArchiveError, match="no archive"):
        repair(tmp_path / "none", now=NOW)


def test_damage_at_random_is_mended_or_named(whole: Path, tmp_path: Path) -> None:
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
        done = mended(folder)
        where = f"{name} from byte {start}, {length} long: {done}"
        assert damage_in(folder) == [], where
        assert done.lost or answers(folder) == expected, where
        shutil.rmtree(folder)

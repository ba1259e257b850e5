"""Damage is repaired, and everything that is lost is listed."""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from searchkit.alerts import folder as saved
from searchkit.archive import Archive
from searchkit.archive.folder import HISTORIES
from searchkit.archive.repairing import Repaired, repair
from searchkit.crawl.web.frontier import Frontier
from searchkit.errors import ArchiveError, ArchiveLocked
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.statements.document import document_id
from searchkit.store.checking import STORE_SCHEMA
from searchkit.store.encoding import encode
from searchkit.store.lock import exclusive
from searchkit.store.recovery import copy_rows
from searchkit.store.store import open_store
from searchkit.store.tables import PAGE_BYTES, row_checksum
from tests.archive.damage import (
    NOW,
    PAGE,
    answers,
    by_a_folder,
    damage_in,
    delete_unnoticed,
    flip,
    flip_in,
    record_with,
    replaced_by,
    root_page,
    zero_page,
)
from tests.cli.harbor import ARTICLES
from tests.samples import document, present

MARK = ".damaged-20260305T060708"
STORE = "store.sqlite"


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


def test_an_intact_archive_is_unchanged(damaged: Path) -> None:
    before = contents(damaged)
    done = repaired(damaged)
    assert (done.done, done.lost) == ([], [])
    assert contents(damaged) == before


@pytest.mark.parametrize(
    "damage", [Path.unlink, by_a_folder, replaced_by(b""), replaced_by(b'{"searchkit": 1, "engine": "x:"}')]
)
def test_the_marker(damaged: Path, intact: Path, damage: Callable[[Path], object]) -> None:
    damage(damaged / "archive.json")
    done = repaired(damaged)
    assert done.lost == []
    assert [line.partition(":")[0].split()[0] for line in done.done] == ["archive.json"]
    assert json.loads((damaged / "archive.json").read_text()).items() >= {"searchkit": 1, "engine": "whoosh:"}.items()
    assert answers(damaged) == answers(intact)


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
def test_a_damaged_index_is_rebuilt(damaged: Path, intact: Path, damage: Callable[[Path], object]) -> None:
    damage(damaged / "whoosh")
    done = repaired(damaged)
    assert (len(done.done), done.lost) == (1, [])
    assert damage_in(damaged) == []
    assert answers(damaged) == answers(intact)
    assert repaired(damaged).done == []


@pytest.mark.parametrize("damage", [replaced_by(b"x"), by_a_folder])
def test_damaged_histories_are_made_again(damaged: Path, damage: Callable[[Path], object]) -> None:
    with Archive.open(damaged) as opened:
        opened.refresh_histories()
    damage(damaged / HISTORIES)
    done = repaired(damaged)
    assert ([line.split()[0] for line in done.done], done.lost) == ([HISTORIES], [])
    assert damage_in(damaged) == []
    with Archive.open(damaged) as opened:
        assert opened.refresh_histories().position == opened.store().position


def test_only_a_refresh_makes_histories(damaged: Path) -> None:
    (damaged / HISTORIES).unlink(missing_ok=True)
    with Archive.open(damaged) as opened:
        with pytest.raises(ArchiveError, match="is missing"):
            opened.histories()
        assert not (damaged / HISTORIES).exists()
        assert opened.refresh_histories().position == opened.histories().position == opened.store().position


def test_an_index_of_another_store_is_rebuilt(damaged: Path, intact: Path) -> None:
    delete_unnoticed(damaged / STORE, document_id(str(ARTICLES[2]["uri"])))
    assert {finding.where for finding in damage_in(damaged)} == {"whoosh"}
    repaired(damaged)
    assert damage_in(damaged) == []
    with Archive.open(damaged) as opened:
        assert opened.search(SearchRequest(query=ast.All())).total == len(ARTICLES) - 1


def test_a_damaged_document_returns_to_its_last_intact_revision(damaged: Path) -> None:
    with closing(open_store(damaged / STORE, writable=True)) as store:
        document = present(store.get(document_id(PAGE)))
        store.connection.execute("UPDATE revisions SET record = ?", encode(replace(document, revision=1)))
        store.commit()
    with closing(sqlite3.connect(damaged / STORE, isolation_level=None)) as raw:
        raw.create_function("row_checksum", -1, lambda *values: row_checksum(*values) ^ 1, deterministic=True)
        raw.execute("UPDATE documents SET statements = statements WHERE id = ?", (document.id,))
    done = repaired(damaged)
    (line,) = done.lost
    assert line.startswith(f'last state of document {document.id} ({PAGE}, "Cranes stand still")')
    assert damage_in(damaged) == []
    with closing(open_store(damaged / STORE, writable=False)) as store:
        now = present(store.get(document.id))
        assert (now.revision, now.text) == (1, document.text)
        known = present(store.known(PAGE))
        assert known.digest == "", "so that the page is read again"


def test_a_lost_document_is_reported_and_fetched_again(damaged: Path, intact: Path) -> None:
    page = str(ARTICLES[1]["uri"])
    flip_in(damaged / STORE, record_with(damaged / STORE, "The papers were one crate short"))
    done = repaired(damaged)
    (line,) = done.lost
    assert line == f"document {document_id(page)} ({page}); it is read again if its source still has it"
    assert done.done[0].endswith(f"the damaged file is kept as {STORE}{MARK}")
    assert (damaged / f"{STORE}{MARK}").exists()
    assert damage_in(damaged) == []
    with closing(open_store(damaged / STORE, writable=False)) as store:
        assert store.get(document_id(page)) is None
        assert store.known(page) is None, "so that it counts as new"
        assert len(list(store.ids())) == 2
    with closing(Frontier(damaged / "frontier.sqlite")) as frontier:
        assert frontier.unsettled("harbor") == [page], "what was fetched is handed on again"
    assert repaired(damaged).done == []


def test_derived_rows_are_rebuilt(damaged: Path, intact: Path) -> None:
    for table in ("facts", "sketches", "sketch_hashes", "changes"):
        zero_page(damaged / STORE, root_page(damaged / STORE, table))
    done = repaired(damaged)
    assert done.lost == []
    assert damage_in(damaged) == []
    reported, expected = answers(damaged), answers(intact)
    assert reported[2:] == expected[2:]


def test_a_damaged_index_of_a_table_loses_nothing(damaged: Path, intact: Path) -> None:
    """A dry run, which leaves the damaged store in place, reports no loss either."""
    zero_page(damaged / STORE, root_page(damaged / STORE, "documents_extractor"))
    assert repaired(damaged).lost == []
    assert answers(damaged) == answers(intact)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, "is missing and cannot be rebuilt"),
        (replaced_by(b"\x89PNG" * 5_000), "cannot be read at all"),
        (by_a_folder, "cannot be read at all"),
        (lambda path: zero_page(path, 1), "cannot be read at all"),
    ],
)
def test_a_store_that_cannot_be_opened_has_to_be_restored(
    damaged: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(damaged / STORE)
    before = contents(damaged)
    with pytest.raises(ArchiveError, match=message) as caught:
        repair(damaged, now=NOW)
    assert "searchkit restore" in caught.value.hint
    assert contents(damaged) == before


def test_documents_between_damaged_pages_are_recovered(tmp_path: Path) -> None:
    """A table is read from both ends and, between two damaged places, row by row."""
    path = tmp_path / STORE
    made = [
        document(f"Day {number}. {Random(number).randbytes(1_000).hex()}", uri=f"file:///{number}.txt")
        for number in range(40)
    ]
    with closing(open_store(path, writable=True)) as store:
        for made_document in made:
            store.put(made_document, resource=made_document.uri, digest="d")
        store.commit()
    content = path.read_bytes()
    for record in [record_with(path, "Day 10."), record_with(path, "Day 30.")]:
        zero_page(path, content.index(record) // PAGE_BYTES + 1)
    copied = copy_rows(path, tmp_path / "new.sqlite", STORE_SCHEMA)
    with closing(open_store(tmp_path / "new.sqlite", writable=False)) as store:
        kept = [made_document for made_document in made if store.get(made_document.id) is not None]
    assert "documents" in copied.incomplete
    assert len(kept) >= len(made) - 2 * 8
    assert any(f"Day {number}." in item.text for number in (19, 20, 21) for item in kept)


def test_intact_rows_of_the_frontier_are_kept(damaged: Path) -> None:
    path = damaged / "frontier.sqlite"
    with closing(sqlite3.connect(path)) as frontier:  # old pages hold the same rows
        frontier.create_function("row_checksum", -1, row_checksum, deterministic=True)
        frontier.execute("VACUUM")
    content, start = path.read_bytes(), (root_page(path, "pages") - 1) * 4096
    flip(path, content.index(b"settled", start))
    done = repaired(damaged)
    assert damage_in(damaged) == []
    assert any(line.startswith("frontier.sqlite: ") for line in done.lost)
    with closing(Frontier(damaged / "frontier.sqlite")) as frontier:
        assert len([page for article in ARTICLES if (page := frontier.page(str(article["uri"])))]) == 1
    for damage in (replaced_by(b"x" * 9_000), by_a_folder):
        shutil.move(damaged / "frontier.sqlite", damaged / "kept")
        shutil.copy(damaged / "kept", damaged / "frontier.sqlite")
        damage(damaged / "frontier.sqlite")
        (damaged / f"frontier.sqlite{MARK}").rename(damaged / f"old-{damage.__name__}")
        assert any("the table pages: possibly others" in line for line in repaired(damaged).lost)
        assert damage_in(damaged) == []


def test_captures_are_fetched_again(damaged: Path) -> None:
    first, second = sorted((damaged / "captures").glob("*/*.gz"))
    first.unlink()
    second.write_bytes(b"\x1f\x8b nothing")
    done = repaired(damaged)
    assert len(done.lost) == 2
    assert all("fetched again: https://ledger.example.org/" in line for line in done.lost)
    assert second.with_name(second.name + MARK).read_bytes() == b"\x1f\x8b nothing"
    assert damage_in(damaged) == []
    with closing(Frontier(damaged / "frontier.sqlite")) as frontier:
        for article in ARTICLES[:2]:
            page = present(frontier.page(str(article["uri"])))
            assert (page.digest, page.due_at, page.state) == ("", NOW.timestamp(), "settled")
    assert repaired(damaged).lost == []


def test_files_of_the_user_are_not_repaired(damaged: Path) -> None:
    (damaged / "aliases.toml").write_text("[[")
    (damaged / "saved" / "korbel.toml").write_text("[[")
    done = repaired(damaged)
    assert done.done == []
    assert [line.split()[0] for line in done.lost] == ["aliases.toml", "saved/korbel.toml"]
    assert (damaged / "aliases.toml").read_text() == "[["


def test_no_other_process_writes_at_the_same_time(damaged: Path, tmp_path: Path) -> None:
    with exclusive(damaged / "lock"), pytest.raises(ArchiveLocked):
        repair(damaged, now=NOW)
    with pytest.raises(ArchiveError, match="no archive"):
        repair(tmp_path / "none", now=NOW)


@pytest.mark.slow
def test_random_damage_is_repaired_or_reported(intact: Path, tmp_path: Path) -> None:
    expected = answers(intact)
    names = [path.relative_to(intact) for path in sorted(intact.rglob("*")) if path.is_file() and path.stat().st_size]
    names = [name for name in names if name.parts[0] not in {"saved", "aliases.toml", "lock"}]
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to try the same again
    chance = random.Random(seed)
    for _ in range(8):
        folder = tmp_path / "damaged"
        shutil.copytree(intact, folder)
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

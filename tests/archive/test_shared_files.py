"""Names, saved searches and notes that the machines of a shared store have together."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.alerts import folder as saved_folder
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.archive.backup import back_up, read, restore
from searchkit.archive.user_notes import remove_note, set_note
from searchkit.errors import TryAgain
from searchkit.names import folder as names_folder
from searchkit.store.base import Shared
from searchkit.store.postgres.database import PostgresDatabase
from tests.archive.taken import TEXT, take
from tests.cluster.postgres import PostgresServer

pytestmark = pytest.mark.cluster
NOW = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)
Machine = Callable[[str], Archive]


@pytest.fixture
def machine(store_url: str, tmp_path: Path) -> Machine:
    """Open the archive on a machine; the first of them has added an article."""

    def opened(name: str) -> Archive:
        return Archive.create(tmp_path / name, shared=Shared(store=store_url))

    with opened("one") as archive:
        take(archive, TEXT, uri="https://ledger.example/a")
    return opened


def statement(archive: Archive) -> str:
    document = archive.get(next(archive.store().ids()))
    assert document is not None
    return document.quotes[0].id


def save(folder: Path, name: str, query: str) -> None:
    saved_folder.save(folder, SavedSearch(name=name, query=query, record="document"), replacing=True)


def test_what_one_machine_edits_others_have(machine: Machine) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
        set_note(one, statement(one), mark="checked", now=NOW)
        (one.folder / "aliases.toml").write_text('[[person]]\nname = "Nadia Korbel"\naliases = ["N. Korbel"]\n')
    with machine("two") as two:
        assert saved_folder.load(two.folder, "gate").query == "gate"
        assert [note.mark for note in two.notes().values()] == ["checked"]
        assert names_folder.version(two.folder) == names_folder.version(one.folder) != ""
        save(two.folder, "gate", "gates")
        remove_note(two, statement(two))
    with machine("one") as one:
        assert saved_folder.load(one.folder, "gate").query == "gates"
        assert not one.notes()
        saved_folder.remove(one.folder, "gate")
    with machine("two") as two:
        assert saved_folder.names(two.folder) == ()


def test_files_of_before_are_sent_and_notes_are_merged(machine: Machine, tmp_path: Path, store_url: str) -> None:
    """Two machines were used before their files were shared."""
    for name, mark in (("one", "checked"), ("two", "false-match")):
        with machine(name) as archive:
            document = archive.get(next(archive.store().ids()))
            assert document is not None
            set_note(archive, document.quotes[name == "two"].id, mark=mark, now=NOW)
            save(archive.folder, name, name)
            save(archive.folder, "both", name)
    with closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
        connection.rows("DROP TABLE files; DELETE FROM properties WHERE name = 'files'")
    marks = {"one": "checked", "two": "false-match"}
    for name in marks:
        (tmp_path / name / "shared-files.json").unlink()
        save(tmp_path / name, "both", name)
    reported: list[str] = []
    for name in ("one", "two", "one"):
        archive = machine(name)
        archive.lock.report = reported.append
        with archive:
            pass
    mine = (
        "saved/both.toml was changed here and on another machine: theirs is in use, yours is in saved/both.toml.mine."
    )
    assert reported == [mine]
    for name in marks:
        with machine(name) as archive:
            assert sorted(note.mark for note in archive.notes().values()) == ["checked", "false-match"]
            assert saved_folder.names(archive.folder) == ("both", "one", "two")
            assert saved_folder.load(archive.folder, "both").query == "one"
    assert '"two"' in (tmp_path / "two" / "saved" / "both.toml.mine").read_text()


def test_nothing_is_lost_when_an_older_dump_is_restored(machine: Machine, store_url: str) -> None:
    with machine("one") as one:
        save(one.folder, "early", "gate")
    with closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
        kept = connection.rows("SELECT name, digest, content FROM files")
    with machine("two") as two:
        take(two, "A quiet day in the harbor town.", uri="https://ledger.example/b")
        save(two.folder, "late", "harbor")
    with closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
        connection.execute("DELETE FROM changes WHERE sequence = (SELECT max(sequence) FROM changes)")
        connection.execute("DELETE FROM files")
        for row in kept:
            connection.execute("INSERT INTO files (name, digest, content) VALUES (?, ?, ?)", *row)
        connection.commit()
    for name in ("two", "one"):
        with machine(name) as archive:
            assert saved_folder.names(archive.folder) == ("early", "late")


def test_a_backup_has_them_and_a_restored_archive_shares_them(machine: Machine, tmp_path: Path, store_url: str) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
    with machine("two") as two:
        two.folder.joinpath("saved/gate.toml").unlink()
    with machine("one") as one:
        save(one.folder, "late", "late")
    back_up(tmp_path / "two", tmp_path / "backup", now=NOW)
    names = [name for name in read(tmp_path / "backup") if name.startswith(("saved", "shared"))]
    assert names == ["saved/late.toml"]
    other = Shared(store=f"{store_url}?schema=other")
    restore(tmp_path / "backup", tmp_path / "three", shared=other)
    with Archive.open(tmp_path / "three"):
        pass
    with Archive.open(tmp_path / "four", shared=other) as four:
        assert saved_folder.names(four.folder) == ("late",)


def test_an_edit_without_the_server_is_sent_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = PostgresServer()
    monkeypatch.setenv("PGPASSWORD", server.password)
    shared = Shared(store=server.url(server.create_database()))
    with Archive.create(tmp_path / "one", shared=shared) as archive:
        take(archive, TEXT, uri="https://ledger.example/a")
    server.stop()
    with pytest.raises(TryAgain, match="cannot be reached"), Archive.open(tmp_path / "one") as archive:
        save(archive.folder, "gate", "gate")
    server.start()
    with Archive.open(tmp_path / "one"), Archive.open(tmp_path / "two", shared=shared) as two:
        assert saved_folder.names(two.folder) == ("gate",)
    server.close()

"""Names, saved searches and notes that the machines of a shared store have together."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from searchkit.alerts import folder as saved_folder
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.archive.backup import back_up, read, restore
from searchkit.archive.shared_files import SharedFiles
from searchkit.archive.user_notes import remove_note, set_note
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.errors import OlderArchive, TryAgain
from searchkit.names import folder as names_folder
from searchkit.notes.file import TypedNote
from searchkit.statements.document import LogPosition
from searchkit.store.base import Shared
from searchkit.store.store import Store
from searchkit.web.reader import ServedArchive
from tests.archive.taken import TEXT, take
from tests.cluster.postgres import PostgresServer
from tests.samples import present

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
    document = present(archive.get(next(archive.store().ids())))
    return document.quotes[0].id


def save(folder: Path, name: str, query: str) -> None:
    saved_folder.save(folder, SavedSearch(name=name, query=query, over="documents"), replacing=True)


def test_what_one_machine_edits_others_have(machine: Machine) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
        set_note(one, statement(one), TypedNote(mark="checked"), now=NOW)
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
            document = present(archive.get(next(archive.store().ids())))
            set_note(archive, document.quotes[name == "two"].id, TypedNote(mark=mark), now=NOW)
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


# --- conflicts and damage ---------------------------------------------------------------------------------------------


@pytest.fixture
def reported(machine: Machine) -> Callable[[str], list[str]]:
    """Open and close the archive on a machine; return its notes."""

    def run(name: str) -> list[str]:
        lines: list[str] = []
        archive = machine(name)
        archive.lock.report = lines.append
        with archive:
            pass
        return lines

    return run


def put(store_url: str, name: str, content: bytes) -> None:
    """Write a file of the others as a forger does."""
    with closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
        connection.execute("DELETE FROM files WHERE name = ?", name)
        insert = "INSERT INTO files (name, digest, content) VALUES (?, ?, ?)"
        connection.execute(insert, name, sha256(content).hexdigest(), content)
        connection.commit()


def test_names_outside_the_archive_are_ignored(
    machine: Machine, reported: Callable[[str], list[str]], store_url: str, tmp_path: Path
) -> None:
    with machine("one") as one:
        save(one.folder, "early", "early")
    put(store_url, "../escape.toml", b"")
    put(store_url, "saved/../../escape.toml", b"")
    put(store_url, long := f"saved/{'é' * 190}.toml", b"")
    save(tmp_path / "one", "gate", "gate")  # an edit, so that all names are read in a transaction
    assert reported("one") == [f"{long} is not shared now, it cannot be read: File name too long."]
    assert not [*tmp_path.glob("escape*")]


def test_a_removed_file_that_others_changed_comes_back(
    machine: Machine, reported: Callable[[str], list[str]], tmp_path: Path
) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
        set_note(one, statement(one), TypedNote(mark="checked"), now=NOW)
    with machine("two") as two:
        save(two.folder, "gate", "newer")
        set_note(two, statement(two), TypedNote(mark="false-match"), now=NOW)
    for name in ("notes.jsonl", "saved/gate.toml"):
        (tmp_path / "one" / name).unlink()
    assert reported("one") == [
        f"{name} was removed here and changed on another machine: theirs is in use."
        for name in ("notes.jsonl", "saved/gate.toml")
    ]
    for name in ("one", "two"):
        with machine(name) as archive:
            assert saved_folder.load(archive.folder, "gate").query == "newer"
            assert [note.mark for note in archive.notes().values()] == ["false-match"]


@pytest.mark.parametrize("is_link", [True, False])
def test_what_cannot_be_read_is_left_alone(
    machine: Machine, reported: Callable[[str], list[str]], tmp_path: Path, *, is_link: bool
) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
    path = tmp_path / "one" / "saved" / "gate.toml"
    path.rename(tmp_path / "gate.toml")
    if is_link:
        path.symlink_to(tmp_path / "gate.toml")
    else:
        path.mkdir()
    save(tmp_path / "one", "late", "late")
    reason = "saved/gate.toml is not shared now, it cannot be read: not a regular file."
    assert reported("one") == ([] if is_link else [reason])
    with machine("two") as two:
        assert saved_folder.names(two.folder) == ("gate", "late")
        save(two.folder, "gate", "newer")
    save(tmp_path / "one", "later", "later")
    assert reported("one") == ([] if is_link else [reason])
    assert path.is_symlink() if is_link else path.is_dir()
    path.unlink() if is_link else path.rmdir()
    (tmp_path / "gate.toml").rename(path)
    assert reported("one") == []
    with machine("one") as one:
        assert saved_folder.load(one.folder, "gate").query == "newer"


def test_each_conflict_keeps_a_copy(machine: Machine, reported: Callable[[str], list[str]], tmp_path: Path) -> None:
    for number in range(3):
        with machine("two") as two:
            save(two.folder, "gate", f"theirs{number}")
        save(tmp_path / "one", "gate", f"ours{number}")
        (line,) = reported("one")
        assert line.endswith(f"yours is in saved/gate.toml.mine{('', 2, 3)[number]}.")
    copies = sorted((tmp_path / "one" / "saved").glob("*.mine*"))
    assert [f'"ours{number}"' in copy.read_text() for number, copy in enumerate(copies)] == [True] * 3


def test_a_file_saved_during_an_exchange_counts_as_changed(machine: Machine, tmp_path: Path, store_url: str) -> None:
    class Busy(Store):
        @property
        def position(self) -> LogPosition:  # read after the last file was exchanged
            save(tmp_path / "one", "gate", "newest")
            return super().position

    with machine("one") as one:
        save(one.folder, "gate", "gate")
    save(tmp_path / "one", "gate", "newer")
    files = SharedFiles(tmp_path / "one", PostgresDatabase(store_url))
    with closing(Busy(PostgresDatabase(store_url).connect(writable=False))) as store:
        assert files.sync(store) == ()
    assert files.has_changed()
    with machine("one"), machine("two") as two:
        assert saved_folder.load(two.folder, "gate").query == "newest"


@pytest.mark.parametrize("damaged", [b"{", b'{"searchkit_shared_files": 1, "files": {"aliases.toml": []}}'])
def test_without_its_state_a_machine_loses_nothing(
    machine: Machine, reported: Callable[[str], list[str]], tmp_path: Path, damaged: bytes
) -> None:
    with machine("one") as one:
        save(one.folder, "gate", "gate")
        save(one.folder, "same", "same")
    with machine("two") as two:
        save(two.folder, "gate", "theirs")
    save(tmp_path / "one", "gate", "ours")
    (tmp_path / "one" / "shared-files.json").write_bytes(damaged)
    (line,) = reported("one")
    assert line.startswith("saved/gate.toml was changed here and on another machine")
    assert '"ours"' in (tmp_path / "one/saved/gate.toml.mine").read_text()
    assert reported("one") == []


def test_a_backup_reports_a_conflict(machine: Machine, tmp_path: Path) -> None:
    with machine("two") as two:
        save(two.folder, "gate", "theirs")
    save(tmp_path / "one", "gate", "ours")
    lines: list[str] = []
    back_up(tmp_path / "one", tmp_path / "backup", now=NOW, report=lines.append)
    assert len(lines) == 1
    assert lines[0].endswith("yours is in saved/gate.toml.mine.")


def test_a_backup_of_an_earlier_store_says_what_to_do(machine: Machine, tmp_path: Path, store_url: str) -> None:
    with machine("one"), closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
        connection.rows("UPDATE properties SET value = '8' WHERE name = 'store'")
        connection.commit()
    with pytest.raises(OlderArchive, match=r"searchkit index --outdated"):
        back_up(tmp_path / "one", tmp_path / "backup", now=NOW)


def test_an_error_after_a_saved_form_is_logged(
    machine: Machine, tmp_path: Path, store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with machine("one") as one:
        save(one.folder, "early", "early")
    served = ServedArchive("one", tmp_path / "one")
    with closing(served):
        served.current()
        save(tmp_path / "one", "gate", "gate")
        with closing(PostgresDatabase(store_url).connect(writable=True)) as connection:
            connection.rows("UPDATE properties SET value = '99' WHERE name = 'files'")
            connection.commit()
        served.send_files()
    assert "saved here, but not sent to other machines" in capsys.readouterr().err

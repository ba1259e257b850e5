"""The folder of saved searches: files that people write too."""

import os
from pathlib import Path

import pytest

from searchkit.alerts.folder import SavedFolder, file_of, load, load_all, names, remove, save
from searchkit.alerts.searches import SavedSearch
from searchkit.archive import Archive
from searchkit.errors import ArchiveError, ConfigError, NotInArchive, UsageError
from searchkit.query.parser import SavedQuery

PORT = SavedSearch(name="port", query="speaker:Korbel AND date:7d", over="statements", note="For Monday.")


def test_kept_read_and_removed(tmp_path: Path) -> None:
    assert names(tmp_path) == ()
    path = save(tmp_path, PORT)
    assert path == tmp_path / "saved" / "port.toml"
    assert load(tmp_path, "port") == PORT
    with pytest.raises(UsageError, match="already"):
        save(tmp_path, PORT)
    save(tmp_path, SavedSearch(name="port", query="crane", over="documents"), replacing=True)
    assert load(tmp_path, "port").query == "crane"
    assert [entry.name for entry in path.parent.iterdir()] == ["port.toml"]
    remove(tmp_path, "port")
    assert names(tmp_path) == ()
    with pytest.raises(NotInArchive, match="To create a saved search"):
        remove(tmp_path, "port")


def test_a_near_name_is_offered(tmp_path: Path) -> None:
    save(tmp_path, PORT)
    with pytest.raises(NotInArchive, match='Did you mean "port"'):
        load(tmp_path, "prot")


@pytest.mark.parametrize("name", ["../port", "/etc/passwd", "Port", "a/b", "", ".", "port.toml", "a\0b", "x" * 61])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    for refused in (lambda: file_of(tmp_path, name), lambda: load(tmp_path, name), lambda: remove(tmp_path, name)):
        with pytest.raises(UsageError, match="is not a valid name for a saved search"):
            refused()
    assert SavedFolder(tmp_path).get(name) is None


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    save(tmp_path, PORT)
    folder = tmp_path / "saved"
    (folder / "broken.toml").write_text("syntax = = 1")
    (folder / "Bad Name.toml").write_text("")
    (folder / "large.toml").write_bytes(b"#" * 300_000)
    (folder / "notes.txt").write_text("not one of ours")
    (folder / "folder.toml").mkdir()
    found = {saved.name: saved for saved in load_all(tmp_path)}
    assert sorted(found) == ["Bad Name", "broken", "large", "port"]
    assert found["port"].search == PORT
    assert [name for name, one in found.items() if one.search is None and one.fault] == ["Bad Name", "broken", "large"]
    os.mkfifo(folder / "pipe.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load(tmp_path, "pipe")


def test_as_the_parser_wants_them(tmp_path: Path) -> None:
    save(tmp_path, PORT)
    known = SavedFolder(tmp_path)
    assert known["port"] == SavedQuery(query="speaker:Korbel AND date:7d", record="quote")
    assert (list(known), len(known), "crane" in known) == (["port"], 1, False)
    (tmp_path / "saved" / "broken.toml").write_text("=")
    with pytest.raises(ConfigError):
        known["broken"]


def test_signs_that_no_file_holds_and_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be saved"):
        save(tmp_path, SavedSearch(name="port", query="\udc80", over="statements"))
    (tmp_path / "saved").touch()
    with pytest.raises(ArchiveError, match="cannot be used"):
        save(tmp_path, PORT)
    assert names(tmp_path) == ()


def test_a_folder_with_saved_searches_alone_can_become_an_archive(tmp_path: Path) -> None:
    save(tmp_path, PORT)
    with Archive.create(tmp_path) as opened:
        assert opened.is_empty
    assert load(tmp_path, "port") == PORT

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searchkit.errors import ArchiveError, ConfigError, UsageError
from searchkit.names import folder
from searchkit.names.aliases import load
from searchkit.names.watchlists import ParsedWatchlist, read
from tests.limits import processor_time_below
from tests.samples import present

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ENTITY = '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\n'


def _reading(tmp_path: Path, names: str) -> ParsedWatchlist:
    path = tmp_path / "names.txt"
    path.write_text(names, encoding="utf-8")
    return read(path, "harbor")


def _save(tmp_path: Path, name: str, names: str) -> folder.Watchlist:
    parsed = _reading(tmp_path, names)
    return folder.save(tmp_path, name, parsed.entries, form=parsed.form, source="names.txt", now=NOW)


def test_the_version_changes_with_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / folder.ALIASES
    path.write_text(ENTITY)
    first = folder.version(tmp_path)
    path.write_text(f"# a remark\n\n{ENTITY}")
    assert folder.version(tmp_path) == first
    _save(tmp_path, "harbor", "Petr Havel\n")
    second = folder.version(tmp_path)
    _save(tmp_path, "harbor", "Petra Havel\n")
    assert len({first, second, folder.version(tmp_path)}) == 3
    folder.remove(tmp_path, "harbor")
    assert folder.version(tmp_path) == first


def test_a_kept_list_comes_back_whole(tmp_path: Path) -> None:
    names = 'Petr Havel\nTovo Steel\nHáv\'el "x" \u2028 Ltd\nBISS\n'
    saved = _save(tmp_path, "Harbor-1", names)
    assert (saved.name, saved.entries, saved.form, saved.added) == ("harbor-1", 4, "names", "2026-03-04T05:06:07+00:00")
    assert folder.watchlists(tmp_path) == (saved,)
    register = present(load(tmp_path))
    assert [entry.name for entry in register.entries] == [entry.name for entry in _reading(tmp_path, names).entries]
    assert register.entries[register.watched.get("petr havel")[0] >> 1].watchlist == "harbor-1"
    assert register.watched.acronyms == {"biss"}
    assert register.version == folder.version(tmp_path)


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "a b", "é", "x" * 99])
def test_names_that_cannot_be_typed_in_a_query(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a watchlist"):
        folder.list_name(name)


def test_a_list_that_was_touched_is_refused(tmp_path: Path) -> None:
    _save(tmp_path, "harbor", "Petr Havel\nTovo Steel\n")
    path = tmp_path / folder.WATCHLISTS / "harbor.jsonl"
    good = path.read_bytes()
    for bad in (good.replace(b"Havel", b"Hawel"), good[:-30], good + b"{}\n"):
        path.write_bytes(bad)
        assert folder.version(tmp_path), "a question must not fail for it"
        with pytest.raises(ArchiveError, match="damaged or was edited"):
            load(tmp_path)
    for bad in (b"", b"\xff\xfe", b"[]\n", good.replace(b'"version":1', b'"version":9'), b"x" * 20_000):
        path.write_bytes(bad)
        with pytest.raises(ArchiveError, match="damaged or was edited"):
            folder.version(tmp_path)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    aliases = tmp_path / folder.ALIASES
    aliases.mkdir()
    with pytest.raises(ConfigError, match="is not a file"):
        folder.version(tmp_path)
    aliases.rmdir()
    os.mkfifo(aliases)
    with pytest.raises(ConfigError, match="is not a file"):
        folder.version(tmp_path)
    aliases.unlink()
    aliases.symlink_to(aliases)
    with pytest.raises(ConfigError, match="cannot be read"):
        folder.version(tmp_path)
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / folder.WATCHLISTS).write_text("a file")
    with pytest.raises(ArchiveError, match="cannot be used"):
        _save(tmp_path / "watch", "harbor", "Petr Havel\n")


def test_a_long_list_loads_in_a_moment(tmp_path: Path) -> None:
    entries = tuple(
        folder.WatchlistEntry(
            id=f"NK-{number}", name=f"Name {number}", kind="person", country="", topics=("sanction",),
            names=(f"name {number}", f"{number} name of"), weak=(), acronyms=(),
        )
        for number in range(50_000)
    )  # fmt: skip
    folder.save(tmp_path, "long", entries, form="CSV", source="x", now=NOW)
    with processor_time_below(5):
        register = load(tmp_path)
    assert register is not None
    with processor_time_below(0.1):
        folder.version(tmp_path)


def test_an_archive_without_names_has_no_register(tmp_path: Path) -> None:
    assert (folder.version(tmp_path), load(tmp_path), folder.version(tmp_path / "missing")) == ("", None, "")
    folder.write_example(tmp_path)
    assert folder.version(tmp_path) == "", "comments do not count"
    with pytest.raises(UsageError, match=r"aliases\.toml already exists"):
        folder.write_example(tmp_path)
    (tmp_path / folder.ALIASES).write_text("[[entity]]\n")
    with pytest.raises(ConfigError, match=r"aliases\.toml: \[\[entity\]\] number 1"):
        load(tmp_path)


def test_lists_are_private_and_removed_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no watchlists"):
        folder.remove(tmp_path, "harbor")
    _save(tmp_path, "rivers", "Petr Havel\n")
    (tmp_path / folder.WATCHLISTS / "harbor.tmp").write_bytes(b"half")
    assert [watchlist.name for watchlist in folder.watchlists(tmp_path)] == ["rivers"]
    assert (tmp_path / folder.WATCHLISTS).stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="Watchlists of this archive: rivers"):
        folder.remove(tmp_path, "harbor")

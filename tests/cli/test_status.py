"""`status`, `rebuild` and `config` on an archive of their own."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.statements.reader.reports import PatternReader
from searchkit.store.lock import exclusive
from searchkit.store.store import open_store
from tests.cli.conftest import Command
from tests.cli.harbor import ARTICLES


def test_status_counts_what_is_there(searchkit: Command, harbor: Path) -> None:
    result = json.loads(searchkit("status", "--json", archive=harbor).out)
    assert (result["archive"], result["engine"]) == (str(harbor), "whoosh:")
    assert (result["documents"], result["statements"], result["revisions"], result["outdated"]) == (3, 3, 0, 0)
    assert result["indexed"] == {"document": 3, "quote": 3}
    assert result["bytes"]["store"] > 0
    assert result["bytes"]["index"] > 0
    lines = dict(line.split(None, 1) for line in searchkit("status", archive=harbor).out.splitlines())
    assert (lines["documents"], lines["statements"], lines["engine"]) == ("3", "3", "whoosh")
    assert lines["index"].endswith(("up to date", " MB"))
    assert "outdated" not in lines


def test_failed_sentences_are_counted(
    searchkit: Command, harbor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*context: Any) -> Any:
        raise IndexError

    assert "not extracted" not in searchkit("status", archive=harbor).out
    monkeypatch.setattr(PatternReader, "find", faulty)
    (tmp_path / "faulty.txt").write_text("Notice\n\nNadia Korbel said the crane is old. It rained.")
    indexed = searchkit("index", str(tmp_path / "faulty.txt"), archive=harbor)
    assert "sentences that could not be read: 2" in indexed.err
    assert "not extracted 2 sentences" in searchkit("status", archive=harbor).out
    assert json.loads(searchkit("status", "--json", archive=harbor).out)["failed_sentences"] == 2


def test_status_says_when_the_index_is_behind(searchkit: Command, harbor: Path) -> None:
    shutil.rmtree(harbor / "whoosh")
    done = searchkit("status", "-e", archive=harbor)
    assert done.code == 1
    assert "3 changes behind; the next command updates it" in done.out
    assert searchkit("status", archive=harbor).code == 0
    assert searchkit("query", "cranes", archive=harbor).code == 0
    assert searchkit("status", "-e", archive=harbor).code == 0


def test_rebuild_counts_and_gives_the_same_answers(searchkit: Command, harbor: Path) -> None:
    before = searchkit("query", "cranes OR crates", "--format", "ids", archive=harbor).out
    assert len(before.split()) == len(ARTICLES)
    done = searchkit("rebuild", archive=harbor)
    assert done.code == 0
    assert done.out.startswith("3 documents indexed in ")
    assert searchkit("query", "cranes OR crates", "--format", "ids", archive=harbor).out == before


def test_rebuild_does_not_begin_while_another_writes(searchkit: Command, harbor: Path) -> None:
    with exclusive(harbor / "lock"):
        done = searchkit("rebuild", archive=harbor)
    assert (done.code, done.out) == (75, "")
    assert "--wait" in done.err


def test_an_empty_archive_can_be_asked(searchkit: Command, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    archive = tmp_path / "archive"
    assert searchkit("index", str(tmp_path / "articles"), archive=archive).out.startswith("0 documents: 0 added")
    assert json.loads(searchkit("status", "--json", archive=archive).out)["documents"] == 0
    assert searchkit("query", "*", archive=archive).out == "No document matches *\n"
    with Archive.open(archive) as opened:
        assert opened.status().applied == 0


def test_config_tells_where_each_setting_comes_from(
    searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "searchkit.toml").write_text("max_file_mb = 5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEARCHKIT_WORKERS", "3")
    settings = json.loads(searchkit("config", "--json", archive=tmp_path / "a").out)["settings"]
    assert {name: setting["origin"] for name, setting in settings.items() if setting["origin"] != "default"} == {
        "archive": "--archive",
        "workers": "SEARCHKIT_WORKERS",
        "max_file_mb": str(tmp_path / "searchkit.toml"),
    }
    assert settings["max_file_mb"]["value"] == "5"
    lines = searchkit("config", archive=tmp_path / "a").out.splitlines()
    assert [line.split()[0] for line in lines] == list(settings)
    assert len({line.index("from ") for line in lines}) == 1
    (tmp_path / "searchkit.toml").write_text("colour = 5\n")
    assert searchkit("config", archive=tmp_path / "a").code == 2


def test_what_is_in_quarantine_is_listed(searchkit: Command, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    (tmp_path / "a.txt").write_text("Nadia Korbel said the crane stood still.")
    assert searchkit("index", str(tmp_path / "a.txt"), archive=folder).code == 0
    assert "in quarantine" not in searchkit("status", archive=folder).out
    store = open_store(folder / "store.sqlite", writable=True)
    for number in range(7):
        for _ in range(3):
            store.quarantine.note(f"file:///{number}\x1b.html", "d", reason="takes too long\x1b[2J", at="2026-03-04")
    store.commit()
    store.close()
    result = searchkit("status", archive=folder).out
    assert "in quarantine 7 resources" in result
    assert "file:///4\\x1b.html: takes too long\\x1b[2J" in result
    listed = json.loads(searchkit("status", "--json", archive=folder).out)["quarantined"]
    assert [resource["uri"] for resource in listed] == [f"file:///{number}\x1b.html" for number in range(7)]
    assert {key: listed[0][key] for key in ("runs", "since")} == {"runs": 3, "since": "2026-03-04"}


def test_documents_that_aliases_name_and_nobody_has_are_told_once(searchkit: Command, harbor: Path) -> None:
    (harbor / "aliases.toml").write_text('[[hide]]\nname = "Vell"\ndocuments = ["1", "2", "3", "4", "5", "6"]\n')
    result = searchkit("rebuild", archive=harbor).err
    assert "note: aliases.toml: document not in the archive: 5\nnote: aliases.toml: 6 documents are" in result
    assert "note" not in searchkit("rebuild", archive=harbor).err

"""`searchkit index --outdated` re-annotates outdated documents and reads no files."""

import json
import sqlite3
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.extract import EXTRACTOR_VERSION
from searchkit.store.tables import row_checksum
from tests.cli.conftest import Command
from tests.cli.harbor import archive_of_the_harbor


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    with sqlite3.connect(folder / "store.sqlite") as connection:
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        connection.execute("UPDATE documents SET extractor = '1' WHERE id IN (SELECT id FROM documents LIMIT 2)")
    connection.close()
    return folder


def versions(archive: Path) -> dict[str, int]:
    with Archive.open(archive) as opened:
        return opened.records().extractor_versions()


def test_just_those_and_status_names_the_command(searchkit: Command, archive: Path) -> None:
    status = searchkit("status", archive=archive).out
    assert "2 documents were annotated by another version" in status
    assert "run `searchkit index --outdated` to re-annotate" in status
    before = sequence(archive)
    done = searchkit("index", "--outdated", "--workers", "1", archive=archive)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("2 documents re-annotated in ")
    assert versions(archive) == {EXTRACTOR_VERSION: 3}
    assert sequence(archive) == before + 2, "the third is left alone"
    assert "outdated" not in searchkit("status", archive=archive).out
    assert "up to date" in searchkit("status", archive=archive).out
    assert searchkit("index", "--outdated", archive=archive).out.startswith("0 documents re-annotated")
    assert searchkit("index", "--outdated", "-q", archive=archive).out == ""


def sequence(archive: Path) -> int:
    with Archive.open(archive) as opened:
        return opened.status().sequence


def test_as_json_and_in_the_log(searchkit: Command, archive: Path) -> None:
    done = json.loads(searchkit("index", "--outdated", "--json", "--workers", "1", archive=archive).out)
    assert (done["schema"], done["annotated_again"], done["added"], done["failures"]) == ("searchkit.index/1", 2, 0, [])
    assert json.loads((archive / "runs.jsonl").read_text())["annotated_again"] == 2


def test_it_goes_without_paths_and_makes_no_archive(searchkit: Command, archive: Path, tmp_path: Path) -> None:
    for words in (("seeds",), ("--prune",)):
        refused = searchkit("index", "--outdated", *words, archive=archive)
        assert refused.code == 2
        assert "--outdated cannot be combined with PATH" in refused.err
    missing = searchkit("index", "--outdated", archive=tmp_path / "none")
    assert missing.code == 3
    assert "There is no archive at" in missing.err
    assert not (tmp_path / "none").exists()


def test_names_that_changed_are_applied(searchkit: Command, archive: Path) -> None:
    (archive / "aliases.toml").write_text('[[hide]]\nname = "Petr Havel"\n')
    assert searchkit("index", "--outdated", "--workers", "1", archive=archive).out.startswith("3 documents")
    assert "Havel" not in searchkit("quotes", "cranes", "--fields", "speaker", "--format", "csv", archive=archive).out

"""`searchkit rebuild`: notes, and the age of the index."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from searchkit.archive.folder import write_marker
from tests.cli.conftest import Command
from tests.cli.harbor import archive_of_the_harbor


def test_documents_that_aliases_name_and_nobody_has_are_told_once(searchkit: Command, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    (archive / "aliases.toml").write_text('[[hide]]\nname = "Vell"\ndocuments = ["1", "2", "3", "4", "5", "6"]\n')
    told = searchkit("rebuild", archive=archive).err
    assert "note: aliases.toml: document not in the archive: 5\nnote: aliases.toml: 6 documents are" in told
    assert "note" not in searchkit("rebuild", archive=archive).err


def test_status_shows_the_age_of_the_index(searchkit: Command, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    archive_of_the_harbor(folder).close()
    assert searchkit("rebuild", archive=folder).code == 0
    assert searchkit("query", "cranes OR crates", "--format", "ids", archive=folder).out.split()
    told = json.loads(searchkit("status", "--json", archive=folder).out)
    assert told["engine"] == "whoosh:"
    assert datetime.now(UTC) - datetime.fromisoformat(told["rebuilt"]) < timedelta(hours=1)
    assert "index rebuilt today" in searchkit("status", archive=folder).out
    write_marker(folder, "whoosh:", rebuilt=datetime.now(UTC) - timedelta(days=9))
    assert "index rebuilt 9 days ago" in searchkit("status", archive=folder).out

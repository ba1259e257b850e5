"""What annotating again tells."""

from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.harbor import archive_of_the_harbor


def test_documents_that_aliases_name_and_nobody_has_are_told_once(searchkit: Command, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    (archive / "aliases.toml").write_text('[[hide]]\nname = "Vell"\ndocuments = ["1", "2", "3", "4", "5", "6"]\n')
    told = searchkit("rebuild", archive=archive).err
    assert "note: aliases.toml names a document that is not in the archive: 5\nnote: in all 6 documents that" in told
    assert "note" not in searchkit("rebuild", archive=archive).err

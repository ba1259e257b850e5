"""From an archive to a backup and back."""

from pathlib import Path

from tests.cli.conftest import Command


def test_backup_and_restore(searchkit: Command, seeded: Path, tmp_path: Path) -> None:
    done = searchkit("backup", str(tmp_path / "backup"))
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"files copied to {tmp_path / 'backup'} and verified\n")
    again = searchkit("restore", str(tmp_path / "backup"), archive=tmp_path / "again")
    assert (again.code, again.err) == (0, "")
    assert (tmp_path / "again" / "whoosh" / "CURRENT").exists()
    ids = [searchkit("query", "Tiandy", "-f", "ids", archive=folder).out for folder in (seeded, tmp_path / "again")]
    assert ids[0] == ids[1] != ""


def test_what_cannot_be(searchkit: Command, tmp_path: Path) -> None:
    assert searchkit("backup", str(tmp_path), archive=tmp_path / "none").code == 3
    done = searchkit("restore", str(tmp_path), archive=tmp_path / "again")
    assert done.code == 3
    assert done.err.startswith(f"searchkit: {tmp_path} is not a backup")

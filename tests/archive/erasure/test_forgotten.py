"""What was forgotten is known again, and nobody can read what it was."""

import json
from pathlib import Path

import pytest

from searchkit.archive.erasure.forgotten import FORGOTTEN, Forgotten
from searchkit.errors import ArchiveError, NewerArchive

ADDRESS = "https://ledger.example/cranes"


def test_known_by_any_of_its_names_and_let_in_by_any(tmp_path: Path) -> None:
    Forgotten.load(tmp_path).add([{"0123456789ab", ADDRESS}, {"ba9876543210", "file:///a\udce9.txt"}])
    again = Forgotten.load(tmp_path)
    assert len(again) == 2
    assert ADDRESS in again
    assert "0123456789ab" in again
    assert "file:///a\udce9.txt" in again
    assert f"{ADDRESS}2" not in again
    again.add([{"0123456789ab", ADDRESS}])
    assert len(Forgotten.load(tmp_path)) == 2, "a run that is done again adds nothing"
    assert again.allow([ADDRESS, "unknown"]) == 1
    assert again.allow([ADDRESS]) == 0
    left = Forgotten.load(tmp_path)
    assert ("0123456789ab" in left, "ba9876543210" in left) == (False, True)


def test_nothing_of_it_can_be_read_and_no_two_archives_write_it_alike(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Forgotten.load(tmp_path / name).add([{ADDRESS}])
        written.append((tmp_path / name / FORGOTTEN).read_text())
        assert "ledger" not in written[-1]
        assert (tmp_path / name / FORGOTTEN).stat().st_mode & 0o777 == 0o600
    assert json.loads(written[0])["documents"] != json.loads(written[1])["documents"]


def test_a_folder_without_the_file_has_forgotten_nothing(tmp_path: Path) -> None:
    assert len(Forgotten.load(tmp_path)) == 0
    assert ADDRESS not in Forgotten.load(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"searchkit_forgotten": 1}', '{"searchkit_forgotten": 1, "salt": "xx", "documents": []}', "null"],
)
def test_a_damaged_list_is_told_and_lets_nothing_in(tmp_path: Path, content: str) -> None:
    (tmp_path / FORGOTTEN).write_text(content)
    with pytest.raises(ArchiveError, match="is damaged"):
        Forgotten.load(tmp_path)


def test_a_list_of_a_later_searchkit_is_refused(tmp_path: Path) -> None:
    (tmp_path / FORGOTTEN).write_text('{"searchkit_forgotten": 2, "salts": []}')
    with pytest.raises(NewerArchive, match="has version 2; this searchkit reads up to 1"):
        Forgotten.load(tmp_path)

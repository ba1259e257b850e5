"""From an export to a verdict, through files."""

import json
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from tests.archive.taken import TEXT, take
from tests.cli.conftest import Command
from tests.cli.test_commands import process


@pytest.fixture
def kept(tmp_path: Path, searchkit: Command) -> tuple[Path, Path]:
    """An archive of one article, and evidence on its two statements."""
    with Archive.create(tmp_path / "archive") as archive:
        take(archive)
    done = searchkit("export", "-f", "evidence", "-o", str(tmp_path / "e.jsonl"), archive=tmp_path / "archive")
    assert done.code == 0
    return tmp_path / "archive", tmp_path / "e.jsonl"


def recrawled(archive: Path, text: str, **fields: Any) -> None:
    with Archive.open(archive) as opened:
        take(opened, text, days=1, **fields)


def test_all_the_same(kept: tuple[Path, Path], searchkit: Command) -> None:
    archive, file = kept
    done = searchkit("verify", str(file), archive=archive)
    assert (done.code, done.err) == (0, "")
    assert "2 statements: 2 same, 0 moved, 0 changed, 0 gone, 0 missing" in done.out
    assert "captures: 2 not kept" in done.out
    result = json.loads(searchkit("verify", str(file), "--json", archive=archive).out)
    assert (result["schema"], result["seal"], result["as_recorded"], result["findings"]) == (
        "searchkit.verify/1",
        "intact",
        True,
        [],
    )
    assert result["sha256"] == result["sealed_sha256"]


def test_moved_changed_and_gone_have_a_line_each(kept: tuple[Path, Path], searchkit: Command) -> None:
    archive, file = kept
    recrawled(archive, f"Corrected.\n\n{TEXT.replace('twice', 'once')}")
    done = searchkit("verify", str(file), archive=archive)
    assert done.code == 4
    moved, changed = sorted((line for line in done.out.splitlines() if line[:5] in {"moved", "chang"}), reverse=True)
    assert " · now at " in moved
    assert "of revision 2, recorded at " in moved
    assert moved.endswith("revision 1 has the recorded text")
    assert ' · nearest in revision 2 (90% of the words): "We counted the crates once before' in changed
    assert "2 statements: 0 same, 1 moved, 1 changed, 0 gone, 0 missing" in done.out
    result = json.loads(searchkit("verify", str(file), "--json", archive=archive).out)
    assert (result["moved"], result["changed"], result["as_recorded"]) == (1, 1, False)
    assert {finding["kept_in"] for finding in result["findings"]} == {1}
    empty = archive.parent / "empty"
    with Archive.create(empty) as opened:
        take(opened, uri="https://ledger.example/other")
    done = searchkit("verify", str(file), archive=empty)
    assert done.code == 4
    assert done.out.count("no such document in the archive") == 2


def test_an_altered_and_a_cut_file_say_so_first(kept: tuple[Path, Path], searchkit: Command) -> None:
    archive, file = kept
    body = file.read_text()
    file.write_text(body.replace("crates twice", "crates never"))
    done = searchkit("verify", str(file), archive=archive)
    assert done.code == 4
    assert done.out.startswith("File modified: checksum mismatch")
    assert "the recorded text has other words in this place: the file was modified" in done.out
    file.write_text(body.replace("crates twice", "crates"))
    done = searchkit("verify", str(file), archive=archive)
    (id_,) = (json.loads(line)["id"] for line in body.splitlines() if "crates twice" in line)
    assert f"changed  {id_}  " in done.out
    assert "the recorded text has other words in this place: the file was modified" in done.out
    file.write_text("\n".join(body.splitlines()[:2]))
    done = searchkit("verify", str(file), archive=archive)
    assert done.code == 4
    assert done.out.startswith("File truncated")
    assert "1 statement: 1 same" in done.out
    file.write_text(body.replace('"text": "\\"We', '"text": "", "words": "\\"We'))
    done = searchkit("verify", str(file), archive=archive)
    assert f"unreadable  {id_}  line " in done.out
    file.write_text(body.replace('"searchkit.evidence-statement/1"', "7", 1))
    done = searchkit("verify", str(file), archive=archive)
    assert "  line 2: not a statement" in done.out
    assert "1 unreadable line" in done.out
    result = json.loads(searchkit("verify", str(file), "--json", archive=archive).out)
    assert (result["unreadable"], result["findings"][-1]["status"]) == (1, "unreadable")
    assert result["findings"][0] == {
        "status": "invalid",
        "part": "custody log",
        "reason": f"the statements of document {id_.partition('-')[0]} are not those exported (1 here, 2 then)",
    }


def test_a_flood_of_lines_that_are_none_is_counted(kept: tuple[Path, Path], searchkit: Command) -> None:
    archive, file = kept
    file.write_text(file.read_text().splitlines()[0] + "\nx" * 500)
    done = searchkit("verify", str(file), archive=archive)
    assert done.code == 4
    assert done.out.count("unreadable  ") == 20
    assert "500 unreadable lines" in done.out


@pytest.mark.slow
def test_standard_input(kept: tuple[Path, Path]) -> None:
    archive, file = kept
    done = process("--archive", archive, "verify", "-", stdin=file.read_bytes())
    assert (done.code, done.err) == (0, "")
    done = process("--archive", archive, "verify", "-", stdin=b"")
    assert done.code == 2
    assert "standard input is empty" in done.err


@pytest.mark.slow
def test_evidence_through_a_pipe_is_the_file(kept: tuple[Path, Path]) -> None:
    archive, _ = kept
    done = process("--archive", archive, "export", "-f", "evidence", PYTHONIOENCODING="latin-1")
    assert process("--archive", archive, "verify", "-", stdin=done.out.encode()).code == 0


def test_without_an_archive_the_file_can_be_checked_alone(
    kept: tuple[Path, Path], searchkit: Command, tmp_path: Path
) -> None:
    _, file = kept
    done = searchkit("verify", str(file), archive=tmp_path / "none")
    assert (done.code, done.out) == (3, "")
    assert "To check the file alone, add --no-archive." in done.err
    done = searchkit("verify", str(file), "--no-archive", archive=tmp_path / "none")
    assert (done.code, done.err) == (0, "")
    assert "2 statements, compared with no archive" in done.out
    assert "custody log: 4 entries" in done.out
    file.write_text(file.read_text().replace("Nadia", "Maria"))
    done = searchkit("verify", str(file), "--no-archive", "--json", archive=tmp_path / "none")
    result = json.loads(done.out)
    assert (done.code, result["seal"], result["unchecked"]) == (4, "modified", ["statements"])

"""Many queries in one go: each is answered or told why not, whatever the others are."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cli.batch import COLUMNS, Line, read_lines
from tests.cases import cases
from tests.cli.conftest import Command


def _read(written: bytes | str) -> list[Line]:
    return list(read_lines(io.BytesIO(written.encode() if isinstance(written, str) else written)))


def _queries(written: bytes | str) -> list[tuple[int, str, str]]:
    lines = _read(written)
    assert not any(line.fault for line in lines)
    return [(line.number, line.name, line.query) for line in lines]


@pytest.mark.parametrize(("written", "expected"), cases(__file__, "test_queries_of_a_file"))
def test_queries_of_a_file(written: str, expected: tuple[tuple[int, str, str], ...]) -> None:
    assert tuple(_queries(written)) == expected


@pytest.mark.parametrize(
    ("written", "number", "fault"),
    [
        (b"cranes\n\xff\xfe\ncrates\n", 2, "not UTF-8"),
        (b"cranes\nx\xc3\ncrates\n", 2, "not UTF-8"),
        ('name,query\ncranes,"open\nx,crates\n', 2, "Invalid row"),
        ('name,query\ncranes,"a"b\nx,crates\n', 2, "Invalid row"),
        ("name,query\na,b,c\nx,crates\n", 2, "Invalid row"),
        ("name,query\na\nx,crates\n", 2, "Invalid row"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_the_next_one_is_read(
    written: bytes | str, number: int, fault: str
) -> None:
    lines = _read(written)
    assert [(line.number, line.query) for line in lines if not line.fault][-1] == (3, "crates")
    assert [(line.number, fault in line.fault) for line in lines if line.fault] == [(number, True)]


@given(st.binary(max_size=300))
def test_no_file_makes_the_reader_raise(written: bytes) -> None:
    numbers = [line.number for line in _read(written)]
    assert numbers == sorted(set(numbers))
    assert all(not line.query or not line.fault for line in _read(written))


# --- the command -----------------------------------------------------------------------------------------------------

MIXED = "\n".join(
    [
        "name,query",
        "good,cranes",
        "bad,speker:x",
        "odd,(",
        "",
        "# said",
        'phrase,"""crates twice"""',
        "=2+3,zebra",
        "open,=x)",
    ]
)


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    path = tmp_path / "mixed.csv"
    path.write_text(MIXED)
    return str(path)


def test_json_lines(searchkit: Command, harbor: Path, mixed: str) -> None:
    done = searchkit("query", "--batch", mixed, "--jsonl", "-n", "1", "--fields", "id,title", archive=harbor)
    assert done.code == 4
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [(line["line"], line["name"], line.get("total")) for line in lines] == [
        (2, "good", 2),
        (3, "bad", None),
        (4, "odd", None),
        (7, "phrase", 1),
        (8, "=2+3", 0),
        (9, "open", None),
    ]
    assert {line["schema"] for line in lines} == {"searchkit.batch/1"}
    assert lines[0]["interpreted_as"] == "cranes"
    assert [list(hit) for hit in lines[0]["items"]] == [["id", "title"]]
    assert lines[1]["error"] == {
        "message": 'There is no field "speker". Did you mean "speaker"?',
        "hint": 'To search for the words, write "speker:x" in quotation marks.',
        "code": "unknown-field",
        "start": 0,
        "end": 6,
    }
    assert done.err.splitlines()[0].startswith("failed: line 3 (bad): There is no field")
    assert done.err.splitlines()[-1] == "6 queries: 3 answered, 3 failed"


def test_sheets_are_guarded(searchkit: Command, harbor: Path, mixed: str) -> None:
    rows = list(csv.DictReader(io.StringIO(searchkit("query", "--batch", mixed, "--csv", archive=harbor).out)))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["name"], row["total"]) for row in rows][3:5] == [("phrase", "1"), ("'=2+3", "0")]
    assert "no field" in rows[1]["error"]
    tabbed = searchkit("query", "--batch", mixed, "-f", "tsv", archive=harbor).out
    assert tabbed.splitlines()[1] == "2\tgood\tcranes\tcranes\t2\t"


def test_for_people(searchkit: Command, harbor: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("cranes\ncrates\x1b\x9b AND x\n(\n")
    done = searchkit("statements", "--batch", str(path), archive=harbor)
    assert done.code == 4
    lines = done.out.splitlines()
    assert lines[0] == "        1  cranes"
    assert lines[1] == "        0  crates\\x1b\\x9b AND x"
    assert lines[2].startswith("   failed  (: ")
    assert "\x1b" not in done.out + done.err


def test_filters_and_day_hold_for_all(searchkit: Command, harbor: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("cranes\n*\n")
    result = searchkit(
        "query", "--batch", str(path), "--jsonl", "--speaker", "Korbel", "--facet", "outlet", archive=harbor
    )
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["total"] for line in lines] == [1, 2]
    assert [line["query"] for line in lines] == ["cranes", "*"]
    assert lines[0]["interpreted_as"] == "cranes AND speaker:Korbel"
    assert lines[1]["facets"][0]["counts"][0]["count"] == 2


@pytest.mark.parametrize(
    ("lines", "code"), [("cranes\n", 0), ("zebra\n", 1), ("zebra\ncranes\n", 0), ("zebra\n(\n", 4), ("", 1)]
)
def test_exit_status(searchkit: Command, harbor: Path, tmp_path: Path, lines: str, code: int) -> None:
    path = tmp_path / "plain.txt"
    path.write_text(lines)
    assert searchkit("query", "--batch", str(path), "-e", archive=harbor).code == code


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_what_cannot_be_is_refused_once"))
def test_what_cannot_be_is_refused_once(
    searchkit: Command, harbor: Path, mixed: str, arguments: tuple[str, ...], complaint: str
) -> None:
    done = searchkit("query", *(mixed if argument == "FILE" else argument for argument in arguments), archive=harbor)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err


def _command(harbor: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "searchkit", "--archive", str(harbor), "query", "--batch", "-", *arguments]


@pytest.mark.slow
def test_answers_come_before_the_last_query_does(harbor: Path) -> None:
    """One that asks as it reads answers, in a pipe, is not kept waiting for the end of its input."""
    with subprocess.Popen(
        _command(harbor, "--jsonl"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        os.write(process.stdin.fileno(), b"cranes\n")
        assert json.loads(process.stdout.readline())["total"] == 2
        process.kill()


@pytest.mark.slow
def test_a_reader_that_has_gone_ends_it_quietly(harbor: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'yes "cranes OR crates" | head -5000 | "$@" | head -1', "sh", *_command(harbor, "--jsonl")],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["total"] == 3
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr

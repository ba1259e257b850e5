"""What an archive can suggest."""

from pathlib import Path

import pytest

from searchkit.cli.completing import known
from searchkit.index import open_index
from tests.index.records import document, fill

NAMES = ["Nadia Korbel", "Per Lindqvist", "Lindqvist & Søn", "Ångström Korbel", "Korbel \x1b[31m"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "archive.json").write_text('{"searchkit": 1, "engine": "whoosh:"}')
    index = open_index("whoosh:", tmp_path / "whoosh")
    records = [
        document(
            {
                "id": f"d{number}",
                "text": f"{' and '.join(names)} met.",
                "published": f"2026-01-0{number}",
                "names": [{"surface": name, "name": name, "kind": "person"} for name in names],
            }
        )
        for number, names in enumerate((NAMES, NAMES[:1], NAMES[1:2], NAMES[:2]), 1)
    ]
    fill(index, *records)
    index.close()
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("nad", ["Nadia Korbel"]),
        ("lind", ["Lindqvist & Søn", "Per Lindqvist"]),
        ("nadia k", ["Nadia Korbel"]),
        ("ang", ["Ångström Korbel"]),
        ("zzz", []),
        ("&", ["Lindqvist & Søn"]),
    ],
)
def test_names_that_begin_so_come_before_those_with_a_word_that_does(
    typed: str, found: list[str], folder: Path
) -> None:
    assert known.values(folder, "entity", typed, "document") == found


def test_without_a_letter_the_most_frequent_come_first(folder: Path) -> None:
    assert known.values(folder, "entity", "", "document")[:2] == ["Nadia Korbel", "Per Lindqvist"]


def test_what_could_steer_the_terminal_is_not_suggested(folder: Path) -> None:
    assert known.values(folder, "entity", "korbel", "document") == ["Nadia Korbel", "Ångström Korbel"]


def test_ids(folder: Path) -> None:
    assert known.ids(folder, "") == ["d4", "d3", "d2", "d1"]
    assert known.ids(folder, "d2") == ["d2"]


def test_files(folder: Path) -> None:
    (folder / "saved").mkdir()
    for name in ("cranes.toml", "ports.toml", "notes.txt"):
        (folder / "saved" / name).touch()
    assert known.files(folder / "saved", ".toml") == ["cranes", "ports"]
    assert known.files(folder / "none", ".toml") == []


def test_no_archive_knows_nothing_and_none_is_made(tmp_path: Path) -> None:
    assert known.values(tmp_path / "none", "entity", "", "document") == []
    assert known.ids(tmp_path / "none", "") == []
    assert not (tmp_path / "none").exists()

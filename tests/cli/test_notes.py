"""`searchkit notes`, and notes in the output of other commands."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

HOSTILE = "\x1b[31m\u202e<script>alert(1)</script> =1+1"


@pytest.fixture
def denied(searchkit: Command, harbor: Path) -> str:
    return searchkit("statements", "speaker:Havel", "-f", "ids", archive=harbor).out.strip()


def test_a_correction_is_shown_as_the_users_in_every_output(searchkit: Command, harbor: Path, denied: str) -> None:
    done = searchkit(
        "notes", "set", denied, "--speaker", "Ulla Schäfer", "--tag", "budget", "--by", "Ana", archive=harbor
    )
    assert (done.code, done.err) == (0, "")
    corrected = "corrected by Ana: the speaker is Ulla Schäfer"
    assert done.out.splitlines() == [corrected, "tags: budget"]
    document = denied.partition("-")[0]
    for command in (
        ["statements", "speaker:Havel"],
        ["query", "speaker:Havel"],
        ["show", denied],
        ["show", document],
        ["export", "-f", "markdown", "mark:wrong"],
        ["export", "-f", "html", "mark:wrong"],
        ["notes", "list"],
        *(["cite", denied, "-f", form] for form in ("text", "markdown", "bibtex", "csl-json")),
    ):
        said = searchkit(*command, archive=harbor).out
        assert corrected.replace(" ", "") in said.replace(" ", "").replace("\n", ""), command
        assert command[0] == "notes" or "Petr Havel" in said  # as it was found
    assert searchkit("cite", denied, archive=harbor).err == "note: tags: budget\n"


def test_programs_get_the_note_in_fields_of_its_own(searchkit: Command, harbor: Path, denied: str) -> None:
    searchkit("notes", "set", denied, "--speaker", "Ulla Schäfer", "--note", "ask", archive=harbor)
    (hit,) = json.loads(searchkit("statements", "mark:wrong", "--json", archive=harbor).out)["items"]
    expected = {"mark": "wrong-speaker", "correction": "Ulla Schäfer", "tags": [], "note": "ask", "marked_by": ""}
    assert hit.items() >= expected.items()
    assert hit["speaker"] == "Petr Havel"
    exported = json.loads(searchkit("export", "-f", "jsonl", "mark:wrong", archive=harbor).out)
    assert exported.items() >= expected.items()
    shown = json.loads(searchkit("show", "--json", denied, archive=harbor).out)
    assert shown.items() >= expected.items()
    whole = json.loads(searchkit("show", "--json", denied.partition("-")[0], archive=harbor).out)
    (stated,) = (quote for quote in whole["statements"] if quote["id"] == denied)
    assert stated.items() >= {**expected, "statement": shown["statement"], "sentence": shown["sentence"]}.items()
    evidence = json.loads(searchkit("export", "-f", "evidence", "mark:wrong", archive=harbor).out.splitlines()[1])
    assert evidence.items() >= expected.items()
    header, row = searchkit("export", "-f", "csv", "mark:wrong", archive=harbor).out.splitlines()
    assert "mark,correction,tags,note,marked_by" in header
    assert "wrong-speaker,Ulla Schäfer,,ask,," in row
    (document,) = json.loads(searchkit("query", "mark:wrong", "--json", archive=harbor).out)["items"]
    assert document["statements"]["listed"][0]["correction"] == "Ulla Schäfer"


def test_the_list_of_notes(searchkit: Command, harbor: Path, denied: str) -> None:
    assert searchkit("notes", "list", archive=harbor).out == ""
    searchkit("notes", "set", denied, "--mark", "checked", archive=harbor)
    listed = json.loads(searchkit("notes", "list", "--json", archive=harbor).out)
    assert listed["schema"] == "searchkit.notes/1"
    (note,) = listed["items"]
    assert (note["id"], note["mark"], note["gone"]) == (denied, "checked", False)
    assert searchkit("notes", "remove", denied, archive=harbor).code == 0
    assert searchkit("notes", "remove", denied, archive=harbor).code == 2


def test_an_empty_note_removes_nothing(searchkit: Command, harbor: Path, denied: str) -> None:
    searchkit("notes", "set", denied, "--mark", "checked", archive=harbor)
    assert searchkit("notes", "set", denied, archive=harbor).code == 2
    assert searchkit("statements", "mark:checked", "-f", "ids", archive=harbor).out.strip() == denied


def test_hostile_text_is_escaped(searchkit: Command, harbor: Path, denied: str) -> None:
    searchkit("notes", "set", denied, "--tag", HOSTILE, "--note", HOSTILE, "--by", HOSTILE, archive=harbor)
    for command in (
        ["statements", "mark:*"],
        ["show", denied],
        ["notes", "list"],
        ["export", "-f", "markdown", "mark:*"],
    ):
        out = searchkit(*command, archive=harbor).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert "<script>" not in searchkit("export", "-f", "html", "mark:*", archive=harbor).out
    assert ",=1+1" not in searchkit("export", "-f", "csv", "mark:*", archive=harbor).out

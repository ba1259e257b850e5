"""`searchkit saved`, and `saved:name` in questions."""

import json
from pathlib import Path

import pytest

from tests.cases import cases
from tests.cli.conftest import Command


def test_from_a_query_to_its_name_and_back(searchkit: Command, harbor: Path) -> None:
    done = searchkit(
        "saved",
        "add",
        "korbel",
        "speaker:Korbel",
        "NOT",
        "bridge",
        "--over",
        "statements",
        "--note",
        "For Monday.",
        archive=harbor,
    )
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == str(harbor / "saved" / "korbel.toml")
    assert lines[1] == "  read as: speaker:Korbel AND NOT bridge"
    assert lines[2].startswith("  finds now: ")
    text = (harbor / "saved" / "korbel.toml").read_text()
    assert 'query = "speaker:Korbel AND NOT bridge"' in text
    assert "[alert]" not in text
    answered = searchkit("statements", "saved:korbel", "-v", archive=harbor)
    direct = searchkit("statements", "speaker:Korbel", "NOT", "bridge", archive=harbor)
    assert answered.out == direct.out
    assert "read as: speaker:Korbel AND NOT bridge" in answered.err
    assert searchkit("saved", "run", "korbel", archive=harbor).out == direct.out
    exported = searchkit("export", "saved:korbel", archive=harbor)
    assert (exported.code, exported.out) == (0, searchkit("export", "speaker:Korbel NOT bridge", archive=harbor).out)
    assert len(exported.out.splitlines()) == 2
    over_documents = json.loads(searchkit("query", "saved:korbel", "--json", archive=harbor).out)
    assert over_documents["interpreted_as"] == "quote:{speaker:Korbel AND NOT bridge}"
    assert searchkit("saved", "list", archive=harbor).out == (
        "korbel  statements  speaker:Korbel AND NOT bridge  For Monday.\n"
    )
    shown = searchkit("saved", "show", "korbel", archive=harbor).out
    assert "read as    speaker:Korbel AND NOT bridge" in shown
    result = json.loads(searchkit("saved", "show", "korbel", "--json", archive=harbor).out)
    assert (result["schema"], result["over"], result["alert"]) == ("searchkit.saved/1", "statements", None)
    listed = json.loads(searchkit("saved", "list", "--json", archive=harbor).out)
    assert [search["query"] for search in listed["items"]] == ["speaker:Korbel AND NOT bridge"]


def test_relative_dates_stay_relative(searchkit: Command, harbor: Path) -> None:
    done = searchkit("saved", "add", "week", "date:7d", archive=harbor)
    assert "read as: date:[20" in done.out
    assert 'query = "date:7d"' in (harbor / "saved" / "week.toml").read_text()


def test_options_narrow_a_saved_search(searchkit: Command, harbor: Path) -> None:
    searchkit("saved", "add", "all", "*", "--over", "statements", archive=harbor)
    every = json.loads(searchkit("saved", "run", "all", "--json", archive=harbor).out)
    narrowed = json.loads(searchkit("saved", "run", "all", "--speaker", "Nobody", "--json", archive=harbor).out)
    assert (every["query"], narrowed["total"]) == ("saved:all", 0)
    assert every["total"] > 0
    assert searchkit("saved", "run", "all", "--speaker", "Nobody", "-e", archive=harbor).code == 1


@pytest.mark.parametrize(("arguments", "message"), cases(__file__, "test_mistakes"))
def test_mistakes(searchkit: Command, harbor: Path, arguments: tuple[str, ...], message: str) -> None:
    done = searchkit("saved", *arguments, archive=harbor)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert not list((harbor / "saved").glob("*")) if (harbor / "saved").exists() else True


def test_replacing_and_removing(searchkit: Command, harbor: Path) -> None:
    searchkit("saved", "add", "one", "bridge", archive=harbor)
    assert "--replace" in searchkit("saved", "add", "one", "crane", archive=harbor).err
    assert searchkit("saved", "add", "one", "crane", "--replace", archive=harbor).code == 0
    assert searchkit("saved", "remove", "one", archive=harbor).code == 0
    assert searchkit("saved", "list", archive=harbor).out == ""


def test_check_reads_them_all(searchkit: Command, harbor: Path) -> None:
    searchkit("saved", "add", "one", "bridge", archive=harbor)
    assert searchkit("saved", "check", archive=harbor).out == "1 saved search, none invalid\n"
    (harbor / "saved" / "newer.toml").write_text('syntax = 9\nquery = "x"\nover = "quotes"\n')
    (harbor / "saved" / "typo.toml").write_text('syntax = 1\nquery = "speker:x"\nover = "quotes"\n')
    done = searchkit("saved", "check", archive=harbor)
    assert done.code == 2
    assert "this searchkit supports up to 1. Upgrade searchkit." in done.err
    assert 'typo: There is no field "speker".' in done.err
    listed = searchkit("saved", "list", archive=harbor)
    assert listed.code == 0
    assert "newer  invalid:" in listed.out
    assert 'speker:x  invalid: There is no field "speker".' in listed.out
    result = searchkit("query", "saved:newer", archive=harbor)
    assert result.code == 2
    assert "^~~~~~~~~~~" in result.err


def test_an_archive_without_documents(searchkit: Command, tmp_path: Path) -> None:
    done = searchkit("saved", "add", "one", "bridge", "--sink", "atom:alerts.xml", archive=tmp_path / "new")
    assert done.code == 0
    assert "finds now" not in done.out
    assert "alert: atom:alerts.xml; each run" in done.out
    assert searchkit("saved", "show", "one", archive=tmp_path / "new").code == 0


def test_what_a_web_address_holds_is_not_printed(searchkit: Command, harbor: Path) -> None:
    sink = "webhook:https://hooks.ledger.example/secret"
    printed = [
        searchkit("saved", "add", "one", "x", "--sink", sink, archive=harbor),
        searchkit("saved", "list", archive=harbor),
        searchkit("saved", "list", "--json", archive=harbor),
        searchkit("saved", "show", "one", archive=harbor),
        searchkit("alerts", "list", archive=harbor),
        searchkit("alerts", "list", "--json", archive=harbor),
    ]
    assert all("secret" not in done.out + done.err and "hooks.ledger.example" in done.out for done in printed)
    assert "secret" in (harbor / "saved" / "one.toml").read_text()

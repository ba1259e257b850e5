"""--explain."""

import json

import pytest

from tests.cli.conftest import Command


def test_the_tree_is_shown_a_node_a_line(searchkit: Command) -> None:
    done = searchkit("query", "--explain", 'Tiandy speaker:"Guixiang Xu" date:2022-12..2023')
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == 'read as  Tiandy AND speaker:"Guixiang Xu" AND date:[2022-12-01 TO 2023-12-31]'
    tree = [line for line in lines if "document" in line and not line.startswith(("found", "note"))]
    assert [line.split("  ")[-1] for line in tree] == [
        "all of",
        "the word in any form, in title or body",
        "a name with these words in a row, in speaker",
        "date from 2022-12-01 to 2023-12-31",
    ]
    for start in ("engine   (", "time     parse ", "found    "):
        assert any(line.startswith(start) for line in lines)
    assert any("also matches" in line for line in lines)


def test_json_has_stages_and_clauses(searchkit: Command) -> None:
    told = json.loads(searchkit("quotes", "--explain", "--json", "speaker:xu", "--since", "2022").out)
    assert told["schema"] == "searchkit.explain/1"
    assert set(told["seconds"]) == {"parse", "names", "engine", "records"}
    assert [line["node"] for line in told["lines"]] == ["And", "Term", "Range"]
    assert told["lines"][0]["hits"] == told["total"] > 0
    assert all(line["over"] == "quote" for line in told["lines"])
    assert told["interpreted_as"] == "speaker:xu AND date:[2022-01-01 TO *]"
    assert told["engine"]


def test_without_a_question_or_in_another_form_it_is_refused(searchkit: Command) -> None:
    assert searchkit("query", "--explain").code == 2
    assert searchkit("query", "--explain", "a", "--format", "csv").code == 2
    assert searchkit("query", "--explain", "speker:x").code == 2


@pytest.mark.parametrize("query", ["\x1b[31m", "speaker:=\u202eabc", "a\u2028b"])
def test_nothing_steers_the_terminal(searchkit: Command, query: str) -> None:
    done = searchkit("query", "--explain", query)
    assert not {"\x1b", "\u202e", "\u2028"} & set(done.out + done.err)

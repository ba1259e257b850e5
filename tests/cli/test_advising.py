"""What is said when nothing was found."""

import json

from tests.cli.conftest import Command


def test_each_part_has_its_hits_and_those_of_the_rest(searchkit: Command) -> None:
    done = searchkit("query", "Tiandy speaker:Xu date:1999")
    lines = done.out.splitlines()
    assert lines[0].startswith("No document matches Tiandy AND speaker:Xu")
    assert [line.split()[2:] for line in lines[2:5]] == [
        ["Tiandy"],
        ["speaker:Xu"],
        ["date:[1999-01-01", "TO", "1999-12-31]"],
    ]
    assert lines[4].split()[0] == "0"
    assert lines[5].startswith("The documents here have date from 20")


def test_a_near_spelling_is_a_query_to_copy(searchkit: Command) -> None:
    done = searchkit("query", "duoble NEAR/3 standard")
    assert 'Try "double" instead of "duoble"' in done.out
    query = done.out.strip().splitlines()[-1].partition("): ")[2]
    assert json.loads(searchkit("query", "--json", query).out)["total"] > 0


def test_json_has_advice_only_without_hits(searchkit: Command) -> None:
    told = json.loads(searchkit("quotes", "--json", "speaker:xu about:Korbel").out)["advice"]
    assert set(told) == {"parts", "together", "suggestions", "notes", "complete"}
    assert [part["hits"] for part in told["parts"]] == [12, 0]
    assert told["complete"] is True
    assert json.loads(searchkit("quotes", "--json", "speaker:xu").out)["advice"] is None


def test_other_forms_have_no_advice(searchkit: Command) -> None:
    assert searchkit("query", "duoble", "--format", "ids").out == ""


def test_a_name_in_another_field_is_a_note(searchkit: Command) -> None:
    done = searchkit("quotes", "about:Korbel")
    assert "note: Korbel is a speaker here: try speaker:Korbel" in done.err


def test_nothing_steers_the_terminal(searchkit: Command) -> None:
    done = searchkit("query", "speaker:=\u202eabc zz\x1b[31m")
    assert not {"\x1b", "\u202e"} & set(done.out + done.err)

"""Facets in every form."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.cli.answer_data import facet_lines
from searchkit.cli.answers import answer_from_options
from searchkit.export.answers import facet_record, facet_rows
from searchkit.index.base import Facet, FacetCount, FacetValue, GapRecord, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.search.answer import Answer
from searchkit.statements.text import safe_json
from tests.cli.conftest import Command, Printed
from tests.cli.harbor import NOW, options

ALL = ast.All()


def _asked(opened_harbor: Archive, query: str, record: Record = "document", **given: Any) -> Answer:
    return answer_from_options(opened_harbor, (query,), record, options(limit=0, **given))


def _text(facet: Facet, tree: ast.Node = ALL, record: Record = "document") -> list[str]:
    return ["".join(part for part, _ in line) for line in facet_lines(facet, tree, record)]


def _facet(counts: dict[str, int], **fields: Any) -> Facet:
    values = tuple(FacetCount(value=value, id=value, count=count) for value, count in counts.items())
    return Facet(**{"field": "outlet", "counts": values, "missing": 0, "other": 0, **fields})


# --- for people -------------------------------------------------------------------------------------------------------


def test_bars_are_in_proportion_and_what_is_missing_is_told() -> None:
    assert _text(_facet({"Harbor Ledger": 40, "Post": 1}, missing=1200, other=1, note="not all")) == [
        "outlet (documents; not all)",
        "  Harbor Ledger       40  " + "█" * 24,
        "  Post                 1  █",
        "  1 more value, 1,200 without a value",
    ]


def test_a_histogram_tells_gaps_and_what_lies_in_no_month() -> None:
    facet = _facet(
        {"2019-01": 1, "2022-11": 2, "2022-12": 0, "2023-01": 4},
        field="date",
        interval="month",
        unknown=3,
        gaps=(GapRecord(after="2019-01", before="2022-11", length=45),),
    )
    assert _text(facet, record="quote") == [
        "date by month (statements)",
        "  2019-01              1  ██████",
        "  … 45 months without",
        "  2022-11              2  ████████████",
        "  2022-12              0",
        "  2023-01              4  ████████████████████████",
        "  month unknown        3  ██████████████████",
    ]


def test_pairs_and_wide_names_stand_in_line() -> None:
    second = FacetValue(value="Velmar", id="p")
    counts = (
        FacetCount(value="天地", id="a", count=2, second=second),
        FacetCount(value="Ana", id="b", count=1, second=second),
    )
    facet = Facet(field="speaker", paired="about", counts=counts, missing=0, other=0)
    assert _text(facet) == [
        "speaker+about (documents)",
        "  天地 × Velmar        2  " + "█" * 24,
        "  Ana × Velmar         1  " + "█" * 12,
    ]


def test_names_cannot_steer_a_terminal_and_long_ones_do_not_push_bars_away() -> None:
    _, long, short, hostile = _text(_facet({"x" * 90: 1, "y": 1, "a\n\x1b[2Jb\u202e": 1}))
    assert long == f"  {'x' * 90}  {1:>7}  {'█' * 24}"
    assert short.index("█") < 80
    assert "\x1b" not in hostile
    assert "\n" not in hostile


def test_what_the_query_chooses_is_marked(printed: Printed) -> None:
    out, _ = printed("*", "quote", limit=0, facet=("speaker",), speaker=("Korbel",), all_values=True)
    assert out.split("\n") == [
        "speaker (statements; without the filter on speaker)",
        "* Nadia Korbel                                 2  " + "█" * 24,
        "  Petr Havel                                   1  " + "█" * 12,
        "  spokesperson for Ostrava Trade Office        1  " + "█" * 12,
        "",
        "2 statements",
        "",
    ]


def test_a_facet_counts_the_answer(printed: Printed) -> None:
    out, _ = printed("*", "quote", limit=0, facet=("speaker",), speaker=("Korbel",))
    assert "speaker (statements)\n* Nadia Korbel" in out
    assert "Petr Havel" not in out


# --- rows and JSON ----------------------------------------------------------------------------------------------------

FACETS = ("outlet", "speaker:1", "date", "date:week", "verb", "act", "entity", "speaker+act", "copies")


def _total(opened_harbor: Archive, query: str, record: Record) -> int:
    tree = parse(query, today=NOW.date(), record=record).tree
    return opened_harbor.search(SearchRequest(query=tree, record=record, limit=0)).total


@pytest.mark.parametrize("record", ["document", "quote"])
def test_every_row_can_be_asked_for(opened_harbor: Archive, record: Record) -> None:
    answer = _asked(
        opened_harbor,
        "port OR papers OR cranes OR crates",
        record,
        facet=FACETS,
        speaker=("Korbel", "Havel"),
        all_values=True,
    )
    rows = list(facet_rows(answer.result.facets, answer.tree, record))
    assert {row["field"] for row in rows} >= {"outlet", "speaker", "date:month", "date:week", "speaker+act"}
    for row in rows:
        assert _total(opened_harbor, row["query"], record) == row["count"], row


def _records(answer: Answer) -> list[dict[str, Any]]:
    records = [facet_record(facet, answer.tree, answer.record) for facet in answer.result.facets]
    found: list[dict[str, Any]] = json.loads(safe_json(records))
    return found


def test_json_says_what_is_chosen_and_how_to_choose(opened_harbor: Archive) -> None:
    answer = _asked(opened_harbor, "verb:said outlet:ledger", facet=("outlet", "verb", "date:year"), all_values=True)
    outlets, verbs, years = _records(answer)
    assert (outlets["filtered"], verbs["filtered"], years["filtered"]) == (True, True, False)
    chosen, other = outlets["counts"]
    assert (chosen["value"], chosen["selected"], chosen["count"]) == ("Harbor Ledger", True, 2)
    assert (other["value"], other["selected"], other["count"]) == ('River "Courier"', False, 1)
    assert other["query"] == r'verb:say AND outlet:="River \"Courier\""'
    assert other["toggle"] == r'verb:say AND (outlet:ledger OR outlet:="River \"Courier\"")'
    assert chosen["toggle"] == "verb:say"
    assert [(count["value"], count["selected"]) for count in verbs["counts"]] == [("say", True)]
    assert (years["unknown"], years["unknown_query"]) == (0, "verb:say AND outlet:ledger AND date:year-unknown")
    assert (outlets["unknown"], outlets["unknown_query"], outlets["gaps"]) == (0, None, [])
    assert years["missing_query"] == "verb:say AND outlet:ledger AND NOT date:*"
    assert years["counts"][0]["query"] == "verb:say AND outlet:ledger AND date:=2022"


def test_json_of_pairs_and_gaps(opened_harbor: Archive) -> None:
    answer = _asked(opened_harbor, "*", facet=("speaker+verb", "date:day"))
    pairs, days = _records(answer)
    assert (pairs["field"], pairs["paired"]) == ("speaker", "verb")
    assert pairs["counts"][0] == {
        "value": "Nadia Korbel × say",
        "id": "person:nadia-korbel × say",
        "pair": [{"value": "Nadia Korbel", "id": "person:nadia-korbel"}, {"value": "say", "id": "say"}],
        "count": 2,
        "selected": False,
        "query": 'quote:{speaker:="Nadia Korbel" AND verb:="say"}',
        "toggle": 'quote:{speaker:="Nadia Korbel" AND verb:="say"}',
    }
    assert [count["id"] for count in days["counts"]] == ["2022-12-16", "2023-01-10"]
    assert days["gaps"] == [{"after": "2022-12-16", "before": "2023-01-10", "length": 24}]


def test_facets_alone_are_rows_of_a_sheet(printed: Printed) -> None:
    out, err = printed("*", limit=0, facet=("outlet:1", "date:day"), form="csv")
    rows, note = list(csv.reader(io.StringIO(out))), "a duplicate counts for its own outlet"
    assert rows == [
        ["field", "value", "id", "count", "query", "note"],
        ["outlet", "Harbor Ledger", "Harbor Ledger (ledger.example.org)", "2", 'outlet:="Harbor Ledger"', note],
        ["outlet", "missing", "", "0", "NOT outlet:*", note],
        ["date:day", "2022-12-16", "2022-12-16", "1", "date:=2022-12-16", ""],
        ["date:day", "2022-12-17 to 2023-01-09", "", "0", "", ""],
        ["date:day", "2023-01-10", "2023-01-10", "1", "date:=2023-01-10", ""],
        ["date:day", "day unknown", "", "0", "date:day-unknown", ""],
        ["date:day", "missing", "", "1", "NOT date:*", ""],
    ]
    assert err == ""


def test_facets_alone_are_json_lines(printed: Printed) -> None:
    out, err = printed("*", limit=0, facet=("outlet",), form="jsonl")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["field"], line["value"], line["count"]) for line in lines] == [
        ("outlet", "Harbor Ledger", 2),
        ("outlet", 'River "Courier"', 1),
        ("outlet", "missing", 0),
    ]
    assert err == ""


@pytest.mark.parametrize(("form", "limit"), [("csv", 1), ("jsonl", 1), ("ids", 1), ("ids", 0)])
def test_beside_hits_facets_have_no_place_in_rows(printed: Printed, form: str, limit: int) -> None:
    _, err = printed("*", facet=("outlet",), form=form, limit=limit)
    first, *more = err.splitlines()
    assert first.startswith(f"note: {form} output omits facets; use --json")
    left_out = ["note: 1 of 3 documents written; use --limit for more, or searchkit export for all."]
    assert more == (left_out if limit else [])


def test_values_in_order_of_their_names(printed: Printed) -> None:
    out, _ = printed("*", limit=0, facet=("entity:3",), facet_sort="value")
    names = [line.split("  ")[1] for line in out.split("\n")[1:4]]
    assert names == sorted(names)


def test_on_the_command_line(searchkit: Command) -> None:
    done = searchkit(
        "statements", "-n", "0", "--facet", "speaker+about:2", "--facet", "date:week", "--facet-sort", "value"
    )
    assert done.code == 0
    assert "speaker+about (statements)" in done.out
    assert "date by week (statements)" in done.out
    assert "-W" in done.out
    result = json.loads(searchkit("query", "act:denied", "--facet", "act", "-n", "0", "--json").out)
    assert result["interpreted_as"] == "act:deny"
    assert [count["value"] for count in result["facets"][0]["counts"] if count["selected"]] == ["deny"]


def test_a_facet_of_days_says_that_some_are_assumed(searchkit: Command, harbor: Path) -> None:
    shown = searchkit("statements", "--facet", "said:month", "-n", "0", archive=harbor).out
    assert shown.startswith("said by month (statements; a day that is not stated is assumed: day of publication)\n")

"""From words and options to an answer, and the answer in every format."""

import csv
import io
import json
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.cli.answers import answer_from_options
from searchkit.export.records import COLUMNS
from searchkit.query.fields import Record
from searchkit.search.answer import Answer
from searchkit.statements.document import document_id, quote_id
from tests.cases import cases
from tests.cli.conftest import Printed
from tests.cli.harbor import ARTICLES, options

CRANES, CRATES, HEARING = (document_id(str(article["uri"])) for article in ARTICLES)
SAID_TWICE = quote_id(CRANES, "We counted the crates twice", {})
SAID_SHORT = quote_id(CRATES, "The papers were one crate short", {})


def test_documents_for_people(printed: Printed) -> None:
    out, err = printed("cranes OR crates", sort="oldest", limit=2)
    assert out.split("\n") == [
        "1. Cranes stand still",
        f"   Harbor Ledger · 2022-12-16 · {CRANES}",
        "   The cranes of the port stood still on Friday.",
        '   Nadia Korbel (spokesperson, Ostrava Trade Office) said: "We counted the crates twice," · ' + SAID_TWICE,
        "",
        "2. =Crates & papers",
        f"   Harbor Ledger · 2023-01-10 · {CRATES}",
        "   Crates came and went.",
        '   Nadia Korbel said: "The papers were one crate short," · ' + SAID_SHORT,
        "",
        "3 documents, 1 to 2 shown",
        "",
    ]
    assert err == ""


def test_numbers_go_on_where_the_last_page_ended(printed: Printed) -> None:
    out, _ = printed("*", sort="oldest", limit=2, offset=2)
    assert out.startswith("3. A hearing in spring\n")
    assert out.endswith("3 documents, 3 to 3 shown\n")


def test_statements_for_people(printed: Printed) -> None:
    out, _ = printed("twice", "quote", form="table")
    statement, sentence, details, where, *rest = out.split("\n")
    assert statement == '1. Nadia Korbel (spokesperson, Ostrava Trade Office) said: "We counted the crates twice,"'
    assert sentence.startswith('   "We counted the crates twice," ')
    assert details.endswith(" · direct")
    assert where.startswith(f"   Cranes stand still · Harbor Ledger · 2022-12-16 · {CRANES}-")
    assert rest == ["", "1 statement", ""]


@pytest.mark.parametrize(
    ("record", "line"), [("document", "No document matches zebra\n"), ("quote", "No statement matches zebra\n")]
)
def test_nothing_found(printed: Printed, record: Record, line: str) -> None:
    assert printed("zebra", record) == (line, "")
    for form in ("jsonl", "ids"):
        assert printed("zebra", record, form=form) == ("", "")


def test_json_of_documents(printed: Printed) -> None:
    out, err = printed("cranes — port", as_json=True, facet=("outlet:1",), verbose=False)
    result = json.loads(out)
    assert err == ""
    assert (result["schema"], result["query"], result["interpreted_as"]) == (
        "searchkit.query/1",
        "cranes — port",
        "cranes AND port",
    )
    assert (result["total"], result["total_exact"], result["offset"], len(result["notes"])) == (2, True, 0, 1)
    (facet,) = result["facets"]
    assert (facet["field"], facet["exact"], facet["missing"], facet["other"]) == ("outlet", True, 0, 1)
    (hit,) = (hit for hit in result["items"] if hit["id"] == CRANES)
    assert hit["published"]["value"] == "2022-12-16"
    assert (hit["url"], hit["wire"]) == ("https://ledger.example.org/cranes", None)
    (snippet,) = hit["snippets"]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["cranes", "port"]
    assert ARTICLES[0]["text"][snippet["start"] : snippet["end"]] == snippet["text"]


def test_json_of_statements(printed: Printed) -> None:
    result = json.loads(printed("cranes", "quote", form="json")[0])
    assert result["schema"] == "searchkit.statements/1"
    (hit,) = result["items"]
    assert (hit["text"], hit["speaker"], hit["outlet"]) == (
        '"The cranes will move again,"',
        "Petr Havel",
        'River "Courier"',
    )
    assert "snippets" not in hit
    assert hit["document"] == HEARING


def test_json_lines_and_ids_hold_the_same_hits(printed: Printed) -> None:
    hits = json.loads(printed("*", form="json", sort="oldest")[0])["items"]
    assert [json.loads(line) for line in printed("*", form="jsonl", sort="oldest")[0].splitlines()] == hits
    assert printed("*", form="ids", sort="oldest")[0].split() == [CRANES, CRATES, HEARING]


def test_csv_of_documents(printed: Printed) -> None:
    cranes, crates, hearing = csv.DictReader(io.StringIO(printed("cranes OR crates", form="csv", sort="oldest")[0]))
    assert list(cranes) == [*COLUMNS["document"], "score", "snippet", "statements"]
    assert cranes["snippet"].startswith("The cranes of the port stood still on Friday. / ")
    assert crates["title"] == "'=Crates & papers"
    assert (hearing["outlet"], hearing["published"]) == ('River "Courier"', "")


def test_csv_of_statements(printed: Printed) -> None:
    (row,) = csv.DictReader(io.StringIO(printed("twice", "quote", form="csv")[0]))
    assert row["text"] == '"We counted the crates twice,"'
    assert (row["speaker"], row["verb"], row["title"]) == ("Nadia Korbel", "say", "Cranes stand still")
    start, end = int(row["start"]), int(row["end"])
    assert str(ARTICLES[0]["text"])[start:end] == row["text"]
    assert row["published"] == "2022-12-16"


@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "ids"])
def test_notes_stand_beside_the_answer_not_in_it(printed: Printed, form: str) -> None:
    out, err = printed("cranes — port", form=form)
    assert err == 'note: "—" has no letter or digit and was ignored.\n'
    assert "left out" not in out


def test_statements_that_matched_stand_below_their_document(printed: Printed) -> None:
    out, _ = printed("speaker:Korbel date:2022")
    assert out.split("\n")[2:5] == [
        '   Nadia Korbel (spokesperson, Ostrava Trade Office) said: "We counted the crates twice," · ' + SAID_TWICE,
        "",
        "1 document",
    ]
    result = json.loads(printed("speaker:Korbel date:2022", as_json=True)[0])
    (hit,) = result["items"]
    assert [statement["id"] for statement in hit["statements"]["listed"]] == [SAID_TWICE]


def test_fields_for_people(printed: Printed) -> None:
    out, _ = printed("cranes", fields=("id,outlet,published",), sort="oldest")
    assert out.split("\n") == [
        "id            outlet           published",
        f"{CRANES}  Harbor Ledger    2022-12-16",
        f'{HEARING}  River "Courier"',
        "",
        "2 documents",
        "",
    ]
    out, _ = printed("twice", "quote", fields=("+rule,+byline",))
    assert out.split("\n")[4:6] == ["   rule inverted", "   byline "]


def test_fields_for_programs(printed: Printed) -> None:
    assert json.loads(printed("twice", form="jsonl", fields=("id,url",))[0]) == {
        "id": CRANES,
        "url": "https://ledger.example.org/cranes",
    }
    (hit,) = json.loads(printed("twice", as_json=True, fields=("+sha256",))[0])["items"]
    assert {"snippets", "statements", "sha256"} <= set(hit)
    assert printed("twice", form="tsv", fields=("id,wire,score,statements",))[0].splitlines()[0] == (
        "id\twire\tscore\tstatements"
    )
    assert printed("twice", form="csv", fields=("statements",))[0] == f"statements\n{SAID_TWICE}\n"


def test_verbose_says_how_the_query_was_read(printed: Printed) -> None:
    _, err = printed("cranes date:2022", verbose=True)
    assert err.startswith("read as: cranes AND date:[2022-01-01 TO 2022-12-31] (")
    assert err.endswith(" ms)\n")


def test_titles_and_matches_are_marked_in_color(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FORCE_COLOR": "1", "NO_COLOR": "", "TERM": "xterm", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    assert "\x1b[1;33mCranes\x1b[0m\x1b[1m stand still\x1b[0m" in printed("cranes date:2022")[0]
    assert "The \x1b[1;33mcranes\x1b[0m will move again" in printed("cranes", "quote")[0]


# --- requests ---------------------------------------------------------------------------------------------------------


def answer_to(opened_harbor: Archive, *words: str, record: Record = "document", **given: object) -> Answer:
    return answer_from_options(opened_harbor, words, record, options(**given))


def found(answer: Answer) -> list[str]:
    return [found.document.id for found in answer.records]


@pytest.mark.parametrize(("words", "given", "expected"), cases(__file__, "test_what_is_found"))
def test_what_is_found(
    opened_harbor: Archive, words: tuple[str, ...], given: dict[str, Any], expected: tuple[str, ...]
) -> None:
    answer = answer_to(opened_harbor, *words, **given)
    assert {record.document.uri.rpartition("/")[2] for record in answer.records} == set(expected)
    assert answer.result.total == len(expected)
    assert all(found.quote is None for found in answer.records)


@pytest.mark.parametrize(("words", "sort", "order"), cases(__file__, "test_order"))
def test_order(opened_harbor: Archive, words: str, sort: str | None, order: tuple[str, ...]) -> None:
    assert tuple(found(answer_to(opened_harbor, words, sort=sort))) == order


def test_paging(opened_harbor: Archive) -> None:
    answer = answer_to(opened_harbor, "*", sort="oldest", limit=1, offset=1)
    assert (found(answer), answer.offset, answer.result.total) == ([CRATES], 1, 3)

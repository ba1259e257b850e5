"""Lists as data: the records of the command line, in the format that the address names."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from searchkit.cli import run
from tests.web.conftest import Site


@pytest.mark.parametrize(("path", "command"), [("/statements", "statements"), ("/documents", "query")])
def test_json_is_what_the_command_prints(
    site: Site, seeded: Path, capsys: pytest.CaptureFixture[str], path: str, command: str
) -> None:
    answer = json.loads(site.get(f"{path}.json?q=Tiandy&limit=5&counts=0").text)
    with pytest.raises(SystemExit):
        run(["--archive", str(seeded), command, "Tiandy", "-n", "5", "--json"])
    printed = json.loads(capsys.readouterr().out)
    volatile = {"seconds", "next", "next_url"}
    assert {key: value for key, value in answer.items() if key not in volatile} == {
        key: value for key, value in printed.items() if key not in volatile
    }


def test_pages_lead_to_each_other(site: Site) -> None:
    first = json.loads(site.get("/api/v1/statements?q=*&limit=7").text)
    assert first["next"] == 2
    second = json.loads(site.get(first["next_url"]).text)
    assert not {hit["id"] for hit in first["items"]} & {hit["id"] for hit in second["items"]}
    last = json.loads(site.get(f"/api/v1/statements?q=*&limit=7&page={first['total'] // 7 + 1}").text)
    assert (last["next"], last["next_url"]) == (None, None)


@pytest.mark.parametrize("kind", ["statements", "documents"])
def test_files_have_all_hits(site: Site, kind: str) -> None:
    total = json.loads(site.get(f"/{kind}.json?q=*").text)["total"]
    assert total > 20
    table, lines = site.get(f"/{kind}.csv?q=*&bom=1"), site.get(f"/{kind}.jsonl?q=*")
    assert table.text.startswith("\ufeff")
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == len(lines.text.splitlines()) == total
    assert "link" not in lines.headers
    part = site.get(f"/{kind}.jsonl?q=*&limit=7")
    assert f"/{kind}.jsonl?q=%2A&limit=7&page=2" in part.headers["link"]


@pytest.mark.parametrize("wrong", ["q=Tiandy&q=", "duplicates=yes", "counts=1", "bom=1"])
def test_a_parameter_that_would_be_ignored_is_an_error(site: Site, wrong: str) -> None:
    assert site.get(f"/statements.json?{wrong}").status == 400


def test_tables_and_lines_have_a_row_per_hit(site: Site) -> None:
    lines = site.get("/statements.jsonl?q=Tiandy&limit=3").text.splitlines()
    rows = list(csv.DictReader(io.StringIO(site.get("/statements.csv?q=Tiandy&limit=3").text)))
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]
    assert all(row["statement"] and row["sentence"] for row in rows)


def test_a_feed_has_an_entry_per_statement_with_its_verb(site: Site) -> None:
    root = ET.fromstring(site.get("/statements.atom?q=speaker:Aske+act:deny").text)  # noqa: S314 - our own feed
    titles = [title.text for title in root.findall("{*}entry/{*}title")]
    assert titles == [
        "Clementine Aske (managing director) denied that Meridian had been “told by Washington” what to sell"
    ]


@pytest.mark.parametrize("wrong", ["/statements.json?x=1", "/statements.json?q=(", "/statements.json?limit=9999"])
def test_an_error_is_data(site: Site, wrong: str) -> None:
    page = site.get(wrong)
    error = json.loads(page.text)
    assert (page.status, error["ok"], error["status"]) == (400, False, 400)
    assert error["errors"][0]["message"] == error["error"]


def test_an_unknown_format_is_refused(site: Site) -> None:
    assert site.get("/statements.xml?q=x").status == 400
    assert site.get("/statements/0123456789ab-01234567.csv").status == 400

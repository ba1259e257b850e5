"""Lists as data in the format that the address names, the interface for programs, names, and the first page."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from searchkit.cli import run
from searchkit.web.api import BASE, ENDPOINTS
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


def test_the_description_names_each_address_and_resolves(site: Site) -> None:
    described = json.loads(site.get("/openapi.json").text)
    assert set(described["paths"]) == {endpoint.path for endpoint in ENDPOINTS}
    schemas = described["components"]["schemas"]
    references = set(_references(described))
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in schemas}


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for part in value.values() for reference in _references(part)]
    return [reference for part in value for reference in _references(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.example])
def test_each_example_answers(site: Site, endpoint: object) -> None:
    page = site.get(BASE + endpoint.example)  # type: ignore[attr-defined]
    assert page.status == 200
    assert json.loads(page.text)["schema"].startswith("searchkit.")


def test_the_reference_lists_all(site: Site) -> None:
    text = site.get("/api").text
    assert all(endpoint.path in text for endpoint in ENDPOINTS)


def test_records_of_one_thing(site: Site) -> None:
    hit = json.loads(site.get(f"{BASE}/statements?q=Tiandy&limit=1").text)["items"][0]
    statement = json.loads(site.get(f"{BASE}/statements/{hit['id']}").text)
    assert (statement["schema"], statement["statement"]) == ("searchkit.statement/1", hit["statement"])
    document = json.loads(site.get(f"{BASE}/documents/{hit['document']}").text)
    assert document["schema"] == "searchkit.document/1"


def test_names_with_a_word_are_listed(site: Site) -> None:
    page = site.get("/names?q=Tiandy")
    assert page.status == 200
    assert ">Tiandy Technologies</a>" in page.text


def test_the_beginning_of_a_word_finds_names_too(site: Site) -> None:
    assert ">Tiandy Technologies</a>" in site.get("/names?q=Tiand").text


def test_a_kind_limits_the_list(site: Site) -> None:
    assert "Tiandy" not in site.get("/names?q=Tiandy&kind=person").text.partition("<table")[2]
    assert site.get("/names?kind=nobody").status == 400


def test_a_name_shows_its_statements_targets_roles_and_spellings(site: Site) -> None:
    page = site.get("/names/person:xu-guixiang").text
    for part in ("Statements by month", "Statements by target", "Roles", "Spellings", "Outlets"):
        assert part in page
    assert "spokesperson" in page


def test_each_count_of_a_name_leads_to_as_many_statements(site: Site) -> None:
    page = site.get("/names/person:xu-guixiang").text
    rows = re.findall(r'<a href="([^"]+)" aria-label="(\d+) statements?: \w', page)
    assert rows
    for address, count in rows[:4]:
        assert re.search(rf"<strong>{count} statements?</strong>", site.get(unescape(address)).text)


def test_an_unknown_name_is_not_found(site: Site) -> None:
    assert site.get("/names/person:nobody-at-all").status == 404
    answer = site.get("/names/person:nobody-at-all.json")
    assert (answer.status, json.loads(answer.text)["ok"]) == (404, False)


@pytest.mark.parametrize("address", ["/names.json?q=Tiandy", "/api/v1/names?q=Tiandy"])
def test_the_list_is_data_too(site: Site, address: str) -> None:
    names = json.loads(site.get(address).text)["items"]
    assert "Tiandy Technologies" in [name["name"] for name in names]


def test_the_total_counts_names_that_are_not_listed(site: Site) -> None:
    every = json.loads(site.get("/names.json?limit=10000").text)
    few = json.loads(site.get("/api/v1/names?limit=5").text)
    assert every["total"] == len(every["items"]) == few["total"] > 100
    assert few["items"] == every["items"][:5]


def test_the_first_page_says_what_the_archive_holds(site: Site) -> None:
    page = site.get("/")
    assert page.status == 200
    assert "44 documents" in page.text


def test_a_visit_is_remembered_by_its_day(site: Site) -> None:
    today = datetime.now(UTC).date()
    earlier = today - timedelta(days=3)
    cookie = site.get("/", cookie=f"visits={earlier}.{earlier}").headers["set-cookie"]
    assert cookie.startswith(f"visits={earlier}.{today};")
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))


def test_a_forged_cookie_is_ignored(site: Site) -> None:
    assert site.get("/", cookie="visits=2024-99-99.2024-00-00").status == 200

"""The list of names and the page of a name."""

import json
import re
from html import unescape

import pytest

from tests.web.conftest import Site


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

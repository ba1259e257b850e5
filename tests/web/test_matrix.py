"""Who spoke about whom."""

import re
from html import unescape

import pytest

from tests.web.conftest import Site


def test_a_cell_leads_to_its_statements(site: Site) -> None:
    page = site.get("/matrix?q=Tiandy").text
    address, count = re.findall(r'<a href="([^"]+)" aria-label="(\d+) statements: Xu Guixiang, Tiandy', page)[0]
    assert f"<strong>{count} statements</strong>" in site.get(unescape(address)).text


def test_denials_are_named(site: Site) -> None:
    assert re.search(r"[1-9]\d* denials?<", site.get("/matrix").text)


@pytest.mark.parametrize("wrong", ["rows=title", "rows=about&cols=about", "cols=x"])
def test_a_wrong_field_is_refused(site: Site, wrong: str) -> None:
    assert site.get(f"/matrix?{wrong}").status == 400


def test_an_error_in_the_query_is_shown_in_its_place(site: Site) -> None:
    page = site.get("/matrix?q=(Tiandy")
    assert (page.status, "not closed" in page.text) == (400, True)


def test_all_pairs_are_available_as_a_table(site: Site) -> None:
    lines = site.get("/matrix.csv?q=Tiandy").text.splitlines()
    assert lines[0] == "field,value,id,count,query"
    assert any("Xu Guixiang × Tiandy Technologies" in line for line in lines)

"""Statements that a reader collects."""

import re
from html import unescape

import pytest

from tests.web.conftest import Page, Site


def some_ids(site: Site) -> list[str]:
    return re.findall(r'<article class="statement" id="s-([\w-]+)"', site.get("/statements?q=Tiandy").text)[:3]


def cookie_of(page: Page) -> str:
    return page.headers["set-cookie"].partition(";")[0]


def test_a_statement_is_put_in_and_taken_out(site: Site) -> None:
    first, second, _ = some_ids(site)
    added = site.post("/basket", {"add": f"{first},{second}", "back": "/statements?q=Tiandy"})
    assert (added.status, added.headers["location"]) == (303, "/statements?q=Tiandy")
    assert site.get("/basket", cookie=cookie_of(added)).text.count('<article class="statement"') == 2
    removed = site.post("/basket", {"remove": first}, cookie=cookie_of(added))
    assert site.get("/basket", cookie=cookie_of(removed)).text.count('<article class="statement"') == 1


@pytest.mark.parametrize("place", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", ""])
def test_no_form_leads_to_another_site(site: Site, place: str) -> None:
    answer = site.post("/basket", {"add": some_ids(site)[0], "back": place})
    assert answer.headers["location"].partition("#")[0] in {"/", "/basket"}


def test_lists_show_what_is_in_the_basket_and_return_to_it(site: Site) -> None:
    first = some_ids(site)[0]
    added = site.post("/basket", {"add": first, "back": "/statements?q=Tiandy"})
    assert added.headers["location"] == f"/statements?q=Tiandy#s-{first}"
    page = site.get("/statements?q=Tiandy", cookie=cookie_of(added)).text
    assert "Basket (1)" in page
    assert page.count("✓ in the basket") == 1
    assert f'name="remove" value="{first}"' in page


def test_a_shared_basket_shows_the_same_statements(site: Site) -> None:
    ids = some_ids(site)
    page = site.get(f"/basket?ids={','.join(ids)}")
    assert page.text.count('<article class="statement"') == 3
    assert "shared with you" in page.text


def test_ids_that_are_none_are_ignored(site: Site) -> None:
    page = site.get("/basket?ids=<script>,../../x,0123456789ab-01234567")
    assert page.status == 200
    assert "<script>" not in page.text.partition("<main")[2]
    assert "The basket is empty" in page.text
    mixed = site.get(f"/basket?ids={some_ids(site)[0]},../../x,0123456789ab-01234567")
    assert "2 statements of the basket are no longer in the archive" in mixed.text


@pytest.mark.parametrize("form", ["html", "markdown", "evidence", "csv", "jsonl"])
def test_the_basket_is_exported(site: Site, form: str) -> None:
    ids = some_ids(site)
    page = site.get(f"/basket/export/{form}?ids={','.join(ids)}")
    assert page.status == 200
    assert page.headers["content-disposition"].startswith("attachment")
    assert all(known in page.text for known in ids)


def test_evidence_is_verified(site: Site) -> None:
    evidence = site.get(f"/basket/export/evidence?ids={','.join(some_ids(site))}").text
    assert "Everything is as recorded" in site.upload("/basket/verify", "file", evidence).text
    changed = site.upload("/basket/verify", "file", evidence.replace("Tiandy", "Tiandi"))
    assert "The file was modified" in changed.text


def test_a_file_that_is_no_evidence_is_refused_in_one_line(site: Site) -> None:
    page = site.upload("/basket/verify", "file", "no evidence")
    assert page.status == 400
    assert "Traceback" not in unescape(page.text)

"""The pages of results: who said what, with the verb, in the article's sentence."""

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from searchkit.cli import run
from searchkit.config import load
from searchkit.web.app import create_app
from tests.web.conftest import Site

PAGES = ("/statements", "/documents")


def words(page: str) -> str:
    """Return the text of a page on one line."""
    return " ".join(unescape(re.sub(r"<[^>]{0,2000}>", " ", page)).split())


def test_a_denial_is_never_shown_without_its_verb(site: Site) -> None:
    page = site.get("/statements?q=speaker:Aske+act:deny")
    assert (
        "Clementine Aske (managing director) denied that Meridian had been “told by Washington” what to sell"
        in words(page.text)
    )


@pytest.mark.parametrize("path", PAGES)
def test_the_words_of_the_query_are_marked(site: Site, path: str) -> None:
    assert "<mark>Tiandy</mark>" in site.get(f"{path}?q=Tiandy").text


@pytest.mark.parametrize("path", PAGES)
def test_each_value_of_a_facet_leads_to_the_records_that_it_counts(site: Site, path: str) -> None:
    page = site.get(f"{path}?q=Tiandy").text
    values = re.findall(r'<a href="([^"]+)">Xu Guixiang</a>\s*<span class="count">([\d,]+)</span>', page)
    assert values
    address, count = values[0]
    assert re.search(rf"<strong>{count} (statement|document)s?</strong>", site.get(unescape(address)).text)


def test_a_value_can_be_excluded(site: Site) -> None:
    page = site.get("/statements?q=Tiandy").text
    (excluding,) = re.findall(r'<a class="exclude" href="([^"]+)" aria-label="Exclude Xu Guixiang"', page)
    assert "Xu Guixiang</a>" not in site.get(unescape(excluding)).text


@pytest.mark.parametrize("path", PAGES)
def test_an_error_keeps_the_query_and_marks_its_place(site: Site, path: str) -> None:
    page = site.get(f"{path}?q={quote('Tiandy AND (Xu')}")
    assert page.status == 400
    assert 'value="Tiandy AND (Xu"' in page.text
    assert "^" in page.text


def test_a_query_without_hits_gets_advice(site: Site) -> None:
    page = site.get("/statements?q=speaker:Tiandi+Xu")
    assert page.status == 200
    assert "What each part of the query finds" in page.text or "Try instead" in page.text


@pytest.mark.parametrize("wrong", ["page=0", "page=x", "page=99999999", "sort=best"])
def test_a_wrong_parameter_is_refused_in_one_line(site: Site, wrong: str) -> None:
    page = site.get(f"/statements?q=Tiandy&{wrong}")
    assert page.status == 400
    assert wrong.partition("=")[0] in page.text


def test_pages_follow_each_other_without_gap(site: Site) -> None:
    first = site.get("/statements?q=*&sort=oldest").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = site.get(unescape(following)).text
    ids = [re.findall(r'<article class="statement" id="s-([\w-]+)"', page) for page in (first, second)]
    assert len(ids[0]) == 20
    assert not set(ids[0]) & set(ids[1])


@pytest.mark.slow
def test_a_long_document_has_parts(tmp_path: Path) -> None:
    lines = (f'"Crane {number} is late," said Anna Berg, the harbour master of Bramwick.' for number in range(2_000))
    (tmp_path / "long.txt").write_text("Cranes are late\n\n" + "\n\n".join(lines))
    archive = tmp_path / "archive"
    with pytest.raises(SystemExit, match="0"):
        run(["--archive", str(archive), "index", "-q", "--workers", "1", str(tmp_path / "long.txt")])
    site = Site(create_app({"long": archive}, load({"archive": archive}, environment={}, folder=archive)))
    (hit,) = json.loads(site.get('/statements.json?q="Crane+1999"').text)["items"]
    source = re.search(r'<a href="(/documents/[^"]+)#s-', site.get(f"/statements/{hit['id']}").text)
    assert source
    last = site.get(unescape(source[1])).text
    assert f'id="s-{hit["id"]}"' in last
    assert 'rel="prev"' in last
    first = site.get(f"/documents/{hit['document']}").text
    assert len(first) < 2_000_000
    assert f'id="s-{hit["id"]}"' not in first
    assert site.get(f"/documents/{hit['document']}?part=9").status == 400
    site.close()

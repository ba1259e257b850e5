"""The pages of histories, on an archive of five outlets."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from searchkit.cli import run
from searchkit.config import load
from searchkit.web.api import BASE
from searchkit.web.app import create_app
from tests.cases import cases
from tests.hostile.cases import STEERING
from tests.web.conftest import Site
from tests.web.desk import PAYLOAD, build
from tests.web.test_statements import words

PAGES = {
    "/histories": "",
    "/changes": "",
    "/spread": "",
    "/disputes": "",
    "/silence": "?watchlist=exporters&since=2026",
}
LISTS = [path for path in PAGES if path != "/histories"]
CRANE = "The council may decide about the crane next spring"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Site]:
    made = Site(create_app({"desk": folder}, load({"archive": folder}, environment={}, folder=folder)))
    yield made
    made.close()


def _statement(desk: Site, query: str) -> dict[str, str]:
    (hit, *_) = json.loads(desk.get(f"/statements.json?q={quote(query)}&duplicates=1&counts=0").text)["items"]
    return dict(hit)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_leads_to_the_others_and_runs_nothing_of_an_article(desk: Site, path: str) -> None:
    page = desk.get(path + PAGES[path])
    assert page.status == 200
    assert all(f'href="{other}"' in page.text for other in LISTS)
    assert "<script>" not in page.text
    assert "<img" not in page.text
    assert not any(character in page.text for character in STEERING if character not in "\n\t")


def test_hostile_text_is_shown_as_text(desk: Site) -> None:
    text = unescape(desk.get("/changes").text)
    assert f"\\u202e{PAYLOAD}" in text
    assert text.count(PAYLOAD) > 3


def test_a_change_shows_both_versions_with_what_differs(desk: Site) -> None:
    page = desk.get("/changes?q=outlet%3ALedger").text
    assert "<del>will</del>" in page
    assert "<ins>may</ins>" in page
    assert "2 changed statements; 2 articles with several versions" in words(page)
    assert "now not in the article any more" in words(page)
    (earlier,) = set(re.findall(r'href="(/documents/[^"]+revision=1#?[^"]*)"', page))
    assert "will decide" in desk.get(unescape(earlier)).text


@pytest.mark.parametrize(
    ("given", "total"),
    [("kind=removed", 1), ("kind=verb", 0), ("speaker=Torben+Ask", 3), ("about=Ask", 0), ("until=2020-01-01", 0)],
)
def test_changes_can_be_narrowed(desk: Site, given: str, total: int) -> None:
    assert json.loads(desk.get(f"/changes.json?{given}").text)["total"] == total


def test_conflicting_attributions_come_before_the_appearances(desk: Site) -> None:
    page = desk.get("/spread").text
    first, second = (page.index(text) for text in ("conflicting attribution", "all words; Mina Feld"))
    assert first < second
    assert "77% of the words" in page


def test_a_spread_can_be_found_by_the_id_of_a_statement(desk: Site) -> None:
    hit = _statement(desk, "speaker:Pelling lenses")
    found = json.loads(desk.get(f"/spread.json?q={hit['id']}").text)
    assert found["total"] == 1
    assert found["quotations"][0]["outlets"] == 3
    assert json.loads(desk.get("/spread.json?q=speaker:Kolm").text)["total"] == 0
    assert json.loads(desk.get("/spread.json?q=speaker:Pelling").text)["total"] == 1
    assert desk.get("/spread?q=0123456789ab-01234567").status == 404


def test_a_dispute_names_both_sides(desk: Site) -> None:
    text = words(desk.get("/disputes").text)
    assert "claim by Lantern Watch, answer by Meridian Optics" in text
    assert text.index("claim Lantern Watch accused Meridian Optics") < text.index("answer Meridian Optics denied")
    assert text.index("Accusations without an answer") < text.index("Lantern Watch accused Vantor Freight")
    assert "Vantor" not in words(desk.get("/disputes?about=Meridian+Optics").text)


def test_silence_says_first_what_it_rests_on_then_who_refused(desk: Site) -> None:
    text = words(desk.get("/silence" + PAGES["/silence"]).text)
    places = [
        text.index(part)
        for part in (
            "articles of the period in the archive",
            "the extractor misses about",
            "did not comment: Kolm Works, asked by Civic Record",
            "Vantor Freight",
            "Not named in any article of the period Ostwind Energy",
        )
    ]
    assert places == sorted(places)
    assert "Meridian Optics" not in text


def test_a_form_comes_before_its_answer(desk: Site) -> None:
    page = desk.get("/silence")
    assert page.status == 200
    assert "<form" in page.text
    assert 'role="status"' not in page.text
    answer = desk.get("/silence.json")
    assert (answer.status, "is missing" in json.loads(answer.text)["error"]) == (400, True)


def test_without_a_watchlist_the_page_says_how_to_add_one(site: Site) -> None:
    assert "<code>searchkit watchlist add FILE</code>" in site.get("/silence").text


@pytest.mark.parametrize("wrong", cases(__file__, "test_a_wrong_parameter_gets_a_hint"))
def test_a_wrong_parameter_gets_a_hint(desk: Site, wrong: str) -> None:
    page = desk.get(wrong)
    assert page.status == 400
    hints = json.loads(page.text)["errors"][0]["hint"] if ".json" in wrong or ".csv" in wrong else page.text
    assert hints
    assert "Traceback" not in page.text


@pytest.mark.parametrize("path", ["/changes", "/spread", "/disputes"])
def test_an_error_in_a_query_keeps_its_place(desk: Site, path: str) -> None:
    page = desk.get(f"{path}?q=crane+AND+(x")
    assert page.status == 400
    assert 'value="crane AND (x"' in page.text
    assert "^" in page.text
    assert json.loads(desk.get(f"{path}.json?q=(x").text)["errors"][0]["code"]


@pytest.mark.parametrize("path", ["/changes", "/spread"])
def test_pages_follow_each_other(desk: Site, path: str) -> None:
    page = desk.get(f"{path}?limit=1").text
    (later,) = re.findall(r'rel="next" href="([^"]+)"', page)
    second = desk.get(unescape(later)).text
    assert 'rel="prev"' in second
    heads = [re.findall(r"<h2>(.*?)</h2>", text) for text in (page, second)]
    assert len(heads[0]) == len(heads[1]) == 1
    assert heads[0] != heads[1]
    data = json.loads(desk.get(f"{path}.json?limit=1").text)
    assert json.loads(desk.get(data["next_url"]).text)["total"] == data["total"]
    last = json.loads(desk.get(f"{path}.json?limit=1&page={data['total']}").text)
    assert (last["next"], last["next_url"]) == (None, None)


@pytest.mark.parametrize("path", LISTS)
def test_json_is_what_the_command_prints(
    desk: Site, folder: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    options = {"/silence": ("--watchlist", "exporters", "--since", "2026")}
    answer = json.loads(desk.get(f"{path}.json{PAGES[path]}").text)
    with pytest.raises(SystemExit):
        run(["--archive", str(folder), path[1:], *options.get(path, ()), "--json"])
    assert {key: value for key, value in answer.items() if key not in {"next", "next_url"}} == json.loads(
        capsys.readouterr().out
    )


@pytest.mark.parametrize("path", LISTS)
def test_programs_get_the_same(desk: Site, path: str) -> None:
    assert (
        desk.get(f"{BASE}{path}{PAGES[path]}").text.replace(BASE + path, f"{path}.json")
        == desk.get(f"{path}.json{PAGES[path]}").text
    )
    assert desk.get(f"{BASE}{path}?x=1").status == 400


# --- the pages of statements and documents, and results ---------------------------------------------------------------


def test_the_page_of_a_statement_says_what_became_of_it(desk: Site) -> None:
    changed = words(desk.get(f"/statements/{_statement(desk, 'may decide spring')['id']}").text)
    assert "What became of it" in changed
    assert "was Torben Ask, the mayor of Tolvik, said: “" in changed.replace('"', "“")
    spread = desk.get(f"/statements/{_statement(desk, 'speaker:Pelling lenses')['id']}").text
    assert "Printed by 3 outlets: Atlas Wire, Northgate Courier, Tolvik Gazette." in words(spread)
    assert "1 conflicting attribution." in words(spread)
    (address,) = re.findall(r'href="(/spread\?q=[^"]+)"', spread)
    assert "conflicting attribution" in desk.get(unescape(address)).text
    denied = words(desk.get(f"/statements/{_statement(desk, 'speaker:Meridian act:deny')['id']}").text)
    assert "claim Lantern Watch accused Meridian Optics" in denied
    none = desk.get(f"/statements/{_statement(desk, 'accused Vantor')['id']}").text
    assert "What became of it" not in none


def test_a_change_has_a_picture_and_a_text_to_share(desk: Site) -> None:
    page = desk.get("/changes").text
    assert "Compared: the versions read" in page
    addresses = re.findall(r'href="(/statements/[^"]+/change.svg[^"]+)"', page)
    pictures = [desk.get(unescape(address)) for address in addresses]
    assert {(one.status, one.headers["content-type"]) for one in pictures} == {(200, "image/svg+xml")}
    assert not any(f"<{tag}" in one.text for one in pictures for tag in ("script", "img", "b>"))
    assert desk.get(unescape(addresses[0]) + "1").status == 404


def test_an_earlier_version_of_a_statement_leads_to_its_change(desk: Site) -> None:
    data = json.loads(desk.get("/changes.json?kind=removed").text)
    (change,) = data["changes"]
    page = desk.get(f"/statements/{change['old']['id']}?revision=1").text
    assert "not in the article any more" in page


def test_a_document_with_changed_statements_leads_to_them(desk: Site) -> None:
    hit = _statement(desk, "may decide spring")
    page = desk.get(f"/documents/{hit['document']}").text
    (address,) = re.findall(r'href="(/changes[^"]+)">2 changed statements</a>', page)
    assert "2 changed statements" in words(desk.get(unescape(address)).text)


def test_results_count_the_histories_where_the_query_names_them(desk: Site) -> None:
    headings = ("changed by a later version", "outlets that printed it", "disputed, by the link")
    for query, named in {
        "crane": (),
        "changed:*": headings[:1],
        "spread:>=2": headings[1:2],
        "disputed:*": headings[2:],
    }.items():
        for path in ("/statements", "/documents"):
            page = desk.get(f"{path}?q={quote(query)}").text
            assert [heading for heading in headings if f">{heading}</h2>" in page] == list(named), (path, query)
    page = desk.get("/statements?q=changed:*").text
    address, count = re.findall(r'<a href="([^"]+)">reworded</a>\s*<span class="count">(\d+)</span>', page)[0]
    assert f"<strong>{count} statement" in desk.get(unescape(address)).text


def test_a_statement_is_shown_while_the_histories_are_missing(tmp_path: Path) -> None:
    """They cannot be made while another process holds the lock."""
    from searchkit.archive import Archive
    from searchkit.archive.folder import HISTORIES

    archive = build(tmp_path / "desk")
    site = Site(create_app({"desk": archive}, load({"archive": archive}, environment={}, folder=archive)))
    hit = _statement(site, "may decide spring")
    (archive / HISTORIES).unlink()
    with Archive.open(archive) as writer, writer.held():
        site.close()
        site = Site(create_app({"desk": archive}, load({"archive": archive}, environment={}, folder=archive)))
        page = site.get(f"/statements/{hit['id']}")
        assert page.status == 200
        assert "Changes and disputes cannot be shown" in page.text
        assert site.get(f"/documents/{hit['document']}").status == 200
        assert site.get("/changes").status == 503
    assert "What became of it" in site.get(f"/statements/{hit['id']}").text
    site.close()

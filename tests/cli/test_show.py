"""`searchkit show` and `searchkit cite`."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from searchkit.statements.document import document_id
from tests.cli.conftest import Command

SEED = (Path(__file__).resolve().parents[2] / "seeds" / "courier-meridian-optics.html").as_uri()
CLAIM = "https://courier.example.net/business/meridian-halts-orders"


def _statement(searchkit: Command) -> dict[str, object]:
    result = json.loads(
        searchkit("statements", "--json", "--speaker", "Xu Guixiang", "--about", "Tiandy", "-n", "1").out
    )
    hit: dict[str, object] = result["items"][0]
    return hit


def test_a_document_is_shown_with_statements_names_and_provenance(searchkit: Command) -> None:
    hit = _statement(searchkit)
    done = searchkit("show", str(hit["document"]))
    assert str(hit["id"]) in done.out
    assert "[1: " in done.out
    assert "<Tiandy" in done.out
    assert "sha-256" in done.out
    assert "Xu Guixiang" in done.out


def test_a_statement_is_shown_between_its_neighbours(searchkit: Command) -> None:
    hit = _statement(searchkit)
    done = searchkit("show", str(hit["id"]))
    assert " ".join(str(hit["text"]).split()) in done.out
    assert f"characters {hit['start']} to {hit['end']}" in done.out
    assert "resolved by" in done.out


def test_json_of_both(searchkit: Command) -> None:
    hit = _statement(searchkit)
    document = json.loads(searchkit("show", "--json", str(hit["document"])).out)
    statement = json.loads(searchkit("show", "--json", str(hit["id"])).out)
    assert (document["schema"], statement["schema"]) == ("searchkit.document/1", "searchkit.statement/1")
    assert document["text"][statement["start"] : statement["end"]] == statement["text"] == hit["text"]
    for mention in document["mentions"]:
        assert document["text"][mention["start"] : mention["end"]] == mention["text"]


def test_a_document_is_shown_by_its_address(searchkit: Command) -> None:
    document = json.loads(searchkit("query", "Dresdner", "-n", "1", "--json").out)["items"][0]
    address = json.loads(searchkit("show", document["id"], "--json").out)["url"]
    for written in (address, unquote(urlsplit(address).path)):
        assert searchkit("show", written).out == searchkit("show", document["id"]).out


def test_an_unknown_id_or_revision(searchkit: Command) -> None:
    done = searchkit("show", "0000")
    assert done.code == 2
    assert 'the id "0000"' in done.err
    assert "no revision 7" in searchkit("show", "--revision", "7", str(_statement(searchkit)["document"])).err


def test_a_row_that_claims_an_address_is_shown_beside_what_was_fetched(
    searchkit: Command, harbor: Path, tmp_path: Path
) -> None:
    """The archive `harbor` holds this page as fetched."""
    url = "https://ledger.example.org/cranes"
    fetched = searchkit("show", url, archive=harbor).out
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"url": url, "text": '"The cranes are sold," Nadia Korbel said.'}) + "\n")
    assert "1 added" in searchkit("index", "--workers", "1", str(rows), archive=harbor).out
    supplied = document_id(f"{rows.as_uri()}#{url}")
    shown = searchkit("show", url, archive=harbor).out
    assert shown.replace(f"  same address  {supplied}\n", "").split() == fetched.split()
    assert f"same address  {supplied}" in shown
    forged = searchkit("show", supplied, archive=harbor).out
    assert f"claims        {url} (supplied in this file, not fetched from there)" in forged
    assert f"same address  {document_id(url)}" in forged
    assert set(searchkit("query", f"url:{url}", "-f", "ids", archive=harbor).out.split()) == {
        document_id(url),
        supplied,
    }
    assert f"As supplied in {rows.as_uri()}, claims {url}. Retrieved" in searchkit("cite", supplied, archive=harbor).out
    assert f"<{url}>" in searchkit("cite", document_id(url), archive=harbor).out
    staying = searchkit("forget", "-n", url, archive=harbor).err
    assert staying.startswith(f"note: {supplied} (") and "is a duplicate of" in staying
    assert searchkit("forget", "--yes", supplied, archive=harbor).code == 0
    assert searchkit("show", url, archive=harbor).out == fetched


# --- citations --------------------------------------------------------------------------------------------------------


@pytest.fixture
def statement(searchkit: Command) -> str:
    """The id of one statement."""
    return searchkit("statements", "--speaker", "Aske", "--verb", "denied", "-f", "ids").out.strip()


def test_every_form(searchkit: Command, statement: str) -> None:
    text = searchkit("cite", statement)
    assert text.code == 0
    assert text.out.startswith("Clementine Aske (managing director) denied that Meridian had been “told")
    assert f"As supplied in {SEED}, claims {CLAIM}. Retrieved" in text.out
    assert f"searchkit {statement}, revision 1, sha-256 " in text.out
    markdown = searchkit("cite", statement, "-f", "markdown").out
    assert "“Antwerp distributor halts Tiandy orders”" in markdown
    assert "As supplied in file" in markdown.replace("\\", "")
    bibtex = searchkit("cite", statement, "-f", "bibtex").out
    assert bibtex.startswith(f"@article{{searchkit-{statement},\n  author = ")
    assert f"As supplied in {SEED}, claims {CLAIM}" in bibtex
    assert "  url = " not in bibtex
    (item,) = json.loads(searchkit("cite", statement, "-f", "csl-json").out)
    assert (item["type"], item["issued"]["date-parts"]) == ("article-newspaper", [[2023, 2, 8]])
    assert item["author"] == [{"literal": "Elspeth Garrowmere"}]
    assert f"As supplied in {SEED}, claims {CLAIM}" in item["note"]
    assert "URL" not in item


def test_a_document(searchkit: Command, statement: str) -> None:
    document = statement.partition("-")[0]
    cited = searchkit("cite", document, "--revision", "1").out
    assert cited.startswith(
        "Elspeth Garrowmere. “Antwerp distributor halts Tiandy orders”, Northgate Courier, 2023-02-08"
    )


def test_what_is_not_there(searchkit: Command, statement: str) -> None:
    for arguments in (["0000"], ["\x1b[2J"], [statement, "--revision", "9"], [statement[:-1], "--revision", "1"]):
        done = searchkit("cite", *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("\n") <= 2
        assert "\x1b" not in done.err
    assert searchkit("cite", statement, "--revision", "0").code == 2

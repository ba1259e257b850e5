import json

from tests.cli.conftest import Command


def _statement(searchkit: Command) -> dict[str, object]:
    told = json.loads(searchkit("quotes", "--json", "--speaker", "Xu Guixiang", "--about", "Tiandy", "-n", "1").out)
    hit: dict[str, object] = told["hits"][0]
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


def test_an_unknown_id_or_revision(searchkit: Command) -> None:
    done = searchkit("show", "0000")
    assert done.code == 2
    assert 'the id "0000"' in done.err
    assert "no revision 7" in searchkit("show", "--revision", "7", str(_statement(searchkit)["document"])).err

import json
from typing import Any

from searchkit.archive import Archive
from tests.cli.conftest import Command


def _ask(searchkit: Command, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(searchkit("quotes", "--json", "-n", "100", *arguments).out)
    return told


def test_every_statement_cites_its_words(searchkit: Command, seeded: Any) -> None:
    told = _ask(searchkit, "--speaker", "Xu Guixiang", "--about", "Tiandy")
    assert told["schema"] == "searchkit.quotes/1"
    assert told["total"] >= 3
    with Archive.open(seeded) as archive:
        for hit in told["hits"]:
            assert hit["speaker"] == "Xu Guixiang"
            assert any("Tiandy" in name for name in hit["about"])
            assert hit["rule"]
            assert 0 < hit["confidence"] <= 1
            assert hit["kind"] in {"direct", "mixed", "indirect"}
            document = archive.get(hit["document"])
            assert document is not None
            assert document.text[hit["start"] : hit["end"]] == hit["text"]
            if hit["cue"]:
                start, end = hit["cue_span"]
                assert document.text[start:end] == hit["cue"]


def test_conditions_meet_in_one_statement(searchkit: Command) -> None:
    both = _ask(searchkit, 'speaker:"Xu Guixiang" about:Tiandy')
    scoped = json.loads(searchkit("query", "--json", "-n", "100", 'quote:{speaker:"Xu Guixiang" about:Tiandy}').out)
    assert {hit["document"] for hit in both["hits"]} == {hit["id"] for hit in scoped["hits"]}


def test_verb_and_kind(searchkit: Command) -> None:
    denials = _ask(searchkit, "--verb", "deny")
    assert denials["total"] >= 1
    assert {hit["verb"] for hit in denials["hits"]} == {"deny"}
    assert {hit["kind"] for hit in _ask(searchkit, "--kind", "direct")["hits"]} == {"direct"}


def test_statement_facets_count_statements(searchkit: Command) -> None:
    told = _ask(searchkit, "--facet", "speaker:100", "--facet", "kind")
    kinds = told["facets"][1]
    assert sum(count["count"] for count in kinds["counts"]) + kinds["missing"] == told["total"]


def test_fields_of_the_article_do_not_exist_here(searchkit: Command) -> None:
    done = searchkit("quotes", "body:Tiandy")
    assert done.code == 2
    assert "belongs to the article" in done.err

"""`searchkit query` and `searchkit statements`: answers, --explain, and what is said when nothing was found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.records import DOCUMENT_HIT
from tests.cases import cases
from tests.cli.conftest import Command
from tests.samples import FICTION, present


def test_hits_are_listed_best_first_with_a_snippet(searchkit: Command) -> None:
    done = searchkit("query", "Tiandy")
    total = json.loads(searchkit("query", "Tiandy", "--json").out)["total"]
    assert total >= 5
    assert done.out.startswith("1. ")
    assert "Tiandy" in done.out.split("\n\n")[0]
    assert done.out.splitlines()[-1].startswith(f"{total} documents")
    assert "\x1b" not in done.out
    assert (done.code, done.err) == (0, "")


def test_json_is_a_contract_and_facet_queries_select_their_count(searchkit: Command) -> None:
    result = json.loads(searchkit("query", "--json", "Tiandy", "--facet", "speaker:3", "--facet", "date:month").out)
    assert result["schema"] == "searchkit.query/1"
    assert result["interpreted_as"] == "Tiandy"
    hit = result["items"][0]
    assert list(hit) == list(DOCUMENT_HIT)
    for snippet in hit["snippets"]:
        assert all(0 <= start < end <= len(snippet["text"]) for start, end in snippet["marks"])
    speakers, months = result["facets"]
    assert (speakers["field"], months["interval"]) == ("speaker", "month")
    assert [count["id"] for count in months["counts"]] == sorted(count["id"] for count in months["counts"])
    for facet in result["facets"]:
        assert facet["counts"]
        for count in facet["counts"]:
            again = json.loads(searchkit("query", "--json", count["query"]).out)
            assert again["total"] == count["count"], count


@pytest.mark.parametrize("command", ["query", "statements"])
@pytest.mark.parametrize(("query", "note"), cases(__file__, "test_notes_are_in_every_form"))
def test_notes_are_in_every_form(searchkit: Command, command: str, query: str, note: str) -> None:
    assert note in searchkit(command, query).err
    assert note in searchkit(command, query, "--count").err
    assert note in searchkit(command, query, "--facet", "speaker", "--limit", "0", "--csv").err
    assert any(note in text for text in json.loads(searchkit(command, query, "--json").out)["notes"])


def test_invisible_characters_are_read_as_documents_read_them(searchkit: Command) -> None:
    def total(*arguments: str) -> str:
        return searchkit("statements", "--count", *arguments).out

    assert total("Tian\u200bdy") == total("Ti\u00adandy") == total("Tiandy") != "0\n"
    assert total("--speaker", "=Xu\u2060 Gui\u00adxiang\ufeff") == total("--speaker", "=Xu Guixiang") != "0\n"


def test_count_is_a_number_alone(searchkit: Command) -> None:
    total = json.loads(searchkit("query", "Tiandy", "--json").out)["total"]
    done = searchkit("query", "Tiandy", "--count")
    assert (done.code, done.out, done.err) == (0, f"{total}\n", "")
    assert searchkit("statements", "--count", "--speaker", "Xu Guixiang", "--about", "Tiandy").out == "10\n"
    done = searchkit("query", "zzzzz", "--count", "-e")
    assert (done.code, done.out) == (1, "0\n")
    # A note is for the person, not for the program that reads the number.
    done = searchkit("query", "Tiandy —", "--count")
    assert (done.out, done.err.startswith("note: ")) == (f"{total}\n", True)


@pytest.mark.parametrize(
    ("arguments", "complaint"), cases(__file__, "test_forms_that_cannot_be_are_refused_before_anything_is_asked")
)
def test_forms_that_cannot_be_are_refused_before_anything_is_asked(
    searchkit: Command, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = searchkit("query", "Tiandy", *arguments, archive=tmp_path / "none")
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err


@pytest.mark.slow
def test_a_reader_that_has_gone_ends_it_quietly(seeded: Path) -> None:
    for environment in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": ""}):
        for form in ("table", "jsonl", "csv"):
            command = [
                sys.executable,
                "-m",
                "searchkit",
                "--archive",
                str(seeded),
                "statements",
                "*",
                "-n400",
                "-f",
                form,
            ]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environment}
            ) as process:
                assert process.stdout is not None
                assert process.stderr is not None
                assert process.stdout.readline()
                process.stdout.close()
                assert process.stderr.read() == b""
            assert process.returncode == 0


def test_no_hits_is_fine_unless_asked(searchkit: Command) -> None:
    done = searchkit("query", "zzzzz")
    assert (done.code, done.out.strip()) == (0, "No document matches zzzzz")
    assert searchkit("query", "-e", "zzzzz").code == 1
    assert searchkit("query", "-e", "Tiandy").code == 0


@pytest.mark.parametrize(("query", "line", "hint"), cases(__file__, "test_a_query_that_cannot_be_read_shows_the_place"))
def test_a_query_that_cannot_be_read_shows_the_place(searchkit: Command, query: str, line: str, hint: str) -> None:
    done = searchkit("query", query)
    assert (done.code, done.out) == (2, "")
    assert line in done.err
    assert hint in done.err


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_bad_options_say_what_to_write"))
def test_bad_options_say_what_to_write(searchkit: Command, arguments: tuple[str, ...], complaint: str) -> None:
    done = searchkit("query", "Tiandy", *arguments)
    assert done.code == 2
    assert complaint in done.err


def test_a_body_is_found_by_its_acronym_however_articles_write_it(searchkit: Command) -> None:
    whole = json.loads(searchkit("query", 'agency:="Bureau of Industry and Security"', "--json").out)
    for query in ("agency:BIS", 'agency:"Bureau of Industry and Security"'):
        assert json.loads(searchkit("query", query, "--json").out)["total"] == whole["total"] > 5
    written = json.loads(searchkit("query", 'exact:"BIS"', "--json").out)
    assert written["total"] < whole["total"]


# --- statements -------------------------------------------------------------------------------------------------------


def _ask(searchkit: Command, *arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(searchkit("statements", "--json", "-n", "100", *arguments).out)
    return result


def test_every_statement_cites_its_words(searchkit: Command, seeded: Any) -> None:
    result = _ask(searchkit, "--speaker", "Xu Guixiang", "--about", "Tiandy")
    assert result["schema"] == "searchkit.statements/1"
    assert result["total"] >= 3
    with Archive.open(seeded) as archive:
        for hit in result["items"]:
            assert hit["speaker"] == "Xu Guixiang"
            assert any("Tiandy" in name for name in hit["about"])
            assert hit["rule"]
            assert 0 < hit["confidence"] <= 1
            assert hit["kind"] in {"direct", "mixed", "indirect"}
            document = present(archive.get(hit["document"]))
            assert document.text[hit["start"] : hit["end"]] == hit["text"]
            if hit["cue"]:
                start, end = hit["cue_span"]
                assert document.text[start:end] == hit["cue"]


def test_conditions_meet_in_one_statement(searchkit: Command) -> None:
    both = _ask(searchkit, 'speaker:"Xu Guixiang" about:Tiandy')
    scoped = json.loads(searchkit("query", "--json", "-n", "100", 'quote:{speaker:"Xu Guixiang" about:Tiandy}').out)
    assert {hit["document"] for hit in both["items"]} == {hit["id"] for hit in scoped["items"]}


def test_verb_and_kind(searchkit: Command) -> None:
    denials = _ask(searchkit, "--verb", "deny")
    assert denials["total"] >= 1
    assert {hit["verb"] for hit in denials["items"]} == {"deny"}
    assert {hit["kind"] for hit in _ask(searchkit, "--kind", "direct")["items"]} == {"direct"}


def test_statement_facets_count_statements(searchkit: Command) -> None:
    result = _ask(searchkit, "--facet", "act:100", "--facet", "kind")
    sums = [sum(count["count"] for count in facet["counts"]) + facet["missing"] for facet in result["facets"]]
    assert sums == [result["total"], result["total"] + 2]  # two statements have halves of two kinds


def test_fields_of_the_article_do_not_exist_here(searchkit: Command) -> None:
    done = searchkit("statements", "body:Tiandy")
    assert done.code == 2
    assert "belongs to the article" in done.err


# --- --explain --------------------------------------------------------------------------------------------------------


def test_the_tree_is_shown_a_node_a_line(searchkit: Command) -> None:
    done = searchkit("query", "--explain", 'Tiandy speaker:"Guixiang Xu" date:2022-12..2023')
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == 'read as  Tiandy AND speaker:"Guixiang Xu" AND date:[2022-12-01 TO 2023-12-31]'
    tree = [line for line in lines if "document" in line and not line.startswith(("found", "note"))]
    assert [line.split("  ")[-1] for line in tree] == [
        "all of",
        "the word in any form, in title or body",
        "a name with these words in a row, in speaker",
        "date from 2022-12-01 to 2023-12-31",
    ]
    for start in ("time     names ", "found    "):
        assert any(line.startswith(start) for line in lines)
    assert any("also matches" in line for line in lines)


def test_json_has_stages_and_clauses(searchkit: Command) -> None:
    result = json.loads(searchkit("statements", "--explain", "--json", "speaker:xu", "--since", "2022").out)
    assert result["schema"] == "searchkit.explain/1"
    assert set(result["seconds"]) == {"names", "engine"}
    assert [line["node"] for line in result["lines"]] == ["And", "Term", "Range"]
    assert result["lines"][0]["hits"] == result["total"] > 0
    assert all(line["over"] == "quote" for line in result["lines"])
    assert result["interpreted_as"] == "speaker:xu AND date:>=2022-01-01"


def test_without_a_question_or_in_another_form_it_is_refused(searchkit: Command) -> None:
    assert searchkit("query", "--explain").code == 2
    assert searchkit("query", "--explain", "a", "--format", "csv").code == 2
    assert searchkit("query", "--explain", "speker:x").code == 2


# --- without hits -----------------------------------------------------------------------------------------------------


def test_each_part_has_its_hits_and_those_of_the_rest(searchkit: Command) -> None:
    done = searchkit("query", "Tiandy speaker:Xu date:1999")
    lines = done.out.splitlines()
    assert lines[0].startswith("No document matches Tiandy AND speaker:Xu")
    assert [line.split()[2:] for line in lines[2:5]] == [
        ["Tiandy"],
        ["speaker:Xu"],
        ["date:[1999-01-01", "TO", "1999-12-31]"],
    ]
    assert lines[4].split()[0] == "0"
    assert lines[5].startswith("The field date of the documents here ranges from 20")


def test_a_near_spelling_is_a_query_to_copy(searchkit: Command) -> None:
    done = searchkit("query", '"duoble standard"')
    assert '\nDid you mean "double standard" (2 documents)?\n' in done.out
    query = done.out.strip().splitlines()[-1].removeprefix("Did you mean ").partition(" (")[0]
    assert json.loads(searchkit("query", "--json", query).out)["total"] > 0


def test_json_has_advice_only_without_hits(searchkit: Command) -> None:
    result = json.loads(searchkit("statements", "--json", "speaker:xu about:Korbel").out)["advice"]
    assert set(result) == {"parts", "suggestions", "notes", "complete"}
    assert [part["hits"] for part in result["parts"]] == [15, 0]
    assert result["complete"] is True
    assert json.loads(searchkit("statements", "--json", "speaker:xu").out)["advice"] is None


def test_other_forms_have_no_advice(searchkit: Command) -> None:
    assert searchkit("query", "duoble", "--format", "ids").out == ""


@pytest.mark.parametrize("more", [[], ["--explain"]])
@pytest.mark.parametrize("query", ["\x1b[31m", "speaker:=\u202eabc", "a\u2028b", "speaker:=\u202eabc zz\x1b[31m"])
def test_nothing_steers_the_terminal(searchkit: Command, query: str, more: list[str]) -> None:
    done = searchkit("query", *more, query)
    assert not {"\x1b", "\u202e", "\u2028"} & set(done.out + done.err)


def test_a_number_that_is_none_is_refused(searchkit: Command) -> None:
    assert "'ten' is not a whole number." in searchkit("query", "Tiandy", "-n", "ten").err


@pytest.mark.parametrize(("words", "line"), cases(__file__, "test_an_empty_answer_is_explained"))
def test_an_empty_answer_is_explained(searchkit: Command, words: tuple[str, ...], line: str) -> None:
    assert line in searchkit("query", *words).out


def test_what_fiction_says_is_counted_and_linked_only_if_the_query_names_a_genre(
    searchkit: Command, tmp_path: Path
) -> None:
    (tmp_path / "tale.txt").write_text(FICTION)
    (tmp_path / "news.txt").write_text('"The crane is safe," Vera Lind, the mayor of Velmar, said on Tuesday.')
    archive = tmp_path / "archive"
    assert searchkit("index", str(tmp_path), archive=archive).code == 0

    def found(query: str) -> tuple[int, list[str]]:
        done = searchkit("statements", query, "--facet", "speaker", "--json", archive=archive)
        answer = json.loads(done.out)
        return answer["total"], [count["value"] for count in answer["facets"][0]["counts"]]

    total, speakers = found("*")
    assert (total > 1, speakers) == (True, ["Vera Lind"])
    assert set(found("genre:fiction")[1]) == {"Nadia Korbel", "Igor Malt"}
    assert len(found("genre:*")[1]) == 3
    assert found("disputed:*")[0] == 0 < found("disputed:* genre:fiction")[0]
    assert "claim: Nadia Korbel" not in searchkit("disputes", archive=archive).out
    assert "claim: Nadia Korbel" in searchkit("disputes", "genre:fiction", archive=archive).out
    (document,) = json.loads(searchkit("query", "genre:fiction", "--json", archive=archive).out)["items"]
    assert document["genre"] == "fiction"
    facet = searchkit("query", "*", "--facet", "speaker", "-n", "0", archive=archive).out
    assert "speaker (documents; without 1 in fiction, instructions and listing; genre:* counts all)" in facet
    assert ",fiction\n" in searchkit("statements", "genre:fiction", "-f", "csv", archive=archive).out
    shown = searchkit("show", document["id"], archive=archive).out
    assert "fiction (" in shown and "whispered" in shown

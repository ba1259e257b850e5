import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command


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
    told = json.loads(searchkit("query", "--json", "Tiandy", "--facet", "speaker:3", "--facet", "date:month").out)
    assert told["schema"] == "searchkit.query/1"
    assert told["interpreted_as"] == "Tiandy"
    hit = told["hits"][0]
    named = "id title title_marks outlet wire published language url gone_at copies evidence matches score snippets"
    assert list(hit) == [*named.split(), "statements"]
    for snippet in hit["snippets"]:
        assert all(0 <= start < end <= len(snippet["text"]) for start, end in snippet["marks"])
    speakers, months = told["facets"]
    assert (speakers["field"], months["interval"]) == ("speaker", "month")
    assert [count["id"] for count in months["counts"]] == sorted(count["id"] for count in months["counts"])
    for facet in told["facets"]:
        assert facet["counts"]
        for count in facet["counts"]:
            again = json.loads(searchkit("query", "--json", count["query"]).out)
            assert again["total"] == count["count"], count


def test_filters_narrow_and_repeat_as_or(searchkit: Command) -> None:
    def ids(*arguments: str) -> set[str]:
        return set(searchkit("query", "-n", "100", "--format", "ids", *arguments).out.split())

    everything, one, two = ids("*"), ids("--outlet", "Moravian Ledger"), ids("--speaker", "Xu Guixiang")
    assert one < everything
    assert two < everything
    assert ids("--outlet", "Moravian Ledger", "--speaker", "Xu Guixiang") == one & two
    other = ids("--speaker", "Nadia Korbel")
    assert ids("--speaker", "Xu Guixiang", "--speaker", "Nadia Korbel") == two | other
    assert ids("--since", "2023", "--until", "2023") == ids("date:2023")


def test_the_promised_facet_query(searchkit: Command) -> None:
    query = 'agency:"Bureau of Industry and Security" date:2022-12..2023'
    told = json.loads(searchkit("query", query, "--facet", "speaker", "--facet", "date:month", "--json").out)
    assert told["total"] >= 2
    assert "[2022-12-01 TO 2023-12-31]" in told["interpreted_as"]
    months = [count["id"] for count in told["facets"][1]["counts"]]
    assert all("2022-12" <= month <= "2023-12" for month in months)


def test_count_is_a_number_alone(searchkit: Command) -> None:
    total = json.loads(searchkit("query", "Tiandy", "--json").out)["total"]
    done = searchkit("query", "Tiandy", "--count")
    assert (done.code, done.out, done.err) == (0, f"{total}\n", "")
    assert searchkit("quotes", "--count", "--speaker", "Xu Guixiang", "--about", "Tiandy").out == "9\n"
    done = searchkit("query", "zzzzz", "--count", "-e")
    assert (done.code, done.out) == (1, "0\n")
    # A note is for the person, not for the program that reads the number.
    done = searchkit("query", "Tiandy —", "--count")
    assert (done.out, done.err.startswith("note: ")) == (f"{total}\n", True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--count", "--json"], "--count and"),
        (["--count", "--fields", "id"], "--count and"),
        (["--count", "--facet", "speaker"], "--count and"),
        (["--json", "--csv"], "cannot be combined"),
        (["--fields", "titel"], 'Did you mean "title"?'),
        (["--fields", "role"], "Unknown field"),
        (["-0", "--json"], "--null and --format json"),
    ],
)
def test_forms_that_cannot_be_are_refused_before_anything_is_asked(
    searchkit: Command, tmp_path: Path, arguments: list[str], complaint: str
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
                "quotes",
                "*",
                "-n",
                "400",
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


@pytest.mark.parametrize(
    ("query", "line", "hint"),
    [
        ("Tiandy speker:Xu", "  Tiandy speker:Xu\n         ^~~~~~", 'Did you mean "speaker"?'),
        ("date:2022-13", "       ^~~~~~~", "month 13 does not exist"),
        ("(Tiandy OR Xu", "  ^", "not closed"),
        ("", "", "Write *"),
    ],
)
def test_a_query_that_cannot_be_read_shows_the_place(searchkit: Command, query: str, line: str, hint: str) -> None:
    done = searchkit("query", query)
    assert (done.code, done.out) == (2, "")
    assert line in done.err
    assert hint in done.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--facet", "colour"], "Unknown facet"),
        (["--facet", "speaker:month"], "only dates"),
        (["--facet", "speaker:0"], "Facet size must be at least 1"),
        (["--since", "yesterweek"], "not a date"),
        (["--since", "2023", "--until", "2022"], "is after"),
        (["--speaker", " "], "needs a value"),
    ],
)
def test_bad_options_say_what_to_write(searchkit: Command, arguments: list[str], complaint: str) -> None:
    done = searchkit("query", "Tiandy", *arguments)
    assert done.code == 2
    assert complaint in done.err


def test_a_body_is_found_by_its_acronym_however_articles_write_it(searchkit: Command) -> None:
    whole = json.loads(searchkit("query", 'agency:="Bureau of Industry and Security"', "--json").out)
    for query in ("agency:BIS", 'agency:"Bureau of Industry and Security"'):
        assert json.loads(searchkit("query", query, "--json").out)["total"] == whole["total"] > 5
    written = json.loads(searchkit("query", 'exact:"BIS"', "--json").out)
    assert written["total"] < whole["total"]

"""`searchkit entities` on the seeds, and on an archive of its own."""

import csv
import io
import json
import tomllib
from pathlib import Path

from tests.cli.conftest import Command


def test_names_with_their_counts(searchkit: Command, harbor: Path) -> None:
    done = searchkit("entities", archive=harbor)
    header, first, *_ = done.out.splitlines()
    assert header.split() == ["name", "kind", "documents", "said", "about", "id"]
    assert first.split() == ["Nadia", "Korbel", "person", "2", "2", "0", "person:nadia-korbel"]
    result = json.loads(searchkit("entities", "--json", archive=harbor).out)
    assert result["schema"] == "searchkit.entities/1"
    assert result["items"][0] == {
        "id": "person:nadia-korbel",
        "name": "Nadia Korbel",
        "kind": "person",
        "documents": 2,
        "said": 2,
        "about": 0,
    }


def test_words_kinds_and_limits_narrow(searchkit: Command) -> None:
    done = searchkit("entities", "--kind", "agency", "-n", "1", "--format", "csv", "BIS")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert row["name"] == "Bureau of Industry and Security", "found by its acronym"
    assert searchkit("entities", "--format", "csv", "B\u00adI\u200bS").out.splitlines()[:2] == done.out.splitlines()
    assert "1 to 2 shown" in searchkit("entities", "-n", "2").err
    assert searchkit("entities", "-e", "nobody of this name").code == 1
    assert searchkit("entities", "nobody of this name").code == 0
    assert searchkit("entities", "—").code == 2


def test_forms(searchkit: Command, harbor: Path) -> None:
    lines = searchkit("entities", "-f", "jsonl", archive=harbor).out.splitlines()
    assert json.loads(lines[0])["name"] == "Nadia Korbel"
    assert "Nadia Korbel\tperson\t2\t2\t0\t" in searchkit("entities", "-f", "tsv", archive=harbor).out
    assert searchkit("entities", "--json", "-f", "csv", archive=harbor).code == 2
    assert searchkit("entities", "--similar", "--variants", archive=harbor).code == 2


def test_near_duplicates_can_be_pasted_and_are_then_one(searchkit: Command, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(
        "Sails\n\nTovo Steel Ltd closed, said Nadia Korbel, a clerk. Tovo Steel Holdings was sold.\n\n"
        '"We sail," said Nadia Korbal, a clerk.\n'
    )
    folder = tmp_path / "archive"
    assert searchkit("index", "-q", str(article), archive=folder).code == 0
    done = searchkit("entities", "--similar", archive=folder)
    (entry,) = tomllib.loads(done.out)["entity"]
    assert {entry["name"], *entry["aliases"]} == {"Nadia Korbel", "Nadia Korbal"}
    assert "merge them only if you know" in done.out
    result = json.loads(searchkit("entities", "--similar", "--json", archive=folder).out)
    assert result["items"][0]["similar"][0]["reason"] == "spelling"
    assert searchkit("entities", "--similar", "-e", "tovo", archive=folder).code == 1
    (folder / "aliases.toml").write_text(done.out)
    assert "1 re-annotated" in searchkit("rebuild", archive=folder).out
    assert searchkit("entities", "--similar", "-e", archive=folder).code == 1
    assert json.loads(searchkit("entities", "korbal", "--json", archive=folder).out)["total"] == 1


def test_what_the_file_says_of_an_entity_is_listed(searchkit: Command, harbor: Path) -> None:
    (harbor / "aliases.toml").write_text(
        '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\naliases = ["Spokesperson of Ostrava"]\n'
        'note = "since 2021"\n'
    )
    (found,) = json.loads(searchkit("entities", "spokesperson", "--json", archive=harbor).out)["items"]
    assert (found["aliases"], found["note"]) == (["Nadia Korbel", "Spokesperson of Ostrava"], "since 2021")


def test_ways_of_writing(searchkit: Command) -> None:
    result = json.loads(searchkit("entities", "--variants", "--json", "Tiandy").out)
    (tiandy,) = [entity for entity in result["items"] if entity["id"] == "company:tiandy-technologies"]
    assert {"Tiandy", "Tiandy Technologies"} <= {variant["text"] for variant in tiandy["variants"]}
    done = searchkit("entities", "--variants", "Tiandy")
    assert "  Tiandy Technologies\n" in done.out
    assert searchkit("entities", "--variants", "-f", "csv", "Tiandy").code == 2


def test_an_example_is_written_once(searchkit: Command, harbor: Path) -> None:
    assert searchkit("entities", "--init", archive=harbor).out == f"{harbor / 'aliases.toml'} written\n"
    assert searchkit("entities", "--init", archive=harbor).code == 2
    assert searchkit("query", "cranes", archive=harbor).err == "", "comments change nothing"


def test_a_broken_file_is_told_with_its_place(searchkit: Command, harbor: Path) -> None:
    (harbor / "aliases.toml").write_text('[[entity]]\nname = "Xu Lin"\n')
    for words in (("rebuild",), ("index", str(harbor.parent)), ("entities", "xu"), ("entities", "--similar")):
        done = searchkit(*words, archive=harbor)
        assert done.code == 2
        assert 'aliases.toml: [[entity]] number 1 ("Xu Lin"): kind is missing.' in done.err

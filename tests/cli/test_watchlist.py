"""`searchkit watchlist`, and what the other commands show of it. Names are invented."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from searchkit.search.statement_text import matched_entries
from searchkit.statements.document import BY_NAME_ONLY, WatchlistMatch
from searchkit.statements.text import Span
from tests.cases import cases
from tests.cli.conftest import Command

LIST = (
    "id,name,weak_aliases,kind,topics\n"
    "NK-1,Nadia Korbel,,person,role.pep\n"
    "NK-2,Havel Harbor Works,Petr Havel,company,\n"
    ",,,,\n"
    "x,,,,\n"
)


@pytest.fixture
def listed(harbor: Path) -> Path:
    (harbor.parent / "port.csv").write_text(LIST)
    return harbor


@pytest.fixture
def watched(searchkit: Command, listed: Path) -> Path:
    done = searchkit("watchlist", "add", str(listed.parent / "port.csv"), archive=listed)
    assert done.out.splitlines() == [
        "port: 2 entries with 3 names, from 3 rows of CSV",
        "  1 row skipped: without a name",
        "To apply the watchlist to existing documents, run: searchkit index --outdated",
    ]
    assert searchkit("rebuild", archive=listed).code == 0
    return listed


def test_lists_are_kept_listed_and_removed(searchkit: Command, watched: Path) -> None:
    result = json.loads(searchkit("watchlist", "list", "--json", archive=watched).out)
    assert result["schema"] == "searchkit.watchlist/1"
    assert [(watchlist["name"], watchlist["entries"], watchlist["source"]) for watchlist in result["items"]] == [
        ("port", 2, "port.csv")
    ]
    assert searchkit("watchlist", "list", archive=watched).out.startswith("port ")
    assert searchkit("watchlist", "remove", "nothing", archive=watched).code == 2
    assert searchkit("watchlist", "remove", "port", archive=watched).code == 0
    assert searchkit("watchlist", "list", archive=watched).out == ""
    assert "has changed since 3 documents" in searchkit("query", "cranes", archive=watched).err


def test_the_archive_may_be_named_on_either_side(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "port.csv")
    assert searchkit("watchlist", "add", path, "--name", "Ports", "--archive", str(listed)).code == 0
    assert searchkit("watchlist", "list", archive=listed).out.startswith("ports ")
    assert searchkit("watchlist", "add", path, "--name", "a b", archive=listed).code == 2
    assert searchkit("watchlist", "add", str(tmp_path / "none.csv"), archive=listed).code == 2


def test_statements_and_documents_are_found_by_list_id_and_name(searchkit: Command, watched: Path) -> None:
    for query, found in cases(__file__, "test_statements_and_documents_are_found_by_list_id_and_name"):
        for command in ("query", "statements"):
            assert json.loads(searchkit(command, query, "--json", archive=watched).out)["total"] == found, query
    facet = json.loads(searchkit("statements", "--facet", "watchlist", "--json", archive=watched).out)["facets"][0]
    assert [(count["value"], count["id"], count["count"]) for count in facet["counts"]] == [
        ("Nadia Korbel", "NK-1", 2),
        ("Havel Harbor Works (weak)", "NK-2/weak", 1),
    ]
    for count in facet["counts"]:
        again = json.loads(searchkit("statements", count["query"], "--json", archive=watched).out)
        assert again["total"] == count["count"]


def test_a_zero_says_what_it_means(searchkit: Command, listed: Path) -> None:
    path = listed.parent / "desk.csv"
    path.write_text("id,name,kind\nW1,Korbel,person\nW5,Ilse Nowhere,person\n")
    assert searchkit("watchlist", "add", str(path), archive=listed).code == 0
    first = searchkit("query", "watchlist:desk", archive=listed).out.splitlines()[1]
    assert first.startswith("3 documents were annotated before the names last changed, so a name of the watchlist desk")
    assert searchkit("index", "--outdated", archive=listed).code == 0
    for command, query, note in (
        ("query", "watchlist:=W5", "No document here contains a name of Ilse Nowhere (desk W5, added"),
        ("statements", "watchlist:=W5", "No statement here contains a name of Ilse Nowhere (desk W5, added"),
        ("query", "watchlist:=W1/strong", "No document here contains a strong name of Korbel (desk W1, added"),
        ("query", "watchlist:=W9", 'No watchlist, entry or topic is called "W9". '),
        ("query", "watchlist:none", 'No watchlist, entry or topic is called "none". '),
    ):
        assert searchkit(command, query, archive=listed).out.splitlines()[1].startswith(note), query
    assert json.loads(searchkit("query", "watchlist:=W1", "--json", archive=listed).out)["total"] == 2, "a surname"
    entries = json.loads(searchkit("watchlist", "list", "desk", "--json", archive=listed).out)["items"]
    assert [(entry["id"], entry["documents"], entry["weak"]) for entry in entries] == [("W1", 0, 2), ("W5", 0, 0)]
    assert searchkit("watchlist", "list", "desk", archive=listed).out.splitlines()[3:] == [
        "        0       2  W1  Korbel",
        "        0       0  W5  Ilse Nowhere",
    ]
    assert searchkit("watchlist", "list", "none", archive=listed).code == 2


def test_rows_that_share_an_id_are_all_found_by_it(searchkit: Command, listed: Path) -> None:
    path = listed.parent / "desk.csv"
    path.write_text("id,name,weak_aliases\nW10,Nadia Korbel,\nW10,Havel Harbor Works,Petr Havel\nW10,Nadia Korbel,\n")
    added = searchkit("watchlist", "add", str(path), archive=listed).out
    assert '1 row merged into an earlier row with the same id and name: "Nadia Korbel"' in added
    ids = dict(zip(("korbel", "havel"), re.findall(r"(W10#[0-9a-f]{8}) \(\"", added), strict=True))
    assert searchkit("index", "--outdated", archive=listed).code == 0
    for query, found in (
        ("watchlist:=W10", 3),
        ("watchlist:=w10/strong", 2),
        ("watchlist:=W10/weak", 1),
        (f"watchlist:={ids['korbel']}", 2),
        (f"watchlist:={ids['havel']}", 1),
        ("-watchlist:=W10", 0),
    ):
        assert json.loads(searchkit("query", query, "--json", archive=listed).out)["total"] == found, query
    facet = json.loads(searchkit("query", "--facet", "watchlist", "--json", archive=listed).out)["facets"][0]
    for count in facet["counts"]:
        again = json.loads(searchkit("query", count["query"], "--json", archive=listed).out)
        assert again["total"] == count["count"]


def test_every_output_says_that_only_the_name_is_the_same(searchkit: Command, watched: Path) -> None:
    why = "weak: weak name of the entry, other kind of entity"
    entry = f"Havel Harbor Works (port NK-2, {why}; by name only; identity not verified)"
    weak = f"watchlist: {entry}"
    assert weak in searchkit("query", "petr", archive=watched).out
    done = searchkit("statements", "--speaker", "Petr Havel", archive=watched)
    assert weak in done.out
    for command in ("statements", "export"):
        (row,) = csv.DictReader(io.StringIO(searchkit(command, "speaker:Petr", "-f", "csv", archive=watched).out))
        assert row["watchlist"] == entry
    facet = searchkit("statements", "*", "--facet", "watchlist", "-n", "0", archive=watched).out
    assert facet.startswith("watchlist (statements; by name only; identity not verified)\n")
    (hit,) = json.loads(searchkit("statements", "--speaker", "Petr Havel", "--json", archive=watched).out)["items"]
    match = hit["matches"][0]
    assert (match["id"], match["weak"], match["note"]) == ("NK-2", True, BY_NAME_ONLY)
    assert entry in searchkit("show", hit["id"], archive=watched).out
    assert f"Watchlist matches\n  Petr Havel: {entry} ×1" in searchkit("show", hit["document"], archive=watched).out
    for form in ("jsonl", "csv", "tsv", "markdown", "html"):
        exported = searchkit("export", "speaker:Petr", "-f", form, archive=watched).out
        assert BY_NAME_ONLY in exported, form


def test_inspect_applies_the_lists_of_the_archive(searchkit: Command, watched: Path, tmp_path: Path) -> None:
    article = tmp_path / "new.txt"
    article.write_text("A day\n\nThe clerk Nadia Korbel came to the port, and stayed there for the whole day.\n")
    done = searchkit("inspect", str(article), archive=watched)
    assert f"Nadia Korbel: Nadia Korbel (port NK-1; {BY_NAME_ONLY}) ×1  role.pep" in done.out
    assert "Watchlist" not in searchkit("inspect", str(article), archive=tmp_path / "none").out


def _match(entry: str, *, weak: bool) -> WatchlistMatch:
    return WatchlistMatch(span=Span(0, 1), surface="x", watchlist="l", entry_id=entry, name="N\x1b", weak=weak)


def test_an_entry_is_named_once_and_strong_if_it_is_anywhere() -> None:
    found = [_match("2", weak=True), _match("1", weak=True), _match("1", weak=False), _match("2", weak=True)]
    assert matched_entries(found) == (f"N\\x1b (l 1; {BY_NAME_ONLY})", f"N\\x1b (l 2, weak; {BY_NAME_ONLY})")

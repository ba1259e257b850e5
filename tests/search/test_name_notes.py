"""Notes in an answer on the names and keywords in its query."""

import re
from datetime import date

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.search.name_notes import names_notes
from searchkit.search.rewrite import NameExpander, rewrite_query
from tests.cases import cases
from tests.index.records import document, fill


def notes(index: Index, query: str, record: Record = "quote") -> tuple[str, ...]:
    names = NameExpander(index, record)
    meant = rewrite_query(parse(query, today=date(2026, 3, 4), record=record).tree, names)
    return names_notes(meant.shown, SearchRequest(query=meant.executed, record=record), names)


@pytest.mark.parametrize(("query", "result"), cases(__file__, "test_notes"))
def test_notes(index: Index, query: str, result: tuple[str, ...]) -> None:
    assert notes(index, query) == result


def test_counts_are_of_what_was_asked_for(index: Index) -> None:
    (result,) = notes(index, "speaker:Korbel", "document")
    assert 'speaker:="Nadia Korbel" (1 document)' in result
    (scoped,) = notes(index, "quote:{speaker:Korbel}", "document")
    assert 'speaker:="Nadia Korbel" (1 statement)' in scoped
    assert notes(index, "quote:{speaker:Korbel fell}", "document") == ()


def test_long_lists_are_cut_and_counted(index: Index) -> None:
    query = " OR ".join(f"speaker:nobody{number}" for number in range(40))
    assert len(notes(index, query)) <= 12


def test_the_count_of_a_name_is_that_of_its_query(index: Index) -> None:
    """Also where a name is asked for by a spelling that only some of its records have."""
    result = notes(index, "entity:Korbel OR entity:Trade", "document")
    assert result == notes(index, "entity:Korbel", "document")
    surface = document(
        {
            "id": "d4",
            "text": "The Korbel yard and Petr K. of Korbel were there, said Havel.",
            "names": [
                {"surface": "Korbel yard", "name": "Meridian Yard", "kind": "company"},
                {"surface": "Petr K.", "name": "Petr Korbel", "kind": "person"},
            ],
        }
    )
    plain = document(
        {
            "id": "d5",
            "text": "The yard was closed.",
            "names": [{"surface": "yard", "name": "Meridian Yard", "kind": "company"}],
        }
    )
    fill(index, surface, plain, sequence=3)
    (told_now,) = notes(index, "entity:Korbel", "document")
    counts = dict(re.findall(r'(entity:="[^"]*") \((\d+)', told_now))
    assert counts['entity:="Meridian Yard"'] == "2"
    for query, count in counts.items():
        tree = parse(query, today=date(2026, 3, 4)).tree
        assert index.search(SearchRequest(query=tree)).total == int(count), query


def test_ids_are_pointed_out(index: Index) -> None:
    texts = {"aaaabbbbcccc": "g1", "0a1b2c3d4e5f": "g1", "ffffbbbbcccc": ""}
    quote = {"words": "Sails", "speaker": "Nadia Korbel"}
    fill(
        index,
        *(document({"id": id_, "text": "Sails are up.", "quotes": [quote], "copies": g}) for id_, g in texts.items()),
        sequence=3,
    )
    pointed = "0a1b2c3d4e5f is the id of a document here. To print it: searchkit show 0a1b2c3d4e5f"
    assert notes(index, "sails 0a1b2c3d4e5f", "document") == (pointed,)
    assert notes(index, "0a1b2c3d4e5f", "quote") == (pointed,)
    statement = document({"id": "0a1b2c3d4e5f", "text": "Sails are up.", "quotes": [quote]}).quotes[0].id
    (note,) = notes(index, statement, "document")
    assert "is the id of a statement here" in note
    assert note.endswith(f"searchkit show {statement}")
    assert notes(index, "copies:0a1b2c3d4e5f") == ("0a1b2c3d4e5f is in another group of duplicates: copies:g1.",)
    assert notes(index, "copies:ffffbbbbcccc")[0].startswith("ffffbbbbcccc has no duplicates here.")
    assert notes(index, "copies:g1") == ()
    assert notes(index, "id:0a1b2c3d4e5f") == ()

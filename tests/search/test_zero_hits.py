"""Why nothing was found, and what may be asked instead."""

from datetime import date

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.search.rewrite import NameExpander
from searchkit.search.zero_hits import Advice, advise
from tests.cases import cases


def advice(index: Index, query: str, record: Record = "document", *, seconds: float = 60) -> Advice:
    tree = parse(query, today=date(2026, 3, 4), record=record).tree
    return advise(SearchRequest(query=tree, record=record), NameExpander(index, record), seconds=seconds)


def parts(result: Advice) -> list[tuple[str, int, int]]:
    return [(part.query, part.hits, part.without) for part in result.parts]


def tries(result: Advice) -> list[tuple[str, str, int]]:
    return [(one.says, one.query, one.hits) for one in result.suggestions]


def test_the_dead_part_is_named_by_its_hits(index: Index) -> None:
    result = advice(index, "crates speaker:Havel date:1999")
    assert parts(result) == [
        ("crates", 2, 0),
        ("speaker:Havel", 1, 0),
        ("date:[1999-01-01 TO 1999-12-31]", 0, 0),
    ]
    assert result.notes == ("The field date of the documents here ranges from 2022-12-16 to 2023-01-10.",)
    assert result.together == ()
    assert result.complete


def test_the_fewest_that_exclude_each_other_are_named(index: Index) -> None:
    result = advice(index, "cranes crates lang:de meridian")
    assert result.together == (("cranes", "lang:de"),)
    assert all(part.hits for part in result.parts)
    three = advice(index, "korbel speaker:Schäfer outlet:Meridian", "document")
    assert three.together == (("speaker:Schäfer", "outlet:Meridian"),)
    assert advice(index, "fell rules").together == (("fell", "rules"),)


def test_of_many_parts_all_are_named(index: Index) -> None:
    query = " ".join(["the", "cranes", *["crates"] * 8, "meridian", "still"])
    (together,) = advice(index, query).together
    assert together == tuple(query.split())


def test_a_scope_is_looked_into(index: Index) -> None:
    result = advice(index, "outlet:Harbor quote:{speaker:Korbel fell}")
    assert [(part.query, part.over, part.hits) for part in result.parts] == [
        ("outlet:Harbor", "document", 2),
        ("quote:{speaker:Korbel AND fell}", "document", 0),
        ("speaker:Korbel", "quote", 2),
        ("fell", "quote", 1),
    ]
    assert result.together == (("speaker:Korbel", "fell"),)
    assert [part.over for part in advice(index, "quote:{speaker:Korbel fell}").parts] == ["quote", "quote"]


@pytest.mark.parametrize(("query", "suggested"), cases(__file__, "test_suggestions_have_hits"))
def test_suggestions_have_hits(index: Index, query: str, suggested: tuple[tuple[str, str, int], ...]) -> None:
    assert tries(advice(index, query)) == list(suggested)


def test_only_other_spellings_are_respelled(index: Index) -> None:
    assert [one.respelled for one in advice(index, "crnaes").suggestions] == [True, True]
    assert [one.respelled for one in advice(index, "crnaes ulla").suggestions] == [False]
    assert not any(one.respelled for one in advice(index, '"crates crane"').suggestions)


def test_dates_that_nothing_has(index: Index) -> None:
    assert advice(index, "gone:2022").notes == ("No document here has a value in the field gone.",)
    assert advice(index, "said:>2024", "quote").notes == (
        "The field said of the statements here ranges from 2022-12-15 to 2022-12-15.",
    )


def test_what_no_watchlist_has_is_looked_for_elsewhere(index: Index) -> None:
    absent = 'No watchlist has an entry with the id "EX-99". To list entries: searchkit watchlist list NAME'
    assert advice(index, "watchlist:=EX-99").notes == (absent,)
    assert advice(index, "has:watchlist").notes[0].startswith("No watchlist entry is named here.")
    assert advice(index, "watchlist:Ledger").notes == (
        'No watchlist is called "Ledger", and none has an entry or topic with this name. '
        "To list them: searchkit watchlist list",
        "Ledger is an outlet here: try outlet:Ledger (2).",
    )


def test_time_is_bounded_and_reported(index: Index) -> None:
    result = advice(index, "crates cranes meridian", seconds=-1)
    assert not result.complete
    assert result.parts == ()

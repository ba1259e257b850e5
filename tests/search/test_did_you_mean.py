"""Words, names and keywords near to what is not there, and names with other spellings."""

from datetime import date
from pathlib import Path

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.query.walk import Clause
from searchkit.search.did_you_mean import near_names, near_values, near_words, spelling_notes
from searchkit.search.rewrite import NameExpander
from searchkit.search.zero_hits import Advice, advise
from tests.cases import cases
from tests.index.engines import PURE, opened
from tests.index.records import document, fill


def clause(field: str, value: ast.Node) -> Clause:
    return Clause(field=field, value=value, record="quote", query=value)


def written(near: list[tuple[ast.Node, int]]) -> list[str]:
    return [f"{node} {count}" for node, count in near]


@pytest.mark.parametrize(("word", "near"), cases(__file__, "test_words"))
def test_words(index: Index, word: str, near: tuple[str, ...]) -> None:
    assert [one.name for one in near_words(word, "text", "document", index)] == list(near)


@pytest.mark.parametrize(("name", "near"), cases(__file__, "test_names"))
def test_names(index: Index, name: str, near: tuple[str, ...]) -> None:
    assert written(near_names(clause("speaker", ast.Phrase(text=name)), index)) == list(near)


def test_keywords(index: Index) -> None:
    assert written(near_values(clause("kind", ast.Term(text="indirekt")), index)) == ["kind:indirect 1"]
    assert near_values(clause("source", ast.Term(text="x")), index) == []


PEOPLE = {
    "Oleh Zarensky": 3, "Oleh Zarenskyy": 2, "Oleh Sarenskyj": 1, "Anna Meyerova": 1, "Petra Meierova": 1, "Zarensky": 1
}  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Index:
    made = opened(PURE, Path(tmp_path_factory.mktemp("index")))
    given = [name for name, count in PEOPLE.items() for _ in range(count)]
    fill(
        made,
        *(
            document(
                {
                    "id": f"d{number}",
                    "text": f"{name} said the port was open. Harbours and harbors.",
                    "names": [{"surface": name, "name": name, "kind": "person"}],
                    "quotes": [{"words": "the port was open", "speaker": name}],
                }
            )
            for number, name in enumerate(given)
        ),
    )
    return made


def notes(index: Index, query: str, record: Record = "document") -> list[str]:
    tree = parse(query, today=date(2026, 3, 4), record=record).tree
    return list(spelling_notes(tree, SearchRequest(query=tree, record=record), index))


def test_other_spellings_are_named_with_a_query_for_all(people: Index) -> None:
    listed = "Oleh Zarenskyy (2), Oleh Sarenskyj (1)"
    assert notes(people, "Zarensky port") == [
        f"Zarensky may also be spelled: {listed}. To include all, write zarensky OR zarenskyy OR sarenskyj."
    ]
    (by_speaker,) = notes(people, 'speaker:"oleh zarensky"', "quote")
    assert by_speaker == (
        f"Zarensky may also be spelled: {listed}. "
        "To include all, write speaker:zarensky OR speaker:zarenskyy OR speaker:sarenskyj."
    )
    assert len(notes(people, "quote:{speaker:Zarensky port}")) == 1
    assert "Sarenskyj" not in notes(people, "Zarensky OR Sarenskyj")[0]


@pytest.mark.parametrize("query", cases(__file__, "test_no_note"))
def test_no_note(people: Index, query: str) -> None:
    assert notes(people, query) == []


def advice(index: Index, query: str, record: Record = "document", *, seconds: float = 60) -> Advice:
    tree = parse(query, today=date(2026, 3, 4), record=record).tree
    return advise(SearchRequest(query=tree, record=record), NameExpander(index, record), seconds=seconds)


def parts(result: Advice) -> list[tuple[str, int, int]]:
    return [(part.query, part.hits, part.without) for part in result.parts]


def tries(result: Advice) -> list[tuple[str, int]]:
    return [(one.query, one.hits) for one in result.suggestions]


def test_the_dead_part_is_named_by_its_hits(index: Index) -> None:
    result = advice(index, "crates speaker:Havel date:1999")
    assert parts(result) == [("crates", 2, 0), ("speaker:Havel", 1, 0), ("date:[1999-01-01 TO 1999-12-31]", 0, 0)]
    assert result.notes == ("The field date of the documents here ranges from 2022-12-16 to 2023-01-10.",)
    assert result.complete


def test_a_scope_is_looked_into(index: Index) -> None:
    result = advice(index, "outlet:Harbor quote:{speaker:Korbel fell}")
    assert [(part.query, part.over, part.hits) for part in result.parts] == [
        ("outlet:Harbor", "document", 2),
        ("quote:{speaker:Korbel AND fell}", "document", 0),
        ("speaker:Korbel", "quote", 2),
        ("fell", "quote", 1),
    ]
    assert [part.over for part in advice(index, "quote:{speaker:Korbel fell}").parts] == ["quote", "quote"]


@pytest.mark.parametrize(("query", "suggested"), cases(__file__, "test_suggestions_have_hits"))
def test_suggestions_have_hits(index: Index, query: str, suggested: tuple[tuple[str, int], ...]) -> None:
    assert tries(advice(index, query)) == list(suggested)


def test_dates_that_nothing_has(index: Index) -> None:
    assert advice(index, "gone:2022").notes == ("No document here has a value in the field gone.",)
    assert advice(index, "said:>2024", "quote").notes == (
        "The field said of the statements here ranges from 2022-12-15 to 2022-12-15.",
    )


def test_what_no_watchlist_has(index: Index) -> None:
    list_all = "To list watchlists: searchkit watchlist list"
    assert advice(index, "watchlist:=EX-99").notes == (f'No watchlist, entry or topic is called "EX-99". {list_all}',)
    assert advice(index, "has:watchlist").notes == (f"No watchlist entry is named here. {list_all}",)


def test_time_is_bounded_and_reported(index: Index) -> None:
    result = advice(index, "crates cranes meridian", seconds=-1)
    assert not result.complete
    assert result.parts == ()

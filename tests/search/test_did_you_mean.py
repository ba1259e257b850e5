"""Words, names and keywords near to what is not there, and names with other spellings."""

from datetime import date
from pathlib import Path

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.query.walk import Clause
from searchkit.search.did_you_mean import language_code, near_names, near_values, near_words, spelling_notes
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
    assert written(near_values(clause("lang", ast.Term(text="Deutsch")), index)) == ["lang:de 1"]
    assert near_values(clause("source", ast.Term(text="x")), index) == []


def test_languages() -> None:
    assert [language_code(name) for name in ("English", "français", "ger", "中文", "en", "", "x" * 9)] == [
        "en",
        "fr",
        "de",
        "zh",
        "",
        "",
        "",
    ]


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

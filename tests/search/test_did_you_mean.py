"""Words, names and keywords near to what is not there."""

import pytest

from searchkit.index.base import Index
from searchkit.query import ast
from searchkit.query.walk import Clause
from searchkit.search.did_you_mean import language_code, near_names, near_values, near_words


def clause(field: str, value: ast.Node) -> Clause:
    return Clause(field=field, value=value, record="quote", query=value)


def written(near: list[tuple[ast.Node, int]]) -> list[str]:
    return [f"{node} {count}" for node, count in near]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("crans", ["crane", "cranes"]),
        ("crnaes", ["cranes", "crates"]),
        ("crates", ["cranes", "crane"]),
        ("standrad", ["standard"]),
        ("the", []),
        ("zzzzzz", []),
    ],
)
def test_words(index: Index, word: str, near: list[str]) -> None:
    assert [one.name for one in near_words(word, "text", "document", index)] == near


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Korbell", ['speaker:="Nadia Korbel" 1', 'speaker:="Petr Korbel" 1']),
        ("Havel Mei-ling", ['speaker:="Havel Meiling" 1']),
        ("Nadja Korbel", ['speaker:="Nadia Korbel" 1']),
        ("Anna Schäfer", ['speaker:="Ulla Schäfer" 1']),
        ("Zzzzzz", []),
        ("a b c d e f g", []),
        ("--", []),
    ],
)
def test_names(index: Index, name: str, near: list[str]) -> None:
    assert written(near_names(clause("speaker", ast.Phrase(text=name)), index)) == near


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

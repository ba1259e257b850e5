"""Words, names and keywords near to what is not there."""

import pytest

from searchkit.index.base import Index
from searchkit.query import ast
from searchkit.query.walk import Clause
from searchkit.search.did_you_mean import language_code, near_names, near_values, near_words
from tests.cases import cases


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

"""Test the description of queries for --explain."""

from datetime import date

import pytest

from searchkit.index.whoosh.evaluator import explain
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse
from tests.cases import cases


@pytest.mark.parametrize(("query", "written"), cases(__file__, "test_forms"))
def test_forms(query: str, written: str) -> None:
    assert explain(parse(query, today=date(2026, 3, 4)).tree, "document") == written


@pytest.mark.parametrize("record", ["document", "quote"])
def test_every_leaf_in_every_field_has_a_form(record: Record) -> None:
    word = ast.Term(text="a")
    leaves = [
        word, ast.Phrase(text="a b"), ast.Prefix(text="ab"), ast.Fuzzy(text="abcd"), ast.Exact(text="a"),
        ast.Equals(text="a"), ast.Regex(pattern="a"), ast.Exists(), ast.All(), ast.Near(left=word, right=word),
        ast.Range(written="", start=None, end=None), ast.Scope(inner=word),
    ]  # fmt: skip
    for field in FIELDS:
        for leaf in leaves:
            assert explain(ast.Field(name=field.name, value=leaf), record)

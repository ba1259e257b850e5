"""Test the description of queries for --explain."""

from datetime import date

import pytest

from searchkit.index.whoosh.evaluator import explain
from searchkit.query import ast
from searchkit.query.fields import FIELDS, Record
from searchkit.query.parser import parse

FORMS = {
    "*": "every row",
    "standards": "(title.stems:standard OR body.stems:standard)",
    "fox-it": "(title.words:fox-it OR body.words:fox-it)",
    "title:(a NEAR/3 b) -title:x": "(title.words:a NEAR/3 b AND (every row MINUS title.stems:x))",
    'title:"a b"~2 OR has:title': '(title.words:"a b"~2 OR title.words:*)',
    'exact:"A  b"': '(title.words:exact:"A  b" OR body.words:exact:"A  b")',
    'speaker:"Nadia Korbel"': '(speaker.spellings:"Nadia Korbel" OR unnamed.spellings:"Nadia Korbel")',
    "speaker:=Kórbel": '(speaker.column:="Kórbel" OR unnamed.column:="Kórbel")',
    "lang:engl*": "lang.column:engl*",
    "date:2022..": "date.column:2022..",
    "quote:{crates}": "documents of quotes[text.stems:crate]",
}


@pytest.mark.parametrize(("query", "written"), FORMS.items())
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

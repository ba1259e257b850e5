"""The terms and numbers that stand for values."""

from pathlib import Path

import pytest

from searchkit.document import Document
from searchkit.index.base import SearchRequest, ValuesRequest
from searchkit.index.tantivy.labels import (
    code,
    in_field,
    key_term,
    name_parts,
    name_term,
    number,
    term,
    text_of,
    uncounted_term,
    uncounted_value,
    value_term,
)
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.index.values import within_edits
from searchkit.query import ast
from searchkit.query.fields import FIELDS
from tests.index.records import document, fill

ODD = ["", "a", "Ostrava: 1:2", "file:///\udc80\ud800x", "天\n\0", "50 %20 \t\r\f%", "\u00a0\u2003 x", "=AAA"]


@pytest.mark.parametrize("text", ODD)
def test_terms_hold_any_string_and_no_white_space_that_tantivy_parts_at(text: str) -> None:
    assert text_of(term(text)) == text
    for told in (
        name_term(text, f"x{text}"),
        uncounted_term("url", text),
        in_field("outlet", value_term(7, text, text)),
    ):
        assert not set(told) & set(" \t\n\f\r")
        told.encode()
    assert name_parts(name_term(text, f"x{text}")) == (text, f"x{text}")
    assert uncounted_value(uncounted_term("url", text)) == text
    assert number(text) == number(text) < 1 << 64


def test_a_very_long_value_is_told_from_others_by_its_digest() -> None:
    one, other = term("x" * 100_000 + "a"), term("x" * 100_000 + "b")
    assert one != other
    assert len(one.encode()) < 65_000


def test_no_two_edits_make_one_field_of_another() -> None:
    codes = [code(one.name) for one in FIELDS]
    assert len(set(codes)) == len(codes)
    assert not any(within_edits(f"{one}ab", f"{other}ab", 2) for one in codes for other in codes if one != other)
    assert key_term("verb", "point out").startswith(code("verb"))


def test_names_of_removed_rows_are_not_told(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")

    def named(place: int, name: str) -> Document:
        names = [{"surface": "Korbel", "name": name, "kind": "person"}]  # of one id, however it is accented
        return document({"id": f"d{place}", "text": "Korbel spoke.", "names": names, "source": name})

    fill(index, named(1, "Eda Korbel"), named(2, "Eda Korbel"), named(3, "Éda Korbel"), sequence=1)
    fill(index, named(4, "Eda Körbel"), sequence=2)
    with index.writer() as batch:
        batch.delete(["d3"])
        batch.commit(3)
    asked = ValuesRequest(field="entity", value=ast.Exists())
    assert {(one.name, one.count) for one in index.values(asked)} == {("Eda Korbel", 3)}
    assert {one.id: one.count for one in index.values(ValuesRequest(field="id"))} == {"d1": 1, "d2": 1, "d4": 1}
    assert {one.id for one in index.values(ValuesRequest(field="source"))} == {"Eda Korbel", "Eda Körbel"}
    for pattern, total in ((".*Körbel", 1), ("É.*", 0), ("eda korbel", 2)):
        query = ast.Field(name="entity", value=ast.Regex(pattern=pattern))
        assert index.search(SearchRequest(query=query)).total == total

"""Test columns."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.rows import DateValue, NameValue
from searchkit.index.whoosh.columns import (
    ColumnBuilder,
    ColumnKind,
    TextBuilder,
    TextColumn,
    ValueColumn,
    date_bytes,
    decoded,
    encoded,
    name_bytes,
    name_parts,
)
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter

NAMES = [
    name_bytes(NameValue(id="person:nadia-korbel", name="Nadia Korbel")),
    name_bytes(NameValue(id="person:nadia-korbel", name="N. Korbel")),
    name_bytes(NameValue(id="company:fox-it", name="Fóx-It")),
]


def _read(path: Path, builder: ColumnBuilder, kind: ColumnKind, row_count: int) -> ValueColumn:
    with SectionWriter(path) as out:
        builder.save(out, "column", row_count)
    return ValueColumn(SectionFile(path), "column", kind)


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_and_ids_may_contain_any_character(name: str, value_id: str) -> None:
    assert name_parts(name_bytes(NameValue(id=value_id, name=name))) == (value_id, name)
    assert decoded(encoded(name + "\udc80")) == name + "\udc80"


def test_names(tmp_path: Path) -> None:
    builder = ColumnBuilder("name")
    builder.add(1, NAMES[:1])
    builder.add(3, [NAMES[2], NAMES[1]])
    column = _read(tmp_path / "file", builder, "name", 5)
    assert len(column) == 3
    assert [column.label(code).name for code in column.codes_of(3)] == ["Fóx-It", "N. Korbel"]
    assert [list(column.codes_of(row)) for row in (0, 2, 4)] == [[], [], []]
    assert column.valued_rows == {1, 3}
    assert column.rows_of(column.equal("fox-it")) == {3}
    assert column.rows_of(column.equal("n. korbel")) == {3}
    assert column.rows_of(column.equal("person:nadia-korbel")) == {1, 3}
    assert column.equal("korbel") == set()


def test_keywords(tmp_path: Path) -> None:
    builder = ColumnBuilder("keyword")
    for row, value in enumerate(["say", "Say", "deny", "", "sáy", "saying"]):
        builder.add(row, [encoded(value)])
    column = _read(tmp_path / "file", builder, "keyword", 6)
    assert column.rows_between(*column.key_range("say", "say\0")) == {0, 1, 4}
    assert column.rows_between(*column.key_range("say", "say\U0010ffff")) == {0, 1, 4, 5}
    assert column.rows_between(*column.key_range("zzz", "zzz\0")) == set()


def test_dates(tmp_path: Path) -> None:
    builder = ColumnBuilder("date")
    days = [date(2023, 1, 1).toordinal(), date(1, 1, 1).toordinal(), date(9999, 12, 31).toordinal()]
    for row, day in enumerate(days):
        builder.add(row, [date_bytes(DateValue(first=day, last=day))])
    column = _read(tmp_path / "file", builder, "date", 3)
    assert [first for first, _ in column.spans()] == sorted(days)


def test_ids(tmp_path: Path) -> None:
    builder = ColumnBuilder("id")
    for row, value in enumerate(["b", "a", "c"]):
        builder.add(row, [encoded(value)])
    column = _read(tmp_path / "file", builder, "id", 3)
    assert column.code_of(b"a") == 0
    assert column.rows_of([0]) == {1}
    assert column.code_of(b"aa") is None


def test_an_empty_column(tmp_path: Path) -> None:
    column = _read(tmp_path / "file", ColumnBuilder("name"), "name", 3)
    assert (len(column), column.valued_rows, column.equal("any"), list(column.codes_of(1))) == (0, set(), set(), [])


def test_texts(tmp_path: Path) -> None:
    builder = TextBuilder()
    builder.add(1, ["short", ""])
    builder.add(2, ["long " * 100])
    with SectionWriter(tmp_path / "file") as out:
        builder.save(out, "text")
    texts = TextColumn(SectionFile(tmp_path / "file"), "text")
    assert [texts.passages(row) for row in range(4)] == [[], ["short", ""], ["long " * 100], []]
    assert len(texts.stored(2)) < 100

"""Test columns."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.rows import NameValue
from searchkit.index.whoosh.builders import ColumnBuilder
from searchkit.index.whoosh.columns import (
    ValueColumn,
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


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_and_ids_may_contain_any_character(name: str, value_id: str) -> None:
    assert name_parts(name_bytes(NameValue(id=value_id, name=name))) == (value_id, name)
    assert decoded(encoded(name + "\udc80")) == name + "\udc80"


def test_names(tmp_path: Path) -> None:
    builder = ColumnBuilder("name")
    builder.add(1, NAMES[:1])
    builder.add(3, [NAMES[2], NAMES[1]])
    with SectionWriter(tmp_path / "file") as out:
        builder.save(out, "column", 5)
    column = ValueColumn(SectionFile(tmp_path / "file"), "column", "name")
    assert len(column) == 3
    assert [column.label(code).name for code in column.codes_of(3)] == ["Fóx-It", "N. Korbel"]
    assert [list(column.codes_of(row)) for row in (0, 2, 4)] == [[], [], []]
    assert column.valued_rows == {1, 3}
    assert column.rows_of(column.equal("fox-it")) == {3}
    assert column.rows_of(column.equal("n. korbel")) == {3}
    assert column.rows_of(column.equal("person:nadia-korbel")) == {1, 3}
    assert column.equal("korbel") == set()

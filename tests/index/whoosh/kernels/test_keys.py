"""Test the join of statements with their documents and the look-up of ids, on both backends."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.builders import ColumnBuilder
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.segment_file import SectionFile, SectionWriter
from searchkit.index.whoosh.segments import Backend

ALIKE = st.text("ab\0", min_size=3, max_size=3)
IDS = st.one_of(st.lists(ALIKE, max_size=12), st.lists(st.text("ab\0é", min_size=1, max_size=4), max_size=12))


def _column(path: Path, ids: list[str]) -> ValueColumn:
    builder = ColumnBuilder("id")
    for row, one in enumerate(ids):
        builder.add(row, [one.encode()])
    with SectionWriter(path) as out:
        builder.save(out, "row.document", len(ids))
    return ValueColumn(SectionFile(path), "row.document", "id")


@pytest.mark.parametrize("backend", [pure, kernels], ids=["pure", "numpy"])
@given(
    documents=st.lists(IDS, min_size=1, max_size=3),
    statements=st.lists(IDS, max_size=3),
    chosen=st.sets(st.integers(0, 11)),
)
def test_join_documents(
    backend: Backend,
    documents: list[list[str]],
    statements: list[list[str]],
    chosen: set[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    columns = [_column(folder / f"documents-{number}", [*dict.fromkeys(ids)]) for number, ids in enumerate(documents)]
    stated = [
        (
            _column(folder / f"statements-{number}", ids),
            backend.row_maker(len(ids))([[row for row in chosen if row < len(ids)]]),
        )
        for number, ids in enumerate(statements)
    ]
    wanted = {ids[row] for ids in statements for row in chosen if row < len(ids)}
    found = backend.join_documents(stated, columns)
    told = [{column.value(code).decode() for code in codes} for column, codes in zip(columns, found, strict=True)]
    assert told == [wanted.intersection(ids) for ids in documents]


@pytest.mark.parametrize("backend", [pure, kernels], ids=["pure", "numpy"])
@given(ids=IDS, wanted=IDS)
def test_codes_among(
    backend: Backend, ids: list[str], wanted: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    column = _column(tmp_path_factory.mktemp("columns") / "ids", ids)
    codes = backend.codes_among(column, {known.encode() for known in wanted})
    assert sorted(column.value(code).decode() for code in codes) == sorted({*ids} & {*wanted})

"""Rows for spreadsheets: every cell reads back, and none is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.export.tables import cell, csv_line

hostile_text = st.text("a \x1b\x07\r\n\t\u202e\u2066\u200b\ufeff\x9b\ud800=+-@,;\"'[]é天", max_size=20)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (0.25, "0.25"),
        (["Nadia Korbel", "Petr Havel"], "Nadia Korbel; Petr Havel"),
        ((), ""),
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+420 1", "'+420 1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\n@x", "'\n@x"),
        ("＝1+1", "'＝1+1"),
        (" ＋1", "' ＋1"),
        ("－1", "'－1"),
        ("＠SUM(1)", "'＠SUM(1)"),
        (" a=1", " a=1"),
        (["=1", "b"], "'=1; b"),
        ("a=1", "a=1"),
        ("\x1b[2J", "\\x1b[2J"),
    ],
)
def test_cell(value: object, written: str) -> None:
    assert cell(value) == written


@given(st.lists(hostile_text, min_size=1, max_size=4), st.sampled_from(",\t"))
def test_a_csv_line_is_one_row_with_the_same_cells(texts: list[str], delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_line(texts, delimiter) + "\n", newline=""), delimiter=delimiter))
    assert rows == [[cell(text) for text in texts]]

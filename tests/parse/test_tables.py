"""CSV and XLSX: rows with the names of their columns."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from searchkit.errors import InputError
from searchkit.statements.annotation import annotate
from tests.cases import cases
from tests.formats import zipped
from tests.limits import processor_time_below
from tests.parse.pages import read

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(("written", "rows"), cases(__file__, "test_rows_name_their_columns"))
def test_rows_name_their_columns(written: str, rows: tuple[str, ...]) -> None:
    assert tuple(read(written, "text/csv").text.split("\n\n")) == rows


def test_a_table_has_no_statements() -> None:
    assert (
        annotate(read('Minister,Words\nAnn Cole,"“We will never close the pier,” said Ann Cole"\n', "text/csv")).quotes
        == ()
    )


def book(**sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made["Hidden"].sheet_state = "hidden"
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_sheets_of_a_workbook() -> None:
    ports: list[list[object]] = [
        ["Port", "Opened", "Cranes"],
        ["Velmar", datetime(2025, 5, 12), 3.0],
        ["Lumeton", None, 2.5],
    ]
    article = read(book(Ports=ports, Empty=[], Ships=[["Ship"], ["Ostwind"]], Hidden=[["x"]]), XLSX)
    assert article.text.split("\n\n") == [
        "Ports",
        "| Port: Velmar | Opened: 2025-05-12 | Cranes: 3 |",
        "| Port: Lumeton | Cranes: 2.5 |",
        "Ships",
        "| Ship |",
        "| Ostwind |",
    ]
    assert article.published is None or article.published.confidence == "low"


def test_a_workbook_in_strict_form() -> None:
    names = {
        "http://schemas.openxmlformats.org/officeDocument/2006/": "http://purl.oclc.org/ooxml/officeDocument/",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/": "http://purl.oclc.org/ooxml/spreadsheetml/",
    }
    members = {}
    with zipfile.ZipFile(io.BytesIO(book(Ports=[["Port", "Cranes"], ["Velmar", 3]], Hidden=[]))) as package:
        for name in package.namelist():
            members[name] = package.read(name).decode()
            for transitional, strict in names.items():
                members[name] = members[name].replace(transitional, strict)
    assert read(zipped(members), XLSX).text == "| Port: Velmar | Cranes: 3 |"


@pytest.mark.parametrize(
    "members",
    [
        {"xl/workbook.xml": "<x/>"},
        {"xl/workbook.xml": " " * 50_000_000},
        {"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'},
    ],
)
def test_forged_workbooks_are_refused(members: dict[str, str]) -> None:
    with pytest.raises(InputError):
        read(zipped({"[Content_Types].xml": "<Types/>", **members}), XLSX)


def test_long_tables_are_cut_with_a_note(tmp_path: Path) -> None:
    article = read("a,b\n" + "1,2\n" * 100_001, "text/csv")
    assert article.notes == ("truncated: only the first 100,000 rows are read",)


def test_columns_beyond_the_limit_are_noted() -> None:
    wide = ",".join(map(str, range(300)))
    note = ("truncated: only the first 200 columns are read",)
    assert read(f"{wide}\n{wide}\n", "text/csv").notes == note
    hidden = "not read: 1 hidden sheet"
    assert read(book(Wide=[list(range(300))], Hidden=[]), XLSX).notes == (*note, hidden)
    far: list[object] = ["x", *[None] * 500, "far"]  # with an empty cell next to the limit
    assert read(book(Wide=[far], Hidden=[]), XLSX).notes == (*note, hidden)
    assert read(",".join("x" * 200) + "," * 100, "text/csv").notes == ()


def test_a_workbook_that_states_a_wrong_size_is_read_completely() -> None:
    made = zipfile.ZipFile(io.BytesIO(book(Ports=[["Port"], ["Velmar"], ["Lumeton"]], Hidden=[])))
    members = {name: made.read(name) for name in made.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:A3"' in members[sheet]
    members[sheet] = members[sheet].replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1"')
    assert read(zipped(members), XLSX).text.split("\n\n") == ["| Port |", "| Velmar |", "| Lumeton |"]


@pytest.mark.slow
def test_empty_rows_before_the_last_cost_little() -> None:
    made = openpyxl.Workbook()
    made.active["A1"], made.active["GR1048576"] = "Port", "Velmar"
    stream = io.BytesIO()
    made.save(stream)
    with processor_time_below(20):
        assert read(stream.getvalue(), XLSX).text == "| Port |\n\n| Velmar |"

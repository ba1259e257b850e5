"""Tables: CSV, XLSX and the sheets of other formats.

Each row becomes a paragraph that names its columns: `| Name: Ann Cole | Port: Velmar |`.

The bars mark it as a row of a table, in which no statement is looked for.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice, zip_longest
from typing import Any

from searchkit.errors import InputError
from searchkit.parse.base import Draft, one_line
from searchkit.parse.encoding import decode_lines
from searchkit.parse.package import Package, file_date
from searchkit.statements.document import Resource
from searchkit.statements.text import counted

_DELIMITERS = ",;\t|"
_MAX_ROWS = 100_000
MAX_CELLS = 200
_SEEN_CELLS = 1_000  # of a sheet, more than are read, to notice cells further to the right
_MAX_TEXT = 10_000_000


def read_csv(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a CSV or TSV file. Raises InputError if it cannot be read as one."""
    del today
    lines, notes = decode_lines(resource.body, resource.charset)
    delimiter = max(_DELIMITERS, key=lines[0].count) if lines else ","
    rows = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    try:
        text, more_notes = _table(rows)
    except csv.Error as error:
        raise InputError(f"damaged CSV, line {rows.line_num:,}: {error}") from error
    return Draft(text=text, notes=(*notes, *more_notes))


def read_xlsx(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a workbook, one sheet after the other. Raises InputError if it is damaged or expands too
    much."""
    package = Package(resource.body)
    package.check_sizes()
    import openpyxl

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(package.transitional()), read_only=True, data_only=True, keep_links=False
        )
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        text, notes = sheets_text((sheet.title, _rows(sheet)) for sheet in visible)
        hidden = len(book.worksheets) - len(visible)
        properties = book.properties
    except MemoryError:
        raise
    except Exception as error:  # any failure of openpyxl becomes the reason
        raise InputError(f"damaged XLSX ({type(error).__name__})") from error
    changed = properties.modified or properties.created
    return Draft(
        text=text,
        title=one_line(properties.title),
        published=file_date(changed.isoformat(), "xlsx", today) if changed else None,
        notes=(*notes, f"not read: {counted(hidden, 'hidden sheet')}") if hidden else notes,
    )


def sheets_text(sheets: Iterable[tuple[str, Iterable[Sequence[str]]]]) -> tuple[str, tuple[str, ...]]:
    """Return the text of sheets, each under its title if several have text, and notes on what is not read."""
    filled: list[tuple[str, str]] = []
    notes: dict[str, None] = {}
    size = 0
    for title, rows in sheets:
        if size > _MAX_TEXT:
            notes["truncated: the last sheets are not read"] = None
            break
        text, more_notes = _table(rows)
        notes.update(dict.fromkeys(more_notes))
        filled += [(title, text)] if text else []
        size += len(text)
    many = len(filled) > 1
    return "\n\n".join(f"{title}\n\n{text}" if many else text for title, text in filled), tuple(notes)


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # the stated size may be wrong; rows beyond it would be lost
    for row in sheet.iter_rows(values_only=True, max_col=_SEEN_CELLS):
        if row.count(None) < len(row):  # there may be a million empty rows before the last
            yield [_written(value) for value in row]


def _written(value: object) -> str:
    if isinstance(value, datetime):
        is_day = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _table(rows: Iterable[Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """Return the text of a table, and a note if only a part of it is read."""
    notes: dict[str, None] = {}
    filled = (cells for row in rows if (cells := _cells(row, notes)))
    first = next(filled, [])
    is_head = len(first) > 1 and all(first) and len(set(first)) == len(first) and not any(map(_is_number, first))
    names = first if is_head else []
    paragraphs: list[str] = []
    size = 0
    for row in islice(filled if is_head else chain([first], filled), _MAX_ROWS):
        columns = zip_longest(names[: len(row)], row, fillvalue="")
        named = (f"{name}: {cell}" if name else cell for name, cell in columns if cell)
        paragraphs.append(f"| {' | '.join(named)} |")
        size += len(paragraphs[-1])
        if size > _MAX_TEXT:
            break
    if next(filled, None) is not None:
        notes[f"truncated: only the first {len(paragraphs):,} rows are read"] = None
    if not paragraphs and is_head:
        paragraphs = [f"| {' | '.join(names)} |"]
    return "\n\n".join(paragraphs) if first else "", tuple(notes)


def _cells(row: Sequence[str], notes: dict[str, None]) -> list[str]:
    """Return the cells of a row, each on one line, without the empty ones at its end; note if some are not read."""
    if any(row[MAX_CELLS:]):
        notes[f"truncated: only the first {MAX_CELLS} columns are read"] = None
    cells = [" ".join(cell.split()) for cell in row[:MAX_CELLS]]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_number(cell: str) -> bool:
    return cell.strip("-+.,%$€£ ").replace(",", "").replace(".", "").isdigit()

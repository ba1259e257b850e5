"""Tables: CSV and XLSX. Each row becomes a paragraph that names its columns: `| Name: Ann Cole | Port: Velmar |`.

The bars mark it as a row of a table, in which no statement is looked for.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, one_line
from searchkit.parse.encoding import decode_lines
from searchkit.parse.package import Package, file_date

_DELIMITERS = ",;\t|"
_MAX_ROWS = 100_000
_MAX_CELLS = 200
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
    Package(resource.body).check_sizes()
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(resource.body), read_only=True, data_only=True, keep_links=False)
        sheets = [(sheet.title, _table(_rows(sheet))) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        properties = book.properties
    except MemoryError:
        raise
    except Exception as error:  # any failure of openpyxl becomes the reason
        raise InputError(f"damaged XLSX ({type(error).__name__})") from error
    filled = [(title, text, notes) for title, (text, notes) in sheets if text]
    many = len(filled) > 1
    changed = properties.modified or properties.created
    return Draft(
        text="\n\n".join(f"{title}\n\n{text}" if many else text for title, text, _ in filled),
        title=one_line(properties.title),
        published=file_date(changed.isoformat(), "xlsx", today) if changed else None,
        notes=tuple(dict.fromkeys(note for *_, notes in filled for note in notes)),
    )


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True, max_col=_MAX_CELLS):
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
    filled = (cells for row in rows if (cells := _cells(row)))
    first = next(filled, [])
    is_head = len(first) > 1 and all(first) and len(set(first)) == len(first) and not any(map(_is_number, first))
    names = first if is_head else []
    paragraphs: list[str] = []
    size = 0
    for row in islice(filled if is_head else chain([first], filled), _MAX_ROWS):
        named = (
            f"{name}: {cell}" if name else cell for name, cell in zip(_padded(names, row), row, strict=True) if cell
        )
        paragraphs.append(f"| {' | '.join(named)} |")
        size += len(paragraphs[-1])
        if size > _MAX_TEXT:
            break
    is_cut = next(filled, None) is not None
    notes = (f"truncated: only the first {len(paragraphs):,} rows are read",) if is_cut else ()
    if not paragraphs and is_head:
        paragraphs = [f"| {' | '.join(names)} |"]
    return "\n\n".join(paragraphs) if first else "", notes


def _cells(row: Sequence[str]) -> list[str]:
    """Return the cells of a row, each on one line, without the empty ones at its end."""
    cells = [" ".join(cell.split()) for cell in row[:_MAX_CELLS]]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _padded(names: Sequence[str], row: Sequence[str]) -> list[str]:
    return [*names[: len(row)], *[""] * (len(row) - len(names))]


def _is_number(cell: str) -> bool:
    return cell.strip("-+.,%$€£ ").replace(",", "").replace(".", "").isdigit()

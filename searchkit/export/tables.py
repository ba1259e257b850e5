"""Rows as CSV or TSV; every cell is guarded against spreadsheets that would run it as a formula."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from searchkit.statements.text import visible

_BOM = "\ufeff"
# Spreadsheets on East Asian systems also accept the full-width characters.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """Return `value` for a cell: an apostrophe disarms a leading character that would make it a formula.

    Blanks before that character do not count: some spreadsheets drop them.
    """
    text = "" if value is None else "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    text = visible(text)
    return f"'{text}" if text[:1] in {"\t", "\r"} or text.lstrip().startswith(_FORMULA) else text


def csv_lines(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, delimiter: str = ",", bom: bool = False
) -> Iterator[str]:
    """Yield rows as CSV after a header line, without line ends; `cell` guards each value.

    `bom`: begin with the byte order mark by which spreadsheets recognise UTF-8.
    """
    yield f"{_BOM if bom else ''}{csv_line(columns, delimiter)}"
    for row in rows:
        yield csv_line((row.get(column) for column in columns), delimiter)


def csv_line(cells: Iterable[object], delimiter: str = ",") -> str:
    """Return one CSV row without its line end; `cell` guards each value.

    Before Python 3.13, `csv` quotes a line break only if the line terminator contains it.
    """
    import csv  # a query on a terminal does not need it

    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow([cell(value) for value in cells])
    return buffer.getvalue().removesuffix("\r\n")

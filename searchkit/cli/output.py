"""How results leave: one way to a terminal, one to a pipe, one a serializer.

Document text is hostile. `visible` (text.py) is the only way it reaches a terminal, `cell` the only way it reaches a
sheet, `write_json` the only way into JSON. Addresses may hold secrets, which `redacted` (text.py) takes out.
"""

import io
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, Any, TextIO

import click

from searchkit.text import one_line, redacted, safe_json, visible

__all__ = [
    "Segment",
    "cell",
    "counted",
    "csv_line",
    "has_color",
    "is_closed",
    "is_terminal",
    "one_line",
    "redacted",
    "say",
    "visible",
    "write_csv",
    "write_json",
    "write_lines",
    "write_texts",
]

# What a wrapped line hangs under: its own indent, and its number.
_HANGING = re.compile(r" {0,20}(?:\d{1,6}\. )?")
# Sheets of East Asian systems read the full-width signs as the others.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

Segment = tuple[str, str]
"""A piece of text and its style (a rich style name, empty for none)."""


def counted(number: int, one: str, many: str = "") -> str:
    """`number` of what is called `one`: "1 document", "1,200 documents"; `many` is another plural than with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cell(value: object) -> str:
    """`value` for a cell of a sheet: a leading sign that would make it a formula is defused by an apostrophe.

    Blanks before the sign do not hide it: some sheets drop them."""
    text = "" if value is None else "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    text = visible(text)
    return f"'{text}" if text[:1] in {"\t", "\r"} or text.lstrip().startswith(_FORMULA) else text


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person reads `stream`."""
    return stream.isatty()


def has_color(stream: IO[str]) -> bool:
    """Whether `stream` may be colored: as `--color` says, else a terminal, unless NO_COLOR is set; anything, when
    FORCE_COLOR is."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal(stream) and os.environ.get("TERM") != "dumb")


def write_json(value: Mapping[str, Any], *, indent: bool = True, end: str = "\n") -> None:
    """Print one JSON value on standard output, what could steer a terminal written as escapes."""
    _write(safe_json(value, indent=2 if indent else None, ascii_only=not _takes_unicode(sys.stdout)), end)


def write_csv(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, delimiter: str = ",", end: str = "\n"
) -> None:
    """Print rows as CSV with a header line as they come, every cell guarded."""
    header: list[Sequence[object]] = [columns] if columns else []
    for cells in chain(header, ([row.get(column) for column in columns] for row in rows)):
        _write(csv_line(cells, delimiter), end)


def csv_line(cells: Iterable[object], delimiter: str = ",") -> str:
    """Return one CSV row without its line end; `cell` guards each value.

    Before Python 3.13, `csv` quotes a line break only if the line terminator contains it.
    """
    import csv

    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow([cell(value) for value in cells])
    return buffer.getvalue().removesuffix("\r\n")


def write_texts(texts: Iterable[str], *, end: str = "\n") -> None:
    """Print ids and the like, each made visible, as they come."""
    for text in texts:
        _write(visible(text), end)


def is_closed(stream: TextIO) -> bool:
    """Return whether the caller closed this stream, so that os.devnull replaces it."""
    return getattr(stream, "name", None) == os.devnull


def write_lines(lines: Iterable[Sequence[Segment]]) -> None:
    """Print lines made of styled segments: wrapped and colored for a terminal, plain for a pipe.

    Segments are made visible here, so callers pass document text as it is.
    """
    if not is_terminal(sys.stdout) and not has_color(sys.stdout):
        for line in lines:
            _write("".join(visible(text) for text, _ in line))
        return
    from rich.console import Console
    from rich.text import Text

    class Quiet(Console):
        """One that tells the caller when the reader has gone; rich would exit 1, which means "no hits" here."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    # What has_color decides is told to rich in full: by itself it takes an empty FORCE_COLOR for "no terminal".
    console = Quiet(
        highlight=False,
        emoji=False,
        markup=False,
        force_terminal=True,
        no_color=False,
        color_system="standard" if has_color(sys.stdout) else None,
    )
    for line in lines:
        text = Text()
        for part, style in line:
            text.append(visible(part), style=style)
        hanging = _HANGING.match(text.plain)
        indent = len(hanging.group()) if hanging else 0
        for number, row in enumerate(text.wrap(console, max(20, console.width - indent))):
            if number:
                row.pad_left(indent)
            console.print(row, soft_wrap=True)


def _write(text: str, end: str = "\n") -> None:
    try:
        sys.stdout.write(text + end)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + end)


def _takes_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith(("utf8", "utf16", "utf32"))


def say(text: str) -> None:
    """One line for a person on standard error, without the secrets of addresses."""
    sys.stderr.write(visible(redacted(text)).encode("utf-8", "backslashreplace").decode() + "\n")

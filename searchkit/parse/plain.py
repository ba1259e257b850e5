"""Plain text: header lines (title, labelled fields, byline, date) and the body below them."""

from datetime import date

from searchkit.document import Resource
from searchkit.parse.base import Draft
from searchkit.parse.encoding import decode_lines
from searchkit.parse.headers import dated, draft, read_header

_HEADINGS = 200


def _is_chronicle(lines: list[str], today: date) -> bool:
    """Return whether the body has dates as headings: "12 May 2025", an event, "13 May 2025", ..."""
    return any(line[:1].isdigit() and dated(line, today) is not None for line in map(str.strip, lines[:_HEADINGS]))


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a plain text."""
    lines, notes = decode_lines(resource.body, resource.charset)
    fields, start = read_header(lines, today)
    if "published" in fields and _is_chronicle(lines[start:], today):
        fields, start = read_header(lines, None)
    return draft(fields, text="\n".join(lines[start:]).lstrip("\n"), today=today, notes=notes)

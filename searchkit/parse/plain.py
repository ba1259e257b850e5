"""Plain text: a title line, a few lines below it that are labelled, a byline or a date, and the body."""

import re
from datetime import date

from searchkit.dates import parse_stated
from searchkit.document import Resource
from searchkit.parse.base import Draft
from searchkit.parse.byline import is_agency_byline, is_byline, without_opening
from searchkit.parse.encoding import decode
from searchkit.parse.labels import FIELD_OF, draft, labelled

_TITLE_LIMIT = 150
# A title directly above its text, without a blank line, is told from the first line of a hard-wrapped paragraph by the
# line below it: longer than terminals and print are wide, which wrapped lines are not.
_UNWRAPPED = 120
# Signs at the end of a line that is a sentence or goes on in the next line.
_NO_TITLE_END = tuple(".,;。，-–—")
# "Published 12 May 2025", "Updated on 13 May 2025", "12. Mai 2025": a date that needs no colon. Both the year and the
# length are asked for first, as reading a date is slow.
_DATED = re.compile(
    r"(?:(?P<label>[^\W\d_]{4,20})\s{1,3}(?:(?:on|am|le)\s{1,3})?)?(?P<date>(?=[^\n]{0,60}(?:19|20)\d\d)[^\W_][^\n]{5,60})"
)
_PARTED = re.compile(r"\s{1,3}[|·•]\s{1,3}")
_HEADINGS = 200  # so many lines are looked at for further dates
_DATE_FIELDS = frozenset({"published", "updated"})


def _is_title(lines: list[str], position: int, today: date | None) -> bool:
    """Whether the line here is short, without a full stop, and set apart from a text that follows."""
    line = lines[position].strip()
    if not line or len(line) > _TITLE_LIMIT or line.endswith(_NO_TITLE_END):
        return False
    rest = lines[position + 1 :]
    if not any(below.strip() for below in rest):
        return False
    below = rest[0].strip()
    return not below or len(below) > max(_UNWRAPPED, len(line)) or bool(_fields(below, today))


def _fields(line: str, today: date | None) -> tuple[tuple[str, str], ...]:
    """What a line says of the article, one field or several: `By Nadia Korbel | 12 May 2025`; empty for any other."""
    whole = _field(line, today)
    if whole is not None:
        return (whole,)
    told = [_field(part, today) for part in _PARTED.split(line)]
    found = tuple(field for field in told if field is not None)
    return found if len(found) == len(told) else ()


def _field(line: str, today: date | None) -> tuple[str, str] | None:
    """Field and value of a line that can only be about the article: `Published: ...`, `By Nadia Korbel`, a date."""
    found = labelled(line)
    if found is not None:
        return found
    if is_byline(line) or is_agency_byline(line):
        return "byline", without_opening(line) or ""
    return _dated(line, today) if today is not None else None


def _dated(line: str, today: date) -> tuple[str, str] | None:
    """`published` or `updated` with the date of a line that holds nothing else, a day at least; None for any other."""
    match = _DATED.fullmatch(line)
    if match is None:
        return None
    field = FIELD_OF.get((match["label"] or "published").casefold())
    written = match["date"] if field in _DATE_FIELDS else line  # "Monday 12 May 2025" begins with no label
    found = parse_stated(written, source="header", today=today)
    if found is None or found.precision not in {"day", "instant"}:
        return None
    return (field if field in _DATE_FIELDS and field is not None else "published"), written


def _next_full(lines: list[str], position: int) -> int:
    while position < len(lines) and not lines[position].strip():
        position += 1
    return position


def _header(lines: list[str], position: int, fields: dict[str, str], today: date | None) -> int:
    """Read the blocks of such lines at `position` into `fields`; the position after them, or the same without one."""
    while (end := _block(lines, position, fields, today)) > position:
        position = end
    return position


def _block(lines: list[str], position: int, fields: dict[str, str], today: date | None) -> int:
    found: dict[str, str] = {}
    end = _next_full(lines, position)
    while end < len(lines) and lines[end].strip():
        told = _fields(lines[end].strip(), today)
        if not told:
            break
        for name, value in told:
            found.setdefault(name, value)
        end += 1
    # A block that runs on into other text is no header, unless into a whole paragraph: its lines may be a list in the
    # article.
    runs_on = end < len(lines) and 0 < len(lines[end].strip()) <= _UNWRAPPED
    if not found or runs_on or _next_full(lines, end) == len(lines):
        return position
    for name, value in found.items():
        fields.setdefault(name, value)
    return end


def top(lines: list[str], today: date | None) -> tuple[dict[str, str], int]:
    """The fields that stand above the body in `lines`, and the line it starts at; without `today` a date needs its
    colon."""
    fields: dict[str, str] = {}
    start = _header(lines, 0, fields, today)
    if "title" not in fields:
        position = _next_full(lines, start)
        if position < len(lines) and _is_title(lines, position, today):
            fields["title"] = lines[position].strip()
            start = _header(lines, position + 1, fields, today)
    return fields, start


def _is_chronicle(lines: list[str], today: date) -> bool:
    """Whether dates stand alone in the body too, as headings do: "12 May 2025", what happened, "13 May 2025", ..."""
    return any(line[:1].isdigit() and _dated(line, today) is not None for line in map(str.strip, lines[:_HEADINGS]))


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of a plain text."""
    decoded = decode(resource.body, charset=resource.charset)
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields, start = top(lines, today)
    if "published" in fields and _is_chronicle(lines[start:], today):
        fields, start = top(lines, None)
    return draft(fields, text="\n".join(lines[start:]).lstrip("\n"), today=today, links=(), notes=decoded.notes)

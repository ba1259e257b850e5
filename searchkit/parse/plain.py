"""Plain text: a title line, a few labelled lines below it, and the body."""

from datetime import date

from searchkit.document import Resource
from searchkit.parse.base import Draft
from searchkit.parse.byline import is_byline, without_opening
from searchkit.parse.encoding import decode
from searchkit.parse.labels import draft, labelled

_TITLE_LIMIT = 150
# A title directly above its text, without a blank line, is told from the first line of a hard-wrapped paragraph by the
# line below it: longer than terminals and print are wide, which wrapped lines are not.
_UNWRAPPED = 120
# Signs at the end of a line that is a sentence or goes on in the next line.
_NO_TITLE_END = tuple(".,;。，-–—")


def _is_title(lines: list[str], position: int) -> bool:
    """Whether the line here is short, without a full stop, and set apart from a text that follows."""
    line = lines[position].strip()
    if not line or len(line) > _TITLE_LIMIT or line.endswith(_NO_TITLE_END):
        return False
    rest = lines[position + 1 :]
    if not any(below.strip() for below in rest):
        return False
    below = rest[0].strip()
    return not below or len(below) > max(_UNWRAPPED, len(line)) or _field(below) is not None


def _field(line: str) -> tuple[str, str] | None:
    """Field and value of a line that can only be about the article: `Published: ...`, or `By Nadia Korbel`."""
    found = labelled(line)
    if found is not None:
        return found
    return ("byline", without_opening(line) or "") if is_byline(line) else None


def _next_full(lines: list[str], position: int) -> int:
    while position < len(lines) and not lines[position].strip():
        position += 1
    return position


def _header(lines: list[str], position: int, fields: dict[str, str]) -> int:
    """Read the block of labelled lines at `position` into `fields`; the position after it, or the same without one."""
    start = _next_full(lines, position)
    found: dict[str, str] = {}
    end = start
    while end < len(lines) and lines[end].strip():
        field = _field(lines[end].strip())
        if field is None:
            break
        found.setdefault(*field)
        end += 1
    # A block that runs on into other text is no header: its lines may be a list in the article.
    if not found or (end < len(lines) and lines[end].strip()) or _next_full(lines, end) == len(lines):
        return position
    for name, value in found.items():
        fields.setdefault(name, value)
    return end


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of a plain text."""
    decoded = decode(resource.body, charset=resource.charset)
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields: dict[str, str] = {}
    start = _header(lines, 0, fields)
    if "title" not in fields:
        position = _next_full(lines, start)
        if position < len(lines) and _is_title(lines, position):
            fields["title"] = lines[position].strip()
            start = _header(lines, position + 1, fields)
    return draft(fields, text="\n".join(lines[start:]).lstrip("\n"), today=today, links=(), notes=decoded.notes)

"""Plain text and RTF, and their header lines: a title, labelled fields (`Published: 2022-12-16`), a byline, a date."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, web_address
from searchkit.parse.byline import is_agency_byline, is_byline, people, without_opening
from searchkit.parse.encoding import decode_lines
from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.stated import parse_stated, unusable
from searchkit.statements.document import Resource

# Only these labels are fields, so that `ROURKEWELL: Commissioner...` in a transcript stays text.
_LABELS = {
    "title": "title headline titel titre",
    "byline": "by author authors byline autor autorin auteur von par",
    "published": "published date datum veröffentlicht publié",
    "updated": "updated modified lastmod aktualisiert",
    "outlet": "outlet publication publisher site",
    "url": "url link canonical permalink",
    "language": "language lang sprache langue",
}
FIELD_OF = {label: name for name, labels in _LABELS.items() for label in labels.split()}
_LABELLED = re.compile(r"\s{0,8}([^\W\d_]{2,20})\s{0,2}:\s{0,8}(.{1,1000})")
# A line with another value is text.
_CHECKS: Mapping[str, Callable[[str], str | None]] = {"url": web_address, "language": language_code}
_TITLE_LIMIT = 150
# Wider than the lines of terminals and print: a longer line is an unwrapped paragraph, and the line above it a title.
_UNWRAPPED = 120
_NOT_TITLE_END = tuple(".,;。，-–—")
# "Published 12 May 2025", "Updated on 13 May 2025", "12. Mai 2025". The lookahead for a year and the length limit avoid
# parsing most lines, which is slow.
_DATED = re.compile(
    r"(?:(?P<label>[^\W\d_]{4,20})\s{1,3}(?:(?:on|am|le)\s{1,3})?)?(?P<date>(?=[^\n]{0,60}(?:19|20)\d\d)[^\W_][^\n]{5,60})"
)
_SEPARATOR = re.compile(r"\s{1,3}[|·•]\s{1,3}")
_DATE_FIELDS = frozenset({"published", "updated"})
_CHRONICLE_LINES = 200
_OPENING = 20


def labelled(line: str) -> tuple[str, str] | None:
    """Return field and value of a line such as `Outlet: Harbor Ledger`; None for any other line."""
    match = _LABELLED.fullmatch(line.rstrip())
    field = FIELD_OF.get(match[1].casefold()) if match else None
    if match is None or field is None:
        return None
    value = match[2].strip()
    return None if field in _CHECKS and _CHECKS[field](value) is None else (field, value)


def dated(line: str, today: date) -> tuple[str, str] | None:
    """Return field and value of a line that is only a date, precise to the day; None for any other line."""
    match = _DATED.fullmatch(line)
    if match is None:
        return None
    field = FIELD_OF.get((match["label"] or "published").casefold())
    written = match["date"] if field in _DATE_FIELDS else line  # "Monday 12 May 2025" has no label
    found = parse_stated(written, source="header", today=today)
    if found is None or found.precision not in {"day", "instant"}:
        return None
    return (field if field in _DATE_FIELDS and field is not None else "published"), written


def _field(line: str, today: date | None) -> tuple[str, str] | None:
    field = labelled(line)
    if field is not None:
        return field
    if is_byline(line) or is_agency_byline(line):
        return "byline", without_opening(line) or ""
    return dated(line, today) if today is not None else None


def _fields(line: str, today: date | None) -> tuple[tuple[str, str], ...]:
    """Return the fields of a header line, one or several (`By Nadia Korbel | 12 May 2025`); empty for other lines."""
    field = _field(line, today)
    if field is not None:
        return (field,)
    parts = [_field(part, today) for part in _SEPARATOR.split(line)]
    fields = tuple(part for part in parts if part is not None)
    return fields if len(fields) == len(parts) else ()


def _is_title(lines: Sequence[str], position: int, today: date | None) -> bool:
    """Return whether a line is short, without a full stop, and set apart from the text below."""
    line = lines[position].strip()
    if not line or len(line) > _TITLE_LIMIT or line.endswith(_NOT_TITLE_END):
        return False
    rest = lines[position + 1 :]
    if not any(below.strip() for below in rest):
        return False
    below = rest[0].strip()
    return not below or len(below) > max(_UNWRAPPED, len(line)) or bool(_fields(below, today))


def _skip_blank(lines: Sequence[str], position: int) -> int:
    while position < len(lines) and not lines[position].strip():
        position += 1
    return position


def _read_blocks(lines: Sequence[str], position: int, fields: dict[str, str], today: date | None) -> int:
    """Add the header blocks at `position` to `fields`; return the position after them."""
    while (end := _read_block(lines, position, fields, today)) > position:
        position = end
    return position


def _read_block(lines: Sequence[str], position: int, fields: dict[str, str], today: date | None) -> int:
    block: dict[str, str] = {}
    end = _skip_blank(lines, position)
    while end < len(lines) and lines[end].strip():
        line_fields = _fields(lines[end].strip(), today)
        if not line_fields:
            break
        for name, value in line_fields:
            if name == "byline" and name in block:  # a writer on each line
                block[name] += f", {value}"
            block.setdefault(name, value)
        end += 1
    # A block that continues as other short lines is a list in the article.
    runs_on = end < len(lines) and 0 < len(lines[end].strip()) <= _UNWRAPPED
    if not block or runs_on or _skip_blank(lines, end) == len(lines):
        return position
    for name, value in block.items():
        fields.setdefault(name, value)
    return end


def read_header(lines: Sequence[str], today: date | None) -> tuple[dict[str, str], int]:
    """Return the fields above the body, and the line where the body starts. Without `today`, a date needs a label."""
    fields: dict[str, str] = {}
    start = _read_blocks(lines, 0, fields, today)
    if "title" not in fields:
        position = _skip_blank(lines, start)
        if position < len(lines) and _is_title(lines, position, today):
            fields["title"] = lines[position].strip()
            start = _read_blocks(lines, position + 1, fields, today)
    return fields, start


def read_opening(paragraphs: Sequence[str], *, today: date) -> tuple[int, Draft]:
    """Return how many of the first `paragraphs` of a file are its header, and a draft of the header's fields."""
    lines = [line for paragraph in paragraphs for line in (" ".join(paragraph.split()), "")]
    fields, start = read_header(lines, today)
    return (start + 1) // 2, draft(fields, text="", today=today)


def _date(fields: Mapping[str, str], key: str, today: date, notes: list[str]) -> PartialDate | None:
    written = fields.get(key)
    if not written:
        return None
    found = parse_stated(written, source="header", today=today)
    if found is None:
        notes.append(f"{key} ignored ({unusable(written)}): {written[:100]}")
    return found


def draft(
    fields: Mapping[str, str], *, text: str, today: date, links: tuple[str, ...] = (), notes: tuple[str, ...] = ()
) -> Draft:
    """Return the draft of `text` with its header fields. Notes report unusable dates."""
    all_notes = list(notes)
    byline = fields.get("byline", "")
    return Draft(
        text=text,
        canonical_url=web_address(fields.get("url")),
        outlet=fields.get("outlet"),
        title=fields.get("title"),
        byline=people(byline) or ((byline,) if byline else ()),
        published=_date(fields, "published", today, all_notes),
        updated=_date(fields, "updated", today, all_notes),
        language=language_code(fields.get("language")),
        links=links,
        notes=tuple(all_notes),
    )


def with_header(stated: Draft, header: Draft) -> Draft:
    """Return a draft with the fields of the header of its text in place of its own, and the notes of both."""
    names = ("title", "byline", "outlet", "canonical_url", "published", "updated", "language")
    fields = {name: value for name in names if (value := getattr(header, name))}
    return replace(stated, **fields, notes=(*stated.notes, *header.notes))


def _is_chronicle(lines: list[str], today: date) -> bool:
    """Return whether the body has dates as headings: "12 May 2025", an event, "13 May 2025", ..."""
    lines = [line.strip() for line in lines[:_CHRONICLE_LINES]]
    return any(line[:1].isdigit() and dated(line, today) is not None for line in lines)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a plain text."""
    lines, notes = decode_lines(resource.body, resource.charset)
    fields, start = read_header(lines, today)
    if "published" in fields and _is_chronicle(lines[start:], today):
        fields, start = read_header(lines, None)
    return draft(fields, text="\n".join(lines[start:]).lstrip("\n"), today=today, notes=notes)


def read_rtf(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an RTF file. Raises InputError if it is damaged."""
    from striprtf.striprtf import rtf_to_text

    try:
        text = rtf_to_text(resource.body.decode("latin-1"), errors="replace")
    except MemoryError:
        raise
    except Exception as error:  # any failure of striprtf becomes the reason
        raise InputError(f"damaged RTF ({type(error).__name__})") from error
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    size, header = read_opening(paragraphs[:_OPENING], today=today)
    return replace(header, text="\n\n".join(paragraphs[size:]))

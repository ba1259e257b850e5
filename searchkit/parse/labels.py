"""Labelled fields that archives write above a text: `Published: 2022-12-16`, or the front matter of Markdown."""

import re
from collections.abc import Mapping
from datetime import date

from searchkit.dates import PartialDate, parse_stated
from searchkit.parse.base import Draft, language_code, web_address
from searchkit.parse.byline import people

# What an archive may call a field -> our name for it. Only these are read, so that `ROURKEWELL: Commissioner...` in a
# transcript stays text.
_NAMES = {
    "title": "title headline titel titre",
    "byline": "by author authors byline autor autorin auteur von par",
    "published": "published date datum veröffentlicht publié",
    "updated": "updated modified lastmod aktualisiert",
    "outlet": "outlet publication publisher site",
    "url": "url link canonical permalink",
    "language": "language lang sprache langue",
}
FIELD_OF = {label: name for name, labels in _NAMES.items() for label in labels.split()}
_LABELLED = re.compile(r"\s{0,8}([^\W\d_]{2,20})\s{0,2}:\s{0,8}(.{1,1000})")


def labelled(line: str) -> tuple[str, str] | None:
    """Field and value of a line such as `Outlet: Harbor Ledger`; None for any other line."""
    match = _LABELLED.fullmatch(line.rstrip())
    field = FIELD_OF.get(match[1].casefold()) if match else None
    return (field, match[2].strip()) if match and field else None


def _date(fields: Mapping[str, str], key: str, today: date, notes: list[str]) -> PartialDate | None:
    written = fields.get(key)
    if not written:
        return None
    found = parse_stated(written, source="header", today=today)
    if found is None:
        notes.append(f"{key} is not used, as it is no date up to today: {written[:100]}")
    return found


def draft(
    fields: Mapping[str, str], *, text: str, today: date, links: tuple[str, ...], notes: tuple[str, ...]
) -> Draft:
    """The draft of `text` with what its `fields` say. What cannot be read as meant is told in the notes."""
    told = list(notes)
    byline = fields.get("byline", "")
    return Draft(
        text=text,
        canonical_url=web_address(fields.get("url")),
        outlet=fields.get("outlet"),
        title=fields.get("title"),
        byline=people(byline) or ((byline,) if byline else ()),
        published=_date(fields, "published", today, told),
        updated=_date(fields, "updated", today, told),
        language=language_code(fields.get("language")),
        links=links,
        notes=tuple(told),
    )

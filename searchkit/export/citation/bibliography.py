"""Citations for reference managers: CSL-JSON and BibTeX.

Names are literal, as bylines cannot be split reliably. Dates are as precise as they are known; guesses appear only in
the note.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from searchkit.dates import PartialDate
from searchkit.export.citation.citing import Citation, identity, said_text
from searchkit.search.statement_text import date_text
from searchkit.text import UNSEEN, safe_json

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Characters that TeX reads as commands, or BibTeX as the end of a field, even behind a backslash.
_TEX: Mapping[int, str] = {
    ord("\\"): r"\textbackslash{}",
    ord("{"): r"\textbraceleft{}",
    ord("}"): r"\textbraceright{}",
    ord("~"): r"\textasciitilde{}",
    ord("^"): r"\textasciicircum{}",
    **{ord(sign): f"\\{sign}" for sign in "#$%&_"},
}


def as_csl(citation: Citation) -> dict[str, Any]:
    """Return the citation as an object for the array of CSL-JSON (csl-data.json 1.0)."""
    made: dict[str, Any] = {"id": f"searchkit-{citation.id}", "type": _kind(citation)}
    texts = {
        "title": citation.title,
        "container-title": citation.outlet,
        "URL": citation.link or "",
        "page": citation.page,
        "language": citation.language,
        "source": citation.wire,
        "note": _note(citation),
    }
    made |= {name: text for name, text in texts.items() if text}
    if citation.byline:
        made["author"] = [{"literal": name} for name in citation.byline]
    if issued := _issued(citation.published):
        made["issued"] = issued
    if parts := _day_parts(citation.retrieved):
        made["accessed"] = {"date-parts": [parts]}
    return made


def as_csl_json(citations: Iterable[Citation]) -> str:
    """Return a file of CSL-JSON."""
    return safe_json([as_csl(citation) for citation in citations], indent=2)


def _kind(citation: Citation) -> str:
    if citation.outlet:
        return "article-newspaper"
    return "webpage" if citation.link else "document"


def _note(citation: Citation) -> str:
    """Return what has no field: the statement, a doubtful date, a file address, and the id in the archive."""
    doubt = citation.published is not None and citation.published.confidence != "high"
    parts = [
        said_text(citation) if citation.words else "",
        f"Said {citation.said}" if citation.said else "",
        f"Published {date_text(citation.published)}" if doubt else "",
        "" if citation.link else citation.address,
        identity(citation).removesuffix("."),
    ]
    return ". ".join(filter(None, parts)) + "."


def _issued(date: PartialDate | None) -> dict[str, Any]:
    if date is None or date.confidence == "low":
        return {}
    if date.precision == "day-without-year":
        return {"literal": date_text(date)}
    circa = {"circa": True} if date.confidence == "assumed" else {}
    if date.precision == "week":
        days = (date.earliest, date.latest)
        return {"date-parts": [[day.year, day.month, day.day] for day in days if day], **circa}
    return {"date-parts": [_parts(date)], **circa}


def _parts(date: PartialDate) -> list[int]:
    """Return year, month and day as far as known; only the year of a week, and nothing without a year."""
    first = date.earliest
    if first is None:
        return []
    known = {"year": 1, "week": 1, "month": 2}.get(date.precision, 3)
    return [first.year, first.month, first.day][:known]


def _day_parts(day: str) -> list[int]:
    year, _, rest = day.partition("-")
    month, _, number = rest.partition("-")
    return [int(year), int(month), int(number)] if all(part.isdecimal() for part in (year, month, number)) else []


def as_bibtex(citation: Citation) -> str:
    """Return the citation as a BibTeX entry in UTF-8, readable by biblatex."""
    fields = {
        "author": " and ".join(f"{{{tex(name)}}}" for name in citation.byline),
        # A second pair of braces keeps the case of names in every style.
        "title": f"{{{tex(citation.title)}}}" if citation.title else "",
        "journal" if citation.outlet else "howpublished": tex(citation.outlet),
        "pages": tex(citation.page),
        "url": citation.link or "",
        "urldate": citation.retrieved if _day_parts(citation.retrieved) else "",
        "note": tex(_note(citation)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines[-1:-1] = _dated(citation.published)
    kind = "article" if citation.outlet else "misc"
    return "\n".join([f"@{kind}{{searchkit-{citation.id},", *lines, "}"])


def _dated(date: PartialDate | None) -> list[str]:
    """Return the fields of a date: `year` and `month` for BibTeX, `date` for biblatex if the day is known."""
    parts = _parts(date) if date is not None and date.confidence != "low" else []
    lines = [f"  year = {{{parts[0]:04}}},"] if parts else []
    if len(parts) > 1:
        lines.append(f"  month = {_MONTHS[parts[1] - 1]},")
    if len(parts) > 2:
        lines.append(f"  date = {{{parts[0]:04}-{parts[1]:02}-{parts[2]:02}}},")
    return lines


def tex(text: str) -> str:
    """Return `text` for a BibTeX field, without commands and with balanced braces."""
    return UNSEEN.sub("", text).translate(_TEX)

"""Citations of statements and articles: plain text, Markdown, BibTeX and CSL-JSON.

Nothing is guessed: bylines are not split into family names, and reported words get no quotation marks. Each form has an
escape of its own; only web addresses become links.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.errors import NotInArchive
from searchkit.notes import NoteFields
from searchkit.search.statement_text import (
    date_text,
    gone_text,
    note_texts,
    speaker_text,
    statement_text,
    words_doubt,
)
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import UNSEEN, one_line, redacted, safe_json

# Twelve hex digits distinguish all revisions of an article, and can be read aloud.
_HASH_DIGITS = 12
_MAX_LINK = 2000
# Characters that stay (RFC 3986), without those that end a link or field in some format: ( ) ' and brackets. "%" stays
# for what is encoded already.
_KEPT = "/:?#@!$&*+,;=%-._~"
# Characters with a meaning inside a line; "~", "|" and "$" only on GitHub.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$#!{}@]")
# Addresses that become links by themselves: the character that triggers this is escaped.
_ADDRESSES = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=\bwww)\.|(?<=\bmailto):|(?<=\bxmpp):")
# A line that begins like this becomes a numbered list.
_NUMBER = re.compile(r"(\d{1,9})([.)])")
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


class Citation(Struct, frozen=True, kw_only=True):
    """The parts of a citation; texts are on one line, empty if unknown.

    `words`, `statement` (who said them, with the verb), `speaker` (with role, affiliation and whether uncertain),
    `doubt` (about the words), `said`, `page` and `time` (in a recording)
    are of a statement. `said` is given if it is not the day of publication, `marked` if a user marked or corrected the
    statement. `wire` is an agency other than the outlet; `byline` is that agency where no person is named. `link` is a
    web address, `address` the address as stored. `supplied` says which file supplied a text that claims a web
    address; it has no link. `retrieved` is a day; `hash` begins the sha-256 of title and text.
    """

    id: str
    revision: int
    words: str = ""
    statement: str = ""
    speaker: str = ""
    doubt: str = ""
    said: str = ""
    marked: str = ""
    page: str = ""
    time: str = ""
    byline: tuple[str, ...]
    title: str
    outlet: str
    wire: str
    published: PartialDate | None
    language: str
    link: str | None
    address: str
    supplied: str
    retrieved: str
    gone: str
    hash: str


def cite(document: Document, quote: Quote | None = None, note: NoteFields | None = None) -> Citation:
    """Return the citation of a document, or of one of its statements with the user's `note` on it."""
    address = redacted(document.uri)
    wire = one_line(document.wire or "") if document.wire != document.outlet else ""
    said = doubt = ""
    if quote is not None:
        doubt = words_doubt(quote)
        is_another_day = quote.date is not None and quote.date.source != "publication"
        said = date_text(quote.date) if is_another_day else ""
    page = document.page_of(quote.content.start) if quote else None
    time = document.time_of(quote.content.start) if quote else None
    return Citation(
        id=quote.id if quote else document.id,
        revision=document.revision,
        words=one_line(quote.content.of(document.text)) if quote else "",
        statement=statement_text(quote, document).sentence(document) if quote else "",
        speaker=speaker_text(quote, document) if quote else "",
        doubt=doubt,
        said=said,
        marked="".join(note_texts(replace(note, tags=(), note=""))) if note else "",
        page="" if page is None else str(page),
        time=time or "",
        byline=tuple(one_line(name) for name in document.byline) or tuple(filter(None, [wire])),
        title=one_line(document.title or ""),
        outlet=one_line(document.publisher),
        wire=wire,
        published=document.published,
        language=one_line(document.language or ""),
        link=web_link(address),
        address=one_line(address),
        supplied=one_line(supplied_text(document)),
        retrieved=one_line((document.fetched_at or document.first_seen)[:10]),
        gone=gone_text(document),
        hash=document.digest[:_HASH_DIGITS],
    )


def supplied_text(document: Document) -> str:
    """Return which file supplied a text and which web address it claims; empty for a text without such a claim."""
    if not document.claim:
        return ""
    file, _, part = document.uri.partition("#")
    # The address of the part often ends with the claim.
    place = file if unquote(part).endswith(document.claim) else document.uri
    where = "on standard input" if place == "stdin:" else f"in {redacted(place)}"
    return f"As supplied {where}, claims {redacted(document.claim)}"


def as_text(citation: Citation) -> str:
    """Return one line: words, speaker, title, outlet, day, address, and how to find it in the archive."""
    title = f"“{citation.title}”" if citation.title else "(no title)"
    address = citation.supplied or f"<{citation.link or citation.address}>"
    return f"{opening(citation)}{title}, {place_text(citation)}. {address}. {identity(citation)}"


def said_text(citation: Citation) -> str:
    """Return who said what, and what a user found wrong with it; empty for a document."""
    doubt = f" ({citation.doubt})" if citation.doubt else ""
    return citation.statement + doubt + (f" [{citation.marked}]" if citation.marked else "")


def opening(citation: Citation) -> str:
    """Return the part before the title: who said what, or who wrote the article."""
    if citation.words:
        return f"{said_text(citation)} — "
    return f"{', '.join(citation.byline)}. " if citation.byline else ""


def place_text(citation: Citation) -> str:
    """Return outlet, agency, day of publication, page, and when the words were said."""
    parts = (
        citation.outlet,
        citation.wire and f"via {citation.wire}",
        date_text(citation.published) or "no date",
        citation.page and f"p. {citation.page}",
        citation.time and f"at {citation.time}",
        citation.said and f"said {citation.said}",
    )
    return ", ".join(filter(None, parts))


def identity(citation: Citation) -> str:
    """Return when it was retrieved, and its id and digest in the archive."""
    parts = [
        f"Retrieved {citation.retrieved}" if citation.retrieved else "",
        citation.gone and f"Source {citation.gone}",
    ]
    known = f"searchkit {citation.id}, revision {citation.revision}, sha-256 {citation.hash}"
    return ". ".join([*filter(None, parts), known]) + "."


def web_link(address: str) -> str | None:
    """Return `address` in ASCII, safe in an HTML attribute, in <...> of Markdown and in a BibTeX field; None unless it
    is a plain web address, without another scheme (`javascript:`) or credentials."""
    if len(address) > _MAX_LINK or any(char.isspace() or not char.isprintable() for char in address):
        return None
    try:
        parts = urlsplit(address)
        host, named, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or named or any(char in parts.netloc for char in "\\[]"):
        return None
    return url_quote(address, safe=_KEPT, errors="surrogateescape")


def markdown(text: str) -> str:
    """Return `text` on one line, shown as written anywhere in a paragraph."""
    escaped = _ADDRESSES.sub(lambda char: "\\" + char.group(), _SPECIAL.sub(r"\\\g<0>", one_line(text)))
    if escaped.startswith(("-", "+", "=")):
        return "\\" + escaped
    return _NUMBER.sub(r"\1\\\2", escaped, count=1) if _NUMBER.match(escaped) else escaped


def link(text: str, address: str | None) -> str:
    """Return `text` as a link to the result of `web_link`, or plain if that is None."""
    return f"[{markdown(text)}](<{address}>)" if address else markdown(text)


def as_markdown(citation: Citation) -> str:
    """Return the citation as one line of Markdown with the title as a link."""
    title = link(citation.title or "(no title)", citation.link)
    parts = f"“{title}”, {markdown(place_text(citation))}. "
    address = "" if citation.link else f"{markdown(citation.supplied or citation.address)}. "
    return f"{markdown(opening(citation))} {parts}{address}{markdown(identity(citation))}".lstrip()


def located(archive: Archive, record_id: str, revision: int | None = None) -> tuple[Document, Quote | None]:
    """Return the document or statement with this id, now or in a revision. NotInArchive if it does not exist; the hint
    names a revision that has it."""
    if revision is None:
        try:
            return archive.find(record_id)
        except NotInArchive:
            older = _last_with(archive, record_id)
            if older is None:
                raise
            raise NotInArchive(
                f'The statement "{record_id}" is no longer in the article.',
                hint=f"Revision {older} has it: --revision {older}",
            ) from None
    document_id = record_id.partition("-")[0]
    current = archive.get(document_id)
    if current is None:
        return archive.find(record_id)  # raises
    document = archive.revision(document_id, revision)
    if document is None:
        raise NotInArchive(f"Document {document_id} has no revision {revision}; it has {current.revision}.")
    if record_id == document_id:
        return document, None
    quote = next((quote for quote in document.quotes if quote.id == record_id), None)
    if quote is None:
        raise NotInArchive(f'Revision {revision} has no statement "{record_id}".')
    return document, quote


def _last_with(archive: Archive, record_id: str) -> int | None:
    """Return the latest revision with this statement."""
    document_id = record_id.partition("-")[0]
    current = archive.get(document_id)
    for number in range(current.revision - 1 if current else 0, 0, -1):
        document = archive.revision(document_id, number)
        if document is not None and any(quote.id == record_id for quote in document.quotes):
            return number
    return None


# --- reference managers -----------------------------------------------------------------------------------------------
# Names are literal, as bylines cannot be split reliably. Dates are as precise as they are known; guesses appear only in
# the note.


def as_csl(citation: Citation) -> dict[str, Any]:
    """Return the citation as an object for the array of CSL-JSON (csl-data.json 1.0)."""
    kind = "article-newspaper" if citation.outlet else "webpage" if citation.link else "document"
    made: dict[str, Any] = {"id": f"searchkit-{citation.id}", "type": kind}
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


def _note(citation: Citation) -> str:
    """Return what has no field: the statement, a doubtful date, a file address, and the id in the archive."""
    doubt = citation.published is not None and citation.published.confidence != "high"
    parts = [
        said_text(citation) if citation.words else "",
        f"Said {citation.said}" if citation.said else "",
        f"Published {date_text(citation.published)}" if doubt else "",
        "" if citation.link else citation.supplied or citation.address,
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


FORMS: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "bibtex": as_bibtex,
    "csl-json": lambda citation: as_csl_json([citation]),
}
"""The forms of a citation by name."""

"""Citations of statements and articles: plain text, Markdown, BibTeX and CSL-JSON.

Nothing is guessed: bylines are not split into family names, and reported words get no quotation marks. Each form has an
escape of its own; only web addresses become links.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.errors import NotInArchive
from searchkit.notes import NoteFields
from searchkit.search.statement_text import date_text, gone_text, note_texts, speaker_text, statement_text, words_doubt
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
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
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
    statement: dict[str, str] = {}
    if quote is not None:
        start = quote.content.start
        is_another_day = quote.date is not None and quote.date.source != "publication"
        statement = {
            "words": one_line(quote.content.of(document.text)),
            "statement": statement_text(quote, document).sentence(document),
            "speaker": speaker_text(quote, document),
            "doubt": words_doubt(quote),
            "said": date_text(quote.date) if is_another_day else "",
            "page": str(document.page_of(start) or ""),
            "time": document.time_of(start) or "",
        }
    return Citation(
        id=quote.id if quote else document.id,
        revision=document.revision,
        **statement,
        marked="".join(note_texts(replace(note, tags=(), note=""))) if note else "",
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
    return f"{_opening(citation)}{title}, {place_text(citation)}. {address}. {_identity(citation)}"


def as_markdown(citation: Citation) -> str:
    """Return the citation as one line of Markdown with the title as a link."""
    title = link(citation.title or "(no title)", citation.link)
    address = "" if citation.link else f"{citation.supplied or citation.address}. "
    parts = [f"“{title}”, {markdown(place_text(citation))}.", markdown(f"{address}{_identity(citation)}")]
    return " ".join([markdown(_opening(citation)), *parts]).lstrip()


def _said(citation: Citation) -> str:
    """Return who said what, and what a user found wrong with it; empty for a document."""
    doubt = f" ({citation.doubt})" if citation.doubt else ""
    return citation.statement + doubt + (f" [{citation.marked}]" if citation.marked else "")


def _opening(citation: Citation) -> str:
    """Return the part before the title: who said what, or who wrote the article."""
    if citation.words:
        return f"{_said(citation)} — "
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


def _identity(citation: Citation) -> str:
    """Return when it was retrieved, and its id and digest in the archive."""
    retrieved = f"Retrieved {citation.retrieved}. " if citation.retrieved else ""
    gone = f"Source {citation.gone}. " if citation.gone else ""
    return f"{retrieved}{gone}searchkit {citation.id}, revision {citation.revision}, sha-256 {citation.hash}."


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


def located(archive: Archive, record_id: str, revision: int | None = None) -> tuple[Document, Quote | None]:
    """Return the document or statement with this id, now or in a revision. NotInArchive if it does not exist; the hint
    names a revision that has it."""
    document_id = record_id.partition("-")[0]
    current = archive.get(document_id)
    if revision is None or current is None:
        try:
            return archive.find(record_id)
        except NotInArchive:
            earlier = range(current.revision - 1, 0, -1) if current is not None else ()
            older = next((number for number in earlier if _find(archive, record_id, number)[1]), None)
            if older is None:
                raise
            reason = f'The statement "{record_id}" is no longer in the article.'
            raise NotInArchive(reason, hint=f"Revision {older} has it: --revision {older}") from None
    document, quote = _find(archive, record_id, revision)
    if document is None:
        raise NotInArchive(f"Document {document_id} has no revision {revision}; it has {current.revision}.")
    if quote is None and record_id != document_id:
        raise NotInArchive(f'Revision {revision} has no statement "{record_id}".')
    return document, quote


def _find(archive: Archive, record_id: str, revision: int) -> tuple[Document | None, Quote | None]:
    """Return a revision of a document, and the statement in it."""
    document = archive.revision(record_id.partition("-")[0], revision)
    quotes = document.quotes if document is not None else ()
    return document, next((quote for quote in quotes if quote.id == record_id), None)


# --- reference managers -----------------------------------------------------------------------------------------------
# Names are literal, as bylines cannot be split reliably. Dates are as precise as they are known; guesses appear only in
# the note.


def as_csl(citation: Citation) -> dict[str, Any]:
    """Return the citation as an object for the array of CSL-JSON (csl-data.json 1.0)."""
    retrieved = _retrieved(citation)
    made = {
        "id": f"searchkit-{citation.id}",
        "type": "article-newspaper" if citation.outlet else "webpage" if citation.link else "document",
        "title": citation.title,
        "container-title": citation.outlet,
        "URL": citation.link,
        "page": citation.page,
        "language": citation.language,
        "source": citation.wire,
        "note": _note(citation),
        "author": [{"literal": name} for name in citation.byline],
        "issued": _issued(citation.published),
        "accessed": {"date-parts": [[int(part) for part in retrieved.split("-")]]} if retrieved else None,
    }
    return {name: value for name, value in made.items() if value}


def as_csl_json(citation: Citation) -> str:
    """Return a file of CSL-JSON."""
    return safe_json([as_csl(citation)], indent=2)


def _note(citation: Citation) -> str:
    """Return what has no field: the statement, a doubtful date, a file address, and the id in the archive."""
    doubt = citation.published is not None and citation.published.confidence != "high"
    parts = [
        _said(citation) if citation.words else "",
        f"Said {citation.said}" if citation.said else "",
        f"Published {date_text(citation.published)}" if doubt else "",
        "" if citation.link else citation.supplied or citation.address,
        _identity(citation),
    ]
    return ". ".join(filter(None, parts))


def _retrieved(citation: Citation) -> str:
    """Return the day on which it was retrieved; empty if the archive has no valid one."""
    return citation.retrieved if _DAY.fullmatch(citation.retrieved) else ""


def _issued(date: PartialDate | None) -> dict[str, Any]:
    if date is None or date.confidence == "low":
        return {}
    if date.precision == "day-without-year":
        return {"literal": date_text(date)}
    days = [[day.year, day.month, day.day] for day in (date.earliest, date.latest) if day]
    circa = {"circa": True} if date.confidence == "assumed" else {}
    return {"date-parts": days if date.precision == "week" else [_parts(date)], **circa}


def _parts(date: PartialDate) -> list[int]:
    """Return year, month and day as far as known; only the year of a week, and nothing without a year."""
    first, known = date.earliest, {"year": 1, "week": 1, "month": 2}.get(date.precision, 3)
    return [] if first is None else [first.year, first.month, first.day][:known]


def as_bibtex(citation: Citation) -> str:
    """Return the citation as a BibTeX entry in UTF-8, readable by biblatex."""
    date = citation.published
    parts = _parts(date) if date is not None and date.confidence != "low" else []
    fields = {
        "author": " and ".join(f"{{{tex(name)}}}" for name in citation.byline),
        # A second pair of braces keeps the case of names in every style.
        "title": f"{{{tex(citation.title)}}}" if citation.title else "",
        "journal" if citation.outlet else "howpublished": tex(citation.outlet),
        "pages": tex(citation.page),
        "url": citation.link or "",
        "urldate": _retrieved(citation),
        # BibTeX has year and month, biblatex the date if the day is known.
        "year": f"{parts[0]:04}" if parts else "",
        "month": _MONTHS[parts[1] - 1] if len(parts) > 1 else "",
        "date": "{:04}-{:02}-{:02}".format(*parts) if len(parts) > 2 else "",
        "note": tex(_note(citation)),
    }
    # The name of a month is a macro.
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'}," for name, value in fields.items() if value]
    kind = "article" if citation.outlet else "misc"
    return "\n".join([f"@{kind}{{searchkit-{citation.id},", *lines, "}"])


def tex(text: str) -> str:
    """Return `text` for a BibTeX field, without commands and with balanced braces."""
    return UNSEEN.sub("", text).translate(_TEX)


FORMS: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "bibtex": as_bibtex,
    "csl-json": as_csl_json,
}
"""The forms of a citation by name."""

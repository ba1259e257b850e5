"""Feeds: RSS, RDF and Atom, and what they say of the articles they lead to."""

import codecs
import html
import io
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from searchkit.crawl.base import MEGABYTE, megabytes

# News feeds hold 10 to 100 entries and stay below 1 MB; with the full text of hundreds they reach some more. feedparser
# takes up to 5 seconds for a megabyte that it has to mend.
MAX_BYTES = 10 * MEGABYTE
MAX_MENDED_BYTES = MEGABYTE
MAX_ENTRIES = 5_000
_MAX_TEXT = 1_000
_MAX_CONTENT = 2 * MEGABYTE
_MAX_ADDRESS = 2_000
_MAX_PEOPLE = 20
# A tag of a feed holds a few attributes. What holds more, or longer ones, stalls parsers and is no feed.
_MAX_TAG = 20_000
# feedparser looks for e-mail addresses in names in time quadratic in their length: 76 seconds for 180 kB of "U.S.A.".
_MAX_NAME = 1_000
_NAMING = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(author|creator|managingeditor|webmaster|publisher|owner|contributor|name|email|ur[il]|homepage)"
    rb"(?:\s[^>]{0,2000})?>",
    re.IGNORECASE,
)
_SNIFFED = 2_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE[^>\[]{0,400}\[|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(?:rss|RDF|feed)[\s>]")
_TAG = re.compile(r"<[/!?A-Za-z][^<>]{0,400}>")
# The ways of RSS to write a person: `desk@ledger.example (Jo Belden)`, `Jo Belden <desk@ledger.example>`.
_IN_PARENTHESES = re.compile(r"\(([^()]{1,200})\)")
_WITH_ADDRESS = re.compile(r"[(<\[]?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}[)>\]]?")


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of a feed. Dates are strings as written there; `content` is the longest text it holds, as HTML.

    `link` is absolute, empty when it has none; `guid` names the entry within its feed. `outlet` is the feed that it was
    taken over from, if it says so.
    """

    link: str = ""
    guid: str = ""
    title: str = ""
    published: str = ""
    updated: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    content: str = ""
    outlet: str = ""


class Feed(Struct, frozen=True, kw_only=True):
    """A feed: its own title and language, its entries in their order, at most MAX_ENTRIES, and how many it has more."""

    title: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()


def is_feed(body: bytes) -> bool:
    """Whether bytes begin as a feed does."""
    return _ROOT.search(body[:_SNIFFED]) is not None


def entries(body: bytes, base: str) -> Feed:
    """The feed in `body`, which came from the address `base`: relative links are joined to it.

    Broken XML is read as far as it goes, with a note. ValueError, with one line of why, for what is no feed or declares
    entities, which no feed needs and attacks do.
    """
    if body.startswith(_WIDE):
        body = body.decode("utf-16", "replace").encode()
    if not is_feed(body):
        raise ValueError("is no feed")
    if len(body) > MAX_BYTES:
        raise ValueError(f"is larger than {megabytes(MAX_BYTES)}, so it is not read as a feed")
    if _DECLARATION.search(body):
        raise ValueError("declares entities, which no feed needs")
    if _longest_tag(body) > _MAX_TAG:
        raise ValueError("holds a tag of more than 20 kB, so it is not read as a feed")
    if _longest_name(body) > _MAX_NAME:
        raise ValueError("holds a name of more than 1 kB, so it is not read as a feed")
    if len(body) > MAX_MENDED_BYTES and not _is_well_formed(body):
        raise ValueError(f"is broken and larger than {megabytes(MAX_MENDED_BYTES)}, so it is not read as a feed")
    from xml.sax import SAXException

    import feedparser

    # A stream, because feedparser takes bytes for an address or the name of a file. Cleaning HTML is parse's work.
    read = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-location": base, "content-type": "application/xml"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not read.get("version") and not read.entries:
        raise ValueError("is no feed")
    about: Mapping[str, Any] = read.feed
    notes = []
    if isinstance(read.get("bozo_exception"), SAXException):
        notes.append("is not well-formed; read as far as it goes")
    return Feed(
        title=_plain(about.get("title")),
        language=_plain(about.get("language")),
        entries=tuple(_entry(found, base) for found in read.entries[:MAX_ENTRIES]),
        left_out=max(0, len(read.entries) - MAX_ENTRIES),
        notes=tuple(notes),
    )


def _is_well_formed(body: bytes) -> bool:
    """Whether a strict reader comes to the end; it knows no entities, which were refused before."""
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return True


def _longest_tag(body: bytes) -> int:
    """The longest stretch from a `<` to the `>` after it, comments and sections of text left out."""
    longest, place = 0, body.find(b"<")
    while place >= 0:
        if body.startswith(b"<![CDATA[", place):
            end = body.find(b"]]>", place)
        elif body.startswith(b"<!--", place):
            end = body.find(b"-->", place)
        else:
            end = body.find(b">", place)
            longest = max(longest, (end if end >= 0 else len(body)) - place)
        if end < 0:
            break
        place = body.find(b"<", end)
    return longest


def _longest_name(body: bytes) -> int:
    """The longest stretch from the start of an element that names somebody to its end."""
    longest, lowered = 0, body.lower()
    ends: dict[bytes, int] = {}
    for found in _NAMING.finditer(lowered):
        end = ends.get(found[1], 0)
        if end < found.end():
            # What is searched for every kind of element goes forward only, so each is looked for in linear time.
            end = _closing(lowered, found[1], found.end())
            ends[found[1]] = end
        longest = max(longest, end - found.end())
    return longest


def _closing(body: bytes, name: bytes, start: int) -> int:
    """Where the next end tag of elements called `name`, under any prefix, begins; the end of `body` without one."""
    found = re.compile(rb"</(?:[\w.-]{1,40}:)?" + name + rb"\s{0,9}>").search(body, start)
    return found.start() if found else len(body)


def _entry(found: Mapping[str, Any], base: str) -> Entry:
    texts = [part.get("value") for part in (found.get("content") or ()) if isinstance(part, dict)]
    texts.append(found.get("summary"))
    return Entry(
        link=_address(found.get("link"), base),
        guid=_plain(found.get("id")),
        title=_plain(found.get("title")),
        published=_date(found, "published"),
        updated=_date(found, "updated"),
        authors=_authors(found),
        language=_plain((found.get("title_detail") or {}).get("language")),
        outlet=_plain((found.get("source") or {}).get("title")),
        content=max((text for text in texts if isinstance(text, str)), key=len, default="")[:_MAX_CONTENT],
    )


def _authors(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of people, without their addresses. feedparser cuts an address after the fourth letter of its last part,
    and what it cuts off goes into the name; the string as written is read instead."""
    names: dict[str, None] = {}
    for person in (found.get("authors") or ())[:_MAX_PEOPLE]:
        whole, address = _plain(person.get("name")), _plain(person.get("email"))
        written = _plain(found.get("author"))
        if address and written.partition(address)[2][:1].isalnum():
            whole = written
        inside = _IN_PARENTHESES.search(whole) if "@" in whole else None
        name = _WITH_ADDRESS.sub("", inside[1] if inside else whole).strip(" ,;()<>")
        if name:
            names[name] = None
    return tuple(names)


def _plain(written: object) -> str:
    """One line of text without markup; titles come escaped once or twice."""
    if not isinstance(written, str):
        return ""
    text = html.unescape(_TAG.sub("", html.unescape(written[: 4 * _MAX_TEXT])))
    return " ".join(text.split())[:_MAX_TEXT]


def _address(written: object, base: str) -> str:
    written = written.strip() if isinstance(written, str) else ""
    if not written or len(written) > _MAX_ADDRESS or len(written.split()) > 1:
        return ""
    try:
        if written.lower().startswith(("http://", "https://")) and not urlsplit(written).hostname:
            return ""
        return urljoin(base, written)
    except ValueError:  # brackets that close no IPv6 address
        return ""


def _date(found: Mapping[str, Any], name: str) -> str:
    # feedparser answers a question for `updated` with `published` where there is no `updated`; `in` tells.
    return _plain(found[name]) if name in found and isinstance(found[name], str) else ""

"""Feeds (RSS, RDF, Atom, JSON Feed): their entries for the crawler, and feed files as containers of pages."""

import codecs
import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

from msgspec import Struct

from searchkit.crawl.base import MEGABYTE, Damaged, FileOptions, Noted, Part, PartAddresses, Refused, megabytes
from searchkit.crawl.media_types import HTML
from searchkit.crawl.web.addresses import canonical_or_empty
from searchkit.files import parse_json
from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.stated import parse_stated

# News feeds stay below 1 MB; with hundreds of full texts they are larger. feedparser takes up to 5 seconds for a
# megabyte of broken XML.
MAX_BYTES = 10 * MEGABYTE
MAX_BROKEN_BYTES = MEGABYTE
MAX_ENTRIES = 5_000
_MAX_TEXT = 1_000
_OPENING_WORDS = 8
_MAX_CONTENT = 2 * MEGABYTE
_MAX_ADDRESS = 2_000
_MAX_PEOPLE = 20
# Longer tags stall parsers.
_MAX_TAG = 20_000
# feedparser looks for e-mail addresses in names in quadratic time: 76 seconds for 180 kB of "U.S.A.".
_MAX_NAME = 1_000
_NAME_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(author|creator|managingeditor|webmaster|publisher|owner|contributor|name|email|ur[il]|homepage)"
    rb"(?:\s[^>]{0,2000})?>",
    re.IGNORECASE,
)
_SNIFFED = 2_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE[^>\[]{0,400}\[|ENTITY)", re.IGNORECASE)
# Declared encodings and those in use, which have the characters that vendors added.
_IN_USE = {
    b"shift_jis": b"cp932",
    b"euc-kr": b"cp949",
    b"gb2312": b"gb18030",
    b"gbk": b"gb18030",
    b"big5": b"big5hkscs",
}
_DECLARED = re.compile(
    rb"(<\?xml\s[^<>]{0,100}encoding\s{0,4}=\s{0,4}[\"'])(" + b"|".join(_IN_USE) + rb")(?=[\"'])", re.IGNORECASE
)
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(?:rss|RDF|feed)[\s>]")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,200}\{")
_JSON_VERSION = re.compile(rb"\"version\"\s{0,9}:\s{0,9}\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version")
_TAG = re.compile(r"<[/!?A-Za-z][^<>]{0,400}>")
# RSS writes a person as `desk@ledger.example (Jo Belden)` or `Jo Belden <desk@ledger.example>`.
_IN_PARENTHESES = re.compile(r"\(([^()]{1,200})\)")
_EMAIL = re.compile(r"[(<\[]?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}[)>\]]?")


class Entry(Struct, frozen=True, kw_only=True):
    """An entry of a feed, with dates as written; `content` is its longest text, as HTML.

    `link` is absolute or empty; `guid` identifies the entry in its feed; `outlet` is the feed it was copied from.
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
    """A feed with at most MAX_ENTRIES entries; `omitted` is the number of further entries."""

    title: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    omitted: int = 0


def is_feed(body: bytes) -> bool:
    """Return whether bytes begin like a feed."""
    return _ROOT.search(body[:_SNIFFED]) is not None or _is_json_feed(body)


def _is_json_feed(body: bytes) -> bool:
    return _JSON.match(body) is not None and _JSON_VERSION.search(body[:MAX_BYTES]) is not None


def parse_feed(body: bytes, base: str) -> Feed:
    """Parse a feed that was fetched from the address `base`, as far as its XML is intact.

    Raise ValueError with a one-line reason if it is not a feed, exceeds a limit, or declares entities.
    """
    if body.startswith(_WIDE):
        body = body.decode("utf-16", "replace").encode()
    body = _DECLARED.sub(_with_vendor_characters, body[:_SNIFFED], count=1) + body[_SNIFFED:]
    if not is_feed(body):
        raise ValueError("not a feed")
    if len(body) > MAX_BYTES:
        raise ValueError(f"is larger than {megabytes(MAX_BYTES)}, the limit for feeds")
    if _is_json_feed(body):
        return _parse_json_feed(body, base)
    if _DECLARATION.search(body):
        raise ValueError("contains entity declarations, which are not allowed in feeds")
    if _longest_tag(body) > _MAX_TAG:
        raise ValueError("contains a tag of more than 20 kB")
    if _longest_name(body) > _MAX_NAME:
        raise ValueError("contains a name of more than 1 kB")
    if len(body) > MAX_BROKEN_BYTES and not _is_well_formed(body):
        raise ValueError(f"is broken XML of more than {megabytes(MAX_BROKEN_BYTES)}")
    import feedparser  # most commands read no feed

    # A stream, because feedparser takes bytes for an address or a file name. Parse cleans the HTML.
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-location": base, "content-type": "application/xml"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not parsed.get("version") and not parsed.entries:
        raise ValueError("not a feed")
    about: Mapping[str, Any] = parsed.feed
    return Feed(
        title=_plain(about.get("title")),
        language=_plain(about.get("language")),
        entries=tuple(_entry(entry) for entry in parsed.entries[:MAX_ENTRIES]),
        omitted=max(0, len(parsed.entries) - MAX_ENTRIES),
    )


def _parse_json_feed(body: bytes, base: str) -> Feed:
    """Parse a JSON Feed (jsonfeed.org, versions 1 and 1.1). Raise ValueError if it is not JSON."""
    try:
        about = parse_json(body.removeprefix(codecs.BOM_UTF8))
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from error
    items = about.get("items")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return Feed(
        title=_plain(about.get("title")),
        language=_plain(about.get("language")),
        entries=tuple(_json_entry(item, base) for item in items[:MAX_ENTRIES]),
        omitted=max(0, len(items) - MAX_ENTRIES),
    )


def _json_entry(item: Mapping[str, Any], base: str) -> Entry:
    people = item.get("authors") or [item.get("author")]
    people = people if isinstance(people, list) else []
    names = (_plain(person.get("name")) for person in people[:_MAX_PEOPLE] if isinstance(person, dict))
    link, text = item.get("url"), item.get("content_html") or item.get("content_text")
    return Entry(
        link=_address(canonical_or_empty(link, base) if isinstance(link, str) else ""),
        guid=_plain(item.get("id")),
        title=_plain(item.get("title")),
        published=_plain(item.get("date_published")),
        updated=_plain(item.get("date_modified")),
        authors=tuple(filter(None, names)),
        language=_plain(item.get("language")),
        content=text[:_MAX_CONTENT] if isinstance(text, str) else "",
    )


def _with_vendor_characters(declaration: re.Match[bytes]) -> bytes:
    """Return an XML declaration that names the encoding in use, as browsers read it: cp932 instead of Shift_JIS."""
    return declaration[1] + _IN_USE[declaration[2].lower()]


def _is_well_formed(body: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return True


def _longest_tag(body: bytes) -> int:
    """Return the longest stretch from a `<` to the next `>`, except in comments and CDATA sections."""
    longest, start = 0, body.find(b"<")
    while start >= 0:
        if body.startswith(b"<![CDATA[", start):
            end = body.find(b"]]>", start)
        elif body.startswith(b"<!--", start):
            end = body.find(b"-->", start)
        else:
            end = body.find(b">", start)
            longest = max(longest, (end if end >= 0 else len(body)) - start)
        if end < 0:
            break
        start = body.find(b"<", end)
    return longest


def _longest_name(body: bytes) -> int:
    """Return the longest stretch from the start of an element that names a person to its end, in linear time."""
    longest, lowered = 0, body.lower()
    ends: dict[bytes, int] = {}
    for element in _NAME_ELEMENT.finditer(lowered):
        end = ends.get(element[1], 0)
        if end < element.end():
            closing = re.compile(rb"</(?:[\w.-]{1,40}:)?" + element[1] + rb"\s{0,9}>").search(lowered, element.end())
            end = ends[element[1]] = closing.start() if closing else len(lowered)
        longest = max(longest, end - element.end())
    return longest


def _entry(entry: Mapping[str, Any]) -> Entry:
    return Entry(
        link=_address(entry.get("link")),
        guid=_plain(entry.get("id")),
        title=_plain(entry.get("title")),
        published=_date(entry, "published"),
        updated=_date(entry, "updated"),
        authors=_authors(entry),
        language=_plain((entry.get("title_detail") or {}).get("language")),
        outlet=_plain((entry.get("source") or {}).get("title")),
        content=_content(entry)[:_MAX_CONTENT],
    )


def _content(entry: Mapping[str, Any]) -> str:
    """Return the longest text of an entry, below its standfirst: a summary that does not begin like a part of it."""
    parts = (part.get("value") for part in (entry.get("content") or ()) if isinstance(part, dict))
    summary = entry.get("summary")
    text = max((part for part in (*parts, summary) if isinstance(part, str)), key=len, default="")
    words = _plain(summary).split()
    if len(words) < _OPENING_WORDS or " ".join(words[:_OPENING_WORDS]) in _words(text[:_MAX_CONTENT]):
        return text
    return f"<p>{html.escape(_plain(summary))}</p>\n{text}"


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return names without e-mail addresses. feedparser truncates some addresses and appends the rest to the name; then
    the original string is used."""
    names: dict[str, None] = {}
    for person in (entry.get("authors") or ())[:_MAX_PEOPLE]:
        name, address = _plain(person.get("name")), _plain(person.get("email"))
        original = _plain(entry.get("author"))
        if address and original.partition(address)[2][:1].isalnum():
            name = original
        inner = _IN_PARENTHESES.search(name) if "@" in name else None
        name = _EMAIL.sub("", inner[1] if inner else name).strip(" ,;()<>")
        if name:
            names[name] = None
    return tuple(names)


def _plain(value: object) -> str:
    """Return one line of text without markup; titles are escaped once or twice."""
    if not isinstance(value, str):
        return ""
    return _words(value[: 4 * _MAX_TEXT])[:_MAX_TEXT]


def _words(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", html.unescape(markup))).split())


def _address(value: object) -> str:
    """Return an absolute address as feedparser resolved it; empty if it cannot be one."""
    address = value.strip() if isinstance(value, str) else ""
    if len(address) > _MAX_ADDRESS or len(address.split()) != 1:
        return ""
    try:
        return address if urlsplit(address).hostname or not address.lower().startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _date(entry: Mapping[str, Any], name: str) -> str:
    # feedparser returns `published` for a missing `updated`, but not for `in`.
    return _plain(entry[name]) if name in entry and isinstance(entry[name], str) else ""


def items(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused | Noted]:
    """Yield the items of a feed file as HTML pages, each named by its link, which is a claim, or its id.

    Raise Damaged if it cannot be read."""
    try:
        feed = parse_feed(part.stream.read(), part.uri)
    except ValueError as error:
        raise Damaged(str(error)) from error
    addresses = PartAddresses(part.uri)
    for entry in feed.entries:
        content = _markup(entry.content)
        link = entry.link if entry.link[:8].lower().startswith(("http://", "https://")) else ""
        uri = addresses.of(link or entry.guid, f"{entry.title}\n{content}".encode("utf-8", "replace"))
        page = content.encode("utf-8", "replace")
        if not page.strip():
            yield Refused(uri=uri, reason="has no text in the feed")
        elif len(page) > options.max_bytes:
            yield Refused(uri=uri, reason=f"is larger than {megabytes(options.max_bytes)}")
        else:
            yield Part(
                uri=uri,
                stream=io.BytesIO(page),
                declared=HTML,
                charset="utf-8",
                claim=link,
                defaults=_defaults(entry, feed, now),
                depth=part.depth + 1,
                size=len(page),
            )
    if feed.omitted:
        yield Refused(uri=part.uri, reason=f"{feed.omitted:,} further items were skipped")
    yield from addresses.note("item")


def _markup(content: str) -> str:
    """Return the text of an item as markup; each line of plain text becomes a paragraph."""
    if _TAG.search(content):
        return content
    lines = html.unescape(content).splitlines()
    return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line.strip())


def _defaults(entry: Entry, feed: Feed, now: datetime) -> dict[str, Any]:
    """Return what the feed states about an item, as fields of Article."""
    fields = {
        "title": entry.title,
        "byline": entry.authors,
        "outlet": entry.outlet or feed.title,
        "language": entry.language or feed.language,
        "published": _parse_date(entry.published, now),
        "updated": _parse_date(entry.updated, now),
    }
    return {key: value for key, value in fields.items() if value}


def _parse_date(written: str, now: datetime) -> PartialDate | None:
    return parse_stated(written, source="feed", today=now.date()) if written else None

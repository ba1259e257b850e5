"""Feeds (RSS, RDF, Atom, JSON Feed): their entries for the crawler, and feed files as containers of pages."""

import codecs
import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html.entities import name2codepoint
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from msgspec import Struct

from searchkit.crawl.base import MEGABYTE, Damaged, FileOptions, Part, PartAddresses, Refused, megabytes
from searchkit.crawl.media_types import HTML
from searchkit.crawl.web.addresses import canonical_or_empty
from searchkit.crawl.web.pages import Hint, stated_fields
from searchkit.files import parse_json

# News feeds stay below 1 MB; with hundreds of full texts they are larger.
MAX_BYTES = 10 * MEGABYTE
MAX_ENTRIES = 5_000
_MAX_TEXT = 1_000
_OPENING_WORDS = 8
_MAX_CONTENT = 2 * MEGABYTE
_MAX_ADDRESS = 2_000
_MAX_PEOPLE = 20
# The time for a tag grows with the square of the number of its attributes.
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{20000}")
_SNIFFED = 2_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE[^>\[]{0,400}\[|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"\s{0,200}<\?xml\s[^<>]{0,100}encoding\s{0,4}=\s{0,4}[\"']([A-Za-z0-9_.:-]{1,40})")
# Declared encodings and those in use, which have the characters that vendors added.
_IN_USE = {"shift_jis": "cp932", "euc-kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}
_AMPERSAND = re.compile(rb"&(?:([A-Za-z][A-Za-z0-9]{0,30});|(?!#x?[0-9A-Fa-f]{1,8};))")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(?:rss|RDF|feed)[\s>]")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,200}\{")
_JSON_VERSION = re.compile(rb"\"version\"\s{0,9}:\s{0,9}\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version")
_TAG = re.compile(r"<[/!?A-Za-z][^<>]{0,400}>")
# The elements of pictures and recordings have the names of those of the entry.
_OTHER_NAMESPACES = ("{http://search.yahoo.com/mrss/}", "{http://www.itunes.com/")
_FIELDS = {
    **dict.fromkeys(("guid", "id"), "guid"),
    **dict.fromkeys(("pubDate", "published", "issued"), "published"),
    **dict.fromkeys(("updated", "modified", "date"), "updated"),
    "title": "title",
}
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

    def hint(self, entry: Entry) -> Hint:
        """Return what the feed states about an entry."""
        hint = {
            "by": "feed",
            "title": entry.title,
            "published": entry.published,
            "updated": entry.updated,
            "byline": "\n".join(entry.authors),
            "language": entry.language or self.language,
        }
        return {name: value for name, value in hint.items() if value}


def is_feed(body: bytes) -> bool:
    """Return whether bytes begin like a feed."""
    return _ROOT.search(body[:_SNIFFED]) is not None or _is_json_feed(body)


def _is_json_feed(body: bytes) -> bool:
    return _JSON.match(body) is not None and _JSON_VERSION.search(body[:MAX_BYTES]) is not None


def parse_feed(body: bytes, base: str) -> Feed:
    """Parse a feed that was fetched from the address `base`, as far as its XML is intact.

    Raise ValueError with a one-line reason if it is not a feed, exceeds a limit, or declares entities.
    """
    body = _as_utf8(body)
    if not is_feed(body):
        raise ValueError("not a feed")
    if len(body) > MAX_BYTES:
        raise ValueError(f"is larger than {megabytes(MAX_BYTES)}, the limit for feeds")
    if _is_json_feed(body):
        return _parse_json_feed(body, base)
    if _DECLARATION.search(body):
        raise ValueError("contains entity declarations, which are not allowed in feeds")
    if _LONG_TAG.search(body):
        raise ValueError("contains a tag of more than 20 kB")
    # Without huge_tree, lxml limits depth and text size.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_repaired(body), parser, base_url=base)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise ValueError("not a feed")
    about = next(root.iterchildren("{*}channel"), root)
    entries = list(root.iter("{*}item", "{*}entry"))
    return Feed(
        title=_plain(_child_text(about, "title")),
        language=_plain(_child_text(about, "language") or _language(about)),
        entries=tuple(map(_entry, entries[:MAX_ENTRIES])),
        omitted=max(0, len(entries) - MAX_ENTRIES),
    )


def _as_utf8(body: bytes) -> bytes:
    """Return a feed in UTF-8, as browsers read it: cp932 instead of Shift_JIS."""
    declared = _DECLARED.match(body)
    label = declared[1].decode().lower() if declared else "utf-8"
    for codec in ("utf-16",) if body.startswith(_WIDE) else (_IN_USE.get(label, label), "utf-8", "cp1252"):
        try:
            return body.decode(codec).removeprefix("\ufeff").encode("utf-8", "replace")
        except (ValueError, LookupError):
            continue
    return body.decode("utf-8", "replace").encode()


def _repaired(body: bytes) -> bytes:
    """Return XML in which a name of HTML (`&nbsp;`) is a number, and an ampersand before anything else is escaped."""
    first, *sections = body.split(_CDATA)
    parts = [_AMPERSAND.sub(_reference, first)]
    for section in sections:
        data, end, rest = section.partition(_CDATA_END)
        parts.append(data + end + _AMPERSAND.sub(_reference, rest))
    return _CDATA.join(parts)


def _reference(ampersand: re.Match[bytes]) -> bytes:
    name = (ampersand[1] or b"").decode()
    if name in _XML_NAMES:
        return ampersand[0]
    return b"&#%d;" % name2codepoint[name] if name in name2codepoint else ampersand[0].replace(b"&", b"&amp;")


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
        link=canonical_or_empty(link, base) if isinstance(link, str) else "",
        guid=_plain(item.get("id")),
        title=_plain(item.get("title")),
        published=_plain(item.get("date_published")),
        updated=_plain(item.get("date_modified")),
        authors=tuple(filter(None, names)),
        language=_plain(item.get("language")),
        content=text[:_MAX_CONTENT] if isinstance(text, str) else "",
    )


def _child_text(element: etree._Element, name: str) -> str:
    child = next(element.iterchildren(f"{{*}}{name}"), None)
    return _text(child) if child is not None else ""


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def _entry(element: etree._Element) -> Entry:
    fields: dict[str, str] = {}
    authors: dict[str, None] = {}
    texts: list[str] = []
    summary = link = outlet = ""
    for child in element:
        tag = str(child.tag)
        name = tag.rpartition("}")[2]
        if tag.startswith(_OTHER_NAMESPACES):
            continue
        if name in _FIELDS:
            fields.setdefault(_FIELDS[name], _text(child))
        elif name == "link" and child.get("rel", "alternate") == "alternate":
            link = link or _link(child.get("href") or _text(child), child)
        elif name in {"author", "creator"}:
            people = [_text(person) for person in child.iterchildren("{*}name")] or [_text(child)]
            authors.update(dict.fromkeys(map(_person, people[:_MAX_PEOPLE])))
        elif name in {"description", "summary", "encoded", "content", "body"}:
            texts.append(_markup_of(child))
            summary = texts[-1] if name in {"description", "summary"} else summary
        elif name == "source":
            outlet = _child_text(child, "title") or _text(child)
    guid = next(element.iterchildren("{*}guid"), None)
    if not link and guid is not None and guid.get("isPermaLink") != "false":
        link = _link(_text(guid), guid)
    return Entry(
        link=link,
        authors=tuple(filter(None, list(authors)[:_MAX_PEOPLE])),
        language=_plain(_language(element)),
        outlet=_plain(outlet),
        content=_content(texts, summary)[:_MAX_CONTENT],
        **{name: _plain(text) for name, text in fields.items()},
    )


def _language(element: etree._Element) -> str:
    return str(element.xpath("string(ancestor-or-self::*[@xml:lang][1]/@xml:lang)"))


def _link(written: str, element: etree._Element) -> str:
    try:
        address = urljoin(element.base or "", written.strip())
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme in {"http", "https"} and parts.hostname
    return address if is_web and len(address) <= _MAX_ADDRESS and len(address.split()) == 1 else ""


def _markup_of(element: etree._Element) -> str:
    inner = (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return "".join((element.text or "", *inner)).strip()


def _content(texts: list[str], summary: str) -> str:
    """Return the longest text of an entry, below its standfirst: a summary that does not begin like a part of it."""
    text = max(texts, key=len, default="")
    words = _plain(summary).split()
    if len(words) < _OPENING_WORDS or " ".join(words[:_OPENING_WORDS]) in _words(text[:_MAX_CONTENT]):
        return text
    return f"<p>{html.escape(_plain(summary))}</p>\n{text}"


def _person(written: str) -> str:
    name = _plain(written)
    inner = _IN_PARENTHESES.search(name) if "@" in name else None
    return _EMAIL.sub("", inner[1] if inner else name).strip(" ,;()<>")


def _plain(value: object) -> str:
    """Return one line of text without markup; titles are escaped once or twice."""
    if not isinstance(value, str):
        return ""
    return _words(value[: 4 * _MAX_TEXT])[:_MAX_TEXT]


def _words(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", html.unescape(markup))).split())


def items(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """Yield the items of a feed file as HTML pages, each named by its link, which is a claim, or its id.

    Raise Damaged if it cannot be read."""
    try:
        feed = parse_feed(part.stream.read(), part.uri)
    except ValueError as error:
        raise Damaged(str(error)) from error
    addresses = PartAddresses(part.uri)
    for entry in feed.entries:
        content = _markup(entry.content)
        uri = addresses.of(entry.link or entry.guid, f"{entry.title}\n{content}".encode("utf-8", "replace"))
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
                claim=entry.link,
                defaults=stated_fields({**feed.hint(entry), "outlet": entry.outlet or feed.title}, now.date()),
                depth=part.depth + 1,
                size=len(page),
            )
    if feed.omitted:
        yield Refused(uri=part.uri, reason=f"{feed.omitted:,} further items were skipped")


def _markup(content: str) -> str:
    """Return the text of an item as markup; each line of plain text becomes a paragraph."""
    if _TAG.search(content):
        return content
    lines = html.unescape(content).splitlines()
    return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line.strip())

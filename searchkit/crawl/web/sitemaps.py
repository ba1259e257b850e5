"""Sitemaps (sitemaps.org 0.9): lists of pages, lists of such lists, news sitemaps with what they say of articles."""

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from msgspec import Struct

from searchkit.crawl.base import MEGABYTE, megabytes

if TYPE_CHECKING:
    from lxml.etree import _Element

# What the protocol allows in one sitemap.
MAX_BYTES = 50 * MEGABYTE
MAX_ENTRIES = 50_000
_MAX_ADDRESS = 2_000
_GZIP = b"\x1f\x8b"
_SNIFFED = 2_000
_DECLARATION = re.compile(rb"<!(?:DOCTYPE[^>\[]{0,400}\[|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(?:urlset|sitemapindex)[\s>]")
_ADDRESS_LINE = re.compile(rb"https?://[^\s<>\"]{1,2000}")


class News(Struct, frozen=True, kw_only=True):
    """What a news sitemap says of an article, as written there."""

    title: str = ""
    published: str = ""
    outlet: str = ""
    language: str = ""


class Listed(Struct, frozen=True, kw_only=True):
    """One address of a sitemap, with the time of its last change as written there."""

    url: str
    modified: str = ""
    news: News | None = None


class Sitemap(Struct, frozen=True, kw_only=True):
    """What a sitemap leads to: `pages`, and `parts` that are sitemaps themselves. `notes` says what was left out."""

    pages: tuple[Listed, ...] = ()
    parts: tuple[Listed, ...] = ()
    notes: tuple[str, ...] = ()


def is_sitemap(body: bytes) -> bool:
    """Whether bytes begin as a sitemap in XML does, compressed or not."""
    return _ROOT.search(_head(body)) is not None


def read(body: bytes, base: str) -> Sitemap:
    """The sitemap in `body`, which came from the address `base`: XML or one address a line, gzip or not.

    Broken XML is read as far as it goes. ValueError, with one line of why, for what is no sitemap, is larger than the
    protocol allows, or declares entities, which no sitemap needs and attacks do.
    """
    if body.startswith(_GZIP):
        body = _unzipped(body)
    if len(body) > MAX_BYTES:
        raise ValueError(f"is larger than {megabytes(MAX_BYTES)}, which no sitemap may be")
    if _ROOT.search(body[:_SNIFFED]):
        if _DECLARATION.search(body):
            raise ValueError("declares entities, which no sitemap needs")
        return _from_xml(body, base)
    return _from_lines(body)


def _head(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body[:_SNIFFED]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body[:_SNIFFED], _SNIFFED)
    except zlib.error:
        return b""


def _unzipped(body: bytes) -> bytes:
    """One layer of gzip less; what is truncated as far as it goes. ValueError for damage and for bombs."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = stream.decompress(body, MAX_BYTES + 1)
    except zlib.error:
        raise ValueError("is damaged gzip") from None
    return whole


def _from_lines(body: bytes) -> Sitemap:
    """A sitemap of plain lines: every one is an address."""
    pages: list[Listed] = []
    for line in io.BytesIO(body.removeprefix(b"\xef\xbb\xbf")):
        written = line.strip()
        if not written:
            continue
        if not _ADDRESS_LINE.fullmatch(written):
            raise ValueError("is no sitemap")
        if len(pages) == MAX_ENTRIES:
            return Sitemap(pages=tuple(pages), notes=(_TOO_MANY,))
        pages.append(Listed(url=written.decode("utf-8", "replace")))
    if not pages:
        raise ValueError("is no sitemap")
    return Sitemap(pages=tuple(pages))


_TOO_MANY = f"lists more than {MAX_ENTRIES:,} addresses; the rest is not read"


def _from_xml(body: bytes, base: str) -> Sitemap:
    found: dict[str, list[Listed]] = {"url": [], "sitemap": []}
    notes: tuple[str, ...] = ()
    for element in _elements(body):
        kind = _local(element)
        listed = _listed(element, base)
        if listed is None:
            continue
        if len(found["url"]) + len(found["sitemap"]) == MAX_ENTRIES:
            notes = (_TOO_MANY,)
            break
        found[kind].append(listed)
    return Sitemap(pages=tuple(found["url"]), parts=tuple(found["sitemap"]), notes=notes)


def _elements(body: bytes) -> Iterator["_Element"]:
    """Every `url` and `sitemap` of the document, each let go of before the next."""
    from lxml import etree

    reader = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        tag=("{*}url", "{*}sitemap", "url", "sitemap"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in reader:
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and (earlier := element.getprevious()) is not None:
                parent.remove(earlier)
    except etree.XMLSyntaxError:
        return  # what is broken beyond recovery ends here


def _local(element: "_Element") -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _listed(element: "_Element", base: str) -> Listed | None:
    address = modified = ""
    news: News | None = None
    for child in element:
        name = _local(child)
        if name == "loc":
            address = _text(child)
        elif name == "lastmod":
            modified = _text(child)
        elif name == "news":
            news = _news(child)
    if not address or len(address) > _MAX_ADDRESS:
        return None
    try:
        address = urljoin(base, address)
    except ValueError:  # brackets that close no IPv6 address
        return None
    return Listed(url=address, modified=modified, news=news)


def _news(element: "_Element") -> News:
    said: dict[str, str] = {}
    for child in element:
        if _local(child) == "publication":
            said |= {f"publication {_local(part)}": _text(part) for part in child}
        else:
            said[_local(child)] = _text(child)
    return News(
        title=said.get("title", ""),
        published=said.get("publication_date", ""),
        outlet=said.get("publication name", ""),
        language=said.get("publication language", ""),
    )


def _text(element: "_Element") -> str:
    return " ".join((element.text or "")[: 2 * _MAX_ADDRESS].split())

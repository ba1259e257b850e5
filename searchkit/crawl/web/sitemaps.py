"""Sitemaps (sitemaps.org 0.9): lists of pages, lists of sitemaps, and news sitemaps."""

import io
import re
import zlib
from collections.abc import Iterator, Mapping

from lxml import etree
from msgspec import Struct, field

from searchkit.crawl.base import MEGABYTE, megabytes

# Limits of the protocol.
MAX_BYTES = 50 * MEGABYTE
MAX_ENTRIES = 50_000
_MAX_ADDRESS = 2_000
_GZIP = b"\x1f\x8b"
_SNIFFED = 2_000
_DECLARATION = re.compile(rb"<!(?:DOCTYPE[^>\[]{0,400}\[|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(?:urlset|sitemapindex)[\s>]")
_NEWS = {
    "title": "{*}news/{*}title",
    "published": "{*}news/{*}publication_date",
    "outlet": "{*}news/{*}publication/{*}name",
    "language": "{*}news/{*}publication/{*}language",
}
_ADDRESS_LINE = re.compile(rb"https?://[^\s<>\"]{1,2000}")


class Listed(Struct, frozen=True, kw_only=True):
    """An address in a sitemap, with its last change, both as written. `news` has what a news sitemap states about the
    article, as written: `title`, `published`, `outlet`, `language`."""

    url: str
    modified: str = ""
    news: Mapping[str, str] = field(default_factory=dict)


class Sitemap(Struct, frozen=True, kw_only=True):
    """The pages of a sitemap, and the sitemaps it lists, MAX_ENTRIES together."""

    pages: tuple[Listed, ...] = ()
    parts: tuple[Listed, ...] = ()


def is_sitemap(body: bytes) -> bool:
    """Return whether bytes begin like a sitemap in XML, compressed or not."""
    head = body[:_SNIFFED]
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _SNIFFED)
        except zlib.error:
            return False
    return _ROOT.search(head) is not None


def parse_sitemap(body: bytes) -> Sitemap:
    """Parse a sitemap in XML or with an address per line, compressed or not.

    Broken XML is read as far as possible. Raise ValueError with a one-line reason if it is not a sitemap, exceeds the
    limits of the protocol, or declares entities.
    """
    if body.startswith(_GZIP):
        try:
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, MAX_BYTES + 1)
        except zlib.error:
            raise ValueError("damaged gzip data") from None
    if len(body) > MAX_BYTES:
        raise ValueError(f"is larger than {megabytes(MAX_BYTES)}, the limit for sitemaps")
    if _ROOT.search(body[:_SNIFFED]):
        if _DECLARATION.search(body):
            raise ValueError("contains entity declarations, which are not allowed in sitemaps")
        return _from_xml(body)
    return _from_lines(body)


def _from_lines(body: bytes) -> Sitemap:
    pages: list[Listed] = []
    for line in io.BytesIO(body.removeprefix(b"\xef\xbb\xbf")):
        address = line.strip()
        if address and not _ADDRESS_LINE.fullmatch(address):
            raise ValueError("not a sitemap")
        if address:
            pages.append(Listed(url=address.decode("utf-8", "replace")))
        if len(pages) == MAX_ENTRIES:
            break
    if not pages:
        raise ValueError("not a sitemap")
    return Sitemap(pages=tuple(pages))


def _from_xml(body: bytes) -> Sitemap:
    entries: dict[str, list[Listed]] = {"url": [], "sitemap": []}
    for element in _elements(body):
        listed = _listed(element)
        if listed is None:
            continue
        if len(entries["url"]) + len(entries["sitemap"]) == MAX_ENTRIES:
            break
        entries[element.tag.rpartition("}")[2]].append(listed)
    return Sitemap(pages=tuple(entries["url"]), parts=tuple(entries["sitemap"]))


def _elements(body: bytes) -> Iterator[etree._Element]:
    """Yield every `url` and `sitemap` element; free each before the next."""
    reader = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
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
        return  # broken beyond recovery


def _listed(element: etree._Element) -> Listed | None:
    address = _text(element, "{*}loc")
    if not address or len(address) > _MAX_ADDRESS:
        return None
    news = {name: text for name, path in _NEWS.items() if (text := _text(element, path))}
    return Listed(url=address, modified=_text(element, "{*}lastmod"), news=news)


def _text(element: etree._Element, path: str) -> str:
    return " ".join((element.findtext(path) or "")[: 2 * _MAX_ADDRESS].split())

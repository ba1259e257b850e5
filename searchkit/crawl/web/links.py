"""Links of an HTML page, and what it asks of crawlers: one scan over its tags, for the walk over a site.

This is no parser: it knows where tags begin and end, comments and scripts, and nothing of the tree. That finds nearly
every link that a browser would find, a few that it would not, and costs a tenth of parsing.
"""

import codecs
import html
import re
from urllib.parse import urljoin

from msgspec import Struct

MAX_LINKS = 2_000
_MAX_ADDRESS = 2_000
_MAX_TAG = 4_000
_MAX_BYTES = 5 * 1024 * 1024
# Every tag of interest in one pattern; what ends elsewhere (comments, scripts) is skipped by hand.
_TAG = re.compile(
    rb"<(?:(!--)|(script|style|template|textarea|title|noscript)(?=[\s/>])|(a|link|meta|base|p|h[2-4])(?=[\s/>]))",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    rb"([a-zA-Z][\w:-]{0,40})\s{0,20}=\s{0,20}(?:\"([^\"]{0,4000})\"|'([^']{0,4000})'|([^\s\"'>]{1,4000}))"
)
# A paragraph of prose is longer than this, a teaser on a section page seldom.
_PROSE = 200
# A section page is a row of headings that are links, each with a teaser or none. Beside an article there is such a row
# too, of related stories; but its own text, of more bytes than these, stands before the row or after it.
_TEASERS = 4
_INTRODUCTION = 300
_TEASER = 700
_MAX_HEADING = 1_000
_LINK = re.compile(rb"<a[\s>]", re.IGNORECASE)
# What a page of an article says of itself in JSON-LD; lists of articles say og:type website, which goes before.
_ARTICLE = re.compile(rb"\"@type\"\s{0,9}:\s{0,9}\[?\s{0,9}\"(?:\w{0,30}Article|\w{0,20}BlogPosting|Report)\"")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})


class Links(Struct, frozen=True, kw_only=True):
    """What an HTML page leads to, as absolute addresses: `pages` without those it marks nofollow, `feeds`, `canonical`.

    `noindex` and `nofollow` are what it asks of crawlers. `prose` is about how many bytes stand in paragraphs longer
    than a teaser. `teasers` is whether it has a row of linked headings and no text of its own. `article` is whether it
    calls itself one.
    """

    pages: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False
    nofollow: bool = False
    prose: int = 0
    teasers: bool = False
    article: bool = False

    @property
    def leads_on(self) -> bool:
        """Whether this is mainly a list of other pages: a front page, a section, an archive."""
        # An article has 40 links around it and 2,000 bytes of prose; a section page has the links and no prose.
        return len(self.pages) >= 10 and self.prose < 40 * len(self.pages)

    @property
    def is_list(self) -> bool:
        """Whether this is a list of other pages and no article."""
        return (self.leads_on or self.teasers) and not self.article


def links(body: bytes, base: str, *, agent: str = "searchkit") -> Links:
    """The links of the page `body`, which came from the address `base`; `agent` is the name its meta tags may use."""
    if body.startswith(_WIDE):
        body = body.decode("utf-16", "replace").encode()
    body = body[:_MAX_BYTES]
    pages: dict[str, None] = {}
    feeds: dict[str, None] = {}
    canonical, orders, prose = "", set[str](), 0
    paragraph = -1
    anchor = -1
    # Bytes in paragraphs before the first heading that is a link, and behind each.
    stretches = [0]
    place = 0
    based = False
    kind = ""
    while found := _TAG.search(body, place):
        place = found.end()
        if found[1]:
            place = _after(body, b"-->", place)
            continue
        if found[2]:
            place = _after_element(body, found[2], place)
            continue
        name = found[3].lower()
        end = body.find(b">", place)
        if end < 0:
            break
        if name == b"p" or name[:1] == b"h":
            length = _paragraph(paragraph, found.start(), body)
            prose += length if length >= _PROSE else 0
            stretches[-1] += length
            place = end
            paragraph = end if name == b"p" else -1
            if name != b"p" and _is_linked(body, found.start(), end, anchor):
                stretches.append(0)
            continue
        attributes = _attributes(body[place : min(end, place + _MAX_TAG)])
        place = end
        if name == b"a":
            anchor = end
            if len(pages) < MAX_LINKS and "nofollow" not in attributes.get("rel", "").lower():
                pages[attributes.get("href", "")] = None
        elif name == b"link":
            relations = attributes.get("rel", "").lower().split()
            if "canonical" in relations and not canonical:
                canonical = attributes.get("href", "")
            elif "alternate" in relations and _is_news_feed(attributes):
                feeds[attributes.get("href", "")] = None
        elif name == b"meta":
            if attributes.get("name", "").lower() in {"robots", agent}:
                orders.update(attributes.get("content", "").lower().replace(",", " ").split())
            elif attributes.get("property", "").lower() == "og:type":
                kind = kind or attributes.get("content", "").lower()
        elif not based and attributes.get("href"):
            based, base = True, _joined(base, attributes["href"]) or base
    length = _paragraph(paragraph, len(body), body)
    prose += length if length >= _PROSE else 0
    stretches[-1] += length
    nofollow = not orders.isdisjoint({"nofollow", "none"})
    return Links(
        pages=() if nofollow else _absolute(pages, base),
        feeds=_absolute(feeds, base),
        canonical=_joined(base, canonical),
        noindex=not orders.isdisjoint({"noindex", "none"}),
        nofollow=nofollow,
        prose=prose,
        teasers=len(stretches) > _TEASERS and stretches[0] < _INTRODUCTION and max(stretches[1:]) < _TEASER,
        article=kind == "article" or (not kind and _ARTICLE.search(body) is not None),
    )


def _after(body: bytes, end: bytes, place: int) -> int:
    """The place behind `end`; that of an unclosed comment or script is the end of the page."""
    found = body.find(end, place)
    return found + len(end) if found >= 0 else len(body)


def _after_element(body: bytes, name: bytes, place: int) -> int:
    """The place behind the content of an element whose tags are no tags."""
    closing = _CLOSING[name.lower()].search(body, place)
    return closing.end() if closing else len(body)


_CLOSING = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"template", b"textarea", b"title", b"noscript")
}


def _attributes(written: bytes) -> dict[str, str]:
    """The attributes of a tag; of two with one name the first counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written):
        name = match[1].lower().decode("ascii", "replace")
        value = match[2] or match[3] or match[4] or b""
        found.setdefault(name, html.unescape(value.decode("utf-8", "replace")).strip())
    return found


def _is_news_feed(attributes: dict[str, str]) -> bool:
    """Whether this is a feed of articles. Feeds of comments name the same pages under other titles."""
    if attributes.get("type", "").lower().partition(";")[0].strip() not in _FEEDS:
        return False
    return not any("comment" in attributes.get(name, "").lower() for name in ("href", "title"))


def _paragraph(start: int, end: int, body: bytes) -> int:
    """How many bytes stand in the paragraph from `start`: up to its end tag."""
    if start < 0:
        return 0
    closing = body.find(b"</p", start, end)
    return (closing if closing >= 0 else min(end, start + 2_000)) - start


def _is_linked(body: bytes, start: int, end: int, anchor: int) -> bool:
    """Whether the heading whose tag stands from `start` to `end` is a link: holds one, or stands in the one whose tag
    ends at `anchor`."""
    closing = body.find(b"</h", end, end + _MAX_HEADING)
    if closing >= 0 and _LINK.search(body, end, closing):
        return True
    return anchor >= 0 and start - anchor < _MAX_HEADING and body.find(b"</a", anchor, start) < 0


def _absolute(written: dict[str, None], base: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for one in written if (address := _joined(base, one))))


def _joined(base: str, written: str) -> str:
    """An absolute web address; empty for another scheme, a place on the same page, and what is no address."""
    if not written or written[0] == "#" or len(written) > _MAX_ADDRESS:
        return ""
    if written[:8].lower().startswith(("http://", "https://")):
        return written
    if written[0] == "/" and written[1:2] != "/" and base[:4] == "http":
        # Most links of a site are of this form; joining them in general costs ten times as much.
        return "/".join(base.split("/", 3)[:3]) + written
    head = written.partition(":")[0]
    if len(head) < len(written) and head.isalpha():
        return ""
    try:
        return urljoin(base, written)
    except ValueError:  # brackets that close no IPv6 address
        return ""

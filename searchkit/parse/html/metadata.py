"""What a page says of its article: title, byline, outlet, address, dates, language.

Read by beautifulsoup4 from a reduced page (the pieces that `scan` set aside), which takes a quarter of the time of the
whole.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from searchkit.dates import PartialDate
from searchkit.parse.base import language_code, one_line, web_address
from searchkit.parse.byline import is_byline, is_label, is_paper, people, without_opening
from searchkit.parse.html import jsonld, page_dates
from searchkit.parse.html.outlets import country_of, name_of, outlet_of
from searchkit.parse.html.scan import Scan
from searchkit.parse.html.titles import agree, outlet_part, without_outlet
from searchkit.text import name_key

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag


class Metadata(Struct, frozen=True, kw_only=True):
    """Fields as in Article. `descriptions` are the sentences a page says it can be told by, `body` the text in JSON-LD.

    `is_news` when JSON-LD says that it is an article of the news kind, `free` whether it says that all may read it.
    """

    title: str | None = None
    byline: tuple[str, ...] = ()
    outlet: str | None = None
    canonical_url: str | None = None
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    descriptions: tuple[str, ...] = ()
    body: str = ""
    is_news: bool = False
    free: bool | None = None
    notes: tuple[str, ...] = ()


_AUTHORS = """
    author article:author og:article:author parsely-author sailthru.author dc.creator dcterms.creator dc.author byl
    citation_author authors article:author_name cxenseparse:author bt:author rnews:creator twitter:data1
""".split()
_OUTLETS = "og:site_name dc.publisher dcterms.publisher application-name publisher".split()
_TITLES = "og:title twitter:title parsely-title sailthru.title dc.title dcterms.title".split()

_BYLINE_CLASS = re.compile("byline|author", re.IGNORECASE)
_COMMENT_CLASS = re.compile("comment|reply|related|recirc|avatar|social", re.IGNORECASE)
# Where sites keep the page of a writer.
_PROFILE = re.compile(r"/(?:authors?|autor(?:en)?|auteurs?|journalists?|reporters?)/[^/]", re.IGNORECASE)
_PROFILES = 3
_SMALL_PIECES = 200_000


def _reduced(page: Scan) -> "BeautifulSoup":
    from bs4 import BeautifulSoup

    return BeautifulSoup("\n".join(page.pieces)[:_SMALL_PIECES], "lxml")


class _Elements:
    """The elements of a page, in order. Gone through once: each search through the page itself takes as long again."""

    def __init__(self, soup: "BeautifulSoup") -> None:
        self._all: list[Tag] = soup.find_all(True)

    def named(self, name: str) -> "list[Tag]":
        """Those of this kind."""
        return [element for element in self._all if element.name == name]

    def marked(self, *names: str) -> "list[Tag]":
        """Those that microdata say to be one of these properties."""
        return [element for element in self._all if element.get("itemprop") in names]

    def classed(self, pattern: re.Pattern[str]) -> "list[Tag]":
        """Those with a class like this."""
        return [element for element in self._all if pattern.search(" ".join(_words(element, "class")))]


def _words(element: "Tag", key: str) -> Sequence[str]:
    """What stands in an attribute that may hold several words."""
    found = element.get(key) or ()
    return found.split() if isinstance(found, str) else found


class _Metas:
    """The meta tags of a page by name, in order."""

    def __init__(self, elements: _Elements) -> None:
        self._values: dict[str, list[str]] = {}
        for meta in elements.named("meta"):
            content = meta.get("content")
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = meta.get(key)
                if isinstance(name, str) and isinstance(content, str) and content.strip():
                    prefix = "itemprop=" if key == "itemprop" else ""
                    self._values.setdefault(prefix + name.strip().lower(), []).append(content.strip())

    def all(self, names: Sequence[str]) -> Iterator[str]:
        """Every value of these names, in the order of the names."""
        for name in names:
            yield from self._values.get(name, ())

    def first(self, *names: str) -> str:
        """The first value of the first name that has one; empty when none has."""
        return next(self.all(names), "")


def _label(element: "Tag") -> str:
    """The machine-readable value of a microdata or time element, else its text."""
    for key in ("content", "datetime"):
        value = element.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return element.get_text(" ", strip=True)


def _outlet(soup: "BeautifulSoup", metas: _Metas, linked: jsonld.LinkedData, host: str) -> str:
    """Who published: as the page states it, as its title ends, or as its host is known."""
    stated = one_line(metas.first("og:site_name") or linked.publisher or metas.first(*_OUTLETS))
    if stated or outlet_of(host):
        return name_of(stated or "", host)
    found = outlet_part(one_line(soup.title.get_text()) or "", "", host) if soup.title is not None else None
    return found[1] if found else ""


def _shown(element: "Tag") -> str:
    """The text of an element as it stands on the page, on one line."""
    for br in element.find_all("br"):
        br.replace_with(" ")
    return one_line(element.get_text()) or ""


def _title(
    soup: "BeautifulSoup", elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, outlet: str, host: str
) -> str | None:
    """The heading of the page if what the page states about its title agrees with it, else what it states."""
    headings = [text for element in elements.named("h1") if (text := _shown(element))]
    headings = [text for text in headings if name_key(text) != name_key(outlet)]
    stated = [metas.first(*_TITLES), linked.headline, metas.first("itemprop=headline")]
    if soup.title is not None:
        stated.append(soup.title.get_text())
    titles = [title for written in stated if (title := one_line(written)) and name_key(title) != name_key(outlet)]
    for heading in headings:
        # Two words agree by chance with any title; a heading of one word is a section.
        if len(heading.split()) > 2 and any(agree(heading, title) for title in titles):
            return heading
    if titles:
        return without_outlet(titles[0], outlet, host, headings[0] if len(headings) == 1 else "")
    return headings[0] if headings else None


def _byline(
    page: Scan,
    lines: page_dates.VisibleLines,
    elements: _Elements,
    metas: _Metas,
    linked: jsonld.LinkedData,
    outlet: str,
) -> tuple[str, ...]:
    def believed(written: str) -> tuple[str, ...]:
        return tuple(name for name in people(written) if name_key(name) != name_key(outlet))

    # Of the writer of a personal site both names are the same.
    own = {name_key(outlet)} if not is_paper(outlet) else set()
    signed = [name for name in linked.persons if name_key(name) in own]
    stated = [tuple(name for one in linked.authors for name in (people(one) if one in signed else believed(one)))]
    stated.append(tuple(name for one in metas.all(_AUTHORS) for name in believed(one)))
    marked = elements.marked("author", "creator")
    stated.append(tuple(name for element in marked for name in believed(_author_of(element))))
    linked_authors = [element for element in elements.named("a") if "author" in _words(element, "rel")]
    stated.append(tuple(name for element in linked_authors for name in believed(element.get_text(" ", strip=True))))
    for element in elements.classed(_BYLINE_CLASS):
        if _COMMENT_CLASS.search(" ".join(_words(element, "class"))):
            continue
        text = " | ".join(element.stripped_strings)  # a name and a job in two spans are two things
        opened = without_opening(text)
        # Without `By`, only a whole name is believed: boxes of this class also hold labels of forms and sections.
        stated.append(_whole(believed(text)) if opened is None else believed(opened))
    found = next((tuple(dict.fromkeys(names)) for names in stated if names), ())
    if found:
        return found
    found = next((names for line in lines.all() if is_byline(line) and (names := _whole(believed(line)))), ())
    if found:
        return found
    profiles = (anchor.text for anchor in page.anchors if _PROFILE.search(anchor.target))
    found = tuple(dict.fromkeys(name for text in profiles for name in _whole(believed(text))))
    # More profiles than an article has authors are those of other stories: the first stands highest.
    return found if len(found) <= _PROFILES else found[:1]


def _whole(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of more than one word that are not shouted: what is left are labels and sections."""
    return tuple(name for name in names if " " in name and not name.isupper() and not is_label(name))


def _author_of(element: "Tag") -> str:
    name = element.find(itemprop="name")
    return _label(name if name is not None else element)


def _same_site(one: str, other: str) -> bool:
    hosts = [(urlsplit(address).hostname or "").removeprefix("www.") for address in (one, other)]
    return hosts[0] == hosts[1] or any(a.endswith("." + b) for a, b in (hosts, reversed(hosts)) if b.count(".") >= 1)


def _canonical(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, source: str) -> str | None:
    """The address the page claims: http or https, not the front page, and on the site it came from."""
    base = web_address(source)
    links = (element.get("href") for element in elements.named("link") if "canonical" in _words(element, "rel"))
    claimed = next(links, None)
    for written in (claimed, metas.first("og:url"), linked.url):
        if not isinstance(written, str) or not written.strip():
            continue
        try:
            address = web_address(urljoin(base, written.strip()) if base else written)
            if address is None or not (urlsplit(address).path.strip("/") or urlsplit(address).query):
                continue
            if base and not _same_site(address, base):
                continue
        except ValueError:  # a port or a bracket that cannot be
            continue
        return address
    return base


def _marked(elements: _Elements, names: Sequence[str], old_class: str) -> tuple[str, ...]:
    """Values of microdata of these names, and of hAtom, where a class says what an element with a title holds."""
    found = [_label(element) for name in names for element in elements.marked(name)]
    abbreviations = (element for element in elements.named("abbr") if old_class in _words(element, "class"))
    found += [str(element["title"]) for element in abbreviations if element.get("title")]
    return tuple(found)


def _descriptions(metas: _Metas, linked: jsonld.LinkedData) -> tuple[str, ...]:
    stated = [metas.first(name) for name in ("og:description", "description", "twitter:description")]
    return tuple(dict.fromkeys(text for written in (linked.description, *stated) if (text := one_line(written))))


def read(page: Scan, source: str, *, today: date) -> Metadata:
    """The metadata of a scanned page that came from the address `source`."""
    soup = _reduced(page)
    elements = _Elements(soup)
    metas = _Metas(elements)
    linked = jsonld.read(page.linked_data) or jsonld.LinkedData()
    address = _canonical(elements, metas, linked, source)
    host = urlsplit(address).hostname or "" if address else ""
    outlet = _outlet(soup, metas, linked, host)
    root = soup.find("html")
    tag = str(root.get("lang") or root.get("xml:lang") or "") if root is not None else ""
    tags = [tag, metas.first("og:locale"), linked.language, metas.first("content-language", "dc.language", "language")]
    language = next((code for written in tags if (code := language_code(written))), None)
    region = next((written.strip()[3:5].upper() for written in tags if len(written.strip()) == 5), "")
    title = _title(soup, elements, metas, linked, outlet, host)
    written = page_dates.Written(
        linked_published=linked.published,
        linked_updated=linked.updated,
        meta_published=tuple(metas.all(page_dates.PUBLISHED)),
        meta_updated=tuple(metas.all(page_dates.UPDATED)),
        marked_published=_marked(elements, ("datePublished", "dateCreated"), "published"),
        marked_updated=_marked(elements, ("dateModified",), "updated"),
        times=tuple(elements.named("time")),
    )
    lines = page_dates.VisibleLines(page)
    dates = page_dates.find(
        lines,
        title,
        written,
        address=address,
        language=language,
        country=country_of(host) or region,
        today=today,
    )
    return Metadata(
        title=title,
        byline=_byline(page, lines, elements, metas, linked, outlet),
        outlet=outlet or None,
        canonical_url=address,
        published=dates.published,
        updated=dates.updated,
        language=language,
        descriptions=_descriptions(metas, linked),
        body=linked.body,
        free=linked.free,
        is_news=linked.is_news,  # og:type calls every blog post an article
        notes=(*linked.notes, *dates.notes),
    )

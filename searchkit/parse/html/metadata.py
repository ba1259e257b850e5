"""Metadata of a page: title, byline, outlet, address, dates and language, collected in one pass over its elements."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from searchkit.parse.base import language_code, one_line, web_address
from searchkit.parse.byline import is_byline, is_label, is_paper, people, without_opening
from searchkit.parse.html import jsonld, outlets, page_dates
from searchkit.parse.html.tree import Page, text_pieces
from searchkit.statements.dates import PartialDate
from searchkit.statements.text import name_key


class Metadata(Struct, frozen=True, kw_only=True):
    """Fields as in Article, and of the article in JSON-LD whether it is news, and whether access is free."""

    title: str | None = None
    byline: tuple[str, ...] = ()
    wire: str | None = None
    outlet: str | None = None
    canonical_url: str | None = None
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    descriptions: tuple[str, ...] = ()
    is_news: bool = False
    free: bool | None = None
    notes: tuple[str, ...] = ()


_AUTHORS = """
    author article:author og:article:author parsely-author sailthru.author dc.creator dcterms.creator dc.author byl
    citation_author authors article:author_name cxenseparse:author bt:author rnews:creator twitter:data1
""".split()
_OUTLETS = "og:site_name dc.publisher dcterms.publisher application-name publisher".split()
_TITLES = "og:title twitter:title parsely-title sailthru.title dc.title dcterms.title".split()

_KICKER_CLASS = re.compile(
    r"kicker|eyebrow|overline|surtitle|supertitle|dachzeile|topline|(?:^|[\s_-])roof", re.IGNORECASE
)
_BYLINE_CLASS = re.compile("byline|author", re.IGNORECASE)
_REVIEWED = re.compile(r"\b(?:(?:medically|fact|technically) )?(?:reviewed|checked|edited) by\b", re.IGNORECASE)
_COMMENT_CLASS = re.compile("comment|reply|related|recirc|avatar|social", re.IGNORECASE)
_LANG = re.compile(r"<html\s[^<>]{0,1000}?\blang\s{0,4}=\s{0,4}[\"']?([\w-]{2,20})", re.IGNORECASE)
_OPENING = 10_000
_PROFILE = re.compile(r"/(?:authors?|autor(?:en)?|auteurs?|journalists?|reporters?)/[^/]", re.IGNORECASE)
_MAX_PROFILES = 3
# Limits that no ordinary page reaches, so that no page takes long.
_MAX_ELEMENTS = {"meta": 300, "link": 300, "title": 2, "h1": 5, "time": 30, "abbr": 10, "a": 3_000, "script": 400}
_MAX_MARKED = 80
_MAX_BLOCKS, _MAX_BLOCK = 40, 1_000_000
_MAX_TEXT = 300
_LONG_HEADING, _SHORT_WORD = 5, 4
_LONGEST_HEADING = 150  # characters


class _Elements:
    """The elements of a page that hold metadata, in order. One loop over all is faster than several XPath searches."""

    def __init__(self, root: Any) -> None:
        self.by_tag: dict[str, list[Any]] = {tag: [] for tag in _MAX_ELEMENTS}
        self.bylines: list[Any] = []  # elements whose class names a byline
        self._properties: list[Any] = []
        for element in root.getroottree().iter("*") if root is not None else ():
            same_tag = self.by_tag.get(element.tag)
            if same_tag is not None and len(same_tag) < _MAX_ELEMENTS[element.tag]:
                same_tag.append(element)
            if element.get("itemprop") and len(self._properties) < _MAX_MARKED:
                self._properties.append(element)
            classes = element.get("class") if len(self.bylines) < _MAX_MARKED else None
            if classes and _BYLINE_CLASS.search(classes) and element.tag not in ("html", "body"):
                self.bylines.append(element)

    def with_property(self, *names: str) -> list[Any]:
        """Return the elements that microdata marks as one of these properties."""
        return [element for element in self._properties if element.get("itemprop") in names]

    def title(self) -> str:
        return next((_text(element) for element in self.by_tag["title"]), "")

    def jsonld_blocks(self) -> tuple[str, ...]:
        scripts = (element for element in self.by_tag["script"] if "ld+json" in (element.get("type") or "").lower())
        blocks = (element.text or "" for element in islice(scripts, _MAX_BLOCKS))
        return tuple(block for block in blocks if 0 < len(block) <= _MAX_BLOCK)


def _words(element: Any, key: str) -> Sequence[str]:
    return (element.get(key) or "").split()


def _text(element: Any, joint: str = "") -> str:
    """Return the text of an element, its pieces joined by `joint`."""
    return joint.join(text for piece in text_pieces(element) if (text := piece.strip() if joint else piece))[:_MAX_TEXT]


class _Metas:
    """The meta tags of a page by name, in order."""

    def __init__(self, elements: _Elements) -> None:
        self._values: dict[str, list[str]] = {}
        for meta in elements.by_tag["meta"]:
            content = meta.get("content")
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = meta.get(key)
                if name and content and content.strip():
                    prefix = "itemprop=" if key == "itemprop" else ""
                    self._values.setdefault(prefix + name.strip().lower(), []).append(content.strip())

    def all(self, names: Sequence[str]) -> Iterator[str]:
        """Yield every value of these names, in the order of the names."""
        for name in names:
            yield from self._values.get(name, ())

    def first(self, *names: str) -> str:
        """Return the first value of the first name that has one; empty if none has."""
        return next(self.all(names), "")


def _label(element: Any) -> str:
    """Return the machine-readable value of an element, else its text."""
    values = (element.get(key) or "" for key in ("content", "datetime"))
    return next((value.strip() for value in values if value.strip()), "") or _text(element, " ")


def _outlet(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, host: str) -> str:
    """Return the outlet as the page states it, as the host is known, or as the title ends."""
    stated = one_line(metas.first("og:site_name") or linked.publisher or metas.first(*_OUTLETS))
    if stated or outlets.outlet_of(host):
        return outlets.name_of(stated or "", host)
    split = outlets.split_outlet(one_line(elements.title()) or "", "", host)
    return split[1] if split else ""


def _title(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, outlet: str, host: str) -> str | None:
    """Return the heading if it agrees with a title in the metadata or is long and alone; else that title."""
    stated = [metas.first(*_TITLES), metas.first("itemprop=headline"), elements.title()]
    shown = [*stated, *map(_text, elements.by_tag["h1"])]
    # Some sites put a description into the headline of their JSON-LD.
    stated.insert(
        1 if any(outlets.titles_agree(linked.headline, title) for title in shown) else len(stated), linked.headline
    )
    titles = [title for written in stated if (title := one_line(written)) and name_key(title) != name_key(outlet)]
    keys = {name_key(title) for title in titles}
    keys |= {name_key(outlets.without_outlet(title, outlet, host, "")) for title in titles}
    headings = [text for element in elements.by_tag["h1"] if (text := _heading(element, keys))]
    headings = [text for text in headings if name_key(text) != name_key(outlet)]
    return _chosen(headings, titles, outlet, host)


def _chosen(headings: Sequence[str], titles: Sequence[str], outlet: str, host: str) -> str | None:
    """Return one of the headings of a page, or of the titles in its metadata without the outlet's name."""
    if any(map(_is_readable, titles)):
        headings = [text for text in headings if _is_readable(text)]
    for heading in headings:
        # Two words agree with any title by chance; a heading of one word is a section.
        if len(heading.split()) > 2 and any(outlets.titles_agree(heading, title) for title in titles):
            return heading
    if len(headings) == 1 and len(headings[0].split()) >= _LONG_HEADING:
        shared = set(name_key(headings[0]).split()) & set(name_key(" ".join(titles)).split())
        if any(len(word) > _SHORT_WORD for word in shared.difference(name_key(outlet).split())):
            return headings[0]  # the metadata has a title for search engines
    if titles:
        return outlets.without_outlet(titles[0], outlet, host, headings[0] if len(headings) == 1 else "")
    return headings[0] if headings else None


def _is_readable(title: str) -> bool:
    """Return whether a title is neither a paragraph nor in capitals."""
    return len(title) <= _LONGEST_HEADING and not (title.isupper() and " " in title)


def _heading(element: Any, keys: Set[str]) -> str:
    """Return the text of a heading, without a kicker before or a note after the title that the metadata states.

    `keys` are the titles in the metadata. An element whose class says so is a kicker wherever the metadata repeats it.
    """
    text = outlets.without_sections(one_line(unescape(_text(element))) or "")
    for child in islice(element.iter("span", "div", "a", "strong", "small", "p"), _MAX_MARKED) if text else ():
        if child is not element and _KICKER_CLASS.search(child.get("class") or ""):
            kicker = one_line(_text(child)) or ""
            rest = text[len(kicker) :].strip(" :|–—")
            if kicker and text.startswith(kicker) and " " in rest:
                return rest
    if text and name_key(text) not in keys:
        pieces = [piece for piece in map(one_line, text_pieces(element)) if piece]
        without = [" ".join(pieces[1:]), " ".join(pieces[:-1])] if len(pieces) > 1 else []
        without.append(text.partition(": ")[2])
        return next((part for part in without if part and name_key(part) in keys), text)
    return text


def _stated_bylines(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, outlet: str) -> Iterator[list[str]]:
    """Yield the names in JSON-LD, meta tags, microdata, links and byline elements, the most reliable place first."""
    # On a personal site, author and outlet have the same name.
    owners = [] if is_paper(outlet) else [name for name in linked.persons if name_key(name) == name_key(outlet)]
    yield [name for author in linked.authors for name in _authors(author, "" if author in owners else outlet)]
    links = (link for link in elements.by_tag["a"] if "author" in _words(link, "rel") and not _in_navigation(link))
    for place in (
        metas.all(_AUTHORS),
        map(_property_name, elements.with_property("author", "creator")),
        (_text(link, " ") for link in links),
    ):
        yield [name for author in place for name in _authors(author, outlet)]
    for text in _byline_texts(elements.bylines):
        opened = without_opening(text)
        # Boxes of this class also hold labels of forms and sections.
        yield _full_names(_authors(text, outlet)) if opened is None else _authors(opened, outlet)


def _byline_texts(bylines: Iterable[Any]) -> Iterator[str]:
    """Yield the texts of elements whose class names a byline, but those of comments and of reviewers."""
    reviewers: set[Any] = set()
    for element in bylines:
        if _COMMENT_CLASS.search(element.get("class")) or _in_navigation(element):
            continue
        text = _REVIEWED.split(_text(element, " | "))[0]  # a bar separates a name and a job in two spans
        if not text:
            reviewers.add(element)
        if reviewers.isdisjoint(element.iterancestors()):
            yield text


def _byline(
    lines: page_dates.VisibleLines, elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, outlet: str
) -> tuple[str, ...]:
    """Return the authors from the first place that names any."""
    stated = next(filter(None, _stated_bylines(elements, metas, linked, outlet)), None)
    if stated:
        return tuple(dict.fromkeys(stated))
    bylines = (_full_names(_authors(line, outlet)) for line in lines.all if is_byline(line))
    if visible := next(filter(None, bylines), None):
        return tuple(visible)
    links = (link for link in elements.by_tag["a"] if _PROFILE.search(link.get("href") or ""))
    profiles = (_text(link, " ") for link in links if not _in_navigation(link))
    found = tuple(dict.fromkeys(name for text in profiles for name in _full_names(_authors(text, outlet))))
    # More profiles belong to other stories, below the first.
    return found if len(found) <= _MAX_PROFILES else found[:1]


def _authors(written: str, outlet: str) -> list[str]:
    """Return the people in a byline, without the outlet."""
    return [name for name in people(written) if name_key(name) != name_key(outlet)]


def _organization(authors: Iterable[str], outlet: str) -> str | None:
    """Return the first author who is neither a person nor the outlet."""
    return next((author for author in authors if not people(author) and name_key(author) != name_key(outlet)), None)


def _in_navigation(element: Any) -> bool:
    return next(element.iterancestors("nav", "menu"), None) is not None


def _full_names(names: Iterable[str]) -> list[str]:
    """Return the names of several words that are not capitals; the rest are labels and sections."""
    return [name for name in names if " " in name and not name.isupper() and not is_label(name)]


def _property_name(element: Any) -> str:
    inside = islice(element.iter("*"), _MAX_MARKED)
    name = next((inner for inner in inside if inner.get("itemprop") == "name"), None)
    return _label(name if name is not None else element)


def _same_site(address: str, other: str) -> bool:
    hosts = [(urlsplit(url).hostname or "").removeprefix("www.") for url in (address, other)]
    return hosts[0] == hosts[1] or any(a.endswith("." + b) for a, b in (hosts, reversed(hosts)) if b.count(".") >= 1)


def _canonical(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, source: str) -> str | None:
    """Return the canonical address: http or https, on the site of `source`, and not the front page."""
    base = web_address(source)
    links = (element.get("href") for element in elements.by_tag["link"] if "canonical" in _words(element, "rel"))
    for written in (next(links, None), metas.first("og:url"), linked.url):
        if not isinstance(written, str) or not written.strip():
            continue
        try:
            address = web_address(urljoin(base, written.strip()) if base else written)
            if address is None or not (urlsplit(address).path.strip("/") or urlsplit(address).query):
                continue
            if base and not _same_site(address, base):
                continue
        except ValueError:  # an invalid port or bracket
            continue
        return address
    return base


def _microdata(elements: _Elements, names: Sequence[str], hatom_class: str) -> tuple[str, ...]:
    """Return the values of microdata properties, and of the hAtom class that means the same."""
    values = [_label(element) for name in names for element in elements.with_property(name)]
    abbreviations = (element for element in elements.by_tag["abbr"] if hatom_class in _words(element, "class"))
    values += [element.get("title") for element in abbreviations if element.get("title")]
    return tuple(values)


def _language(page: Page) -> str:
    """Return the language of the html tag. lxml drops the attribute of a tag that follows other elements."""
    root = page.root.getroottree().getroot() if page.root is not None else {}
    stated: str = root.get("lang") or root.get("xml:lang") or ""
    match = None if stated else _LANG.search(page.markup[:_OPENING])
    return match[1] if match else stated


def read(page: Page, source: str, *, today: date) -> Metadata:
    """Return the metadata of a page that came from the address `source`."""
    elements = _Elements(page.root)
    metas = _Metas(elements)
    linked = jsonld.read(elements.jsonld_blocks()) or jsonld.LinkedData()
    address = _canonical(elements, metas, linked, source)
    host = urlsplit(address).hostname or "" if address else ""
    outlet = _outlet(elements, metas, linked, host)
    tags = [
        _language(page),
        metas.first("og:locale"),
        linked.language,
        metas.first("content-language", "dc.language", "language"),
    ]
    language = next((code for tag in tags if (code := language_code(tag))), None)
    region = next((tag.strip()[3:5].upper() for tag in tags if len(tag.strip()) == 5), "")
    found = _title(elements, metas, linked, outlet, host)
    title = outlets.without_separators(found) if found else None
    descriptions = [linked.description, *map(metas.first, ("og:description", "description", "twitter:description"))]
    lines = page_dates.VisibleLines(page)
    stated = page_dates.StatedDates(
        published={
            "json-ld": linked.published,
            "meta": tuple(metas.all(page_dates.PUBLISHED)),
            "microdata": _microdata(elements, ("datePublished", "dateCreated"), "published"),
        },
        updated={
            "json-ld": linked.updated,
            "meta": tuple(metas.all(page_dates.UPDATED)),
            "microdata": _microdata(elements, ("dateModified",), "updated"),
        },
        times=elements.by_tag["time"],
        address=address,
        language=language,
        country=outlets.country_of(host) or region,
    )
    dates = page_dates.find(lines, title, stated, today=today)
    return Metadata(
        title=title,
        byline=_byline(lines, elements, metas, linked, outlet),
        wire=_organization((*linked.authors, *metas.all(_AUTHORS)), outlet),
        outlet=outlet or None,
        canonical_url=address,
        published=dates.published,
        updated=dates.updated,
        language=language,
        descriptions=tuple(dict.fromkeys(text for written in descriptions if (text := one_line(written)))),
        free=linked.free,
        is_news=linked.is_news,  # og:type calls every blog post an article
        notes=(*linked.notes, *dates.notes),
    )

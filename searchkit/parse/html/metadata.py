"""What a page says of its article: title, byline, outlet, address, dates, language.

Read from the tree that the extractor reads too, in one walk over its elements.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from searchkit.dates import PartialDate
from searchkit.parse.base import language_code, one_line, web_address
from searchkit.parse.byline import is_byline, is_label, is_paper, people, without_opening
from searchkit.parse.html import jsonld, page_dates
from searchkit.parse.html.outlets import country_of, name_of, outlet_of
from searchkit.parse.html.titles import agree, outlet_part, without_outlet
from searchkit.parse.html.tree import Page, texts
from searchkit.text import name_key


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
_CHECKED = re.compile(r"\b(?:(?:medically|fact|technically) )?(?:reviewed|checked|edited) by\b", re.IGNORECASE)
_COMMENT_CLASS = re.compile("comment|reply|related|recirc|avatar|social", re.IGNORECASE)
_LANG = re.compile(r"<html\s[^<>]{0,1000}?\blang\s{0,4}=\s{0,4}[\"']?([\w-]{2,20})", re.IGNORECASE)
_OPENING = 10_000
# Where sites keep the page of a writer.
_PROFILE = re.compile(r"/(?:authors?|autor(?:en)?|auteurs?|journalists?|reporters?)/[^/]", re.IGNORECASE)
_PROFILES = 3
# Enough of each for any page, few enough that no page takes long. More JSON-LD is a catalog.
_MOST = {"meta": 300, "link": 300, "title": 2, "h1": 5, "time": 30, "abbr": 10, "a": 3_000, "script": 400}
_MOST_MARKED = 80
_BLOCKS, _BLOCK = 40, 1_000_000
# What is longer signs nothing.
_TEXT = 300


class _Elements:
    """The elements of a page that tell of it, in order. Gone through once: each search through the tree takes long."""

    def __init__(self, root: Any) -> None:
        self._named: dict[str, list[Any]] = {name: [] for name in _MOST}
        self._marked: list[Any] = []
        self._signed: list[Any] = []
        for element in root.getroottree().iter("*") if root is not None else ():
            named = self._named.get(element.tag)
            if named is not None and len(named) < _MOST[element.tag]:
                named.append(element)
            if element.get("itemprop") and len(self._marked) < _MOST_MARKED:
                self._marked.append(element)
            words = element.get("class") if len(self._signed) < _MOST_MARKED else None
            if words and _BYLINE_CLASS.search(words) and element.tag not in ("html", "body"):
                self._signed.append(element)

    def named(self, name: str) -> list[Any]:
        """Those of this kind."""
        return self._named[name]

    def marked(self, *names: str) -> list[Any]:
        """Those that microdata say to be one of these properties."""
        return [element for element in self._marked if element.get("itemprop") in names]

    def signed(self) -> list[Any]:
        """Those whose class says that they name who wrote."""
        return self._signed

    def title(self) -> str:
        """What the page has as its title in the head."""
        return next((_text(element) for element in self.named("title")), "")

    def linked_data(self) -> tuple[str, ...]:
        """The blocks of JSON-LD."""
        scripts = (element for element in self.named("script") if "ld+json" in (element.get("type") or "").lower())
        blocks = (element.text or "" for element in islice(scripts, _BLOCKS))
        return tuple(block for block in blocks if 0 < len(block) <= _BLOCK)


def _words(element: Any, key: str) -> Sequence[str]:
    """What stands in an attribute that may hold several words."""
    return (element.get(key) or "").split()


def _text(element: Any, joint: str = "") -> str:
    """The words in an element; a `joint` between what stands in different tags."""
    return joint.join(text for piece in texts(element) if (text := piece.strip() if joint else piece))[:_TEXT]


class _Metas:
    """The meta tags of a page by name, in order."""

    def __init__(self, elements: _Elements) -> None:
        self._values: dict[str, list[str]] = {}
        for meta in elements.named("meta"):
            content = meta.get("content")
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = meta.get(key)
                if name and content and content.strip():
                    prefix = "itemprop=" if key == "itemprop" else ""
                    self._values.setdefault(prefix + name.strip().lower(), []).append(content.strip())

    def all(self, names: Sequence[str]) -> Iterator[str]:
        """Every value of these names, in the order of the names."""
        for name in names:
            yield from self._values.get(name, ())

    def first(self, *names: str) -> str:
        """The first value of the first name that has one; empty when none has."""
        return next(self.all(names), "")


def _label(element: Any) -> str:
    """The machine-readable value of a microdata or time element, else its text."""
    values = (element.get(key) or "" for key in ("content", "datetime"))
    return next((value.strip() for value in values if value.strip()), "") or _text(element, " ")


def _outlet(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, host: str) -> str:
    """Who published: as the page states it, as its title ends, or as its host is known."""
    stated = one_line(metas.first("og:site_name") or linked.publisher or metas.first(*_OUTLETS))
    if stated or outlet_of(host):
        return name_of(stated or "", host)
    found = outlet_part(one_line(elements.title()) or "", "", host)
    return found[1] if found else ""


def _title(elements: _Elements, metas: _Metas, linked: jsonld.LinkedData, outlet: str, host: str) -> str | None:
    """The heading of the page if what the page states about its title agrees with it, else what it states."""
    headings = [text for element in elements.named("h1") if (text := one_line(_text(element)))]
    headings = [text for text in headings if name_key(text) != name_key(outlet)]
    stated = [metas.first(*_TITLES), linked.headline, metas.first("itemprop=headline"), elements.title()]
    titles = [title for written in stated if (title := one_line(written)) and name_key(title) != name_key(outlet)]
    for heading in headings:
        # Two words agree by chance with any title; a heading of one word is a section.
        if len(heading.split()) > 2 and any(agree(heading, title) for title in titles):
            return heading
    if titles:
        return without_outlet(titles[0], outlet, host, headings[0] if len(headings) == 1 else "")
    return headings[0] if headings else None


def _byline(
    page: Page,
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
    stated.append(tuple(name for element in linked_authors for name in believed(_text(element, " "))))
    checked: set[Any] = set()
    for element in elements.signed():
        if _COMMENT_CLASS.search(" ".join(_words(element, "class"))):
            continue
        text = _CHECKED.split(_text(element, " | "))[0]  # a name and a job in two spans are two things
        if not text:
            checked.add(element)
        if not checked.isdisjoint(element.iterancestors()):
            continue
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


def _author_of(element: Any) -> str:
    inside = islice(element.iter("*"), _MOST_MARKED)
    name = next((inner for inner in inside if inner.get("itemprop") == "name"), None)
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
    found += [element.get("title") for element in abbreviations if element.get("title")]
    return tuple(found)


def _descriptions(metas: _Metas, linked: jsonld.LinkedData) -> tuple[str, ...]:
    stated = [metas.first(name) for name in ("og:description", "description", "twitter:description")]
    return tuple(dict.fromkeys(text for written in (linked.description, *stated) if (text := one_line(written))))


def _language(page: Page) -> str:
    """The language of the page as its outermost tag has it; lxml loses that of one that stands behind others."""
    root = page.root.getroottree().getroot() if page.root is not None else {}
    stated: str = root.get("lang") or root.get("xml:lang") or ""
    found = None if stated else _LANG.search(page.markup[:_OPENING])
    return found[1] if found else stated


def read(page: Page, source: str, *, today: date) -> Metadata:
    """The metadata of a page that came from the address `source`."""
    elements = _Elements(page.root)
    metas = _Metas(elements)
    linked = jsonld.read(elements.linked_data()) or jsonld.LinkedData()
    address = _canonical(elements, metas, linked, source)
    host = urlsplit(address).hostname or "" if address else ""
    outlet = _outlet(elements, metas, linked, host)
    stated = _language(page)
    tags = [
        stated,
        metas.first("og:locale"),
        linked.language,
        metas.first("content-language", "dc.language", "language"),
    ]
    language = next((code for written in tags if (code := language_code(written))), None)
    region = next((written.strip()[3:5].upper() for written in tags if len(written.strip()) == 5), "")
    title = _title(elements, metas, linked, outlet, host)
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

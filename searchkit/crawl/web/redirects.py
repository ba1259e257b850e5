"""Decide whether a page that redirects still leads to its article.

The article is the same if the new address differs only in scheme, `www.` or the trailing slash, if the new page has the
same title, or the old address as its canonical link, and much of the same text, or nearly the same text. A
redirect to the front page, a list of pages, a login or consent page, or another article means that the document is
gone.

A permanent redirect (301, 308) is believed at once, like a 404. A temporary redirect (302, 303, 307) may be a login
wall or maintenance: it is believed when runs have seen it for PROVEN_AFTER. Until then the document stays.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from lxml import etree, html
from msgspec import Struct

from searchkit.crawl.web.links import links
from searchkit.statements.text import fold

# A day less an hour, because cron is not punctual.
PROVEN_AFTER = timedelta(hours=23)

TO_FRONT_PAGE = "redirects to the front page"
TO_OTHER_PAGE = "redirects to another page"
_TO_LOGIN = "redirects to a login page"
_TO_CONSENT = "redirects to a consent page"
_TO_LIST = "redirects to a list of pages"

_MAX_MARKUP = 2_000_000
# The sketch of a text: all runs of 16 of its first 60,000 letters and digits (three words, or a clause of Chinese).
_RUN = 16
_MAX_LETTERS = 60_000
# A shorter paragraph is a heading, a link or a date, which many pages share.
_MIN_PARAGRAPH = 60
# With fewer runs there is no text to compare, and the title decides.
_MIN_RUNS = 200
# With the same title or canonical link, this share of the shorter text must be in the longer text: a rewritten article
# keeps more, two days of a column share less. Otherwise, this share of both texts together.
_SAME_TITLE = 0.15
_OTHER_TITLE = 0.6

_NOT_TEXT = "script style template textarea noscript svg nav footer aside form select".split()
# A title followed by the name of the outlet.
_SEPARATOR = re.compile(r"\s[|–—·•»-]\s")
_LOGIN = frozenset("login log-in signin sign-in sign_in logon auth sso account subscribe register paywall".split())
_CONSENT = frozenset("consent collectconsent cookie-wall cookiewall privacy-gate privacy-wall cmp guce".split())


class PageFingerprint(Struct, frozen=True, kw_only=True):
    """What two pages are compared by: titles, the sketch of the text, the canonical link, whether it is a list."""

    url: str
    titles: frozenset[str] = frozenset()
    sketch: frozenset[str] = frozenset()
    canonical: str = ""
    is_list: bool = False


def fingerprint(body: bytes, url: str, charset: str = "") -> PageFingerprint:
    """Return the fingerprint of the HTML page `body` at `url`, in linear time."""
    found = links(body, url)
    page_titles, paragraphs = _read(body[:_MAX_MARKUP], charset)
    letters = "".join(letter for text in paragraphs for letter in fold(text) if letter.isalnum())[:_MAX_LETTERS]
    return PageFingerprint(
        url=url,
        titles=titles(*page_titles),
        sketch=frozenset(letters[start : start + _RUN] for start in range(len(letters) - _RUN + 1)),
        canonical=found.canonical,
        is_list=found.is_list,
    )


def _read(body: bytes, charset: str) -> tuple[list[str], list[str]]:
    """Return the titles of a page (title, h1, og:title) and its paragraphs of some length."""
    try:
        parser = html.HTMLParser(encoding=charset or None)
    except LookupError:
        parser = html.HTMLParser()
    try:
        root = html.document_fromstring(body, parser)
    except (etree.ParserError, ValueError):  # no markup
        return [], []
    page_titles = [_text(element) for element in root.iter("title", "h1")]
    page_titles += [str(meta.get("content", "")) for meta in root.iter("meta") if meta.get("property") == "og:title"]
    etree.strip_elements(root, etree.Comment, *_NOT_TEXT, with_tail=False)
    paragraphs = [_text(element) for element in root.iter("p")]
    return page_titles, [paragraph for paragraph in paragraphs if len(paragraph) >= _MIN_PARAGRAPH]


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def titles(*written: str) -> frozenset[str]:
    """Return titles in the forms they are compared in: complete, and without the name of the outlet."""
    forms: set[str] = set()
    outlets: set[str] = set()
    for title in written:
        short, *rest = _SEPARATOR.split(title[:1_000])
        forms |= {_folded(title), _folded(short)}
        outlets |= set(map(_folded, rest))
    return frozenset(forms - outlets - {""})


def _folded(title: str) -> str:
    return " ".join(fold(title).split())[:300]


def same_address(first: str, second: str) -> bool:
    """Return whether two addresses differ only in scheme, `www.` and the trailing slash."""
    return _bare(first) == _bare(second)


def _bare(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, "", ""
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query


def is_front_page(url: str) -> bool:
    """Return whether an address is that of the front page of a site."""
    _, path, query = _bare(url)
    return not path and not query


def wall(old_url: str, url: str) -> str:
    """Return a reason if an address is that of a login or consent page. Words of the old address do not count."""
    words = _words(url) - _words(old_url)
    return _TO_LOGIN if words & _LOGIN else _TO_CONSENT if words & _CONSENT else ""


def _words(url: str) -> set[str]:
    """Return the path segments without extensions, and the first label of the host."""
    parts = urlsplit(url)
    words = {segment.partition(".")[0].lower() for segment in parts.path.split("/")}
    return words | {(parts.hostname or "").partition(".")[0]}


def leads_to_no_article(old_url: str, new: PageFingerprint) -> str:
    """Return why a redirect from a page that was never fetched leads to no article; empty if it may."""
    if same_address(old_url, new.url):
        return ""
    if is_front_page(new.url) and not is_front_page(old_url):
        return TO_FRONT_PAGE
    return wall(old_url, new.url) or (_TO_LIST if new.is_list else "")


def leads_elsewhere(old: PageFingerprint, new: PageFingerprint) -> str:
    """Return why the redirect of a page `old` to `new` leads elsewhere; empty if it is the same article."""
    if same_address(old.url, new.url):
        return ""
    reason = leads_to_no_article(old.url, new)
    if reason and reason != _TO_LIST:
        return reason
    return "" if _is_same_article(old, new) else reason or TO_OTHER_PAGE


def _is_same_article(old: PageFingerprint, new: PageFingerprint) -> bool:
    canonical = new.canonical
    names_old = not is_front_page(canonical) and _bare(canonical) in {_bare(old.url), _bare(old.canonical)}
    same_title = bool(old.titles & new.titles)
    shorter = min(len(old.sketch), len(new.sketch))
    if shorter < _MIN_RUNS:
        return same_title
    common = len(old.sketch & new.sketch)
    is_related = same_title or names_old
    return common >= (_SAME_TITLE * shorter if is_related else _OTHER_TITLE * len(old.sketch | new.sketch))

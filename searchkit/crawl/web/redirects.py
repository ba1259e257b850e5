"""A page that answers from another address than before: is that still its article, or does it lead elsewhere?

News sites redirect for many reasons. What was moved is the same article: its new address differs in scheme, `www.` or
the slash at its end only, or the new page calls the old address canonical, or it shows the same title over much of the
same text, or nearly the same text. It keeps its document. What leads to the front page, to a list of articles, to a
page that asks to log in or to consent, or to an article with another text, is not there any more: its document is gone.

A permanent redirect (301, 308) that leads elsewhere is believed at once, as a 404 is. A temporary one (302, 303, 307)
may be a login for readers of one region, a wall for an hour, a night of repairs. It is believed when passes have seen
it for PROVEN_AFTER, with nothing but failures (503, a stall) between them; until then the document stays as it is, and
the page is told as postponed. Once the page answers for itself again, at whichever pass, its document is there again.
"""

import html
import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from searchkit.crawl.web.links import links
from searchkit.text import fold

# A day, less an hour: cron is not punctual, and what is asked daily is to be believed the second time.
PROVEN_AFTER = timedelta(hours=23)

FRONT = "redirects to the front page"
ANOTHER = "redirects to another page"
_TO_LOGIN = "redirects to a page that asks to log in"
_TO_CONSENT = "redirects to a page that asks for consent"
_TO_LIST = "redirects to a list of pages"

# An article is compared by its first 60,000 letters and digits, in all runs of 16: three words, or a clause of Chinese.
_RUN = 16
_MAX_LETTERS = 60_000
_MAX_MARKUP = 2_000_000
# A line shorter than this is a heading, a link or a date: the same ones stand on many pages.
_LINE = 60
# With fewer runs there is no text to compare: the title alone decides.
_FEW = 200
# Under the same title, this part of the shorter text must stand in the longer: an article that was rewritten keeps
# more, two days of one column share less. Under another title, this part of both together: a correction leaves more.
_SAME_TITLE = 0.15
_OTHER_TITLE = 0.6

_TOKEN = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][a-zA-Z0-9]{0,15})([^<>]{0,4000})>?)")
_CONTENT = re.compile(r"\bcontent\s{0,9}=\s{0,9}(?:\"([^\"]{0,1000})\"|'([^']{0,1000})')", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# What is no text of the article, wherever it stands.
_SKIPPED = frozenset("script style template textarea noscript svg nav footer aside form select".split())
_CLOSINGS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _SKIPPED} | {"!--": re.compile("-->")}
# What does not end a line.
_INLINE = frozenset("a abbr b bdi cite code em font i ins mark q s small span strong sub sup time u wbr".split())
# A title with the outlet's name behind it.
_PARTED = re.compile(r"\s[|–—·•»-]\s")

_LOGIN = frozenset("login log-in signin sign-in sign_in logon auth sso account subscribe register paywall".split())
_CONSENT = frozenset("consent collectconsent cookie-wall cookiewall privacy-gate privacy-wall cmp guce".split())
_PASSWORD = re.compile(r"<input\b[^<>]{0,400}\btype\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)


class Sight(Struct, frozen=True, kw_only=True):
    """What a page shows, as far as two are compared by it: its titles, the runs of letters in its longer lines, the
    address it calls canonical, whether it is a list of pages, whether it asks for a password."""

    url: str
    titles: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    canonical: str = ""
    is_list: bool = False
    asks_password: bool = False


def sight(body: bytes, url: str, charset: str = "") -> Sight:
    """What the HTML page `body`, which answered at `url`, shows. Linear in its length."""
    markup = _decoded(body[:_MAX_MARKUP], charset)
    titled, lines = _read(markup)
    letters = "".join(sign for line in lines for sign in fold(line) if sign.isalnum())[:_MAX_LETTERS]
    found = links(body, url)
    return Sight(
        url=url,
        titles=frozenset(titled),
        runs=frozenset(letters[start : start + _RUN] for start in range(len(letters) - _RUN + 1)),
        canonical=found.canonical,
        is_list=found.is_list,
        asks_password=_PASSWORD.search(markup) is not None,
    )


def same_address(one: str, other: str) -> bool:
    """Whether two addresses differ in scheme, `www.` and the slash at the end only."""
    return _bare(one) == _bare(other)


def same_name(one: str, other: str) -> bool:
    """Whether the last parts of two addresses are one name, as of a file that was put into another folder."""
    first, second = (_bare(url)[1].rpartition("/")[2] for url in (one, other))
    return bool(first) and first == second


def wall(old_url: str, url: str) -> str:
    """What an address shows to be a wall before an article, as a reason; empty for others. A word that stood in the old
    address too says nothing: a paper may be called the Register."""
    words = _words(url) - _words(old_url)
    if words & _LOGIN:
        return _TO_LOGIN
    return _TO_CONSENT if words & _CONSENT else ""


def _words(url: str) -> set[str]:
    """The parts of the path, without their endings, and the first part of the host."""
    parts = urlsplit(url)
    words = {segment.partition(".")[0].lower() for segment in parts.path.split("/")}
    return words | {(parts.hostname or "").partition(".")[0]}


def no_article(old_url: str, new: Sight) -> str:
    """Why a redirect from `old_url` leads to no article, from what can be told without the page that was there."""
    if same_address(old_url, new.url):
        return ""
    if _is_front(new.url) and not _is_front(old_url):
        return FRONT
    return wall(old_url, new.url) or (_TO_LIST if new.is_list else "")


def leads_elsewhere(old: Sight, new: Sight, others: Iterable[Sight] = ()) -> str:
    """Why a page that showed `old` leads elsewhere now that a redirect leads to `new`; empty when it is the same
    article. `others` are pages of the same host: what stands there too is no part of the article."""
    if same_address(old.url, new.url):
        return ""
    if _is_front(new.url) and not _is_front(old.url):
        return FRONT
    if reason := wall(old.url, new.url):
        return reason
    if _is_same(old, new, tuple(others)):
        return ""
    if new.asks_password and len(new.runs) < _FEW:
        return _TO_LOGIN
    return _TO_LIST if new.is_list else ANOTHER


def _is_same(old: Sight, new: Sight, others: tuple[Sight, ...]) -> bool:
    claimed = new.canonical
    if claimed and not _is_front(claimed) and any(same_address(claimed, url) for url in (old.url, old.canonical)):
        return True
    shared = (old.titles & new.titles).difference(*(other.titles for other in others))
    first = old.runs.difference(*(other.runs for other in others))
    second = new.runs.difference(*(other.runs for other in others))
    shorter = min(len(first), len(second))
    if shorter < _FEW:
        return bool(shared)
    both = len(first & second)
    return both >= _SAME_TITLE * shorter if shared else both >= _OTHER_TITLE * len(first | second)


def _bare(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, "", ""
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query


def _is_front(url: str) -> bool:
    _, path, query = _bare(url)
    return not path and not query


def _decoded(body: bytes, charset: str) -> str:
    stated = _CHARSET.search(body[:4_000])
    for name in (charset, stated[1].decode("ascii") if stated else ""):
        try:
            if name:
                return body.decode(name, "replace")
        except (LookupError, ValueError):  # no such encoding, or one of those that are none of text
            continue
    return body.decode("utf-8", "replace")


def _read(markup: str) -> tuple[set[str], list[str]]:
    """The titles of a page (h1, title, og:title), and its lines of some length."""
    found_titles: set[str] = set()
    lines: list[str] = []
    pieces: list[str] = []
    unclosed: set[str] = set()
    place = 0

    def end_line() -> str:
        line = " ".join(html.unescape("".join(pieces)).split())
        pieces.clear()
        return line

    while (found := _TOKEN.search(markup, place)) is not None:
        pieces.append(markup[place : found.start()])
        place = found.end()
        comment, closing, name, attributes = found.groups()
        name = "!--" if comment else name.lower()
        if name == "!--" or (name in _SKIPPED and not closing):
            place = _behind(markup, name, place, unclosed)
            continue
        if name in _INLINE:
            continue
        line = end_line()
        if closing and name in {"h1", "title"}:
            found_titles.update(titles(line))
        elif name == "meta" and "og:title" in attributes and (content := _CONTENT.search(attributes)):
            found_titles.update(titles(html.unescape(content[1] or content[2] or "")))
        elif len(line) >= _LINE:
            lines.append(line)
    pieces.append(markup[place:])
    line = end_line()
    return found_titles, [*lines, line] if len(line) >= _LINE else lines


def _behind(markup: str, name: str, place: int, unclosed: set[str]) -> int:
    """The place behind an element or a comment that opens; one that is never closed is not looked for twice."""
    if name in unclosed:
        return place
    found = _CLOSINGS[name].search(markup, place)
    if found is None:
        unclosed.add(name)
        return place
    return found.end()


def titles(written: str) -> frozenset[str]:
    """A title in the forms it is compared in: whole, and without what stands behind a dash."""
    forms = (written, _PARTED.split(written, maxsplit=1)[0])
    return frozenset(folded for form in forms if (folded := " ".join(fold(form).split())[:300]))

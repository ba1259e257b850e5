"""The main text of a page: trafilatura's, tidied; beautifulsoup4's where that gives nothing or must not look.

What is taken out after extraction (a title repeated, lines that are links) is told in the notes, so no words are lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from searchkit.parse.base import one_line
from searchkit.parse.byline import is_byline
from searchkit.parse.scan import Anchor, Scan, visible_text
from searchkit.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """The body of a page, and notes on how it came about."""

    text: str
    notes: tuple[str, ...] = ()


# Beyond 254 levels lxml.html returns an empty page without a word, and trafilatura with it. beautifulsoup4 builds its
# own tree and keeps all, but costs time; beyond 1,000 levels the page is no article that anyone laid out.
_LXML_DEPTH = 254
_SOUP_DEPTH = 1_000
# 100,000 unclosed paragraphs take trafilatura 25 s; a long read with all its boilerplate has a few thousand tags.
_LIBRARY_TAGS = 30_000
_LIBRARY_SIZE = 10_000_000

# A byline stands above the text, at most below a standfirst.
_OPENING_LINES = 3
_SHORT_LINE = 200
_LINK_SHARE = 0.75
_BULLET = re.compile(r"^[-–—•*·›»>|\s]{1,10}")
_KEY_SIGNS = re.compile(r"[\W_]+")

_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1
    h2 h3 h4 h5 h6 header html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()
)
_BOILERPLATE = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "title",
)


def _trafilatura(markup: str) -> str:
    import trafilatura

    try:
        return trafilatura.extract(markup, include_comments=False) or ""
    except Exception:  # noqa: BLE001  whatever it stumbles over, the page still has its text
        return ""


def _soup_text(markup: str) -> str:
    """The text of `article`, `main` or the body, one paragraph a block, without what is laid out around it."""
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString

    soup = BeautifulSoup(markup, "lxml")
    for element in soup.find_all(_BOILERPLATE):
        element.extract()
    root: Any = soup.find("article") or soup.find("main") or soup
    paragraphs: list[str] = []
    line: list[str] = []
    current: object = None
    for string in root.find_all(string=True):
        if type(string) is not NavigableString:  # a comment or a declaration
            continue
        block = string.parent
        while block is not None and block.name not in _BLOCKS:
            block = block.parent
        if block is not current:
            paragraphs.append(" ".join("".join(line).split()))
            line, current = [], block
        line.append(string)
    paragraphs.append(" ".join("".join(line).split()))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def is_tame(page: Scan) -> bool:
    """Whether lxml and what is built on it may read the page."""
    return _is_small(page) and page.depth <= _LXML_DEPTH


def _is_small(page: Scan) -> bool:
    return page.tags <= _LIBRARY_TAGS and len(page.markup) <= _LIBRARY_SIZE


def _extract(page: Scan) -> MainText:
    if is_tame(page) and (text := _trafilatura(page.markup)).strip():
        return MainText(text=text)
    if not _is_small(page):
        reason = "the page is too large for an extractor"
    elif page.depth > _LXML_DEPTH:
        reason = f"the page nests {page.depth} levels deep"
    else:
        reason = "the extractor found no article"
    if _is_small(page) and page.depth <= _SOUP_DEPTH and (text := _soup_text(page.markup)):
        return MainText(text=text, notes=(f"fallback: all text of the page, as {reason}",))
    return MainText(text=visible_text(page.markup), notes=(f"fallback: all visible text, as {reason}",))


def _key(line: str) -> str:
    return _KEY_SIGNS.sub(" ", fold(line)).strip()


def _is_link(line: str, anchors: frozenset[str]) -> bool:
    """Whether a line is a link, or ends in one that makes up most of it (`Read more: ...`)."""
    words = line.split(" ")
    length = len(line)
    start = 0
    for number, word in enumerate(words):
        if length - start < _LINK_SHARE * length:
            return False
        if " ".join(words[number:]) in anchors:
            return True
        start += len(word) + 1
    return False


def _without_links(lines: list[str], anchors: Sequence[Anchor]) -> tuple[list[str], list[str]]:
    """Lines kept, and short lines that are links: related stories, tags, buttons. Sentences stay, linked or not."""
    texts = frozenset(anchor.text for anchor in anchors if anchor.text)
    kept: list[str] = []
    removed: list[str] = []
    for line in lines:
        bare = _BULLET.sub("", line).strip()
        if bare and len(bare) <= _SHORT_LINE and not bare.endswith((".", "”", '"', "。")) and _is_link(bare, texts):
            removed.append(bare)
        else:
            kept.append(line)
    return kept, removed


def extract(page: Scan, title: str | None, *, is_news: bool) -> MainText:
    """The body of a scanned page. `title` is dropped where it opens the text; on news pages, link lines too."""
    found = _extract(page)
    lines = found.text.strip().split("\n")
    notes = list(found.notes)
    if title and len(lines) > 1 and _key(lines[0]) == _key(one_line(title) or ""):
        lines = lines[1:]
    opening = next((n for n, line in enumerate(lines[:_OPENING_LINES]) if is_byline(line.strip())), None)
    if opening is not None and len(lines) > _OPENING_LINES:
        notes.append(f"removed: {lines.pop(opening)}")
    if is_news:
        kept, removed = _without_links(lines, page.anchors)
        if any(line.strip() for line in kept):
            lines = kept
            notes += [f"removed: {line}" for line in removed]
    # A blank line between paragraphs, so that nothing takes a page of short ones for hard-wrapped text.
    return MainText(text="\n\n".join(line for line in lines if line.strip()), notes=tuple(notes))

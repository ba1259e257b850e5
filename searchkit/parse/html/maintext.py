"""The main text of a page: trafilatura's, tidied; another's where that gives nothing, too little, or must not look.

What is taken out after extraction (a title repeated, lines that are links or prompts) is told in the notes, so no words
are lost. Order: the title, who wrote and when, prompts, links (on news pages); then the rescue of half a body; last, on
news pages, a standfirst that stands above the body.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from searchkit.parse.base import one_line
from searchkit.parse.html import tree
from searchkit.parse.html.boilerplate import is_boilerplate
from searchkit.parse.html.credits import is_credit
from searchkit.parse.html.extractor import Extractor
from searchkit.parse.html.scan import visible_text
from searchkit.parse.html.tree import MOST_LEVELS, Page
from searchkit.text import fold


class MainText(Struct, frozen=True, kw_only=True):
    """The body of a page, notes on how it came about, and the lines that were taken out."""

    text: str
    notes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Told(Struct, frozen=True, kw_only=True):
    """What the metadata of the page say that helps to find its body.

    `title` and `names` (writers, outlet) stand above it; `standfirsts` may; `body` is the text that JSON-LD holds.
    """

    title: str = ""
    names: tuple[str, ...] = ()
    standfirsts: tuple[str, ...] = ()
    body: str = ""
    is_news: bool = False


# Who wrote and when stands above the text, at most below a standfirst, or is its last line.
_OPENING_LINES = 3
# The title may stand below the words of a menu.
_TITLE_LINES = 12
_LABEL = 60
_CLOSING_LINES = 1
_SHORT_LINE = 200
_LINK_SHARE = 0.75
_BULLET = re.compile(r"^[-–—•*·›»>|\s]{1,10}")
_KEY_SIGNS = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
# The rescue must hold nearly all of what it replaces, and much more. How much more was measured: 1.6 times on two sets
# of news pages (design notes), 1.3 on both halves of the development set, which is mostly guides and blogs.
_CONTAINS = 0.8
_LONGER_NEWS, _LONGER = 1.6, 1.3
# Bodies in JSON-LD are often cut or teasers, so that only twice the text speaks for one. They leave out subheads and
# lists, so that less of the base need stand in them; a base of one or two lines may be anything.
_LONGER_BODY = 2.0
_BODY_CONTAINS = 0.65
_SHELL = 300
# A cell of this length holds no figure: the table is there for the layout.
_LAYOUT_CELL = 400
_STANDFIRST = range(40, 600)
_STANDFIRST_PLACES = 40

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


def _row(line: str) -> str:
    """A line of the body. A row of a table comes as `| a | b |`, with rules of dashes between rows."""
    if not line.startswith("|"):
        return line
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return " | ".join(cell for cell in cells if cell.strip("-: "))


def _all_text(root: Any) -> list[str]:
    """The text of `article`, `main` or the page, one paragraph a block, without what is laid out around it."""
    for element in list(root.iter(_BOILERPLATE)):
        if element is not root:
            element.drop_tree()
    article = next(root.iter("article"), None)
    main = next(root.iter("main"), None) if article is None else article
    return tree.lines(root if main is None else main)


def _fallback(page: Page) -> tuple[list[str], str]:
    """The lines of a page that no extractor takes or understands, and the note that says so."""
    reason = "the extractor found no article"
    if page.is_large:
        reason = "the page is too large for an extractor"
    elif page.is_deep:
        reason = f"the page nests over {MOST_LEVELS} levels deep"
    if page.root is not None and not page.is_large and page.is_whole and (lines := _all_text(page.root)):
        return lines, f"fallback: all text of the page, as {reason}"
    return visible_text(page.markup).split("\n\n"), f"fallback: all visible text, as {reason}"


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


def _is_aside(line: str, anchors: frozenset[str]) -> bool:
    """Whether a line is a prompt, or a short one that is one of these links: related stories, tags, buttons."""
    bare = _BULLET.sub("", line).strip()
    if not bare:
        return False
    if is_boilerplate(bare):
        return True
    # Sentences stay, linked or not.
    return len(bare) <= _SHORT_LINE and not bare.endswith((".", "”", '"', "。")) and _is_link(bare, anchors)


def _tidied(lines: Sequence[str], told: Told, anchors: frozenset[str]) -> tuple[list[str], list[str]]:
    """The lines that are body, and those taken out."""
    kept = [line for line in lines if line.strip()]
    removed: list[str] = []
    title = _key(one_line(told.title) or "")
    place = next((at for at, line in enumerate(kept[:_TITLE_LINES]) if title and _key(line) == title), None)
    if place is not None and len(kept) > place + 1 and all(_is_label(line) for line in kept[:place]):
        removed += kept[:place]
        kept = kept[place + 1 :]
    for places in (range(_OPENING_LINES), range(-_CLOSING_LINES, 0)):
        if len(kept) <= _OPENING_LINES:
            break
        signed = [kept[at].strip() for at in places if is_credit(kept[at].strip(), told.names)]
        removed += signed
        at = slice(_OPENING_LINES) if places.start == 0 else slice(-_CLOSING_LINES, None)
        kept[at] = [line for line in kept[at] if line.strip() not in signed]
    # Guides and blogs have lists of links that are part of them.
    asides = [_is_aside(line, anchors if told.is_news else frozenset()) for line in kept]
    if not all(asides):
        removed += [_BULLET.sub("", line).strip() for line, aside in zip(kept, asides, strict=True) if aside]
        kept = [line for line, aside in zip(kept, asides, strict=True) if not aside]
    return kept, removed


def _is_label(line: str) -> bool:
    """Whether a line is a word or two of a menu: a section, a crumb, a date."""
    return len(line) <= _LABEL and not line.rstrip().endswith((".", "!", "?", "”", '"', "。"))


def _runs(lines: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = _WORD.findall("\n".join(lines))
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


def _contained(base: Sequence[str], other: Sequence[str]) -> float:
    """The share of the runs of four words of `base` that stand in `other`."""
    runs = _runs(base)
    return sum((runs & _runs(other)).values()) / (sum(runs.values()) or 1)


def _length(lines: Sequence[str]) -> int:
    return sum(map(len, lines))


def _has_layout_table(lines: Sequence[str]) -> bool:
    return any(" | " in line and max(map(len, line.split(" | "))) > _LAYOUT_CELL for line in lines)


def _standfirst(root: Any, lines: Sequence[str], told: Told) -> str:
    """The sentence between heading and body that the page also gives as its description; empty when there is none."""
    wanted = {_key(text): text for text in told.standfirsts if len(text) in _STANDFIRST}
    if not wanted:
        return ""
    body = _key(" ".join(lines))
    wanted = {key: text for key, text in wanted.items() if key and key not in body}
    heading = next((element for element in root.iter("h1") if _key(told.title) == _key(element.text_content())), None)
    if heading is None or not wanted:
        return ""
    for place, element in enumerate(heading.xpath("following::*[self::p or self::h2 or self::h3 or self::div]")):
        if place >= _STANDFIRST_PLACES:
            break
        text = " ".join(element.text_content()[: _STANDFIRST.stop * 2].split())
        if _key(text) in wanted:
            return text
    return ""


def extract(page: Page, told: Told) -> MainText:
    """The body of a page. It takes the tree of the page apart."""
    # A link to a place on the same page is a heading or a table of contents.
    anchors = frozenset(anchor.text for anchor in page.anchors if anchor.text and not anchor.target.startswith("#"))
    notes: list[str] = []
    root = page.root if page.is_tame else None
    extractor = Extractor(page)
    article = extractor.article() if root is not None else ""
    found = [row for line in article.split("\n") if (row := _row(line.strip()))]
    if not found:
        found, note = _fallback(page)
        notes.append(note)
        root = None
    lines, removed = _tidied(found, told, anchors)
    # News pages count it to the article; elsewhere it is a line for search engines.
    standfirst = _standfirst(root, lines, told) if root is not None and told.is_news else ""
    enough = (_LONGER_NEWS if told.is_news else _LONGER) * _length(lines)
    in_table = _has_layout_table(lines)
    may_hold_more = root is not None and (in_table or extractor.most_readable > enough)
    if may_hold_more and extractor.readable is not None:
        found = tree.lines(extractor.readable)
        rescued, taken = _tidied(found, told, anchors) if in_table or _length(found) > enough else ([], [])
        if _length(rescued) > enough and _contained(lines, rescued) >= _CONTAINS:
            lines, removed = rescued, taken
            notes.append("rescue: the text as readability finds it, which holds more")
        elif in_table and rescued and _contained(rescued, lines) >= _CONTAINS:
            lines, removed = rescued, taken
            notes.append("rescue: the text as readability finds it, out of a table made for layout")
    body = _body_lines(told.body)
    if _length(body) > _LONGER_BODY * _length(lines) and (
        _length(lines) < _SHELL or _contained(lines, body) >= _BODY_CONTAINS
    ):
        lines, removed = _tidied(body, told, anchors)
        notes.append("rescue: the text that the page holds as JSON-LD")
    if standfirst and _key(standfirst) not in _key(" ".join(lines)):
        lines.insert(0, standfirst)
    # A blank line between paragraphs, so that nothing takes a page of short ones for hard-wrapped text.
    return MainText(text="\n\n".join(lines), notes=tuple(notes), removed=tuple(removed))


def _body_lines(body: str) -> list[str]:
    if not body:
        return []
    text = visible_text(body) if "<" in body else body
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]

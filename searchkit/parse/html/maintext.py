"""The main text of a page: trafilatura's article, without the title, byline, prompts and link lines around it.

Where trafilatura finds nothing or too little, readability or all visible text replace it. Every
removed line goes into the notes.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from itertools import compress, islice
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from searchkit.parse.base import one_line
from searchkit.parse.byline import is_credit_line
from searchkit.parse.html import passages, tree
from searchkit.parse.html.phrases import is_boilerplate
from searchkit.parse.html.scan import visible_text
from searchkit.parse.html.tree import MAX_DEPTH, Page
from searchkit.statements.text import word_key


class MainText(Struct, frozen=True, kw_only=True):
    """The body of a page, notes on how it was found, and the lines removed from it."""

    text: str
    notes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class BodyHints(Struct, frozen=True, kw_only=True):
    """Metadata that helps to find the body.

    `names` are writers and outlet, `standfirsts` the descriptions of the page. `is_heading` means that the title is a
    heading of the page.
    """

    title: str = ""
    names: tuple[str, ...] = ()
    standfirsts: tuple[str, ...] = ()
    is_news: bool = False
    is_heading: bool = False


class _Body(NamedTuple):
    """The lines of a body, and the lines removed from it."""

    lines: list[str]
    removed: list[str]

    @property
    def length(self) -> int:
        return _length(self.lines)


_Clean = Callable[[Sequence[str]], _Body]
_Rescue = tuple[_Body, str]
"""A better body and a note with the reason, or the same body and nothing."""

_OPENING_LINES = 3  # byline and date are within the first lines, below a standfirst at most, or on the last line
_TITLE_LINES = 12  # menu words can precede the title
_LABEL = 60
_SHORT_LINE = 200
_LINK_SHARE = 0.75
_BULLET = re.compile(r"^[-–—•*·›»>|\s]{1,10}")
_WORD = re.compile(r"\w+")
_SENTENCE_END = (".", "”", '"', "。")
# A rescued text must contain nearly all of the text it replaces, and be this much longer (measured on news pages, and
# on guides and blogs).
_CONTAINED = 0.8
_LONGER_NEWS, _LONGER = 1.6, 1.3
_SHELL = 300  # too short to be an article
_LOST = 3.0
_LAYOUT_CELL = 400  # a longer table cell is page layout, not data
_STANDFIRST = range(40, 600)
_STANDFIRST_PLACES = 40
_STANDFIRST_CLASS = re.compile(
    r"standfirst|\bdeck?\b|(?<![a-z])(?:sub-?title|sub-?head(?:line)?|lede)\b", re.IGNORECASE
)
# Below this length or share of the page's text, trafilatura runs with all its fallbacks. Of 662 pages, their text was
# better on 19 of 27 with less than a fifth, and worse on 8 of 33 others with one line or less than two fifths.
_SHORT_TEXT, _COVERED = 300, 0.2
_SHORT_PAGE = 1_500
_LONG_LINE = 12
# A note reports an article that is less of its page (150 news pages: at least 0.28).
_SMALL_SHARE = 0.2

# Elements that no extractor reads. Removing them before the call makes trafilatura a fifth faster.
_UNREAD = (
    "style svg iframe noscript button select input textarea label fieldset link meta video audio canvas picture map"
    " object embed"
).split()
_BOXES = ("nav", "menu", "footer", "aside")
_BOILERPLATE = "script style noscript template nav header footer aside form button title".split()
_PAGE_TAG = re.compile(r"<(?:html|head|body|title|article|nav|script)\b", re.IGNORECASE)
_HIDDEN = "style noscript template".split()


def _pruned(root: Any) -> tuple[Any, int]:
    """Return a copy of a page without scripts, media, controls, menus and footers, and its maximum text length."""
    root = copy(root)
    for element in list(root.iter("script", "span", *_UNREAD)):
        if element.getparent() is None:
            continue
        if element.tag == "span":
            if not element.attrib:
                element.drop_tag()
        elif "json" not in (element.get("type") or ""):
            element.drop_tree()
    for box in list(root.iter(*_BOXES)):
        if box.getparent() is not None:
            box.drop_tree()
    return root, tree.max_readable_length(root)


def _open_boxes(root: Any) -> None:
    """Turn boxes into `div` that hold the article: a side box with the heading, any box with most of the prose."""
    total = None
    for box in list(root.iter("center", "fieldset", *_BOXES)):
        is_side = box.tag == "aside" and box.find(".//h1") is not None
        if is_side or box.tag == "center" or (box.tag == "fieldset" and box.find(".//p") is not None):
            box.tag = "div"
            for legend in box.findall("legend"):
                legend.drop_tree()
        elif next(box.iterancestors(*_BOXES), None) is None and (prose := tree.prose_length(box)) > _SHELL:
            total = tree.prose_length(root) if total is None else total
            is_menu = 2 * prose < tree.text_length(box)  # the blanks between links
            box.tag = "div" if 2 * prose > total and not is_menu else box.tag


def _trafilatura_text(root: Any, pruned: Any, length: int) -> str:
    """Return the article that trafilatura finds; empty if none. Its slow fallbacks run only where they can matter."""
    import trafilatura

    try:
        text = trafilatura.extract(pruned, include_comments=False, fast=True) or ""
        if len(text) < max(_SHORT_TEXT, _COVERED * length):
            text = trafilatura.extract(root, include_comments=False) or ""
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  any failure of trafilatura leaves the other ways to the text
        return ""
    return str(text)


def _row(line: str) -> str:
    """Return a line of the body. trafilatura writes table rows as `| a | b |`, with dashes between rows."""
    if not line.startswith("|"):
        return line
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return " | ".join(cell for cell in cells if cell.strip("-: "))


def _in_blocks(root: Any, found: list[str]) -> list[str]:
    """Return a short text line by line as the page has it, with its subheads.

    The fallbacks of trafilatura join the paragraphs of a short page, and its fast mode drops the subheads.
    """
    text = passages.squeezed(" ".join(found))
    blocks = [(block, passages.squeezed(block)) for block in tree.block_lines(root)]
    heads = {tree.inline_text(head) for head in root.iter("h1", "h2", "h3", "h4")}
    known = [key in text for _, key in blocks]
    places = [at for at, (_, key) in enumerate(blocks) if known[at] and len(key) >= min(_LONG_LINE, len(text) // 4)]
    if not places:
        return found
    start, end = places[0], places[-1] + 1
    while start > 0 and known[start - 1]:
        start -= 1
    while end < len(blocks) and known[end]:
        end += 1
    inside = [at for at in range(start, end) if known[at] or (known[at + 1] and blocks[at][0] in heads)]
    size = sum(len(blocks[at][1]) for at in inside)
    return [blocks[at][0] for at in inside] if len(text) <= size <= _LONGER * len(text) + 2 * _LABEL else found


def _fragment_lines(root: Any) -> list[str]:
    """Return all lines of markup that is not a page; a table row is a line."""
    for element in list(root.iter(_HIDDEN)):
        element.drop_tree()
    for row in root.iter("tr"):
        cells = [text for cell in row.iterchildren("td", "th") if (text := tree.inline_text(cell))]
        if cells and max(map(len, cells)) <= _LAYOUT_CELL and next(row.iter("table"), None) is None:
            row[:] = []
            row.text = " | ".join(cells)
    return tree.block_lines(root)


def _all_text(root: Any) -> list[str]:
    """Return the text of `article`, `main` or the page, one line per block, without boilerplate elements."""
    for element in list(root.iter(_BOILERPLATE)):
        if element is not root:
            element.drop_tree()
    article = next(root.iter("article"), None)
    main = next(root.iter("main"), None) if article is None else article
    return tree.block_lines(root if main is None else main)


def _fallback(page: Page) -> tuple[list[str], str]:
    """Return the lines of a page without an extractor's help, and a note with the reason."""
    reason = "the extractor found no article"
    if page.is_large:
        reason = "the page is too large for an extractor"
    elif page.is_deep:
        reason = f"the page has over {MAX_DEPTH} levels of nesting"
    if page.root is not None and not page.is_large and page.is_complete and (lines := _all_text(page.root)):
        return lines, f"fallback: all text of the page ({reason})"
    return visible_text(page.markup).split("\n\n"), f"fallback: all visible text ({reason})"


def _extracted(page: Page, root: Any, length: int) -> tuple[list[str], str]:
    """Return the lines that trafilatura finds, else those of `_fallback` with a note."""
    article = _trafilatura_text(page.root, root, length) if root is not None else ""
    found = [row for line in article.split("\n") if (row := _row(line.strip()))]
    if not found:
        return _fallback(page)
    return (_in_blocks(root, found) if _length(found) < _SHORT_PAGE else found), ""


def _is_link(line: str, anchors: frozenset[str]) -> bool:
    """Return whether a line is a link, or ends in one that is most of it (`Read more: ...`)."""
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
    """Return whether a line is a prompt, or a short link that is not a sentence: related stories, tags, buttons."""
    bare = _BULLET.sub("", line).strip()
    if not bare:
        return False
    if is_boilerplate(bare):
        return True
    return len(bare) <= _SHORT_LINE and not bare.endswith(_SENTENCE_END) and _is_link(bare, anchors)


def _clean(lines: Sequence[str], hints: BodyHints, anchors: frozenset[str]) -> _Body:
    """Return the lines of the body, and the lines removed."""
    kept = [line for line in lines if line.strip()]
    above = _above_body(kept, hints)
    removed, kept = kept[: max(above - 1, 0)], kept[above:]
    for edge in (slice(_OPENING_LINES), slice(-1, None)):
        if len(kept) <= _OPENING_LINES:
            break
        credits_ = [line.strip() for line in kept[edge] if is_credit_line(line.strip(), hints.names)]
        removed += credits_
        kept[edge] = [line for line in kept[edge] if line.strip() not in credits_]
    # Link lists belong to guides and blogs.
    asides = [_is_aside(line, anchors if hints.is_news else frozenset()) for line in kept]
    if not all(asides):
        removed += [_BULLET.sub("", line).strip() for line in compress(kept, asides)]
        kept = [line for line, aside in zip(kept, asides, strict=True) if not aside]
    return _Body(kept, removed)


def _above_body(lines: Sequence[str], hints: BodyHints) -> int:
    """Return how many lines end with the title, if that is near the top, below labels or outside a short article."""
    title = word_key(one_line(hints.title) or "")
    place = next((at for at, line in enumerate(lines[:_TITLE_LINES]) if title and word_key(line) == title), None)
    if place is None or len(lines) <= place + 1:
        return 0
    before, ends = lines[:place], (*_SENTENCE_END, "!", "?")
    is_labelled = all(len(line) <= _LABEL and not line.rstrip().endswith(ends) for line in before)
    is_outside = hints.is_heading and 2 * _length(before) < _length(lines) < _SHORT_PAGE
    return place + 1 if is_labelled or is_outside else 0


def _word_runs(lines: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = _WORD.findall("\n".join(lines))
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


def _contained(base: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of the four-word runs of `base` that `other` contains."""
    runs = _word_runs(base)
    return sum((runs & _word_runs(other)).values()) / (sum(runs.values()) or 1)


def _length(lines: Sequence[str]) -> int:
    return sum(map(len, lines))


def _heading(root: Any, title: str) -> Any:
    """Return the first heading of a page that is its title; None if there is none."""
    key = word_key(title)
    return next((element for element in root.iter("h1") if key == word_key(element.text_content())), None)


def _standfirst(root: Any, lines: Sequence[str], hints: BodyHints) -> str:
    """Return the standfirst that `lines` lack: on a news page, the sentence below the heading that is also the page's
    description; on any page, what its class names so. Empty if there is none."""
    wanted = {word_key(text) for text in hints.standfirsts if hints.is_news and len(text) in _STANDFIRST}
    heading = _heading(root, hints.title)
    if heading is None:
        return ""
    for element in islice(tree.following(heading, "p", "h2", "h3", "div"), _STANDFIRST_PLACES):
        is_named = _STANDFIRST_CLASS.search(element.get("class") or "") is not None
        if is_named or wanted:
            text = " ".join(element.text_content()[: _STANDFIRST.stop * 2].split())
            if len(text) in _STANDFIRST and (word_key(text) in wanted or (is_named and passages.is_prose(text))):
                return "" if word_key(text) in word_key(" ".join(lines)) else text
    return ""


def extract(page: Page, hints: BodyHints) -> MainText:
    """Return the body of a page. Modifies the page's tree."""
    # A link to a place on the same page is a heading or a table of contents.
    anchors = frozenset(anchor.text for anchor in page.anchors if anchor.text and not anchor.target.startswith("#"))
    if page.is_extractable:
        tree.keep_inline_text(page.root)
        _open_boxes(page.root)
        hints = replace(hints, is_heading=_heading(page.root, hints.title) is not None)
        if not _PAGE_TAG.search(page.markup):
            return _main_text(_clean(_fragment_lines(page.root), hints, anchors), ())
    clean = partial(_clean, hints=hints, anchors=anchors)
    root, length = _pruned(page.root) if page.is_extractable else (None, 0)
    found, note = _extracted(page, root, length)
    notes = [note]
    root = None if note else root
    body = clean(found)
    standfirst = _standfirst(root, body.lines, hints) if root is not None else ""
    if root is not None:
        longer = _LONGER_NEWS if hints.is_news else _LONGER
        for rescue in (partial(_from_readability, root, length, longer), partial(_everything, page.root, length)):
            body, note = rescue(body, clean)
            notes.append(note)
        if standfirst and word_key(standfirst) not in word_key(" ".join(body.lines)):
            body.lines.insert(0, standfirst)
        known = (hints.title, *body.removed)
        lines, note = passages.complete(page.root, body.lines, known, is_news=hints.is_news)
        body = _Body(lines, body.removed)
        notes.append(note)
    if 0 < body.length < _SMALL_SHARE * length:
        share = 100 * body.length / length
        notes.append(f"main text: {share:.0f} % of the text of the page; the rest is not read")
    return _main_text(body, notes)


def _main_text(body: _Body, notes: Sequence[str]) -> MainText:
    """Join lines by blank lines, so that text with short paragraphs does not look hard-wrapped."""
    return MainText(text="\n\n".join(body.lines), notes=tuple(filter(None, notes)), removed=tuple(body.removed))


def _from_readability(root: Any, length: int, longer: float, body: _Body, clean: _Clean) -> _Rescue:
    """Return what readability finds, if that contains the body and is `longer`, or replaces a layout table."""
    enough = longer * body.length
    in_table = any(" | " in line and max(map(len, line.split(" | "))) > _LAYOUT_CELL for line in body.lines)
    readable = tree.readable(root) if in_table or length > enough else None
    found = tree.block_lines(readable) if readable is not None else []
    if not in_table and _length(found) <= enough:
        return body, ""
    rescued = clean(found)
    if rescued.length > enough and _contained(body.lines, rescued.lines) >= _CONTAINED:
        return rescued, "rescue: text from readability, which found more"
    if in_table and rescued.lines and _contained(rescued.lines, body.lines) >= _CONTAINED:
        return rescued, "rescue: text from readability, instead of a layout table"
    return body, ""


def _everything(root: Any, length: int, body: _Body, clean: _Clean) -> _Rescue:
    """Return all text of the article, if that contains the body and is several times as long."""
    if length > _LOST * body.length:
        rescued = clean(_all_text(root))
        if rescued.length > _LOST * body.length and _contained(body.lines, rescued.lines) >= _CONTAINED:
            return rescued, "rescue: all text of the article, of which the extractor lost most"
    return body, ""

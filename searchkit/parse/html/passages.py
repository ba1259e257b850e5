"""The prose of a page that its main text lacks: inserted where it stands between paragraphs, else named in a note."""

from collections import Counter
from collections.abc import Sequence, Set
from itertools import islice, takewhile
from typing import Any

from searchkit.parse.html.phrases import is_boilerplate, is_box_class, is_notice
from searchkit.parse.html.scan import BLOCKS
from searchkit.parse.html.tree import inline_text

_MIN_WORDS = 8
_MAX_PIECES = 5_000
_LINK_SHARE = 0.5
_FIRST_WORDS = 60
_PART, _MAX_PARTS = 24, 8
# Each passage has a piece of text without markup that is this long. Shorter ones are labels.
_PIECES = "descendant::text()[string-length() > 30][not(parent::script or parent::style or parent::title or parent::a)]"
_SILENT = frozenset({"script", "style", "noscript", "iframe"})
_BOXES = frozenset("nav header footer aside form template textarea select button noscript iframe a".split())
# Captions and labels of pictures are not part of the argument.
_CAPTION = "figcaption"
_ENDS = (".", "!", "?", ":", "…", '"', "”", "»", "。")
_HEADINGS = frozenset("h2 h3 h4 h5 h6 dt summary".split())
_LISTS = frozenset("ul ol dl table tbody tr details".split())
_MAX_LEAD = 8
_MAX_TIMES = 2  # what a page repeats more often is a prompt
_BOX_LEVELS = 5
# On a news page, a box between the paragraphs is rarely part of the article.
_WRAPPERS = frozenset("div section article span".split())


def is_prose(line: str) -> bool:
    """Return whether a line has at least eight words, of which half are in lower case."""
    words = line.split()
    return len(words) >= _MIN_WORDS and sum(map(str.islower, words)) * 2 >= len(words)


def complete(root: Any, lines: Sequence[str], known: Sequence[str], *, is_news: bool) -> tuple[list[str], str]:
    """Return the main text of a page with the prose that stands between its lines, and a note on prose elsewhere.

    `known` are texts that may be missing: the title, and lines that were removed. The note is empty if there is none.
    """
    numbers = {line: number for number, line in enumerate(lines)}
    body = squeezed("\n".join((*lines, *known)))
    places, seen, own, blocks = _Places(), set[Any](), _Own(), _Blocks()
    for piece in islice(root.xpath(_PIECES), _MAX_PIECES):
        number = numbers.get(piece.strip(), -1)
        holder = piece.getparent()
        if number < 0:
            if not own[holder.getparent() if piece.is_tail else holder]:
                continue
            text, block = _passage(piece, seen, blocks)
            number = numbers.get(text, -1)
            if number < 0 and is_prose(text) and not is_boilerplate(text) and _is_missing(text, body):
                # Between two paragraphs, a sentence is another, unless it is a notice of the site.
                is_paragraph = text.endswith(_ENDS) and not is_notice(text)
                belongs = is_paragraph and not _is_in_box(block, places.holders, is_news=is_news)
                places.pending.append((text, [*_lead(block, body), text] if belongs else []))
        places.reach(number, holder)
    outside = places.outside + [text for text, _ in places.pending]
    note = ""
    if outside:
        count = f"{len(outside):,} passage{'' if len(outside) == 1 else 's'} outside the main text"
        first = outside[0] if len(outside[0]) <= _FIRST_WORDS else outside[0][:_FIRST_WORDS].rpartition(" ")[0] + " ..."
        note = f"not read: {count}{'' if len(outside) == 1 else ', the first'}: {first}"
    return places.merged(lines), note


class _Places:
    """Where passages stand among the lines of the main text, which a walk over the page reaches in turn.

    `pending` are passages since the last line, each with what may be inserted for it; `outside` are those that are not
    part of the text; `holders` are the elements that hold lines of it.
    """

    def __init__(self) -> None:
        self.pending: list[tuple[str, list[str]]] = []
        self.outside: list[str] = []
        self.holders: set[Any] = set()
        self._after: dict[int, list[str]] = {}  # passages by the number of the line that they follow
        self._last = -1

    def reach(self, number: int, holder: Any) -> None:
        """Take the pending passages as inside, if they stand between two lines; ignore a line that was passed."""
        if number < max(self._last, 0):
            return
        for text, passage in self.pending:
            if passage and self._last >= 0:
                self._after.setdefault(self._last, []).extend(passage)
            else:
                self.outside.append(text)
        self.pending, self._last = [], number
        while holder is not None and holder not in self.holders:
            self.holders.add(holder)
            holder = holder.getparent()

    def merged(self, lines: Sequence[str]) -> list[str]:
        """Return the lines with the passages behind them."""
        times = Counter(text for passages in self._after.values() for text in passages)
        merged = []
        for number, line in enumerate(lines):
            merged += [line, *(text for text in self._after.get(number, ()) if times[text] <= _MAX_TIMES)]
        return merged


def _is_in_box(block: Any, holders: Set[Any], *, is_news: bool) -> bool:
    """Return whether a passage is a caption, or stands in a box below the element that it shares with the article."""
    around = islice(block.iterancestors(), _BOX_LEVELS)
    boxes = [block, *takewhile(lambda element: element not in holders, around)]
    if any(element.tag == _CAPTION or is_box_class(f"{element.get('class')} {element.get('id')}") for element in boxes):
        return True
    return is_news and any(element.tag in _WRAPPERS for element in boxes[1:])


def _lead(block: Any, body: str) -> list[str]:
    """Return the missing headings and short items of the list directly before a passage."""
    lead: list[str] = []
    before = block.getprevious()
    if before is None and (parent := block.getparent()) is not None and parent.tag in _LISTS:
        before = parent.getprevious()
    while before is not None and len(lead) < _MAX_LEAD and (before.tag in _HEADINGS or before.tag == block.tag == "li"):
        text = inline_text(before)
        if not text or squeezed(text) in body or next(before.iter("a"), None) is not None or is_prose(text):
            break
        lead.insert(0, text)
        before = before.getprevious()
    return lead


class _Own(dict[Any, bool]):
    """Whether an element is neither a link nor in a menu or box."""

    def __missing__(self, element: Any) -> bool:
        parent = element.getparent()
        self[element] = is_own = element.tag not in _BOXES and (parent is None or self[parent])
        return is_own


class _Blocks(dict[Any, bool]):
    """Whether an element is a block, or holds one. Remembered, because inline elements may be nested."""

    def __missing__(self, element: Any) -> bool:
        tag = element.tag
        is_block = tag in BLOCKS or "-" in tag or (len(element) > 0 and next(element.iter(*BLOCKS), None) is not None)
        self[element] = is_block
        return is_block


def _passage(piece: Any, seen: set[Any], blocks: _Blocks) -> tuple[str, Any]:
    """Return the run of inline text around a piece of text, and its block; empty if it was `seen` or is a link."""
    inner, block = None, piece.getparent()
    if piece.is_tail:
        inner, block = block, block.getparent()
    while block is not None and not blocks[block]:
        inner, block = block, block.getparent()
    if block is None or (block if inner is None else inner) in seen:
        return "", block
    before = inner
    while before is not None and not blocks[before]:
        before = before.getprevious()
    seen.add(block if before is None else before)
    parts = [(block.text if before is None else before.tail) or ""]
    following = next(iter(block), None) if before is None else before.getnext()
    linked = 0
    while following is not None and not blocks[following]:
        seen.add(following)
        words = "" if following.tag in _SILENT else "".join(islice(following.itertext(), _MAX_PIECES))
        linked += len(words) if following.tag == "a" else sum(len(inline_text(link)) for link in following.iter("a"))
        parts += [words, following.tail or ""]
        following = following.getnext()
    text = " ".join("".join(parts).split())
    return ("" if linked > _LINK_SHARE * len(text) else text), block


def _is_missing(text: str, body: str) -> bool:
    """Return whether less than half of a passage is in the body. The main text may lack a word or two of it."""
    key = squeezed(text)
    step = max(_PART, len(key) // _MAX_PARTS)
    parts = [key[start : start + _PART] for start in range(0, len(key), step)]
    return 2 * sum(part in body for part in parts) < len(parts)


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())

"""One linear pass over markup, before any HTML library sees it.

The libraries behind this room lose a page in silence when it nests too deep, and stall on a tag with a hundred thousand
attributes. The pass counts depth and tags, cuts overlong tags, sets aside the few pieces that hold metadata (so that
beautifulsoup4 need not read the whole page), and collects links. It also gives the visible text of pages that no
library can take.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from msgspec import Struct

Kind = Literal["open", "close", "raw", "other"]


class Tag(NamedTuple):
    """A piece of markup at `start`..`end`. `raw` is an element whose content is no markup, up to its end tag.

    A tuple, since a page has thousands, and most are only looked at by place.
    """

    kind: Kind
    name: str
    start: int
    end: int


class Anchor(Struct, frozen=True, kw_only=True):
    """A link: where it leads, as written, and its text on one line. `beside` the article: in a menu or a box."""

    target: str
    text: str
    beside: bool


class Scan(Struct, frozen=True, kw_only=True):
    """What the pass found. `markup` has overlong tags cut; `pieces` are the outer markup of elements with metadata.

    `headings` are the places of the first `<h1>` in the markup as it came.
    """

    markup: str
    depth: int
    tags: int
    cut: int
    pieces: tuple[str, ...]
    linked_data: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    headings: tuple[int, ...] = ()


# A tag of 1.5 MB with 200,000 attributes stalls lxml's users for 25 s, and the time grows with the square: at 16 kB it
# is nothing. Real tags beyond it carry inlined images or program state.
_TAG_LIMIT = 16_384
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9:_-]{0,60})|!--|[!?])")
# Elements whose content is not markup.
_RAW = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
_VOID = frozenset("area base br col embed frame hr img input link meta param source track wbr".split())
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody td tfoot
    th thead title tr ul
    """.split()
)
_BESIDE = ("nav", "menu", "header", "footer", "aside")
_CELLS = frozenset({"td", "th", "p"})
# What an opening tag closes when it stands on top: end tags that may be left out.
_CLOSES = {
    "li": frozenset({"li", "p"}),
    "dt": frozenset({"dt", "dd", "p"}),
    "dd": frozenset({"dt", "dd", "p"}),
    "td": _CELLS,
    "th": _CELLS,
    "tr": _CELLS | {"tr"},
    "tbody": _CELLS | {"tr", "tbody", "thead"},
    "tfoot": _CELLS | {"tr", "tbody", "thead"},
    "option": frozenset({"option"}),
}
_CLOSES_P = frozenset({"p"})

# Pieces: enough of each for any page, few enough that the reduced page stays small.
_PIECE_LIMIT = 2_000
_META_LIMIT = 20_000
_PIECES_OF = {"h1": 5, "time": 30, "meta": 300, "link": 300, "title": 2, "html": 1, "base": 1, "abbr": 10, "marked": 80}
_MARKED = re.compile(
    r"\bitemprop\s{0,4}=\s{0,4}[\"']?(?:author|creator|datePublished|dateCreated|dateModified|headline)\b"
    r"|\brel\s{0,4}=\s{0,4}[\"']?author\b"
    r"|\b(?:class|id)\s{0,4}=\s{0,4}[\"'][^\"'<>]{0,200}?(?:byline|author)",
    re.IGNORECASE,
)
# A tag without any of these words needs no closer look. Plain searches for words as templates spell them take a tenth
# of the time of one pattern that minds no case.
_MARKING_WORDS = (
    "uthor",
    "yline",
    "reator",
    "atePublished",
    "ateCreated",
    "ateModified",
    "datepublished",
    "datecreated",
    "datemodified",
    "eadline",
    "AUTHOR",
    "BYLINE",
)
_LINKED_DATA = re.compile(r"\btype\s{0,4}=\s{0,4}[\"']?application/ld\+json", re.IGNORECASE)
_LINKED_DATA_LIMIT = 1_000_000
_LINKED_DATA_BLOCKS = 40
_HREF = re.compile(
    r"\bhref\s{0,4}=\s{0,4}(?:\"([^\"<>]{1,2000})\"|'([^'<>]{1,2000})'|([^\s\"'<>]{1,2000}))", re.IGNORECASE
)
_ANCHORS = 3_000
_HEADINGS = 3
_INNER_TAG = re.compile(r"<[^<>]{0,2000}>")


def tags(markup: str) -> Iterator[Tag]:
    """Every tag, comment and raw element of `markup`, in order. Linear in its length; never raises."""
    position = 0
    hopeless: set[str] = set()  # ends that were looked for and are nowhere further on
    while match := _TAG.search(markup, position):
        start, name = match.start(), (match[2] or "").lower()
        if not name:
            end = _comment_end(markup, start, hopeless)
            yield Tag("other", "", start, end)
            position = end
            continue
        end = _tag_end(markup, match.end())
        if not match[1] and name in _RAW and name not in hopeless:
            closing = _RAW[name].search(markup, end)
            if closing is None:
                hopeless.add(name)
            else:
                end = _tag_end(markup, closing.end())
                yield Tag("raw", name, start, end)
                position = end
                continue
        yield Tag("close" if match[1] else "open", name, start, end)
        position = end


def _comment_end(markup: str, start: int, hopeless: set[str]) -> int:
    if markup.startswith("<!--", start) and "-->" not in hopeless:
        end = markup.find("-->", start + 2)
        if end >= 0:
            return end + 3
        hopeless.add("-->")
    end = markup.find(">", start, start + _TAG_LIMIT)
    return end + 1 if end >= 0 else start + 2


def _tag_end(markup: str, start: int) -> int:
    """The position after the `>` that ends a tag; one inside quotation marks does not count, within reason."""
    end = markup.find(">", start)
    if end <= start:
        return end + 1 if end == start else len(markup)
    for _ in range(8):
        inside = markup.count('"', start, end) or markup.count("'", start, end)
        if inside % 2 == 0 or end - start > _TAG_LIMIT:
            return end + 1
        further = markup.find(">", end + 1, start + _TAG_LIMIT)
        if further < 0:
            break
        end = further
    return markup.find(">", start) + 1


class _Open:
    """The elements that are open, as a tree builder would have them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._count: Counter[str] = Counter()

    def beside(self) -> bool:
        """Whether a menu, a box or the like is open, which holds no part of an article."""
        return any(self._count[name] for name in _BESIDE)

    def push(self, name: str) -> None:
        closes = _CLOSES.get(name) or (_CLOSES_P if name in _BLOCKS else None)
        if closes:
            while self.names and self.names[-1] in closes:
                self._count[self.names.pop()] -= 1
        self.names.append(name)
        self._count[name] += 1

    def pop(self, name: str) -> None:
        if not self._count[name]:
            return
        while True:
            top = self.names.pop()
            self._count[top] -= 1
            if top == name:
                return


def _places(markup: str, word: str) -> Iterator[int]:
    place = markup.find(word)
    while place >= 0:
        yield place
        place = markup.find(word, place + 1)


class _Pieces:
    """Outer markup of elements that hold metadata."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._left = dict(_PIECES_OF)
        self._words = iter(sorted(place for word in _MARKING_WORDS for place in _places(markup, word)))
        self._word = next(self._words, len(markup))
        self._open: tuple[int, int] | None = None  # depth below which the open piece ends, and its start
        self.found: list[str] = []

    def see(self, tag: Tag, depth: int, *, empty: bool) -> None:
        """An opening tag, with the depth before it."""
        name, markup = tag.name, self._markup
        kind = name
        if name not in self._left:
            if not self._is_marked(tag):
                return
            kind = "marked"
        if self._open is not None or not self._left[kind]:
            return
        self._left[kind] -= 1
        if empty or name == "html" or tag.kind == "raw":
            self.found.append(markup[tag.start : min(tag.end, tag.start + _META_LIMIT)])
        else:
            self._open = (depth, tag.start)

    def _is_marked(self, tag: Tag) -> bool:
        while self._word < tag.start:  # tags come in order, and so do the words
            self._word = next(self._words, len(self._markup))
        if self._word >= tag.end:
            return False
        # What stands in a script may say what it likes, and be long.
        end = _tag_end(self._markup, tag.start + 1) if tag.kind == "raw" else tag.end
        return self._word < end and _MARKED.search(self._markup, tag.start, end) is not None

    def close(self, depth: int, end: int) -> None:
        """The depth after a tag that ends at `end`."""
        if self._open is not None and depth <= self._open[0]:
            start = self._open[1]
            piece = self._markup[start : min(end, start + _PIECE_LIMIT)]
            self.found.append(piece if end - start <= _PIECE_LIMIT else piece[: max(piece.rfind("<"), 1)])
            self._open = None


def plain(markup: str) -> str:
    """The text of a small piece of markup, on one line."""
    return " ".join(html.unescape(_INNER_TAG.sub(" ", markup)).split())


def scan(markup: str) -> Scan:
    """Depth, size and metadata pieces of `markup`. Linear in its length; never raises."""
    kept: list[str] = []
    copied = cut = count = depth = 0
    linked: list[str] = []
    anchors: list[Anchor] = []
    anchor: tuple[int, str] | None = None
    pieces, elements = _Pieces(markup), _Open()
    headings: list[int] = []
    for tag in tags(markup):
        count += 1
        if tag.kind != "raw" and tag.end - tag.start > _TAG_LIMIT:
            kept.append(markup[copied : tag.start])
            kept.append(f"<{'/' if tag.kind == 'close' else ''}{tag.name}>" if tag.name else "")
            copied = tag.end
            cut += 1
        if tag.kind == "raw":
            if tag.name == "script" and len(linked) < _LINKED_DATA_BLOCKS:
                inner = _linked_data(markup, tag)
                if inner:
                    linked.append(inner)
            pieces.see(tag, len(elements.names), empty=False)
        elif tag.kind == "open":
            empty = tag.name in _VOID or markup.startswith("/>", tag.end - 2)
            before = len(elements.names)
            if not empty:
                elements.push(tag.name)
                pieces.close(len(elements.names) - 1, tag.start)
                depth = max(depth, len(elements.names))
                before = len(elements.names) - 1
            pieces.see(tag, before, empty=empty)
            if tag.name == "h1" and len(headings) < _HEADINGS:
                headings.append(tag.start)
            if tag.name == "a" and len(anchors) < _ANCHORS:
                href = _HREF.search(markup, tag.start, min(tag.end, tag.start + _TAG_LIMIT))
                anchor = (tag.end, html.unescape(href[1] or href[2] or href[3]).strip()) if href else None
        elif tag.kind == "close":
            if tag.name == "a" and anchor is not None:
                text = plain(markup[anchor[0] : min(tag.start, anchor[0] + _PIECE_LIMIT)])
                anchors.append(Anchor(target=anchor[1], text=text, beside=elements.beside()))
                anchor = None
            elements.pop(tag.name)
            pieces.close(len(elements.names), tag.end)
    kept.append(markup[copied:])
    return Scan(
        markup="".join(kept) if cut else markup,
        depth=depth,
        tags=count,
        cut=cut,
        pieces=tuple(pieces.found),
        linked_data=tuple(linked),
        anchors=tuple(anchors),
        headings=() if cut else tuple(headings),
    )


def _linked_data(markup: str, tag: Tag) -> str:
    opening = _tag_end(markup, tag.start + 1)
    if not _LINKED_DATA.search(markup, tag.start, min(opening, tag.start + 1_000)):
        return ""
    closing = markup.rfind("<", opening, tag.end)
    return markup[opening:closing] if 0 < closing - opening <= _LINKED_DATA_LIMIT else ""


def visible_text(markup: str) -> str:
    """All text of a page, one line a block, without scripts and styles. Linear; for pages that no library can take."""
    parts: list[str] = []
    position = 0
    for tag in tags(markup):
        parts.append(markup[position : tag.start])  # a raw element is one tag: its content is passed over
        if tag.name in _BLOCKS or tag.name == "br":
            parts.append("\n\n")
        position = tag.end
    parts.append(markup[position:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(parts)).split("\n"))
    return "\n\n".join(line for line in lines if line)

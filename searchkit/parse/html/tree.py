"""A page as lxml's tree: built once, read for metadata, by the extractor, by readability and for its visible lines.

lxml answers a page that nests too deep with the part before, and says so only on its log. Such a page is built again
with leave to go deep, and what is built on lxml does not see it.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from msgspec import Struct

from searchkit.parse.html.scan import BLOCKS, without_overlong_tags


class Anchor(NamedTuple):
    """A link: where it leads, as written, and its text on one line. `beside` the article: in a menu or a box.

    A tuple, since a page has hundreds.
    """

    target: str
    text: str
    beside: bool


class Page(Struct, frozen=True, kw_only=True):
    """A page as loaded. `markup` has its overlong tags `cut`; `root` is its tree, None for what is no HTML.

    `is_whole` when all of the page is in the tree. The libraries that find articles are no good for one that `is_deep`,
    and take too long for one that `is_large`.
    """

    markup: str
    cut: int
    root: Any
    is_whole: bool
    is_deep: bool
    is_large: bool
    anchors: tuple[Anchor, ...]

    @property
    def is_tame(self) -> bool:
        """Whether what is built on lxml may read the page."""
        return self.root is not None and not self.is_deep and not self.is_large


# 100,000 unclosed paragraphs take trafilatura 25 s, and its time grows with the square of the elements side by side:
# 6 s at this limit. Of 711 pages measured, the largest had 9,800 tags and half fewer than 1,500.
_LIBRARY_TAGS = 20_000
_LIBRARY_SIZE = 10_000_000  # of bytes; lxml takes no longer text
# What is read for its head alone of a page that is larger.
_HEAD_SIZE = 1_000_000
# What lxml reads of a page; with leave to go deep it is 2,048.
MOST_LEVELS = 256

# What trafilatura takes out too before it builds a tree: signs that no markup may hold, and a document type with a
# slash, behind which lxml finds an empty page.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NO_SIGNS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_TYPE = re.compile(rb"^\s{0,40}< ?! ?DOCTYPE[^>]{0,400}/[^<>]{0,400}>", re.IGNORECASE)
_SELF_CLOSED = re.compile(rb"(<html[^<>]{0,400}?)\s{0,40}/>", re.IGNORECASE)
_OPENING = 4_096
# lxml drops what stands behind the end of a page, and some pages end twice.
_ENDS = re.compile(rb"</(?:body|html)\s{0,40}>", re.IGNORECASE)

_SILENT = frozenset({"script", "style", "noscript", "template", "title", "textarea", "iframe"})
_UNREAD = frozenset({"script", "style", "template"})
# How much of an element is looked at for its text: links and bylines are short, and may hold a page left open in them.
_WALKED = 600
_BESIDE = ("nav", "menu", "header", "footer", "aside")
_ANCHORS = 3_000
# As much as an article's head can be in.
_SHOWN = 1_000_000
_ANCHOR_TEXT = 2_000


@cache
def _parser(*, deep: bool) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8",
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=deep,
    )
    # One class for all elements. lxml asks Python for the class of each otherwise, which makes trafilatura a tenth
    # slower; nothing here needs the classes of forms and links.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def _built(body: bytes, *, deep: bool) -> tuple[Any, bool]:
    """The tree of a page, and whether all of the page is in it."""
    from lxml import etree, html

    parser = _parser(deep=deep)
    try:
        root = html.fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError):
        return None, True
    last = parser.error_log.last_error
    return root, last is None or last.type != etree.ErrorTypes.ERR_RESOURCE_LIMIT


def load(markup: str) -> Page:
    """The page in `markup`, whatever that is. Linear in its length; never raises."""
    markup, cut = without_overlong_tags(markup)
    body = markup.encode("utf-8", "replace").translate(None, _CONTROLS)
    is_cut = len(body) > _LIBRARY_SIZE
    if is_cut:
        body = body[:_HEAD_SIZE]
    for sign in _NO_SIGNS:
        body = body.replace(sign, b"")
    body = _TYPE.sub(b"", body, count=1)
    body = _SELF_CLOSED.sub(rb"\1>", body[:_OPENING], count=1) + body[_OPENING:]
    body = _ENDS.sub(b"", body)
    root, is_whole = _built(body, deep=False)
    is_deep = not is_whole
    if is_deep:
        root, is_whole = _built(body, deep=True)
    is_large = is_cut
    if root is not None and markup.count("<") > _LIBRARY_TAGS:  # the signs in scripts count for nothing
        is_large = is_large or root.xpath("count(//*)") + markup.count("</") > _LIBRARY_TAGS
    return Page(
        markup=markup,
        cut=cut,
        root=root,
        is_whole=is_whole and not is_cut,
        is_deep=is_deep,
        is_large=is_large,
        anchors=() if root is None else _anchors(root, tame=not (is_deep or is_large)),
    )


def _anchors(root: Any, *, tame: bool) -> tuple[Anchor, ...]:
    page = root.getroottree()
    paragraphs = sum(1 for _ in page.iter("p")) if tame else 0
    boxes: dict[Any, bool] = {}

    def is_beside(box: Any) -> bool:
        # What a box left open swallows is not beside the article: none holds most of the paragraphs.
        if box not in boxes:
            boxes[box] = not tame or 2 * sum(1 for _ in box.iter("p")) <= paragraphs
        return boxes[box]

    return tuple(
        Anchor(target, plain(anchor)[:_ANCHOR_TEXT], any(map(is_beside, anchor.iterancestors(_BESIDE))))
        for anchor in islice(page.iter("a"), _ANCHORS)
        if (target := (anchor.get("href") or "").strip())
    )


def texts(element: Any) -> Iterator[str]:
    """The pieces of text in an element, as they stand between tags, a blank for a line break; of very many some."""
    from lxml.etree import iterwalk

    for event, inner in islice(iterwalk(element, events=("start", "end")), _WALKED):
        if event == "start":
            if inner.tag == "br":
                yield " "
            if inner.text and inner.tag not in _UNREAD:
                yield inner.text
        elif inner.tail and inner is not element:
            yield inner.tail


def plain(element: Any) -> str:
    """The text in an element, on one line, with a blank where tags stand; the start of a very long one."""
    pieces = islice(element.itertext(), _WALKED) if len(element) else (element.text or "",)
    return " ".join(" ".join(pieces).split())


def lines(root: Any) -> list[str]:
    """The text below `root`, one line a block, without scripts."""
    return [line for block in _blocks(root) if (line := " ".join(block.split()))]


def shown_lines(root: Any) -> tuple[list[str], list[int]]:
    """As `lines`, with an end of line wherever the markup has one; and before which line each `<h1>` begins. Of a long
    page only the start."""
    found: list[str] = []
    headings: list[int] = []
    size = 0
    for block in _blocks(root, mark="h1"):
        size += len(block)
        if size > _SHOWN:
            break
        if block == _MARK:
            headings.append(len(found))
        else:
            found += [line for part in block.split("\n") if (line := " ".join(part.split()))]
    return found, headings


_MARK = "\0"  # no tree holds it


def _blocks(root: Any, *, mark: str = "") -> Iterator[str]:
    """The text of each block as it stands in the markup; a mark where an element of this kind begins."""
    from lxml.etree import iterwalk

    parts: list[str] = []
    silent = 0
    for event, element in iterwalk(root, events=("start", "end")):
        tag = element.tag
        if tag in BLOCKS:
            if parts:
                yield "".join(parts)
                parts.clear()
            if tag == mark and event == "start":
                yield _MARK
        if event == "start":
            silent += tag in _SILENT
            if element.text and not silent:
                parts.append(element.text)
        else:
            silent -= tag in _SILENT
            if element.tail and not silent and element is not root:
                parts.append(element.tail)
    yield "".join(parts)


def length(root: Any) -> int:
    """How many signs of text are below `root`."""
    return int(root.xpath("string-length(normalize-space())"))


def most_readable(root: Any) -> int:
    """How many signs `readable` gives at most: those of all text but scripts and styles. Takes a tenth of its time."""
    unseen = sum(len(" ".join((element.text or "").split())) for element in root.iter("script", "style"))
    # In the place of a film it writes a word of its own.
    return length(root) - unseen + len("VIDEO") * len(root.findall(".//iframe"))


def readable(root: Any) -> Any:
    """What readability takes for the article, as a tree; None when it finds nothing. It takes `root` apart."""
    from lxml.html import fromstring
    from trafilatura.readability_lxml import Document

    try:
        return fromstring(Document(root).summary())
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever it stumbles over, there are other ways to the text
        return None

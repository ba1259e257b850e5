"""A page as an lxml tree: built once, then read for metadata, main text and visible lines.

lxml drops what nests too deep and reports that only in its log. Such a page is built again without the depth limit,
and no extractor gets it.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from msgspec import Struct

from searchkit.parse.html.scan import BLOCKS, without_overlong_tags


class Anchor(NamedTuple):
    """A link: its target as written and its text on one line. `is_outside` means in a menu or box, not the article."""

    target: str
    text: str
    is_outside: bool


class Page(Struct, frozen=True, kw_only=True):
    """A loaded page. `markup` lacks the `cut_tags` overlong tags; `root` is None when the input is not HTML.

    `is_complete` means that the tree holds all of the page.
    """

    markup: str
    cut_tags: int
    root: Any
    is_complete: bool
    is_deep: bool
    is_large: bool
    anchors: tuple[Anchor, ...]

    @property
    def is_extractable(self) -> bool:
        """Return whether article extractors can process the page in reasonable time."""
        return self.root is not None and not self.is_deep and not self.is_large


# trafilatura takes 25 s for 100,000 unclosed paragraphs, and 6 s at this limit. Of 711 measured pages, the largest had
# 9,800 tags.
_EXTRACTOR_TAGS = 20_000
_TREE_BYTES = 10_000_000
_HEAD_BYTES = 1_000_000  # of a larger page, only the start is parsed, for its metadata
MAX_DEPTH = 256  # lxml's limit; 2,048 with `huge_tree`

_QUOTED = re.compile(rb"<q(?:\s[^<>]{0,400})?>((?:[^<]|<(?!/?q\b)){0,4000})</q\s{0,4}>", re.IGNORECASE)
_OPENING_MARKS = ('"', "“", "„", "‘", "«", "»")
# Elements that extractors drop, but whose text belongs to a sentence if it stands in one.
_INLINE = "time label output button math object".split()
_TEXT_BLOCKS = frozenset("p li td th dd dt blockquote figcaption h1 h2 h3 h4 h5 h6 span a em strong b i".split())
_INLINE_LENGTH = 200

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
# With a slash in the document type, or a self-closed <html/>, lxml returns an empty page.
_DOCTYPE = re.compile(rb"^\s{0,40}< ?! ?DOCTYPE[^>]{0,400}/[^<>]{0,400}>", re.IGNORECASE)
_SELF_CLOSED = re.compile(rb"(<html[^<>]{0,400}?)\s{0,40}/>", re.IGNORECASE)
_OPENING = 4_096
# lxml drops everything after the end of a page, and some pages end twice.
_PAGE_ENDS = re.compile(rb"</(?:body|html)\s{0,40}>", re.IGNORECASE)

_SILENT = frozenset({"script", "style", "noscript", "template", "title", "textarea", "iframe"})
_UNREAD = frozenset({"script", "style", "template"})
_MAX_PIECES = 600  # an unclosed element can hold the rest of the page
_OUTSIDE = ("nav", "menu", "header", "footer", "aside")
_MAX_ANCHORS = 3_000
_VISIBLE_SIZE = 1_000_000
_ANCHOR_TEXT = 2_000


@cache
def _parser(*, deep: bool) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True, huge_tree=deep)
    # With one class for all elements, lxml does not call Python for each of them: trafilatura gets a tenth faster.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def _build(body: bytes, *, deep: bool) -> tuple[Any, bool]:
    """Return the tree of a page and whether it is complete."""
    from lxml import etree, html

    parser = _parser(deep=deep)
    try:
        root = html.fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError):
        return None, True
    last = parser.error_log.last_error
    return root, last is None or last.type != etree.ErrorTypes.ERR_RESOURCE_LIMIT


def _with_marks(quotation: re.Match[bytes]) -> bytes:
    """Return the text of a `<q>` in the quotation marks that a browser adds, or in its own."""
    has_marks = quotation[1].lstrip().startswith(tuple(mark.encode() for mark in _OPENING_MARKS))
    return quotation[1] if has_marks else "“".encode() + quotation[1] + "”".encode()


def load(markup: str) -> Page:
    """Load any markup as a page. Takes linear time; never raises."""
    markup, cut_tags = without_overlong_tags(markup)
    body = markup.encode("utf-8", "replace").translate(None, _CONTROLS)
    is_cut = len(body) > _TREE_BYTES
    if is_cut:
        body = body[:_HEAD_BYTES]
    for character in _NONCHARACTERS:
        body = body.replace(character, b"")
    body = _DOCTYPE.sub(b"", body, count=1)
    body = _SELF_CLOSED.sub(rb"\1>", body[:_OPENING], count=1) + body[_OPENING:]
    body = _PAGE_ENDS.sub(b"", body)
    for _ in range(2):  # a quotation in a quotation
        if b"<q" in body or b"<Q" in body:
            body = _QUOTED.sub(_with_marks, body)
    root, is_complete = _build(body, deep=False)
    is_deep = not is_complete
    if is_deep:
        root, is_complete = _build(body, deep=True)
    is_large = is_cut
    if root is not None and markup.count("<") > _EXTRACTOR_TAGS:  # "<" in scripts does not count
        is_large = is_large or root.xpath("count(//*)") + markup.count("</") > _EXTRACTOR_TAGS
    return Page(
        markup=markup,
        cut_tags=cut_tags,
        root=root,
        is_complete=is_complete and not is_cut,
        is_deep=is_deep,
        is_large=is_large,
        anchors=() if root is None else _anchors(root, extractable=not (is_deep or is_large)),
    )


def _anchors(root: Any, *, extractable: bool) -> tuple[Anchor, ...]:
    page = root.getroottree()
    paragraphs = sum(1 for _ in page.iter("p")) if extractable else 0
    boxes: dict[Any, bool] = {}

    def is_outside(box: Any) -> bool:
        # An unclosed box that swallowed most of the paragraphs is not outside the article.
        if box not in boxes:
            boxes[box] = not extractable or 2 * sum(1 for _ in box.iter("p")) <= paragraphs
        return boxes[box]

    return tuple(
        Anchor(target, inline_text(anchor)[:_ANCHOR_TEXT], any(map(is_outside, anchor.iterancestors(_OUTSIDE))))
        for anchor in islice(page.iter("a"), _MAX_ANCHORS)
        if (target := (anchor.get("href") or "").strip())
    )


def keep_inline_text(root: Any) -> None:
    """Replace elements that extractors drop by their text, where it stands in a sentence: `until <time>May</time>`, or
    names the source of a quotation: `<blockquote>...<footer>Ann Aske</footer>`."""
    for footer in root.iterfind(".//blockquote/footer"):
        footer.tag = "p"
    for element in list(root.iter(_INLINE)):
        parent, tail = element.getparent(), (element.tail or "").strip()
        if parent is None or parent.tag not in _TEXT_BLOCKS or not tail:
            continue
        before = element.getprevious()
        lead = (parent.text if before is None else before.tail) or ""
        text = inline_text(element)
        if lead.strip() and not lead.rstrip().endswith((".", "|", "·")) and len(text) <= _INLINE_LENGTH:
            element.drop_tag()


def text_pieces(element: Any) -> Iterator[str]:
    """Yield the text between the tags of an element, with a blank for each line break, up to a limit."""
    for event, inner in islice(_walk(element), _MAX_PIECES):
        if event == "start":
            if inner.tag == "br":
                yield " "
            if inner.text and inner.tag not in _UNREAD:
                yield inner.text
        elif inner.tail and inner is not element:
            yield inner.tail


def inline_text(element: Any) -> str:
    """Return the text of an element on one line, with a blank for each tag; only the start of a very long one."""
    pieces = islice(element.itertext(), _MAX_PIECES) if len(element) else (element.text or "",)
    return " ".join(" ".join(pieces).split())


def block_lines(root: Any) -> list[str]:
    """Return the text below `root`, one line per block element."""
    return [line for block in _blocks(_walk(root), root) if (line := " ".join(block.split()))]


def visible_lines(root: Any) -> list[str]:
    """Return the lines of a page, or of the start of a long one, also split where the markup has a line break."""
    lines: list[str] = []
    size = 0
    for block in _blocks(_walk(root), root):
        size += len(block)
        if size > _VISIBLE_SIZE:
            break
        lines += _split_lines(block)
    return lines


def lines_from(element: Any) -> Iterator[str]:
    """Yield the lines of a page from `element` to the end, as in `visible_lines`."""
    for block in _blocks(_walk_from(element)):
        yield from _split_lines(block)


def _split_lines(block: str) -> Iterator[str]:
    return (line for part in block.split("\n") if (line := " ".join(part.split())))


def following(element: Any, *tags: str) -> Iterator[Any]:
    """Yield the elements with these tags after the end of `element`. XPath would collect all of them first."""
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.iter(*tags)
        element = element.getparent()


def _walk(element: Any) -> Iterator[tuple[str, Any]]:
    from lxml.etree import iterwalk

    return iter(iterwalk(element, events=("start", "end")))


def _walk_from(element: Any) -> Iterator[tuple[str, Any]]:
    yield from _walk(element)
    while element is not None:
        for sibling in element.itersiblings():
            yield from _walk(sibling)
        element = element.getparent()
        if element is not None:
            yield "end", element


def _blocks(walk: Iterator[tuple[str, Any]], root: Any = None) -> Iterator[str]:
    """Yield the text of each block as the markup has it, without what follows `root`."""
    parts: list[str] = []
    silent = 0
    for event, element in walk:
        tag = element.tag
        if tag in BLOCKS and parts:
            yield "".join(parts)
            parts.clear()
        if event == "start":
            silent += tag in _SILENT
            if element.text and silent <= 0:
                parts.append(element.text)
        else:
            silent -= tag in _SILENT
            if element.tail and silent <= 0 and element is not root:
                parts.append(element.tail)
    yield "".join(parts)


def text_length(root: Any) -> int:
    """Return the number of characters of text below `root`, with white space normalized."""
    return int(root.xpath("string-length(normalize-space())"))


def prose_length(root: Any) -> int:
    """Return the number of characters of text below `root` that are not in links, scripts or styles."""
    silent = (element for element in root.iter("a", "script", "style", "noscript") if element is not root)
    return text_length(root) - sum(len("".join(islice(element.itertext(), _MAX_PIECES))) for element in silent)


def max_readable_length(root: Any) -> int:
    """Return an upper bound for the text that `readable` returns. Takes a tenth of its time."""
    unseen = sum(len(" ".join((element.text or "").split())) for element in root.iter("script", "style"))
    # Readability replaces each video with a word.
    return text_length(root) - unseen + len("VIDEO") * len(root.findall(".//iframe"))


def readable(root: Any) -> Any:
    """Return the article as readability finds it, as a tree; None if it finds none. Modifies `root`."""
    from lxml.html import fromstring
    from trafilatura.readability_lxml import Document

    try:
        return fromstring(Document(root).summary())
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  any failure of readability leaves the other extractors
        return None

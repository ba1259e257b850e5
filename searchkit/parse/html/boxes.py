"""What stands in the article of a page without being part of it: boxes with other stories, comments, summaries by a
machine, prompts, forms, biographies; and the sources of block quotations, which get the line and the dash that other
pages write."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from typing import Any

from searchkit.parse.html.phrases import BOX_LABEL, MACHINE_LABEL, notice_class
from searchkit.parse.html.tree import block_lines, inline_text, text_length

_LABEL_TAGS = "h2 h3 h4 h5 h6 p strong b span div small summary legend header em i".split()
_HEADINGS = frozenset("h2 h3 h4 h5 h6".split())
_LONGEST_LABEL = 70
_SHARE = 0.6  # no box holds more of a page
_LIST_TAGS = frozenset("ul ol article section div a figure".split())
_CARD, _TEASER = 700, 300
_OUTSIDE = ("nav", "menu", "footer")
_NOTICE_TAGS = "div section aside p ul form table".split()
_LONGEST_BOX = 2_500  # except for comments
_PARAGRAPH, _SENTENCE = 100, 40
_MAX_BELOW = 40
_MAX_NOTICE = 3  # long paragraphs
_COMMENTS = re.compile(r"comment|kommentar|commentaire|respons|reader|leser|discussi|conversation", re.IGNORECASE)
_PERSONS = re.compile(r"author|autor|auteur|writer|reporter|journalist", re.IGNORECASE)
_SOURCE = re.compile(r"cite|attribution|author|source|credit|byline|speaker|name", re.IGNORECASE)
_SOURCE_TAGS = "cite footer figcaption p div".split()
_LONGEST_SOURCE = 120
_MARKS = frozenset('“”"„«»')
_DASH = re.compile(r"^[\s—–―~-]{1,6}")
_LEAD = 20  # characters before a line break
_MID_SENTENCE = re.compile(r"(?:[,;][\"”“»]?|[^\W\d_])\s{0,9}$")


class _Removal:
    """The boxes removed from a page: never more of its text than `limit`."""

    def __init__(self, root: Any) -> None:
        self.limit = _SHARE * text_length(root)
        self.labels: list[str] = []
        self._size = 0
        self._gone: set[Any] = set()
        self._lengths: dict[Any, int] = {}

    def length(self, element: Any) -> int:
        """Return the length of the text of an element, remembered because many labels may stand in one element."""
        if element not in self._lengths:
            self._lengths[element] = text_length(element)
        return self._lengths[element]

    def is_gone(self, element: Any) -> bool:
        return element in self._gone

    def drop(self, box: Any, label: str) -> None:
        size = self.length(box)
        if box in self._gone or box.getparent() is None or self._size + size > self.limit:
            return
        self._size += size
        self._gone.update(box.iter())
        self.labels.append(label)
        box.drop_tree()


def leave_out(root: Any) -> list[str]:
    """Remove the boxes from a page, and mark the sources of its quotations; return the labels of what was removed."""
    _mark_sources(root)
    _end_headings(root)
    _join_lines(root)
    for tag, other in (("dl", "div"), ("dt", "p"), ("dd", "p")):
        for element in root.iter(tag):
            element.tag = other
    removal = _Removal(root)
    for element in list(root.iter(_LABEL_TAGS)):
        if not removal.is_gone(element):
            _drop_labelled(element, removal)
    for card, label in list(_cards(root)):
        removal.drop(card, label)
    for element in list(root.iter(_NOTICE_TAGS)):
        _drop_notice(element, removal)
    return removal.labels


def _drop_notice(element: Any, removal: _Removal) -> None:
    """Remove what its class names a prompt, a form, a biography or other stories, unless it may hold the article."""
    kind = notice_class(f"{element.get('class', '')} {element.get('id', '')}")
    if not kind or removal.is_gone(element) or next(element.iterancestors(*_OUTSIDE), None) is not None:
        return
    is_short = (
        0 < removal.length(element) <= _LONGEST_BOX and _paragraphs(_unlinked(element), _PARAGRAPH) <= _MAX_NOTICE
    )
    if is_short and not _has_title(element) and (kind == "notice" or _is_linked(element)):
        removal.drop(element, inline_text(element)[:_LONGEST_LABEL])


def _drop_labelled(element: Any, removal: _Removal) -> None:
    """Remove the box that a label heads: `<section><h2>Most read</h2>...`, or the label and what belongs to it."""
    if len(element) > 3 or len(element.text or "") > _LONGEST_LABEL or element.getparent() is None:
        return
    label = inline_text(element)
    if not 0 < len(label) <= _LONGEST_LABEL:
        return
    is_machine = MACHINE_LABEL.match(label) is not None
    if not is_machine and not BOX_LABEL.match(label):
        return
    box = _box_of(element, label, removal, anywhere=is_machine)
    # A guide or a topic page has such headings of its own.
    has_links = not (is_machine or _COMMENTS.search(label) or _PERSONS.search(label))
    is_heading = box is element or box.tag in ("p", "header")
    below = _below(box, label, removal, has_links=has_links) if is_heading else []
    is_small = not is_heading and text_length(box) <= _TEASER
    if has_links and not (below or is_small or _is_linked(box)):
        return
    for other in (box, *below):
        removal.drop(other, label)


def _box_of(element: Any, label: str, removal: _Removal, *, anywhere: bool) -> Any:
    """Return the box around a label, or the label itself."""
    box = element
    while inline_text(box) == label and (outer := box.getparent()) is not None:
        if not _is_box(outer, element, label, removal, anywhere=anywhere):
            break
        box = outer
    return box


def _is_box(outer: Any, element: Any, label: str, removal: _Removal, *, anywhere: bool) -> bool:
    """Return whether an element holds nothing before the label, and no article."""
    if outer.tag in ("body", "main", "html") or removal.length(outer) > removal.limit:
        return False
    is_long = removal.length(outer) > _LONGEST_BOX or _paragraphs(outer.iterchildren("p"), _PARAGRAPH) > 2
    # A line such as `3 comments` may also stand above an article.
    heads_comments = element.tag in _HEADINGS and _COMMENTS.search(label)
    if (is_long and not heads_comments and not _has_comments(outer, label)) or _has_title(outer):
        return False
    text = inline_text(outer)
    return text.startswith(label) or (anywhere and text.endswith(label) and len(text) < _CARD * 2)


def _has_title(element: Any) -> bool:
    return next(element.iter("h1"), None) is not None


def _has_comments(element: Any, label: str) -> bool:
    """Return whether the label and the class or id of an element announce comments."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _COMMENTS.search(label) is not None and _COMMENTS.search(names) is not None


def _paragraphs(paragraphs: Iterable[Any], length: int) -> int:
    return sum(text_length(paragraph) > length for paragraph in paragraphs)


def _below(box: Any, label: str, removal: _Removal, *, has_links: bool) -> list[Any]:
    """Return what belongs to a heading among the paragraphs of an article: the lists and cards below it, or its end.

    `has_links` means that the box leads to other stories; sections of the article can follow it. Any other box that
    holds more than a few paragraphs is the article, from its first long paragraph on.
    """
    following = list(islice(box.itersiblings(), _MAX_BELOW))
    found = list(takewhile(lambda other: other.tag in _LIST_TAGS, following))
    if not found and box.tag in _HEADINGS and len(following) <= 3 and all(other.tag == "p" for other in following):
        found, has_links = following, False
    size = long = short = 0
    first_long = len(found)
    for number, other in enumerate(found):
        if _has_title(other) or removal.length(other) > removal.limit or (has_links and not _is_linked(other)):
            return found[:number]
        if has_links or _has_comments(other, label):
            continue
        here = _paragraphs(other.iter("p"), _PARAGRAPH)
        first_long = min(first_long, number) if here else first_long
        size, long, short = size + removal.length(other), long + here, short + _paragraphs(_unlinked(other), _SENTENCE)
        if size > _LONGEST_BOX or long > 2 or short > 4:
            return found[: min(number, first_long)]
    return found


def _is_linked(box: Any) -> bool:
    """Return whether a box leads to other stories: most of it is links, or each teaser has a line that is one."""
    links = [inline_text(link) for link in box.iter("a") if _leads_elsewhere(link)]
    length, lines = text_length(box), set(links)
    return 2 * sum(map(len, links)) >= length or length <= _TEASER * sum(line in lines for line in block_lines(box))


def _unlinked(element: Any) -> Iterator[Any]:
    return (paragraph for paragraph in element.iter("p") if next(paragraph.iter("a"), None) is None)


def _cards(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield cards of other articles: a link around a heading and text, an article in one whose heading is a link."""
    for link in root.iter("a"):
        heading = next(link.iter(*_HEADINGS), None)
        is_card = heading is not None and next(link.iter("p", "div"), None) is not None and _leads_elsewhere(link)
        if is_card and 0 < text_length(link) <= _CARD:
            yield _outermost(link), inline_text(heading)
    for outer in root.iter("article"):
        nested = [card for card in outer.iter("article") if card is not outer]
        inside = {paragraph for card in nested for paragraph in card.iter("p")}
        prose = sum(text_length(paragraph) for paragraph in outer.iter("p") if paragraph not in inside)
        if nested and sum(map(text_length, nested)) < prose:
            for card in nested:
                heading = next(card.iter(*_HEADINGS), None)
                if heading is not None and any(map(_leads_elsewhere, heading.iter("a"))) and text_length(card) <= _CARD:
                    yield card, inline_text(heading)


def _leads_elsewhere(link: Any) -> bool:
    target = (link.get("href") or "").strip()
    return target != "" and not target.startswith("#")


def _outermost(element: Any) -> Any:
    """Return the largest element around this one that has no other text."""
    text = inline_text(element)
    while (
        (outer := element.getparent()) is not None and outer.tag not in ("body", "main") and inline_text(outer) == text
    ):
        element = outer
    return element


def _mark_sources(root: Any) -> None:
    """Put the source of a block quotation on a line below it, behind a dash, and its paragraphs on one line."""
    for quotation in list(root.iter("blockquote")):
        words = inline_text(quotation)
        source = next((inner for inner in quotation.iter(*_SOURCE_TAGS) if _ends(words, inner)), None)
        following = quotation.getnext()
        if (
            source is None
            and following is not None
            and not (quotation.tail or "").strip()
            and _names(quotation, following)
        ):
            source = following
        text = inline_text(source) if source is not None else ""
        if source is None or not 0 < len(text) <= _LONGEST_SOURCE:
            continue
        line = quotation.makeelement("p")
        line.text = "— " + _DASH.sub("", text)
        source.drop_tree()
        quotation.addnext(line)
        if quotation.getparent().tag == "figure":
            quotation.getparent().tag = "div"  # extractors read only pictures and captions in a figure
        paragraphs = list(quotation.iter("p"))
        if _MARKS.isdisjoint(inline_text(quotation)):
            for paragraph in paragraphs[1:]:
                paragraph.tag, paragraph.text = "span", " " + (paragraph.text or "")
            if len(paragraphs) > 1:
                paragraphs[0].tag = "span"


def _ends(text: str, source: Any) -> bool:
    """Return whether an element is the source at the end of a quotation: any paragraph behind a closing mark."""
    name = inline_text(source)
    if not name or not text.endswith(name) or text == name:
        return False
    words = text.removesuffix(name).rstrip()
    is_line = text[0] in _MARKS and words[-1] in _MARKS and name[-1].isalpha()
    return source.tag not in ("p", "div") or is_line


def _names(quotation: Any, following: Any) -> bool:
    """Return whether the element behind a quotation names its source."""
    in_figure = following.tag == "figcaption" and quotation.getparent().tag == "figure"
    cite = next(following.iter("cite"), None)
    named = (cite is not None and inline_text(cite) == inline_text(following)) or (
        following.tag in ("p", "div", "span", "footer") and _SOURCE.search(following.get("class") or "")
    )
    return bool(in_figure or named) and not inline_text(following).endswith((".", "!", "?", ":"))


def _end_headings(root: Any) -> None:
    """End headings "Vera Lind, mayor" between a quotation and their own text by a full stop: they sign nothing."""
    for head in islice(filter(_is_heading_with_role, root.iter("p", *_HEADINGS)), _MAX_BELOW):
        before, after = (head.xpath(f"{axis}::text()[normalize-space()][1]") for axis in ("preceding", "following"))
        ends, begins = ("".join(text).strip() for text in (before, after))
        if ends and begins and ends[-1] in _MARKS and begins[0] not in _MARKS:
            head.append(head.makeelement("span"))
            head[-1].text = "."


def _is_heading_with_role(element: Any) -> bool:
    if len(element.text or "") > _LONGEST_SOURCE or (element.tag == "p" and len(element) == 0):
        return False
    text = inline_text(element)
    bold = (inner for inner in element.iter() if inner.tag in ("b", "strong") or "bold" in (inner.get("style") or ""))
    is_head = element.tag in _HEADINGS or any(inline_text(inner) == text for inner in bold)
    return is_head and 0 < len(text) <= _LONGEST_SOURCE and "," in text and text[-1].isalnum() and text[0].isalpha()


def _join_lines(root: Any) -> None:
    """Replace a line break in the middle of a sentence by a blank. Takes linear time."""
    joined: dict[tuple[Any, str], list[str]] = {}
    for line_break in list(root.iter("br")):
        before, parent = line_break.getprevious(), line_break.getparent()
        if parent is None:
            continue
        place = (parent, "text") if before is None else (before, "tail")
        pieces = joined.get(place) or [getattr(*place) or ""]
        lead = pieces[-1]
        if not lead and before is not None and before.tag != "br":
            lead = inline_text(before)
        lead = lead[-_LEAD:]
        tail = (line_break.tail or "").lstrip()
        if _MID_SENTENCE.search(lead) and tail and (tail[0].islower() or lead.rstrip()[-1] in ',"”»'):
            pieces.append(" " + tail)
            joined[place] = pieces
            line_break.tail = None
            parent.remove(line_break)
    for (element, part), pieces in joined.items():
        setattr(element, part, "".join(pieces))

"""What stands in the article of a page without being part of it: boxes with other stories, comments, summaries by a
machine; and the sources of block quotations, which get the line and the dash that other pages write."""

import re
from collections.abc import Iterator
from typing import Any

from searchkit.parse.html.phrases import is_box_label, is_machine_label
from searchkit.parse.html.tree import block_lines, inline_text, text_length

_LABEL_TAGS = "h2 h3 h4 h5 h6 p strong b span div small summary legend header em i".split()
_HEADINGS = frozenset("h2 h3 h4 h5 h6".split())
_LONGEST_LABEL = 70
_SHARE = 0.6  # no box holds more of a page
_LIST_TAGS = frozenset("ul ol article section div a figure".split())
_CARD, _TEASER = 700, 300
_LONGEST_BOX = 2_500  # except for comments
_PARAGRAPH = 100
_COMMENTS = re.compile(r"comment|kommentar|commentaire|respons|reader|leser|discussi|conversation", re.IGNORECASE)
_PERSONS = re.compile(r"author|autor|auteur|writer|reporter|journalist", re.IGNORECASE)
_SOURCE = re.compile(r"cite|attribution|author|source|credit|byline|speaker|name", re.IGNORECASE)
_LONGEST_SOURCE = 120
_DASH = re.compile(r"^[\s—–―~-]{1,6}")
_MID_SENTENCE = re.compile(r"(?:[,;][\"”“»]?|[^\W\d_])\s{0,9}$")


def leave_out(root: Any) -> list[str]:
    """Remove the boxes from a page, and mark the sources of its quotations; return the labels of what was removed."""
    _mark_sources(root)
    _join_lines(root)
    for tag, other in (("dl", "div"), ("dt", "p"), ("dd", "p")):
        for element in root.iter(tag):
            element.tag = other
    removed: list[str] = []
    limit = _SHARE * text_length(root)
    for box, label in [*_labelled(root, limit), *_cards(root)]:
        if box.getparent() is not None:
            removed.append(label)
            box.drop_tree()
    return removed


def _labelled(root: Any, limit: float) -> Iterator[tuple[Any, str]]:
    """Yield the boxes that a label heads: `<section><h2>Most read</h2>...`, and what follows a heading of that kind."""
    for element in root.iter(_LABEL_TAGS):
        if len(element) > 3 or len(element.text or "") > _LONGEST_LABEL or element.getparent() is None:
            continue
        label = inline_text(element)
        is_machine = 0 < len(label) <= _LONGEST_LABEL and is_machine_label(label)
        if not is_machine and not (0 < len(label) <= _LONGEST_LABEL and is_box_label(label)):
            continue
        box = element
        while inline_text(box) == label and (outer := box.getparent()) is not None:
            if not _is_box(outer, label, limit, anywhere=is_machine):
                break
            box = outer
        # A guide or a topic page has such headings of its own.
        has_links = not (is_machine or _COMMENTS.search(label) or _PERSONS.search(label))
        is_heading = box is element or box.tag in ("p", "header")
        below = list(_below(box, limit, has_links=has_links)) if is_heading else []
        is_small = not is_heading and text_length(box) <= _TEASER
        if has_links and not (below or is_small or _is_linked(box)):
            continue
        for other in (box, *below):
            yield other, label


def _is_box(outer: Any, label: str, limit: float, *, anywhere: bool) -> bool:
    """Return whether an element holds nothing before the label, and no article."""
    length = text_length(outer)
    if outer.tag in ("body", "main", "html") or next(outer.iter("h1"), None) is not None or length > limit:
        return False
    paragraphs = sum(text_length(inner) > _PARAGRAPH for inner in outer.iterchildren("p"))
    if not _COMMENTS.search(label) and (length > _LONGEST_BOX or paragraphs > 2):
        return False
    text = inline_text(outer)
    return text.startswith(label) or (anywhere and text.endswith(label) and len(text) < _CARD * 2)


def _below(box: Any, limit: float, *, has_links: bool) -> Iterator[Any]:
    """Yield what belongs to a heading among the paragraphs of an article: the lists and cards below it, or its end.

    `has_links` means that the box leads to other stories; sections of the article can follow it.
    """
    following = list(box.itersiblings())
    lists = []
    for other in following:
        if other.tag not in _LIST_TAGS or text_length(other) > limit or next(other.iter("h1"), None) is not None:
            break
        if has_links and not _is_linked(other):
            break
        lists.append(other)
    if not lists and box.tag in _HEADINGS and len(following) <= 3 and all(other.tag == "p" for other in following):
        lists = following
    yield from lists


def _is_linked(box: Any) -> bool:
    """Return whether a box leads to other stories: most of it is links, or each teaser has a line that is one."""
    links = [inline_text(link) for link in box.iter("a") if _leads_elsewhere(link)]
    length = text_length(box)
    return 2 * sum(map(len, links)) >= length or length <= _TEASER * sum(line in links for line in block_lines(box))


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
        source = next(
            (inner for inner in quotation.iter("cite", "footer", "figcaption") if _ends(quotation, inner)), None
        )
        beside = quotation.getnext()
        if source is None and beside is not None and not (quotation.tail or "").strip() and _names(quotation, beside):
            source = beside
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
        if not any(mark in inline_text(quotation) for mark in '“”"„«»'):
            for paragraph in paragraphs[1:]:
                paragraph.tag, paragraph.text = "span", " " + (paragraph.text or "")
            if len(paragraphs) > 1:
                paragraphs[0].tag = "span"


def _ends(quotation: Any, source: Any) -> bool:
    return inline_text(quotation).endswith(inline_text(source)) and inline_text(quotation) != inline_text(source)


def _names(quotation: Any, beside: Any) -> bool:
    """Return whether the element behind a quotation names its source."""
    in_figure = beside.tag == "figcaption" and quotation.getparent().tag == "figure"
    named = beside.tag == "cite" or (
        beside.tag in ("p", "div", "span", "footer") and _SOURCE.search(beside.get("class") or "")
    )
    return bool(in_figure or named) and not inline_text(beside).endswith((".", "!", "?", ":"))


def _join_lines(root: Any) -> None:
    """Replace a line break in the middle of a sentence by a blank."""
    for line_break in list(root.iter("br")):
        before, parent = line_break.getprevious(), line_break.getparent()
        if parent is None:
            continue
        lead = (
            parent.text if before is None else before.tail or ("" if before.tag == "br" else inline_text(before))
        ) or ""
        tail = (line_break.tail or "").lstrip()
        if _MID_SENTENCE.search(lead) and tail and (tail[0].islower() or lead.rstrip()[-1] in ',"”»'):
            line_break.tail = " " + tail
            line_break.drop_tag()

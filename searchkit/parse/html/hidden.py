"""The text of a page that no reader sees, because the markup hides it, and the text that it strikes out.

What a reader can open is not hidden: a closed `<details>`, or a section that a button on the page controls.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from searchkit.parse.base import StruckText
from searchkit.parse.html import stylesheet
from searchkit.parse.html.passages import squeezed
from searchkit.parse.html.phrases import EXPANDER, is_boilerplate
from searchkit.parse.html.scan import BLOCKS
from searchkit.parse.html.tree import block_lines, inline_text
from searchkit.statements.text import word_count

_MAX_ELEMENTS = 60_000
_MAX_HIDDEN = 2_000
_MAX_STRUCK = 200
_MIN_WORDS = 4
_MAX_LINES, _MAX_LENGTH = 100, 20_000  # of hidden text that is kept
_CONTEXT = 40
_UNDRAWN = ("template", "datalist", "noframes", "canvas", "audio", "video", "defs")
_UNSEEN = (*_UNDRAWN, "dialog")  # which a script opens
_STRUCK = frozenset({"del", "s", "strike"})
_WITHOUT_TEXT = frozenset("script style noscript link meta img br hr input svg iframe head html body title".split())
_BOXES = ("nav", "footer", "form", "select", "dialog")
_ALONE = ("display", "content-visibility", "filter", "text-indent", "margin-left", "margin-top", "clip-path")
_MOTION = ("transform", "scale", "opacity")  # what an animation begins with
_OFFSETS, _SIZES = ("left", "right", "top", "bottom"), ("height", "max-height", "width", "max-width")
# What opens on a click, and what React moves into the page.
_FOLDING = re.compile(r"accordion|collaps|toggle|expand|faq|tab-?(?:pane|content)|read-?more|spoiler", re.IGNORECASE)
_STREAMED = re.compile(r"S:[\da-f]{1,6}")
_MAX_CONTROL = 12
_CLIPPED = re.compile(r"hidden|clip")


class Hidden:
    """What the markup of a page hides: complete elements, texts of elements that hide only their own, and its lines."""

    def __init__(self) -> None:
        self.elements: list[Any] = []
        self.texts: list[tuple[Any, str]] = []  # an element, and `text` or `tail`
        self.lines: dict[str, None] = {}
        self.struck: list[Any] = []

    def struck_texts(self) -> tuple[StruckText, ...]:
        """Return what is struck out."""
        return tuple(text for element in self.struck[:_MAX_STRUCK] for text in _struck_texts(element))

    def leave_out(self) -> tuple[StruckText, ...]:
        """Remove what is hidden from the tree; return what is struck out in the rest."""
        for element in self.elements:
            if element.getparent() is not None:
                element.drop_tree()
        for element, part in self.texts:
            setattr(element, part, " ")
        struck = self.struck_texts()
        for element in self.struck:
            if element.tag in _STRUCK and _holds_blocks(element):
                element.tag = "div"  # extractors would join its paragraphs
        return struck

    def share_of(self, text: str) -> float:
        """Return the share of a text whose lines are hidden."""
        hidden = {squeezed(line) for line in self.lines}
        return sum(len(line) for line in text.split("\n") if squeezed(line) in hidden) / (len(text) or 1)

    def passages(self) -> tuple[str, ...]:
        """Return the hidden lines of some words, without prompts, up to a limit."""
        kept: list[str] = []
        size = 0
        for line in self.lines:
            size += len(line)
            if len(kept) == _MAX_LINES or size > _MAX_LENGTH:
                break
            if word_count(line) >= _MIN_WORDS and not is_boilerplate(line):
                kept.append(line)
        return tuple(kept)


class _Page:
    """The styles of a page, and what its buttons open."""

    def __init__(self, root: Any) -> None:
        self.sheet = stylesheet.Stylesheet(root)
        self.styles: dict[Any, stylesheet.Style] = {}
        self.own = root.xpath(
            "//*[@style or @hidden or @popover or self::font or " + " or ".join(f"self::{tag}" for tag in _UNSEEN) + "]"
        )
        # Without any other stylesheet, text stands on white.
        has_other = any("stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link"))
        self.paper = "unknown" if has_other else stylesheet.colour("white")
        own = {stylesheet.background(stylesheet.own_style(element)) for element in self.own}
        self.colours = frozenset({*self.sheet.backgrounds, *own, self.paper} - {"", "unknown"})
        self.opened = {
            target.lstrip("#")
            for name, of in (
                ("aria-controls", "*"),
                ("popovertarget", "*"),
                ("data-target", "*"),
                ("data-bs-target", "*"),
                ("href", "a"),
            )
            for written in root.xpath(f"//{of}/@{name}")
            if name in ("aria-controls", "popovertarget") or written.startswith("#")
            for target in written.split()
        }

    def style(self, element: Any) -> stylesheet.Style:
        if element not in self.styles:
            style = self.sheet.style(element)
            if element.tag == "font" and element.get("color"):
                style.setdefault("color", element.get("color").lower())
            if element.get("bgcolor"):
                style.setdefault("background-color", element.get("bgcolor").lower())
            self.styles[element] = style
        return self.styles[element]

    def candidates(self, walk: Iterator[tuple[str, Any]]) -> Iterator[Any]:
        """Yield the elements that may be hidden or struck out, in the order of the page."""
        # Another stylesheet can put anything behind a class.
        self.sheet.find_hiding(frozenset() if self.paper == "unknown" else self.colours)
        own = set(self.own)
        for _, element in islice(walk, _MAX_ELEMENTS):
            tag = element.tag
            if self.sheet.is_exhausted:
                return
            if tag in _WITHOUT_TEXT:
                continue
            if (
                tag in _UNSEEN
                or tag in _STRUCK
                or (element in own and self._hides_itself(element))
                or self.sheet.may_hide(element)
            ):
                yield element

    def _hides_itself(self, element: Any) -> bool:
        return element.get("hidden", element.get("popover")) is not None or stylesheet.is_hiding(
            self.style(element), self.colours
        )

    def hides_all(self, element: Any) -> bool:
        """Return whether an element is hidden with everything in it."""
        style = self.style(element)
        if element.tag in _UNDRAWN:
            return True
        is_closed = (element.tag == "dialog" and element.get("open") is None) or element.get("popover") is not None
        if (is_closed or element.get("hidden") not in (None, "until-found")) and "display" not in style:
            return True
        moves = any(name.startswith(("transition", "animation")) for name in style)
        hides = [name for name, value in style.items() if stylesheet.can_hide(name, value)]
        return (
            any(name in _ALONE or (name in _MOTION and not moves) for name in hides)
            or (style.get("position", "static") != "static" and any(name in (*_OFFSETS, "clip") for name in hides))
            or (
                any(name in _SIZES for name in hides)
                and any(_CLIPPED.search(style.get(name, "")) for name in ("overflow", "overflow-x", "overflow-y"))
            )
        )

    def hides_text(self, element: Any) -> dict[str, bool]:
        """Return by which properties an element hides its own text, or shows it in one that hides."""
        style = self.style(element)
        inherited = ("visibility", "font-size", "font")
        stated: dict[str, bool] = {name: stylesheet.can_hide(name, style[name]) for name in inherited if name in style}
        if "color" in style and "text" not in style.get("background-clip", style.get("-webkit-background-clip", "")):
            written = stylesheet.colour(style["color"])
            stated["color"] = written == "transparent" or (written != "" and written == self._behind(element))
        elif stylesheet.background(style) not in ("", "transparent"):
            stated["color"] = False
        return stated

    def _behind(self, element: Any) -> str:
        """Return the colour behind the text of an element. Another stylesheet may give one to any class."""
        while element is not None:
            behind = stylesheet.background(self.style(element))
            if behind not in ("", "transparent"):
                return behind
            if self.paper == "unknown" and (element.get("class") or element.get("id")):
                break
            element = element.getparent()
        return self.paper

    def can_be_opened(self, element: Any) -> bool:
        """Return whether a reader can open an element: by a button that names it or stands next to it."""
        name = element.get("id") or ""
        if name in self.opened or _STREAMED.fullmatch(name):
            return True
        outer = element.getparent()
        if any(_FOLDING.search(box.get("class") or "") for box in (element, outer) if box is not None):
            return True
        return any(self._is_control(other) for other in (element.getnext(), element.getprevious()) if other is not None)

    def _is_control(self, element: Any) -> bool:
        return (
            EXPANDER.match(inline_text(element)[:80]) is not None
            or any(_is_button(inner) for inner in islice(element.iter(), _MAX_CONTROL))
            or self.style(element).get("cursor") == "pointer"
        )


def _is_button(element: Any) -> bool:
    return (
        element.tag in ("button", "summary")
        or element.get("role") in ("button", "tab")
        or "aria-expanded" in element.attrib
    )


def find(root: Any) -> Hidden:
    """Return what the markup of a page hides and strikes out. Takes linear time."""
    from lxml.etree import iterwalk

    page, found = _Page(root), Hidden()
    walk = iterwalk(root, events=("start",))
    for element in page.candidates(walk):
        hides_all, hides_text = page.hides_all(element), any(page.hides_text(element).values())
        if (hides_all or hides_text) and page.can_be_opened(element):
            continue
        if hides_all:
            _hide(element, found)
            walk.skip_subtree()
            continue
        if element.tag in _STRUCK or stylesheet.is_struck(page.style(element)):
            found.struck.append(element)
        if hides_text and len(found.texts) < _MAX_HIDDEN:
            texts, is_partial = _unseen_texts(page, element)
            if not is_partial:
                _hide(element, found)
                walk.skip_subtree()
            else:
                found.texts += texts
                found.lines.update(dict.fromkeys(" ".join(getattr(*text).split()) for text in texts))
    return found


def _hide(element: Any, found: Hidden) -> None:
    found.elements.append(element)
    if next(element.iterancestors(_BOXES), None) is None:
        if element.tag in _UNSEEN:
            element.tag = "div"
        found.lines.update(dict.fromkeys(block_lines(element)))


def _unseen_texts(page: _Page, element: Any) -> tuple[list[tuple[Any, str]], bool]:
    """Return the texts below an element that are hidden by a property that descendants inherit or override, and
    whether some text is visible."""
    states: dict[Any, dict[str, bool]] = {}
    hidden: list[tuple[Any, str]] = []
    is_partial = False
    for inner in islice(element.iter(), _MAX_HIDDEN):
        outer = states.get(inner.getparent(), {}) if inner is not element else {}
        states[inner] = {**outer, **page.hides_text(inner)}
        for part, state in (("text", states[inner]), ("tail", outer)):
            if (part == "text" or inner is not element) and (getattr(inner, part) or "").strip():
                if any(state.values()):
                    hidden.append((inner, part))
                else:
                    is_partial = True
    return hidden, is_partial


def _struck_texts(element: Any) -> Iterator[StruckText]:
    """Yield the text of an element block by block, that of an inline element with the text around it."""
    from lxml.etree import iterwalk

    if _holds_blocks(element):
        yield from (StruckText(text=line) for line in block_lines(element))
        return
    block = element.getparent()
    while block is not None and block.tag not in BLOCKS and block.getparent() is not None:
        block = block.getparent()
    text = "".join(islice(element.itertext(), _MAX_HIDDEN))
    if block is None or not text.strip():
        return
    sides: tuple[list[str], list[str]] = ([], [])
    side, is_inside = 0, False
    for event, inner in islice(iterwalk(block, events=("start", "end")), _MAX_HIDDEN):
        if inner is element:
            side, is_inside = 1, event == "start"
        piece = inner.text if event == "start" else inner.tail if inner is not block else ""
        if piece and not is_inside:
            sides[side].append(piece)
    before, after = ("".join("".join(pieces).split()) for pieces in sides)
    yield StruckText(before=before[-_CONTEXT:], text=text, after=after[:_CONTEXT])


def _holds_blocks(element: Any) -> bool:
    return next(element.iter(*BLOCKS), None) is not None

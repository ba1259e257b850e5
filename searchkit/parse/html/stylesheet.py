"""The style of an element, as its own attribute and the `<style>` elements of the page declare it.

Reads only the properties that can hide text or strike it out, and only selectors of elements, ids, classes, attributes
and places. A rule whose selector or condition depends on the reader (`:hover`, a width, a class that a script sets) can
show what another rule hides, but hides nothing itself, unless such rules together apply on every screen.
"""

import re
from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from searchkit.parse.html.colours import CLEAR, colour
from searchkit.parse.html.css import Widths, as_written, blocks, covers, plain, selectors

_MAX_CSS = 500_000
_MAX_RULES = 5_000
_MAX_ANCESTORS = 60
_MAX_STEPS = 500_000  # comparisons of a rule with an element
_NAME_PART = r"[.#][\w-]{1,200}|\[[^\]]{1,200}\]"
_STATE_PART = r"::?[\w-]{1,60}(?:\((?:[^()]|\([^()]{0,200}\)){0,200}\))?"
_COMPOUND = re.compile(
    rf"(?P<combinator>[>+~])?\s{{0,9}}(?P<tag>[A-Za-z][\w-]{{0,60}}|\*)?(?P<parts>(?:{_NAME_PART}|{_STATE_PART}){{0,20}})"
)
_NAME = re.compile(r"[.#]([\w-]{1,200})")
_NOT = re.compile(r":not\((?:[^()]|\([^()]{0,200}\)){0,200}\)", re.IGNORECASE)
_PART = re.compile(
    r"([.#])([\w-]{1,200})|\[\s{0,9}([\w-]{1,60})\s{0,9}(?:([~^$*|]?=)\s{0,9}[\"']?([^\"'\]]{0,200}))?"
    r"|::?([\w-]{1,60})(?:\(((?:[^()]|\([^()]{0,200}\)){0,200})\))?"
)
# What a script sets when a reader opens an element or the page is loaded.
_SET_LATER = re.compile(
    r"open|activ|show|visib|expand|current|select|load|ready|js|hydrat|reveal|init|focus|check|view|aria|data-|^html|^body",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(?:nth-)?(first|last|only)?-?(child|of-type)")
_MAX_PLACE = 20
_DEFINITION = re.compile(r"(?<![\w-])(--[\w-]{1,99})\s{0,9}:([^;{}\"]{0,200})")
_VARIABLE = re.compile(r"var\(\s{0,9}(--[\w-]{1,99})\s{0,9}(?:,([^()]{0,200}))?\)")
_MAX_PARTS = 20  # of a condition on the width
_MAX_CHAIN = 5  # of variables with the values of others
_MAX_VALUE = 500
_EDGES = ("left", "right", "top", "bottom", "margin-left", "margin-top", "text-indent")
_SIZES = ("height", "max-height", "width", "max-width")
_PROPERTIES = frozenset(
    (
        *("display", "visibility", "content-visibility", "opacity", "filter", "font-size", "font", "position", "clip"),
        *("clip-path", "transform", "scale", "overflow", "overflow-x", "overflow-y", "color", "background"),
        *("background-color", "background-image", "background-clip", "-webkit-background-clip", "transition"),
        *("cursor", "animation", "animation-name", "text-decoration", "text-decoration-line", *_EDGES, *_SIZES),
        *("-webkit-text-fill-color", "-webkit-text-stroke", "translate"),
    )
)
_ALIASES = dict(
    pair.split("=")
    for pair in (
        "inset-inline-start=left inset-block-start=top margin-inline-start=margin-left margin-block-start=margin-top"
        " block-size=height inline-size=width max-block-size=max-height max-inline-size=max-width"
    ).split()
)
_SIDES = {"inset": ("top", "right", "bottom", "left"), "margin": ("margin-top", "", "", "margin-left")}
_LENGTH = re.compile(r"(-?\d{0,9}\.?\d{1,9})(px|r?em|%|v[wh]|pt|in|cm|ch|ex)?")
_PIXELS = {None: 1, "px": 1, "%": 10, "vw": 10, "vh": 10, "pt": 1.3, "in": 96, "cm": 38, "ch": 8, "ex": 8}
_OUTSIDE = -500  # pixels
_NO_AREA = re.compile(
    r"rect\((?:\s{0,9}(?:0|1px|0px)[\s,]{0,9}){4}\)|inset\(\s{0,9}(?:[5-9]\d|100)(?:\.\d{1,9})?%"
    r"|(?:circle|ellipse)\(\s{0,9}0|polygon\((?:\s{0,9}0[a-z%]{0,3}\s{1,9}0[a-z%]{0,3}\s{0,9},?){1,20}\)"
)
_NO_SIZE = re.compile(r"(?:scale(?:3d|x|y)?|matrix)\(\s{0,9}(?:0?\.0{1,9}|0)(?![.\d])|rotate[xy]\(\s{0,9}-?90deg")
_MOVED = re.compile(r"translate(?:3d|x|y)?\(\s{0,9}([^,()]{1,20})(?:,\s{0,9}([^,()]{1,20}))?")


Style = dict[str, str]


class _Compound(NamedTuple):
    """Conditions on one element; `depends`: on a state that markup does not show; `combinator`: to the one before."""

    tag: str
    names: frozenset[str]  # ids with their `#`, classes with their stop
    attributes: tuple[tuple[str, str, str], ...]
    combinator: str
    depends: bool
    places: tuple[tuple[bool, bool, int], ...]  # from the end, only among its own tag, the number
    any_of: tuple[tuple["_Compound", ...], ...]
    none_of: tuple["_Compound", ...]

    def matches(self, element: Any, names: frozenset[str]) -> bool:
        if self.depends or self.tag not in ("", element.tag) or not self.names <= names:
            return False
        return not (self.attributes or self.any_of or self.none_of or self.places) or (
            all(_has_attribute(element, *wanted) for wanted in self.attributes)
            and all(any(one.matches(element, names) for one in some) for some in self.any_of)
            and not any(one.matches(element, names) for one in self.none_of)
            and all(_is_at(element, *place) for place in self.places)
        )

    def found_by(self) -> Iterator[str]:
        """Yield names or tags of which each element that matches has one."""
        if self.names or self.tag or not self.any_of:
            yield from self.names or (self.tag or "*",)
        else:
            for one in self.any_of[0]:
                yield from one.found_by()

    def weight(self) -> tuple[int, ...]:
        """Return the specificity: of ids, of names and attributes, of tags."""
        ids = sum(name[0] == "#" for name in self.names)
        own = (ids, len(self.names) - ids + len(self.attributes) + len(self.places), int(self.tag != ""))
        inner = (max(one.weight() for one in some) for some in (*self.any_of, self.none_of) if some)
        return tuple(map(sum, zip(own, *inner, strict=True))) if self.any_of or self.none_of else own


class _Rule(NamedTuple):
    selector: tuple[_Compound, ...]
    rank: tuple[int, ...]  # specificity and order
    style: Style
    widths: Widths
    is_certain: bool
    is_layered: bool


class _Names(dict[Any, frozenset[str]]):
    """The id and the classes of each element as selectors write them."""

    has_escapes = False

    def __missing__(self, element: Any) -> frozenset[str]:
        own = (element.get("class") or "", element.get("id") or "")
        classes, name = map(as_written, own) if self.has_escapes else own
        names = [f".{name}" for name in classes.split()[:60]]
        self[element] = found = frozenset([*names, f"#{name}"] if name else names)
        return found


def _has_attribute(element: Any, name: str, operator: str, value: str) -> bool:
    stated = element.get(name)
    if stated is None or not operator:
        return stated is not None
    if not value.isascii():
        stated = as_written(stated)
    found: dict[str, bool] = {
        "=": stated == value,
        "~": value in stated.split(),
        "|": stated == value or stated.startswith(f"{value}-"),
        "^": stated.startswith(value),
        "$": stated.endswith(value),
        "*": value in stated,
    }
    return found[operator[0]]


def _is_at(element: Any, from_end: bool, of_type: bool, number: int) -> bool:
    """Return whether an element is the first (the second, ...) of its siblings, or of those with its tag."""
    siblings = element.itersiblings(element.tag if of_type else "*", preceding=not from_end)
    return sum(1 for _ in islice(siblings, number)) == number - 1


def _places(state: str, argument: str) -> tuple[tuple[bool, bool, int], ...]:
    """Read a condition on the place among siblings; empty for any other."""
    match = _PLACE.fullmatch(state)
    if match is None or bool(argument) != state.startswith("nth-") or not (argument or "1").isdecimal():
        return ()
    sides = (False, True) if match[1] == "only" else (match[1] == "last",)
    return tuple((side, match[2] == "of-type", min(int(argument or 1), _MAX_PLACE)) for side in sides)


def declarations(css: str) -> Style:
    """Return the properties of the body of a rule. `!important` stays in a value."""
    found: Style = {}
    for declaration in css[:20_000].split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        name = _ALIASES.get(name, name)
        is_short = name == "inset" or (name == "margin" and "-" in value)
        if not colon or not (is_short or name in _PROPERTIES or name.startswith("--")):
            continue
        value = " ".join(value.lower().split())
        if is_short:
            value, important, _ = value.partition("!")
            sides = value.split()[:4] or [""]
            four = (sides * 4)[:4] if len(sides) < 3 else [*sides, sides[1]][:4]
            mark = "!important" * bool(important)
            found |= {side: f"{one}{mark}" for side, one in zip(_SIDES[name], four, strict=True) if side}
        else:
            found[name] = value
    return found


def _selector(written: str) -> tuple[_Compound, ...]:
    """Read a selector; empty if it uses what is not read here."""
    found: list[_Compound] = []
    at, written = 0, written.strip()
    while at < len(written):
        match = _COMPOUND.match(written, at)
        if match is None or match.end() == at:
            return ()
        found.append(_compound(match["tag"] or "", match["parts"], match["combinator"] or ""))
        following = match.end()
        at = following + len(written[following:]) - len(written[following:].lstrip())
        if at == following < len(written) and written[at] not in ">+~":
            return ()
    return tuple(found)


def _compound(tag: str, parts: str, combinator: str) -> _Compound:
    tag = tag.lower().strip("*")
    names, attributes, places = set[str](), list[tuple[str, str, str]](), list[tuple[bool, bool, int]]()
    any_of, none_of = list[tuple[_Compound, ...]](), list[_Compound]()
    depends = False
    for mark, name, attribute, operator, value, written, argument in _PART.findall(parts):
        state = written.lower()
        if mark:
            names.add(mark + name)
        elif attribute:
            attributes.append((attribute.lower(), operator, value))
        elif state == "root" and not tag:
            tag = "html"
        elif state in ("is", "where", "not"):
            read = [_selector(one) for one in selectors(argument)]
            inner = [one[0] for one in read if len(one) == 1 and not one[0].depends]
            depends |= len(inner) < len(read)
            if state == "not":
                depends |= tag in ("html", "body") or _SET_LATER.search(argument) is not None
                none_of += inner
            else:
                any_of.append(tuple(inner))
        elif place := _places(state, argument):
            places += place
        else:
            depends = True
    return _Compound(
        tag, frozenset(names), tuple(attributes), combinator, depends, tuple(places), tuple(any_of), tuple(none_of)
    )


class _Budget:
    """How many more comparisons of a rule with an element a page may take."""

    def __init__(self) -> None:
        self.left = _MAX_STEPS


class Stylesheet:
    """The rules of a page, found by the last part of their selector.

    No rule applies any more to a page that takes too many comparisons.
    """

    def __init__(self, root: Any) -> None:
        self._by_key: dict[str, list[_Rule]] = {}
        self._names = _Names()
        self._budget = _Budget()
        self._used = {name for written in root.xpath("//@class | //@id") for name in as_written(written).split()}
        self._variables: dict[str, str] = {}
        sheets: list[tuple[str, str]] = []
        size = number = 0
        for element in root.iter("style"):
            if next(element.iterancestors("noscript", "template"), None) is None:
                css = (element.text or "")[: _MAX_CSS - size]
                size += len(css)
                self._names.has_escapes |= "\\" in css
                sheets.append((plain(css), element.get("media") or ""))
        for css in (*(css for css, _ in sheets), *root.xpath("//@style[contains(., '--')]")):
            for name, value in _DEFINITION.findall(css.lower()):
                one = " ".join(value.split())
                self._variables[name] = one if self._variables.get(name, one) == one else ""
        for block in (block for css, media in sheets for block in blocks(css, media)):
            if number >= _MAX_RULES:
                break
            # Most rules are for other pages.
            parts = [part for part in block.selectors if self._is_used(part)]
            style = self._resolved(declarations(block.body)) if parts else {}
            for part in parts if style else ():
                selector = _selector(part)
                if selector:
                    number += 1
                    rank = (*map(sum, zip(*(compound.weight() for compound in selector), strict=True)), number)
                    rule = _Rule(selector, rank, style, block.widths, covers(block.widths), block.is_layered)
                    for key in selector[-1].found_by():
                        self._by_key.setdefault(key, []).append(rule)
        self.backgrounds = {colour for rules in self._by_key.values() for rule in rules
                            if (colour := background(rule.style))}  # fmt: skip

    def _resolved(self, style: Style) -> Style:
        """Replace the variables that the style or the page defines in one way."""

        def value_of(match: re.Match[str]) -> str:
            return style.get(match[1]) or self._variables.get(match[1], match[2] or "") or match[0]

        found = {name: value for name, value in style.items() if not name.startswith("--")}
        for name, value in found.items():
            for _ in range(_MAX_CHAIN if "var(" in value else 0):
                found[name] = _VARIABLE.sub(value_of, found[name])[:_MAX_VALUE]
        return found

    def own_style(self, element: Any) -> Style:
        """Return what the style attribute of an element declares."""
        return self._resolved(declarations(plain(element.get("style") or "")))

    def _is_used(self, written: str) -> bool:
        """Return whether an element of the page can have the last part of a selector."""
        names = _NAME.findall(_NOT.sub("", written) if "(" in written else written.rpartition(" ")[2])
        return not names or not self._used.isdisjoint(names)

    @property
    def is_exhausted(self) -> bool:
        """Return whether the page took too many comparisons."""
        return self._budget.left < 0

    def _rules(self, element: Any) -> Iterator[_Rule]:
        if self._by_key:
            for key in (*self._names[element], element.tag, "*"):
                for rule in self._by_key.get(key, ()):
                    self._budget.left -= 1
                    if self.is_exhausted:
                        return
                    yield rule

    def _can_match(self, rule: _Rule) -> bool:
        """Return whether the page has the ids and classes of a rule."""
        return not any(
            compound.depends or any(name[1:] not in self._used for name in compound.names) for compound in rule.selector
        )

    def _matches(self, selector: tuple[_Compound, ...], element: Any) -> bool:
        """Return whether a selector matches; of several ways to place its ancestors, the nearest counts."""
        names = self._names[element]
        if not selector[-1].names <= names or not selector[-1].matches(element, names):
            return False
        combinator = selector[-1].combinator
        for compound in reversed(selector[:-1]):
            is_beside = combinator in ("+", "~")
            for _ in range(_MAX_ANCESTORS):
                element = next(element.itersiblings("*", preceding=True), None) if is_beside else element.getparent()
                self._budget.left -= 1
                if element is None:
                    return False
                if compound.matches(element, self._names[element]):
                    break
                if combinator in (">", "+"):
                    return False
            else:
                return False
            combinator = compound.combinator
        return True

    def style(self, element: Any) -> Style:
        """Return the declared style of an element. A value that only some readers see wins if it shows the text."""
        found: dict[str, tuple[tuple[int, ...], str, frozenset[str]]] = {}
        shows: list[_Rule] = []
        partly: dict[str, list[_Rule]] = {}
        for rule in self._rules(element):
            if not rule.is_certain or not self._matches(rule.selector, element):
                shows.append(rule)
                for name, value in rule.style.items() if rule.widths and not rule.is_certain else ():
                    some = partly.setdefault(name, []) if can_hide(name, value) else None
                    if some is not None and len(some) < _MAX_PARTS and self._matches(rule.selector, element):
                        some.append(rule)
                continue
            for name, value in rule.style.items():
                rank = _rank(value, rule)
                if name not in found or rank > found[name][0]:
                    found[name] = (rank, value, rule.selector[-1].names)
        for name, value in self.own_style(element).items():
            rank = _rank(value, None)
            if name not in found or rank > found[name][0]:
                found[name] = (rank, value, frozenset())
        for name, rules in partly.items():
            above = [rule for rule in rules if name not in found or _rank(rule.style[name], rule) > found[name][0]]
            if above and _cover_together(above):
                found[name] = (_rank("", above[0]), above[0].style[name], above[0].selector[-1].names)
        for rule in shows:
            for name, value in rule.style.items():
                if name in found and can_hide(name, found[name][1]) and not can_hide(name, value):
                    # `.more.open` shows what `.more` hides; `.text:hover` need not show what `.secret` hides.
                    certain = rule.selector[-1].names & found[name][2]
                    if certain or self._matches(rule.selector, element):
                        found[name] = (found[name][0], value, frozenset())
        if self.is_exhausted:
            return {}
        return {name: value.replace("!important", "").strip() for name, (_, value, _) in found.items()}

    def hiding(self, colours: frozenset[str]) -> "Stylesheet":
        """Return only the rules that can hide text, also in one of these colours, or strike it out."""
        some = copy(self)
        some._by_key = {}
        for key, rules in self._by_key.items():
            kept = [rule for rule in rules if rule.widths and self._can_match(rule) and is_hiding(rule.style, colours)]
            partly = [rule for rule in kept if not rule.is_certain]
            if partly and not _cover_together(partly):
                kept = [rule for rule in kept if rule.is_certain]
            if kept:
                some._by_key[key] = kept
        return some

    def applies(self, element: Any) -> bool:
        """Return whether any rule applies to an element."""
        if self._by_key.keys().isdisjoint((*self._names[element], element.tag, "*")):
            return False
        return any(self._matches(rule.selector, element) for rule in self._rules(element))


def _rank(value: str, rule: _Rule | None) -> tuple[int, ...]:
    """Return the rank of a value of a rule or, without one, of a style attribute."""
    important = "!important" in value
    if rule is None:
        return important, True, 1
    # Layers come before all other rules, with `!important` after them.
    return important, rule.is_layered == important, 0, *rule.rank


def _cover_together(rules: list[_Rule]) -> bool:
    return covers(tuple(width for rule in rules for width in rule.widths))


def pixels(value: str) -> float | None:
    """Return a length in pixels, roughly; None for any other value."""
    match = _LENGTH.fullmatch(value.replace("!important", "").strip().removeprefix("calc(").removesuffix(")"))
    return float(match[1]) * _PIXELS.get(match[2], 16) if match else None


@lru_cache(maxsize=4_000)
def can_hide(name: str, value: str) -> bool:
    """Return whether this value of a property can hide text, with others or alone."""
    value = value.replace("!important", "").strip()
    if name in ("display", "visibility", "content-visibility"):
        return value in ("none", "hidden", "collapse")
    if name in ("clip", "clip-path"):
        return _NO_AREA.match(value) is not None
    if name == "transform":
        moved = _MOVED.search(value)
        far = any((pixels(part or "") or 0) <= _OUTSIDE for part in moved.groups()) if moved else False
        return far or _NO_SIZE.search(value) is not None
    if name == "translate":
        return any((pixels(part) or 0) <= _OUTSIDE for part in value.split()[:3])
    if name == "filter":
        return re.search(r"opacity\(\s{0,9}0(?:\.0{0,9})?%?\s{0,9}\)", value) is not None
    size = pixels(value.split("/")[0].split()[0] if name == "font" and value else value)
    if size is None:
        return False
    if name in _EDGES:
        return size <= _OUTSIDE
    return size <= {"opacity": CLEAR, "scale": CLEAR, "font-size": 1.5, "font": 1.5}.get(
        name, 1 if name in _SIZES else -1
    )


def is_hiding(style: Style, colours: frozenset[str]) -> bool:
    """Return whether a rule or an attribute may hide text, also in a colour of a background, or strikes it out."""
    return any(can_hide(name, value) for name, value in style.items()) or (
        bool(style.keys() & {"color", "-webkit-text-fill-color", "text-decoration", "text-decoration-line"})
        and (
            is_struck(style)
            or not {colour(ink) for ink in inks(style)}.isdisjoint({*colours, background(style), "transparent"} - {""})
        )
    )


def inks(style: Style) -> list[str]:
    """Return the values of the properties that colour letters."""
    return [style[name] for name in ("color", "-webkit-text-fill-color") if name in style]


def is_struck(style: Style) -> bool:
    """Return whether a style strikes text out."""
    return "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", "")


def background(style: Style) -> str:
    """Return the colour of a background: empty if none is declared, `unknown` behind a picture."""
    if "background-image" in style and style["background-image"] != "none":
        return "unknown"
    value = style.get("background-color") or style.get("background", "")
    return colour(value) or ("unknown" if value and value != "none" else "")

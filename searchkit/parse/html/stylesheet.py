"""The style of an element, as its own attribute and the `<style>` elements of the page declare it.

Reads only the properties that can hide text or strike it out, and only selectors of elements, ids, classes and
attributes. A rule whose selector or condition depends on the reader (`:hover`, a width, a class that a script sets)
can show what another rule hides, but hides nothing itself.
"""

import re
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, NamedTuple

from searchkit.parse.html.scan import WORDS

_MAX_CSS = 500_000
_MAX_RULES = 5_000
_MAX_ANCESTORS = 60
_MAX_DEPTH = 20  # of blocks in blocks
_MAX_STEPS = 500_000  # comparisons of a rule with an element
_COMMENT = re.compile(r"/\*[^*]{0,100000}\*{1,40}(?:[^/*][^*]{0,100000}\*{1,40}){0,10000}/|<!--|-->")
# A letter that is written by its number: `displa\79`.
_ESCAPE = re.compile(r"\\0{0,4}([46][1-9a-f]|[57][0-9a])\s?", re.IGNORECASE)
_CONDITION = re.compile(r"@(?:media|supports)", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_COMPOUND = re.compile(
    r"(?P<child>>)?\s{0,9}(?P<tag>[A-Za-z][\w-]{0,60}|\*)?"
    r"(?P<parts>(?:[.#][\w-]{1,200}|\[[^\]]{1,200}\]){0,20})(?P<state>::?[\w-]{1,60}(?:\([^()]{0,200}\))?){0,9}"
)
_NAME = re.compile(r"[.#]([\w-]{1,200})")
_PART = re.compile(r"([.#])([\w-]{1,200})|\[\s{0,9}([\w-]{1,60})\s{0,9}(?:([~^$*|]?)=\s{0,9}[\"']?([^\"'\]]{0,200}))?")
_OPERATORS = {
    "": "",
    "=": r"\A{}\Z",
    "~": r"(?<!\S){}(?!\S)",
    "|": r"\A{}(?:-|\Z)",
    "^": r"\A{}",
    "$": r"{}\Z",
    "*": "{}",
}
_EVERYWHERE = re.compile(
    r"\s{0,9}(?:(?:only\s{1,9})?(?:all|screen)(?:\s{1,9}and)?)?\s{0,9}"
    r"(?:\(\s{0,9}min-width\s{0,9}:\s{0,9}[12]?\d{1,2}px\s{0,9}\))?\s{0,9}",
    re.IGNORECASE,
)
_PRINT = re.compile(r"\s{0,9}(?:only\s{1,9})?(?:print|speech)\b", re.IGNORECASE)
_NEUTRAL = ("@layer", "@scope")
_EDGES = ("left", "right", "top", "bottom", "margin-left", "margin-top", "text-indent")
_SIZES = ("height", "max-height", "width", "max-width")
_PROPERTIES = frozenset(WORDS["properties"]).union(_EDGES, _SIZES)
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
    """Conditions on one element; `is_child`: of the one before; `depends`: also on a state that markup cannot show."""

    tag: str
    names: frozenset[str]  # ids with their `#`, classes with their stop
    attributes: tuple[tuple[str, str, str], ...]
    is_child: bool
    depends: bool

    def matches(self, element: Any, names: frozenset[str]) -> bool:
        return (
            not self.depends
            and self.tag in ("", element.tag)
            and self.names <= names
            and all(_has_attribute(element, *wanted) for wanted in self.attributes)
        )


class _Rule(NamedTuple):
    selector: tuple[_Compound, ...]
    rank: tuple[int, int, int]  # specificity and order
    style: Style
    is_certain: bool


class _Names(dict[Any, frozenset[str]]):
    """The id and the classes of each element as selectors write them."""

    def __missing__(self, element: Any) -> frozenset[str]:
        names = [f".{name}" for name in (element.get("class") or "").split()[:60]]
        self[element] = found = frozenset([*names, f"#{element.get('id')}"] if element.get("id") else names)
        return found


def _has_attribute(element: Any, name: str, operator: str, value: str) -> bool:
    stated = element.get(name)
    return stated is not None and re.search(_OPERATORS[operator].format(re.escape(value)), stated) is not None


def declarations(css: str) -> Style:
    """Return the properties of the body of a rule, read by `_readable`. `!important` stays in a value."""
    found: Style = {}
    for declaration in css[:20_000].split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon and name in _PROPERTIES:
            found[name] = " ".join(value.lower().split())
    if "inset" in found:
        edges = found["inset"].split()
        found |= {"top": edges[0], "left": edges[-1 if len(edges) in {2, 4} else 0]}
    if found.get("-webkit-text-fill-color") == "transparent":
        found["color"] = "transparent"
    return found


def own_style(element: Any) -> Style:
    """Return the properties of an element's style attribute, as `declarations`."""
    return declarations(_readable(element.get("style") or ""))


def _readable(css: str) -> str:
    """Return CSS without comments, and with its letters as such."""
    if "/*" in css or "--" in css:
        css = _COMMENT.sub(" ", css)
    return _ESCAPE.sub(lambda letter: chr(int(letter[1], 16)), css) if "\\" in css else css


def _selector(written: str) -> tuple[_Compound, ...]:
    """Read a selector; empty if it uses what is not read here."""
    found: list[_Compound] = []
    at, written = 0, written.strip()
    while at < len(written):
        match = _COMPOUND.match(written, at)
        if match is None or match.end() == at:
            return ()
        parts = [part.groups() for part in _PART.finditer(match["parts"])]
        names = frozenset(f"{mark}{name}" for mark, name, *_ in parts if mark)
        attributes = tuple((name.lower(), operator or "=" * (value is not None), value or "")
                           for mark, _, name, operator, value in parts if not mark)  # fmt: skip
        tag = (match["tag"] or "").lower().strip("*")
        found.append(_Compound(tag, names, attributes, match["child"] is not None, match["state"] is not None))
        following = match.end()
        at = following + len(written[following:]) - len(written[following:].lstrip())
        if at == following < len(written) and written[at] != ">":
            return ()
    return tuple(found)


def _specificity(selector: tuple[_Compound, ...]) -> tuple[int, int]:
    names = [name for compound in selector for name in compound.names]
    ids = sum(name.startswith("#") for name in names)
    other = len(names) - ids + sum(len(compound.attributes) for compound in selector)
    return ids, other * 100 + sum(bool(compound.tag) for compound in selector)


def _blocks(css: str, media: str) -> Iterator[tuple[str, str, bool]]:
    """Yield selector, declarations and whether they always apply, of each rule that a screen may apply."""
    css = _readable(css)
    open_: list[str] = [f"@media {media}"] if media else []
    outer, at = len(open_), 0
    for brace in _BRACE.finditer(css):
        inside, at = css[at : brace.start()], brace.end()
        if brace[0] == "{":
            open_.append(inside.rpartition(";")[2].strip())
        elif len(open_) > outer:
            selector = open_.pop()
            if len(open_) > _MAX_DEPTH:
                continue
            conditions = [before for before in open_ if not before.lower().startswith(_NEUTRAL)]
            media_only = all(before.lower().startswith(("@media", "@supports")) for before in conditions)
            queries = [_CONDITION.sub("", before, count=1) for before in conditions]
            if selector.startswith("@") or not media_only or any(map(_PRINT.match, queries)):
                continue
            everywhere = all(
                any(_EVERYWHERE.fullmatch(query) for query in written.split(","))
                if condition[:6].lower() == "@media"
                else not written.strip().lower().startswith("not")
                for written, condition in zip(queries, conditions, strict=True)
            )
            yield selector, inside, everywhere


class Stylesheet:
    """The rules of a page, found by the last part of their selector.

    No rule applies any more to a page that takes too many comparisons.
    """

    def __init__(self, root: Any) -> None:
        self._by_key: dict[str, list[_Rule]] = {}
        self._hiding: dict[str, list[_Rule]] = {}
        self._names = _Names()
        self._steps_left = _MAX_STEPS
        self._used = {name for written in root.xpath("//@class | //@id") for name in written.split()}
        for rule in islice(self._read(root), _MAX_RULES):
            for key in rule.selector[-1].names or (rule.selector[-1].tag or "*",):
                self._by_key.setdefault(key, []).append(rule)
        self.backgrounds = {colour for rules in self._by_key.values() for rule in rules
                            if (colour := background(rule.style))}  # fmt: skip

    def _read(self, root: Any) -> Iterator[_Rule]:
        """Yield the rules of the `<style>` elements that an element of the page can match."""
        numbers, size = count(1), 0
        for element in root.iter("style"):
            css = (element.text or "")[: _MAX_CSS - size]
            size += len(css)
            if next(element.iterancestors("noscript", "template"), None) is not None:
                continue
            for written, body, is_certain in _blocks(css, element.get("media") or ""):
                # Most rules are for other pages.
                parts = [part for part in written.split(",") if self._is_used(part)]
                style = declarations(body) if parts else {}
                for selector in filter(None, map(_selector, parts if style else ())):
                    yield _Rule(selector, (*_specificity(selector), next(numbers)), style, is_certain)

    def _is_used(self, written: str) -> bool:
        """Return whether an element of the page can have the last part of a selector."""
        names = _NAME.findall(written.rpartition(" ")[2])
        return not names or not self._used.isdisjoint(names)

    @property
    def is_exhausted(self) -> bool:
        """Return whether the page took too many comparisons."""
        return self._steps_left < 0

    def _rules(self, element: Any, by_key: dict[str, list[_Rule]]) -> Iterator[_Rule]:
        for key in (*self._names[element], element.tag, "*") if by_key else ():
            for rule in by_key.get(key, ()):
                self._steps_left -= 1
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
        is_child = selector[-1].is_child
        for compound in reversed(selector[:-1]):
            for _ in range(_MAX_ANCESTORS):
                element = element.getparent()
                self._steps_left -= 1
                if element is None:
                    return False
                if compound.matches(element, self._names[element]):
                    break
                if is_child:
                    return False
            else:
                return False
            is_child = compound.is_child
        return True

    def style(self, element: Any) -> Style:
        """Return the declared style of an element. A value that only some readers see wins if it shows the text."""
        found: dict[str, tuple[tuple[int, ...], str, frozenset[str]]] = {}
        shows: list[_Rule] = []
        for rule in self._rules(element, self._by_key):
            if not rule.is_certain or not self._matches(rule.selector, element):
                shows.append(rule)
                continue
            for name, value in rule.style.items():
                rank = ("!important" in value, 0, *rule.rank)
                if name not in found or rank > found[name][0]:
                    found[name] = (rank, value, rule.selector[-1].names)
        for name, value in own_style(element).items():
            rank = ("!important" in value, 1, 0, 0, 0)
            if name not in found or rank > found[name][0]:
                found[name] = (rank, value, frozenset())
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

    def find_hiding(self, colours: frozenset[str]) -> None:
        """Find the rules that can hide text, also in one of these colours, or strike it out."""

        def hides(rule: _Rule) -> bool:
            return rule.is_certain and self._can_match(rule) and is_hiding(rule.style, colours)

        self._hiding = {key: kept for key, rules in self._by_key.items() if (kept := list(filter(hides, rules)))}

    def may_hide(self, element: Any) -> bool:
        """Return whether a rule applies to an element that can hide text or strike it out."""
        return any(self._matches(rule.selector, element) for rule in self._rules(element, self._hiding))


def pixels(value: str) -> float | None:
    """Return a length in pixels, roughly; None for any other value."""
    match = _LENGTH.fullmatch(value.replace("!important", "").strip())
    return float(match[1]) * _PIXELS.get(match[2], 16) if match else None


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
    if name == "filter":
        return re.search(r"opacity\(\s{0,9}0(?:\.0{0,9})?%?\s{0,9}\)", value) is not None
    size = pixels(value.split("/")[0].split()[0] if name == "font" and value else value)
    if size is None:
        return False
    if name in _EDGES:
        return size <= _OUTSIDE
    return size <= {"opacity": 0.02, "scale": 0.02, "font-size": 1.5, "font": 1.5}.get(
        name, 1 if name in _SIZES else -1
    )


def is_hiding(style: Style, colours: frozenset[str]) -> bool:
    """Return whether a rule or an attribute may hide text, also in a colour of a background, or strikes it out."""
    return any(can_hide(name, value) for name, value in style.items()) or (
        bool(style.keys() & {"color", "text-decoration", "text-decoration-line"})
        and (is_struck(style) or colour(style.get("color", "")) in {*colours, background(style), "transparent"} - {""})
    )


def is_struck(style: Style) -> bool:
    """Return whether a style strikes text out."""
    return "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", "")


_NAMED = {"white": "ffffff", "black": "000000", "transparent": "transparent", "snow": "fffafa", "ivory": "fffff0"}
_HEX = re.compile(r"#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})")
_RGB = re.compile(
    r"rgba?\(\s{0,9}(\d{1,3})[\s,]{1,9}(\d{1,3})[\s,]{1,9}(\d{1,3})\s{0,9}(?:[,/]\s{0,9}([\d.]{1,9})%?\s{0,9})?\)"
)


def colour(value: str) -> str:
    """Return a colour as six hex digits, similar ones as the same; `transparent`; empty for what is not one."""
    value = value.replace("!important", "").strip()
    if written := _HEX.fullmatch(value):
        digits = written[1] if len(written[1]) > 4 else "".join(digit * 2 for digit in written[1])
        return "transparent" if digits[6:] == "00" else _rounded(*(int(digits[at : at + 2], 16) for at in (0, 2, 4)))
    if parts := _RGB.fullmatch(value):
        is_clear = parts[4] is not None and float(parts[4].strip(".") or 0) == 0
        return "transparent" if is_clear else _rounded(*map(int, parts.groups()[:3]))
    digits = _NAMED.get(value, "")
    return digits if not digits or digits == "transparent" else colour(f"#{digits}")


def _rounded(*channels: int) -> str:
    return "".join(f"{min(255, (channel + 4) // 8 * 8):02x}" for channel in channels)


def background(style: Style) -> str:
    """Return the colour of a background: empty if none is declared, `unknown` behind a picture."""
    if "background-image" in style and style["background-image"] != "none":
        return "unknown"
    value = style.get("background-color") or style.get("background", "")
    return colour(value) or ("unknown" if value and value != "none" else "")

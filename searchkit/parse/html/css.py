"""The rules of CSS text: flat, without comments and escapes, and with the widths of the screens that surely apply them.

Nested rules get complete selectors. A condition that depends on the reader (`prefers-color-scheme`, `@container`)
applies surely to no screen.
"""

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

_MAX_DEPTH = 20  # of blocks in blocks
_MAX_SELECTORS = 20  # of a nested rule
_MAX_STRING = 200
_MAX_PARTS = 1_000  # of a list of selectors
_TOKEN = re.compile(
    r"/\*.{0,500000}?\*/|/\*.{0,500000}|<!--|-->|url\([^\"')]{0,500000}+"
    r"|\"[^\"\\\n]{0,500000}+(?:\\.[^\"\\\n]{0,500000}+){0,10000}+\"|'[^'\\\n]{0,500000}+(?:\\.[^'\\\n]{0,500000}+){0,10000}+'"
    r"|\\(?:([\da-f]{1,6})\s?|[^\n])",
    re.IGNORECASE | re.DOTALL,
)
_BRACE = re.compile(r"[{}]")
_COMMA = re.compile(r",(?![^()]{0,100}\))")
_AT_RULE = re.compile(r"@([\w-]{1,40})\s{0,9}(.{0,2000})", re.DOTALL)
_SCOPE = re.compile(r"\(([^()]{1,500})\)")
# Letters that stand for marks which an escape or a string makes part of a name.
_LETTERS = {ord(mark): 0x20000 + ord(mark) for mark in string.punctuation if mark not in "-_"}

Widths = tuple[tuple[float, float], ...]
_NARROWEST, _WIDEST = 320.0, 3840.0
_ALL: Widths = ((_NARROWEST, _WIDEST),)
_LOW, _TALL = 200, 3000  # pixels
_EVERY_SCREEN = ("", "all", "screen", "(color)", "(scripting: enabled)", "(scripting:enabled)")
_NUMBER = r"(?P<{0}>[\d.]{{1,9}})(?P<{0}_unit>px|r?em)?"
_BOUND = re.compile(
    rf"\(\s?(?:(?P<side>min|max)-(?:device-)?(?P<axis>width|height)\s?:\s?{_NUMBER.format('bound')}"
    rf"|(?:{_NUMBER.format('below')}\s?<=?\s?)?(?P<range>width|height)"
    rf"(?:\s?(?P<sign>[<>])=?\s?{_NUMBER.format('other')})?)\s?\)"
)
_SUPPORTED = re.compile(
    r"\(\s?(?:display\s?:\s?(?:none|block|inline|(?:inline-)?(?:block|flex|grid|table)|contents|flow-root)"
    r"|position\s?:\s?(?:static|relative|absolute|fixed|sticky)|object-fit\s?:\s?(?:cover|contain|fill|none)"
    r"|--[\w-]{1,60}\s?:[^()]{0,60}|(?:color|background|background-color)\s?:\s?(?:#[\da-f]{3,8}|red|white|black)"
    r"|(?:width|height|margin|padding|gap|inset|opacity|top|left|order|flex|z-index)\s?:\s?[\d.]{1,9}(?:px|r?em|%|v[wh])?"
    r")\s?\)"
)


class Block(NamedTuple):
    """Selectors, their declarations, and the widths that surely apply them."""

    selectors: list[str]
    body: str
    widths: Widths
    is_layered: bool


def plain(css: str) -> str:
    """Return CSS without comments, addresses and escapes; marks in names and strings become letters."""
    return _TOKEN.sub(_plain, css)


def as_written(name: str) -> str:
    """Return a name or a value of the page as `plain` returns it."""
    return name.translate(_LETTERS)


def _plain(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] == "\\":
        code = int(match[1], 16) if match[1] else ord(token[1])
        character = chr(code) if 32 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
        return as_written(character)
    if token[0] in "\"'":
        return f"{token[0]}{as_written(token[1:-1])[:_MAX_STRING]}{token[0]}"
    return "url(" if token[0] in "uU" else " "


def selectors(written: str) -> list[str]:
    """Return the parts of a list of selectors."""
    return _COMMA.split(written, _MAX_PARTS) if "(" in written else written.split(",", _MAX_PARTS)


def covers(widths: Widths) -> bool:
    """Return whether these widths are those of every screen."""
    ends = [*sorted(widths), (_WIDEST, 0.0)]
    reached = accumulate((end for _, end in ends), max, initial=_NARROWEST)
    return all(start <= before + 1 for before, (start, _) in zip(reached, ends, strict=False))


def blocks(css: str, media: str) -> Iterator[Block]:
    """Yield the flat rules that a screen may apply, of plain CSS for these media."""
    open_ = [f"@media {media}"] if media else []
    outer, at = len(open_), 0
    for brace in _BRACE.finditer(css):
        inside, at = css[at : brace.start()], brace.end()
        prelude = ""
        if brace[0] == "{":
            inside, _, prelude = inside.rpartition(";")
        if outer < len(open_) <= _MAX_DEPTH + 1 and inside.strip() and (block := _flat(open_, inside)):
            yield block
        if brace[0] == "{":
            open_.append(prelude.strip())
        elif len(open_) > outer:
            open_.pop()


def _flat(open_: list[str], body: str) -> Block | None:
    """Return the rule of these nested blocks; None if no screen applies it."""
    found: list[str] = []
    widths, is_layered = _ALL, False
    for prelude in open_:
        inner = prelude
        if at_rule := _AT_RULE.match(prelude):
            name = at_rule[1].lower()
            scope = _SCOPE.match(at_rule[2]) if name == "scope" else None
            applied = _ALL if scope else _applied(name, at_rule[2])
            if applied is None:
                return None
            widths = _common(widths, applied)
            is_layered |= name == "layer"
            if not scope:
                continue
            inner = scope[1]
        found = _nested(found, selectors(inner))
    return Block(found, body, widths, is_layered) if found else None


def _nested(outer: list[str], inner: list[str]) -> list[str]:
    if not outer:
        return inner
    inner = [part.replace(":scope", "&") for part in inner]
    return [
        part.replace("&", before.strip()) if "&" in part else f"{before} {part}" for before in outer for part in inner
    ][:_MAX_SELECTORS]


def _common(one: Widths, other: Widths) -> Widths:
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other[:_MAX_DEPTH])
    return tuple((start, end) for start, end in pairs if start <= end)[:_MAX_DEPTH]


@lru_cache(maxsize=2_000)
def _applied(name: str, condition: str) -> Widths | None:
    """Return the widths that surely apply an at-rule; None if no screen does."""
    condition = " ".join(condition.lower().split())
    if name == "layer":
        return _ALL
    if name == "media":
        queries = [applied for query in condition.split(",") if (applied := _query(query.strip())) is not None]
        return tuple(width for query in queries for width in query) if queries else None
    if name == "supports":
        left = _SUPPORTED.sub("", condition).replace(" and ", "").replace(" or ", "").strip("() ")
        return _ALL if not left else None if left == "not" and " or " not in condition else ()
    return () if name in ("container", "scope") else None


def _query(query: str) -> Widths | None:
    """Return the widths that surely match a media query; None if no screen matches it."""
    query = query.removeprefix("only ")
    is_negated = query.startswith("not ")
    low, high = _NARROWEST, _WIDEST
    is_screen = is_certain = True
    for part in query.removeprefix("not ").split(" and "):
        if part in _EVERY_SCREEN:
            continue
        bound = _BOUND.fullmatch(part)
        least, most = _bounds(bound) if bound else (0.0, 0.0)
        if bound and "height" not in (bound["axis"], bound["range"]):
            low, high = max(low, least), min(high, most)
        elif part.startswith("("):
            is_certain &= least <= _LOW and most >= _TALL
        else:
            is_screen = False
    if not is_screen:
        return _ALL if is_negated else None
    if not is_certain:
        return ()
    if not is_negated:
        return ((low, high),) if low <= high else None
    return tuple(width for width in ((_NARROWEST, low - 1), (high + 1, _WIDEST)) if width[0] <= width[1]) or None


def _bounds(bound: re.Match[str]) -> tuple[float, float]:
    """Return the least and the most pixels that a condition allows."""

    def pixels(name: str) -> float:
        number = float(bound[name].strip(".") or 0) if bound[name].count(".") < 2 else 0.0
        return number * (16 if bound[f"{name}_unit"] in ("em", "rem") else 1)

    least, most = 0.0, float("inf")
    if bound["side"]:
        return (pixels("bound"), most) if bound["side"] == "min" else (least, pixels("bound"))
    if bound["below"]:
        least = pixels("below")
    if bound["sign"] == ">":
        least = pixels("other")
    elif bound["sign"]:
        most = pixels("other")
    return least, most

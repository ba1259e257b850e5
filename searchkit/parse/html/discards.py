"""trafilatura's expressions for what is laid out around an article, found in a tenth of the time.

XPath calls Python for each regular expression and each element, which is a quarter of the time of reading a page. Here
the same patterns, read out of the expressions themselves, are asked once for each class and id. A test compares both.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

_TESTED = re.compile(r"re:test\(@([a-z|@]{1,20}), '([^']{1,2000})'\)")
_BLOCKS = ("div", "item", "list", "p", "section", "span")
_MARKS = 4_000


class Finder:
    """Finds below a tree, in order, the elements of some kinds with attributes that are `wanted`. Called like XPath."""

    def __init__(self, tags: Sequence[str], wanted: Callable[[Any, list[str]], bool]) -> None:
        self._tags, self._wanted = tags, wanted

    def __call__(self, tree: Any) -> list[Any]:
        found = tree.iterdescendants(*self._tags)
        return [element for element in found if (names := element.keys()) and self._wanted(element, names)]


def _tests(path: str) -> dict[str, Callable[[str], bool]]:
    """The patterns that an expression tests attributes for, by the names of these."""
    patterns: dict[str, list[str]] = {}
    for attribute, pattern in _TESTED.findall(path):
        patterns.setdefault(attribute.replace("@", ""), []).append(pattern)
    return {attribute: _test("|".join(dict.fromkeys(found))) for attribute, found in patterns.items()}


def _test(pattern: str) -> Callable[[str], bool]:
    search = re.compile(pattern).search
    return lru_cache(_MARKS)(lambda mark: search(mark) is not None)


def _first(element: Any, names: list[str], *of: str) -> str:
    """The value of the attribute that stands first among some, which is the one that XPath takes of several."""
    found: str = next((element.get(name) for name in names if name in of), "")
    return found


def comments(path: str) -> Finder:
    """What readers wrote."""
    tests = _tests(path)
    listed = _test(re.findall(_TESTED, path)[2][1])  # of lists, fewer ids

    def wanted(element: Any, names: list[str]) -> bool:
        if "class" in names and tests["class"](element.get("class")):
            return True
        return "id" in names and (listed if element.tag in ("ol", "ul") else tests["id"])(element.get("id"))

    return Finder(("div", "list", "section", "details", "ol", "ul"), wanted)


def around(path: str) -> Finder:
    """Menus, related stories, prompts, advertisements."""
    tests = _tests(path)

    def wanted(element: Any, names: list[str]) -> bool:
        if "class" in names and tests["class"](element.get("class")):
            return True
        if "id" in names and tests["id"](element.get("id")):
            return True
        return (
            "data-lp-replacement-content" in names
            or "nav" in element.get("role", "").replace("N", "n")
            or "MostPopularStories" in element.get("data-component", "")
            or tests["id|class"](_first(element, names, "id", "class"))
        )

    return Finder(_BLOCKS, wanted)


def hidden(path: str) -> Finder:
    """What is not shown, and forms to reply."""
    tests = _tests(path)

    def wanted(element: Any, names: list[str]) -> bool:
        if "class" in names and tests["class"](element.get("class")):
            return True
        if "style" in names and ("display:none" in (style := element.get("style")) or "display: none" in style):
            return True
        return (
            ("id" in names and tests["id"](element.get("id")))
            or _first(element, names, "id", "class").startswith("reply-")
            or tests["id|style"](_first(element, names, "id", "style"))
            or element.get("aria-hidden") == "true"
            or element.get("class") == "comments-title"
        )

    return Finder((), wanted)


def teasers(_path: str) -> Finder:
    """Blocks that lead to another page."""

    def wanted(element: Any, names: list[str]) -> bool:
        return any(name in names and "teaser" in element.get(name).replace("T", "t") for name in ("id", "class"))

    return Finder(_BLOCKS, wanted)


def captions(_path: str) -> Finder:
    """What stands below pictures."""

    def wanted(element: Any, names: list[str]) -> bool:
        return any(name in names and "caption" in element.get(name) for name in ("id", "class"))

    return Finder(_BLOCKS, wanted)


@cache
def in_place() -> tuple[tuple[Any, Finder], ...]:
    """Each expression that these finders take the place of, with its finder; they take it at the first call."""
    from trafilatura import xpaths

    replaced: list[tuple[Any, Finder]] = []
    for expressions, finders in (
        (xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH, (comments,)),
        (xpaths.OVERALL_DISCARD_XPATH, (around, hidden)),
        (xpaths.TEASER_DISCARD_XPATH, (teasers,)),
        (xpaths.DISCARD_IMAGE_ELEMENTS, (captions,)),
    ):
        pairs = [(one, finder(one.path)) for one, finder in zip(expressions, finders, strict=True)]
        expressions[:] = [finder for _, finder in pairs]
        replaced += pairs
    return tuple(replaced)

"""Every regular expression has bounded repeats, so that no text can stall it."""

import importlib
import pkgutil
import re
import re._constants as constants  # type: ignore[import-not-found]  # typeshed has no stubs of re's own parser
import re._parser as parser  # type: ignore[import-not-found]  # as above
from collections.abc import Iterator
from typing import Any

import searchkit
from searchkit.histories.sentences import expressions
from searchkit.statements import pack_for

_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)


def _patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for found in pkgutil.walk_packages(searchkit.__path__, "searchkit."):
        if found.name == "searchkit.__main__":
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            # Some are compiled on first use.
            returns_pattern = hasattr(value, "cache_clear") and getattr(value, "__annotations__", {}) == {
                "return": re.Pattern[str]
            }
            pattern = value() if returns_pattern else value
            if isinstance(pattern, re.Pattern):
                yield f"{found.name}.{name}", pattern
    for read in map(expressions, filter(None, map(pack_for, ("en", "de", "fr")))):
        tables = {f"{name} {number}": row[1] for name, rows in read.tables.items() for number, row in enumerate(rows)}
        yield from (read.single | tables).items()


def _inside(code: Any, value: Any) -> list[Any]:
    """Return the patterns inside a part of a pattern."""
    if code is constants.BRANCH:
        return list(value[1])
    grouping = (constants.SUBPATTERN, constants.ASSERT, constants.ASSERT_NOT, *_REPEATS)
    return [value[-1]] if code in grouping else []


def _unbounded(parsed: Any) -> bool:
    return any(
        (code in _REPEATS and value[1] == constants.MAXREPEAT) or any(map(_unbounded, _inside(code, value)))
        for code, value in parsed
    )


def test_every_repeat_has_a_bound() -> None:
    found = dict(_patterns())
    assert len(found) > 100
    # A pattern of one repeated class reads each character once.
    loose = [
        name
        for name, pattern in found.items()
        if _unbounded(parsed := parser.parse(pattern.pattern, pattern.flags)) and len(parsed) > 1
    ]
    assert loose == []


def test_repeats_without_a_bound_are_found() -> None:
    for pattern in (r"a+b", r"(?:ab)*", r"(?=x.*)y", r"a|b{2,}", r"(a{1,3})+"):
        assert _unbounded(parser.parse(pattern))
    assert not _unbounded(parser.parse(r"a{0,9}(?:b|c{1,3})?"))

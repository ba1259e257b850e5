"""Regular expressions: what is refused before it can run."""

import pytest

from searchkit.query import regexes
from searchkit.query.ast import Regex
from searchkit.query.words import Fault


@pytest.mark.parametrize(
    "pattern", ["ostr.*", "[a-z+*]{2,3}x", r"\w+ \w+", "(?:a|b)c", "(ab)?c", "a|b", r"\(x\)+", "[]a]+", "."]
)
def test_harmless_expressions_pass(pattern: str) -> None:
    regexes.check(pattern, length=len(pattern) + 2)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "(a+)+",
        "(a|b)*",
        "(?:(a)*b){2,}",
        r"(a)\1",
        "(?=a)",
        "(?<!a)b",
        "(?P<x>a)",
        "(?i)a",
        "a*b*c*d*e*",
        "a" * 201,
        "(",
        "[",
        "*a",
        "a{9999999999}",
    ],
)
def test_costly_or_broken_expressions_are_faults(pattern: str) -> None:
    with pytest.raises(Fault) as caught:
        regexes.check(pattern, length=7)
    assert (caught.value.code, caught.value.start, caught.value.end) == ("regex", 0, 7)


@pytest.mark.parametrize("pattern", ["a/b", r"\d/\\", "//", r"\\"])
def test_slashes_are_escaped_and_back(pattern: str) -> None:
    written = str(Regex(pattern=pattern))[1:-1]
    assert regexes.unescape(written) == pattern
    assert regexes.end_of_regex(f"/{written}/", 0) == len(written) + 1


def test_an_open_expression_has_no_end() -> None:
    assert regexes.end_of_regex(r"/a\/", 0) == -1

"""Tables of named rules: the rows are tried in order, and the first one that applies decides.

`when` and `take` get the finder, which knows the words of the language, and the case under decision.
"""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

Finder = TypeVar("Finder")
Case = TypeVar("Case")
Result = TypeVar("Result")


class Rule(NamedTuple, Generic[Finder, Case, Result]):
    """If `when` holds, the result is `take(finder, case)`; a result of None leaves the case to the next rule."""

    name: str
    when: Callable[[Finder, Case], bool]
    take: Callable[[Finder, Case], Result | None]


class Verdict(NamedTuple, Generic[Finder, Case]):
    """If `when` holds, the answer is `take`."""

    name: str
    when: Callable[[Finder, Case], bool]
    take: bool


def apply(rules: Iterable[Rule[Finder, Case, Result]], finder: Finder, case: Case) -> Result | None:
    """Return the result of the first rule that has one for `case`, or None."""
    for _, when, take in rules:
        if when(finder, case) and (result := take(finder, case)) is not None:
            return result
    return None


def judge(verdicts: Iterable[Verdict[Finder, Case]], finder: Finder, case: Case, *, otherwise: bool) -> bool:
    """Return the answer of the first verdict that holds for `case`."""
    for _, when, take in verdicts:
        if when(finder, case):
            return take
    return otherwise

"""Tables of rules `(name, when, take)`: the rows are tried in order, and the first one that applies decides.

`when` (None: always) and `take` get the finder, which knows the words of the language, and the case under decision.
"""

from collections.abc import Callable
from typing import TypeVar

Finder = TypeVar("Finder")
Case = TypeVar("Case")
Result = TypeVar("Result")

Rules = tuple[tuple[str, Callable[[Finder, Case], bool] | None, Callable[[Finder, Case], Result | None]], ...]
Verdicts = tuple[tuple[str, Callable[[Finder, Case], bool], bool], ...]


def apply(rules: Rules[Finder, Case, Result], finder: Finder, case: Case) -> Result | None:
    """Return the first result for `case` that is not None, or None."""
    for _, when, take in rules:
        if (when is None or when(finder, case)) and (result := take(finder, case)) is not None:
            return result
    return None


def judge(verdicts: Verdicts[Finder, Case], finder: Finder, case: Case) -> bool:
    """Return the answer of the first verdict that holds for `case`, or False."""
    return next((answer for _, when, answer in verdicts if when(finder, case)), False)

"""Tables of rules `(name, when, take)`: the rows are tried in order, and the first one that applies decides.

`when` (None: always) and `take` get the finder, which knows the words of the language, and the case under decision.
"""

from collections.abc import Callable
from typing import TypeVar

Finder = TypeVar("Finder")
Case = TypeVar("Case")
Result = TypeVar("Result")
Default = TypeVar("Default", bool, None)

Rules = tuple[tuple[str, Callable[[Finder, Case], bool] | None, Callable[[Finder, Case], Result | None]], ...]
Verdicts = tuple[tuple[str, Callable[[Finder, Case], bool], Result], ...]


def apply(rules: Rules[Finder, Case, Result], finder: Finder, case: Case) -> Result | None:
    """Return the first result for `case` that is not None, or None."""
    for _, when, take in rules:
        if (when is None or when(finder, case)) and (result := take(finder, case)) is not None:
            return result
    return None


def judge(verdicts: Verdicts[Finder, Case, Result], finder: Finder, case: Case, otherwise: Default) -> Result | Default:
    """Return the answer of the first of the rows `(name, when, answer)` that holds for `case`."""
    return next((answer for _, when, answer in verdicts if when(finder, case)), otherwise)

"""What it means for a value to match: the part of searching that no engine may vary.

takes:    values of names, keywords and dates
gives:    comparison keys, edit distance, patterns; whether a span of days meets a condition
does not: know how an engine finds or counts (tallies.py makes facets of counts)
traps:    a date that is not precise may lie in several periods
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache

from searchkit.errors import UsageError
from searchkit.index.intervals import interval_key
from searchkit.query import ast
from searchkit.text import fold

_UNSEEN_SPACES = dict.fromkeys(map(ord, "\ufeff\u200b"), " ")


def value_key(text: str) -> str:
    """The key under which two spellings of a whole value, name or id are equal: case and accents folded."""
    folded = fold(text)
    # The query language reads these as white space too (query/signs.py), so a value that holds them can be asked for.
    return " ".join((folded if folded.isascii() else folded.translate(_UNSEEN_SPACES)).split())


@lru_cache(maxsize=16_384)  # the same words stand in every segment and in titles too
def within_edits(first: str, second: str, most: int) -> bool:
    """Whether `most` insertions, deletions or replacements of single letters make one word of the other."""
    if abs(len(first) - len(second)) > most:
        return False
    row = list(range(len(second) + 1))
    for above, letter in enumerate(first, start=1):
        diagonal, row[0] = row[0], above
        for place, other in enumerate(second, start=1):
            best = diagonal if letter == other else 1 + min(diagonal, row[place - 1], row[place])
            diagonal, row[place] = row[place], best
        if min(row) > most:
            return False
    return row[-1] <= most


def value_pattern(pattern: str) -> re.Pattern[str]:
    """`pattern` compiled, to be matched against whole values in any case. UsageError when it is none."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"{pattern!r} is not a pattern: {error}.") from error


def span_test(node: ast.Node) -> Callable[[int, int], bool]:
    """Whether a date that may be any day from one ordinal to another fulfils a condition on a date field."""
    match node:
        case ast.Range(start=start, end=end, within=within):
            earliest = start.toordinal() if start else 0
            latest = end.toordinal() if end else math.inf
            if within:
                return lambda first, last: first >= earliest and last <= latest
            return lambda first, last: first <= latest and last >= earliest
        case ast.Unplaced(unit=unit):
            return lambda first, last: interval_key(first, last, unit) is None
        case ast.Exists():
            return lambda *_: True
    return lambda *_: False

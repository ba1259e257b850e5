"""Decide whether a statement is one that was found before, by its words and its place in the text.

A statement may have other boundaries or a corrected word. A changed figure, name or "not" makes another statement,
reported as reworded. The cost is linear in the words compared.
"""

from collections import Counter

from searchkit.statements.text import name_key
from searchkit.wording import spelling

# About 150 words are enough to distinguish the statements of an article.
_MAX_COMPARED = 1_000
# A rule that ends a statement earlier or later leaves at least half of it.
_MIN_PART = 0.5
_MAX_CORRECTED = 3
# The share of the words of the longer statement that a reworded one keeps.
_MIN_COMMON = 0.7


def compared(words: str) -> str:
    """Return the words of a statement in the form that is stored and compared."""
    return name_key(words)[:_MAX_COMPARED]


def are_same(first: str, second: str) -> bool:
    """Return whether two statements, as from `compared`, are the same: one is most of the other, or only the spelling
    of some words differs."""
    if not first or not second:
        return False
    shorter, longer = sorted((first, second), key=len)
    is_part = len(shorter) >= _MIN_PART * len(longer) and f" {shorter} " in f" {longer} "
    return is_part or is_corrected(first, second)


def is_corrected(first: str, second: str) -> bool:
    """Return whether two statements, as from `compared`, differ at most in the spelling of some words."""
    left, right = first.split(), second.split()
    if not left or len(left) != len(right):
        return False
    differing = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return len(differing) <= _MAX_CORRECTED and all(spelling.is_corrected(*pair) for pair in differing)


def are_alike(first: str, second: str) -> bool:
    """Return whether one statement, as from `compared`, may be the other reworded."""
    counts, others = Counter(first.split()), Counter(second.split())
    return (counts & others).total() >= _MIN_COMMON * max(counts.total(), others.total(), 1)


def overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Return whether two places of a text share at least half of the shorter of them."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return shared > 0 and shared >= _MIN_PART * min(first[1] - first[0], second[1] - second[0])

"""Whether two statements of one article, or of its copies, are one statement with other bounds or a mended word.

An alert that told of the one says nothing of the other. A figure, a name or a "not" that changed makes another
statement, which is told as reworded. Cost is linear in the words compared.
"""

from collections import Counter

from searchkit.index.values import within_edits
from searchkit.text import name_key

# What is kept of a statement's words to compare by: about 150 words tell statements of one article apart.
_COMPARED_SIGNS = 1_000
# A rule that ends a statement earlier or later leaves at least half of it; less in common is another statement.
_PART = 0.5
# A word that was mended: one letter of at least so many, not the first, and no figure. "north" never becomes "south".
_LETTERS = 5
_MENDED_WORDS = 3
# Of the words of the longer one so many stand in the other too where a statement was reworded.
_IN_COMMON = 0.7


def compared(words: str) -> str:
    """The words of a statement in the form that is kept and compared."""
    return name_key(words)[:_COMPARED_SIGNS]


def are_same(one: str, other: str) -> bool:
    """Whether two statements, as `compared` gives them, are the same: one is most of the other, or only the spelling
    of some words differs."""
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _PART * len(longer) and f" {shorter} " in f" {longer} ":
        return True
    left, right = one.split(), other.split()
    if len(left) != len(right):
        return False
    differing = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return len(differing) <= _MENDED_WORDS and all(_is_mended(*pair) for pair in differing)


def are_alike(one: str, other: str) -> bool:
    """Whether one statement, as `compared` gives it, may be the other reworded."""
    counts, others = Counter(one.split()), Counter(other.split())
    return (counts & others).total() >= _IN_COMMON * max(counts.total(), others.total(), 1)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places of one text share at least half of the shorter of them."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0 and shared >= _PART * min(one[1] - one[0], other[1] - other[0])


def _is_mended(one: str, other: str) -> bool:
    letters = one.isalpha() and other.isalpha() and min(len(one), len(other)) >= _LETTERS
    return letters and one[0] == other[0] and within_edits(one, other, 1)

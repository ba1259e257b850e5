"""Whether two statements of one article, or of its copies, are one statement with other bounds or a mended word.

An alert that told of the one says nothing of the other. Cost is linear in the words compared.
"""

from collections import Counter

from searchkit.text import name_key

# What is kept of a statement's words to compare by: about 150 words tell statements of one article apart.
_COMPARED_SIGNS = 1_000
# A rule that ends a statement earlier or later leaves at least half of it; less in common is another statement.
_PART = 0.5
# Of the words of the longer one so many stand in the other too: a figure or a name mended in a sentence of eight words.
_IN_COMMON = 0.75


def compared(words: str) -> str:
    """The words of a statement in the form that is kept and compared."""
    return name_key(words)[:_COMPARED_SIGNS]


def are_same(one: str, other: str) -> bool:
    """Whether two statements, as `compared` gives them, are the same."""
    if not one or not other:
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _PART * len(longer) and f" {shorter} " in f" {longer} ":
        return True
    counts, others = Counter(one.split()), Counter(other.split())
    return (counts & others).total() >= _IN_COMMON * max(counts.total(), others.total())


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places of one text share at least half of the shorter of them."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0 and shared >= _PART * min(one[1] - one[0], other[1] - other[0])

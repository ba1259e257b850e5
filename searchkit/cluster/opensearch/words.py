"""Where words stand in passages: for conditions that OpenSearch cannot state exactly, checked on the store's texts."""

from collections.abc import Callable, Collection, Iterator, Sequence

from searchkit.index.analysis import prefix_words, words
from searchkit.index.values import within_edits
from searchkit.query import ast

Split = Callable[[str], list[str]]
"""Splits a text into the words of a field."""


def wanted_words(node: ast.Node, split: Split) -> list[str]:
    """Return the words of a leaf; `*` or `~` applies to the last."""
    if isinstance(node, ast.Prefix) and split is words:
        return prefix_words(node.text)
    if isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact):
        return split(node.text)
    return []


def occurs(node: ast.Node, passage: Sequence[str], split: Split) -> bool:
    """Return whether `node` stands in a passage of words, as written."""
    return next(_places(node, passage, split), None) is not None


def _places(node: ast.Node, passage: Sequence[str], split: Split) -> Iterator[tuple[int, int]]:
    """Yield the first and last positions of all occurrences."""
    if isinstance(node, ast.Near):
        lefts, rights = [*_places(node.left, passage, split)], [*_places(node.right, passage, split)]
        for before, after in ((lefts, rights), (rights, lefts))[: 1 if node.ordered else 2]:
            for first, last in before:
                for start, end in after:
                    if 0 <= start - last - 1 <= node.distance:
                        yield first, end
        return
    wanted = wanted_words(node, split)
    if not wanted:
        return
    fits = _last_test(node, wanted[-1])
    # The ends of what has begun at each place, word by word.
    begun: dict[int, Collection[int]] = {at: {at} for at, word in enumerate(passage) if word == wanted[0]}
    if len(wanted) == 1:
        begun = {at: {at} for at, word in enumerate(passage) if fits(word)}
    slop = node.slop if isinstance(node, ast.Phrase) else 0
    for number, word in enumerate(wanted[1:], 1):
        is_last = number == len(wanted) - 1
        begun = {
            start: {
                place
                for end in ends
                for place in range(end + 1, min(start + number + slop + 1, len(passage)))
                if (fits(passage[place]) if is_last else passage[place] == word)
            }
            for start, ends in begun.items()
        }
    for start, ends in begun.items():
        yield from ((start, end) for end in ends)


def _last_test(node: ast.Node, last: str) -> Callable[[str], bool]:
    match node:
        case ast.Prefix():
            return lambda word: word.startswith(last)
        case ast.Fuzzy(distance=distance):
            return lambda word: within_edits(word, last, distance)
    return last.__eq__

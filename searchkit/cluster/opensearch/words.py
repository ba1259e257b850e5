"""The words of a condition, and whether they stand in the spelling of a name; what OpenSearch cannot look for."""

from collections.abc import Callable, Collection, Sequence

from searchkit.errors import UsageError
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


def refused(what: str, node: ast.Node) -> UsageError:
    """Return the error for a condition that OpenSearch cannot look for."""
    return UsageError(
        f"An index in OpenSearch cannot look for {what}: {node}",
        hint="Write the condition without, or switch to the embedded index: searchkit rebuild --engine whoosh:",
    )


def occurs(node: ast.Node, passage: Sequence[str], split: Split) -> bool:
    """Return whether `node`, but not NEAR, stands in a passage of words, as written."""
    wanted = wanted_words(node, split)
    if not wanted:
        return False
    fits = _last_test(node, wanted[-1])
    tests: list[Callable[[str], bool]] = [*(word.__eq__ for word in wanted[:-1]), fits]
    slop = node.slop if isinstance(node, ast.Phrase) else 0
    # The ends of what has begun at each place, word by word.
    begun: dict[int, Collection[int]] = {at: {at} for at, word in enumerate(passage) if tests[0](word)}
    for number, test in enumerate(tests[1:], 1):
        begun = {
            start: {
                place
                for end in ends
                for place in range(end + 1, min(start + number + slop + 1, len(passage)))
                if test(passage[place])
            }
            for start, ends in begun.items()
        }
    return any(begun.values())


def _last_test(node: ast.Node, last: str) -> Callable[[str], bool]:
    match node:
        case ast.Prefix():
            return lambda word: word.startswith(last)
        case ast.Fuzzy(distance=distance):
            return lambda word: within_edits(word, last, distance)
    return last.__eq__

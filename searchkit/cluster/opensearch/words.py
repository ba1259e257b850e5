"""The words of a condition, and whether they stand in the spelling of a name; what OpenSearch cannot look for."""

from collections.abc import Callable

from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.analysis import name_words, prefix_words, words
from searchkit.index.passages import Passage
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


def occurs(node: ast.Node, spelling: str) -> bool:
    """Return whether `node`, but not NEAR, stands in a spelling of a name, as written."""
    written = " ".join(wanted_words(node, name_words))
    if isinstance(node, ast.Phrase | ast.Prefix | ast.Fuzzy):
        return bool(Passage(spelling).places(replace(node, text=written)))
    return bool(Passage(spelling).places(ast.Phrase(text=written)))

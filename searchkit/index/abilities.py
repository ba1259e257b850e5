"""What an engine can answer, and the one line that says what it cannot.

takes:    query trees; the kinds of node that an engine declares (Index.capabilities)
gives:    the kinds of a tree; UsageError for one that the engine does not have
does not: look for another way to ask
traps:    an engine that lacks a kind of node calls `require` before it searches; one that has all need not
"""

from collections.abc import Iterator

from searchkit.errors import UsageError
from searchkit.query import ast


def parts(node: ast.Node) -> Iterator[ast.Node]:
    """`node` and every node inside it, the outer ones first."""
    yield node
    inside: tuple[ast.Node, ...] = ()
    match node:
        case ast.And() | ast.Or():
            inside = node.children
        case ast.Not():
            inside = (node.child,)
        case ast.Scope() | ast.Saved():
            inside = (node.inner,)
        case ast.Field():
            inside = (node.value,)
        case ast.Near():
            inside = (node.left, node.right)
    for part in inside:
        yield from parts(part)


def kind(node: ast.Node) -> str:
    """The name of a kind of node, as `capabilities` have it."""
    return type(node).__name__


EVERY_KIND = frozenset(one.__name__ for one in ast.Node.__subclasses__())
"""All kinds of node there are: what an engine declares that can answer everything."""


def require(query: ast.Node, capabilities: frozenset[str], engine: str) -> None:
    """UsageError when `query` has a part that an engine with these capabilities cannot answer."""
    for part in parts(query):
        if kind(part) not in capabilities:
            raise UsageError(
                f"The engine {engine} cannot answer `{part}` ({kind(part)}).",
                hint="Leave it out, or use another engine.",
            )

"""Walk and transform query trees, so that no other module needs to know how nodes are nested.

NEAR counts as a leaf. The words inside a scope are bare words of a statement, whatever stands around the scope.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from searchkit.query.ast import All, And, Field, Node, Not, Or, Saved, Scope, conjunction, disjunction, render
from searchkit.query.fields import TEXT_FIELDS, Record, find


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below `node`."""
    match node:
        case And() | Or():
            return node.children
        case Not():
            return (node.child,)
        case Field():
            return (node.value,)
        case Scope() | Saved():
            return (node.inner,)
    return ()


def walk(tree: Node, *, stop: tuple[type[Node], ...] = ()) -> Iterator[Node]:
    """Yield every node, parents first, in the order written. Nodes of the types in `stop` are not entered."""
    yield tree
    if not isinstance(tree, stop):
        for child in children(tree):
            yield from walk(child, stop=stop)


def transform(tree: Node, function: Callable[[Node, str], Node], field: str = "text") -> Node:
    """Return `tree` with each node replaced by `function(node, field)`, children first.

    `field` is the field in which the bare words of the node stand. Parts that become an And inside an And are merged
    into it, likewise an Or inside an Or.
    """
    inner = tree.name if isinstance(tree, Field) else "text" if isinstance(tree, Scope) else field
    old = children(tree)
    new = tuple(transform(child, function, inner) for child in old)
    is_same = all(one is other for one, other in zip(old, new, strict=True))  # equality ignores spans
    return function(tree if is_same else _rebuilt(tree, new), field)


def _rebuilt(node: Node, below: tuple[Node, ...]) -> Node:
    match node:
        case And():
            return conjunction(*below)
        case Or():
            return disjunction(*below)
        case Not():
            return replace(node, child=below[0])
        case Field():
            return replace(node, value=below[0])
        case Scope() | Saved():
            return replace(node, inner=below[0])
    return node


def expanded(tree: Node) -> Node:
    """Return `tree` with every saved search replaced by its query."""
    return transform(tree, lambda node, _: node.inner if isinstance(node, Saved) else node)


def interpreted(tree: Node) -> str:
    """Return the canonical form with every date in days and every saved search written out."""
    return render(expanded(tree), resolved=True)


def has_words(tree: Node) -> bool:
    """Return whether `tree` searches text, so that hits can be more or less relevant; filters alone only select."""
    for node in walk(tree, stop=(Field, Not)):
        if isinstance(node, Field):
            if node.name in TEXT_FIELDS:
                return True
        elif not isinstance(node, Not | All) and not children(node):
            return True
    return False


class Clause(Struct, frozen=True, kw_only=True):
    """A leaf of a query: `value` in `field` ("text" for bare words), a condition on records of the kind `record`.

    `query` is the part of the query that one such record must match: all of it, or the inside of a scope. `excludes`:
    the leaf stands under a NOT.
    """

    field: str
    value: Node
    record: Record
    query: Node
    excludes: bool = False

    @property
    def kind(self) -> str:
        """The kind of its field."""
        field = find(self.field)
        return field.kind if field else ""

    @property
    def node(self) -> Node:
        """The clause as a query of its own."""
        return self.with_value(self.value)

    def with_value(self, value: Node) -> Node:
        """Return the same condition with another value."""
        return value if self.field == "text" else Field(name=self.field, value=value)


def clauses(tree: Node, record: Record, *, enter_scopes: bool = True) -> Iterator[Clause]:
    """Yield the clauses of `tree` in the order written; a scope is one clause unless `enter_scopes`."""
    return _clauses(tree, Clause(field="text", value=tree, record=record, query=tree), enter_scopes)


def _clauses(node: Node, clause: Clause, enter_scopes: bool) -> Iterator[Clause]:
    match node:
        case All():
            return
        case Not():
            clause = replace(clause, excludes=not clause.excludes)
        case Field():
            clause = replace(clause, field=node.name)
        case Scope() if enter_scopes:
            clause = replace(clause, field="text", record="quote", query=node.inner)
    below = () if isinstance(node, Scope) and not enter_scopes else children(node)
    if not below:
        yield replace(clause, value=node)
    for child in below:
        yield from _clauses(child, clause, enter_scopes)


def replace_clause(tree: Node, clause: Clause, value: Node) -> Node:
    """Return `tree` with `value` in place of the value of `clause`."""

    def replaced(node: Node, field: str) -> Node:
        return value if node == clause.value and field == clause.field else node

    return transform(tree, replaced)

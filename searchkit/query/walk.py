"""The clauses of a query: its conditions on one field each, with what they are part of.

takes:    a tree
gives:    its leaves in order, each with its field, the records it is about, and whether it excludes
does not: ask an index
traps:    inside a scope over documents records are statements, and so are the counts
"""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.query import ast
from searchkit.query.fields import Record, find


class Clause(Struct, frozen=True, kw_only=True):
    """One leaf of a query: `value` in `field` ("text" for bare words), asked of records of the kind `record`.

    `whole` is the part of the query that is asked of one such record: all of it, or the inside of a scope. `excludes`:
    it stands under a NOT."""

    field: str
    value: ast.Node
    record: Record
    whole: ast.Node
    excludes: bool = False

    @property
    def kind(self) -> str:
        """The kind of its field."""
        field = find(self.field)
        return field.kind if field else ""

    @property
    def node(self) -> ast.Node:
        """The clause as a query of its own."""
        return self.with_value(self.value)

    def with_value(self, value: ast.Node) -> ast.Node:
        """The same condition with another value."""
        return value if self.field == "text" else ast.Field(name=self.field, value=value)


def clauses(tree: ast.Node, record: Record) -> Iterator[Clause]:
    """The clauses of `tree`, in the order written."""
    yield from _clauses(tree, Clause(field="text", value=tree, record=record, whole=tree))


def _clauses(node: ast.Node, at: Clause) -> Iterator[Clause]:
    def below(child: ast.Node, *, field: str = at.field, excludes: bool = at.excludes) -> Iterator[Clause]:
        place = Clause(field=field, value=child, record=at.record, whole=at.whole, excludes=excludes)
        return _clauses(child, place)

    match node:
        case ast.And(children=children) | ast.Or(children=children):
            for child in children:
                yield from below(child)
        case ast.Not(child=child):
            yield from below(child, excludes=not at.excludes)
        case ast.Field(name=name, value=value):
            yield from below(value, field=name)
        case ast.Scope(inner=inner):
            yield from _clauses(
                inner, Clause(field="text", value=inner, record="quote", whole=inner, excludes=at.excludes)
            )
        case ast.All():
            return
        case _:
            yield at


def names_a_value(tree: ast.Node, record: Record) -> bool:
    """Whether any clause of `tree` asks for a name or a keyword."""
    return any(clause.kind in {"name", "keyword"} for clause in clauses(tree, record))


def exchanged(tree: ast.Node, clause: Clause, value: ast.Node) -> ast.Node:
    """`tree` with `value` for that of `clause`."""

    def part(node: ast.Node, field: str) -> ast.Node:
        if node == clause.value and field == clause.field:
            return value
        match node:
            case ast.And(children=children):
                return ast.conjunction(*(part(child, field) for child in children))
            case ast.Or(children=children):
                return ast.disjunction(*(part(child, field) for child in children))
            case ast.Not(child=child):
                return ast.Not(child=part(child, field))
            case ast.Scope(inner=inner):
                return ast.Scope(inner=part(inner, field))
            case ast.Field(name=name, value=inner):
                return ast.Field(name=name, value=part(inner, name))
        return node

    return part(tree, "text")

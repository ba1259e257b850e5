"""The clauses of a query: its conditions on one field each, with what they are part of.

takes:    a tree
gives:    its leaves in order, each with its field, the records it is about, and whether it excludes
does not: ask an index
traps:    inside a scope over documents records are statements, and so are the counts
"""

from collections.abc import Iterator
from dataclasses import dataclass

from searchkit.query import ast
from searchkit.query.fields import Record, find


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
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

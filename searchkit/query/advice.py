"""Notes on a whole query: readings that are right but may not be what was meant."""

from collections.abc import Iterator

from searchkit.query import fields
from searchkit.query.ast import And, Equals, Field, Node, Not, Or, Phrase, Scope, Term, expanded
from searchkit.query.fields import Record

# Fields of a document that speak of one of its statements.
_STATEMENT_FIELDS = frozenset(("quote", "speaker", "about", "verb", "act", "kind", "said"))


def notes_on(tree: Node, record: Record) -> Iterator[str]:
    """What a user should know about how `tree` is read."""
    tree = expanded(tree)
    for group in _conjunctions(tree):
        if record == "document" and sum(_speaks_of_statement(child) for child in group.children) > 1:
            yield "Different statements may meet these conditions; put them in quote:{...} to ask for one statement."
            break
    for group in _conjunctions(tree):
        yield from _impossible_values(group)


def _conjunctions(node: Node) -> Iterator[And]:
    """Every And outside statement scopes and fields."""
    match node:
        case And(children=children):
            yield node
            for child in children:
                yield from _conjunctions(child)
        case Or(children=children):
            for child in children:
                yield from _conjunctions(child)
        case Not(child=child):
            yield from _conjunctions(child)


def _speaks_of_statement(node: Node) -> bool:
    match node:
        case Field(name=name):
            return name in _STATEMENT_FIELDS
        case Or(children=children) | And(children=children):
            return any(map(_speaks_of_statement, children))
        case Not(child=child):
            return _speaks_of_statement(child)
        case Scope():
            return False
    return False


def _impossible_values(group: And) -> Iterator[str]:
    """Two values that one record cannot have at once: `outlet:="A" AND outlet:="B"`."""
    wanted: dict[str, list[Field]] = {}
    for child in group.children:
        if isinstance(child, Field) and isinstance(child.value, Equals):
            wanted.setdefault(child.name, []).append(child)
        elif isinstance(child, Field) and isinstance(child.value, Term | Phrase):
            field = fields.find(child.name)
            if field is not None and field.kind == "keyword":
                wanted.setdefault(child.name, []).append(child)
    for name, clauses in wanted.items():
        field = fields.find(name)
        different = list(dict.fromkeys(map(str, clauses)))
        # "url" holds both the canonical and the fetched address.
        if field is not None and not field.multi and name != "url" and len(different) > 1:
            yield f"A record has only one {name}: to find either, write {' OR '.join(different)}."

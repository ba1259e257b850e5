"""Notes on a whole query: readings that are right but may not be what was meant."""

from collections.abc import Iterator

from searchkit.query import fields
from searchkit.query.ast import And, Equals, Field, Node, Phrase, Scope, Term
from searchkit.query.fields import Record
from searchkit.query.walk import expanded, walk

# Fields of a document that speak of one of its statements.
_STATEMENT_FIELDS = frozenset(("quote", "speaker", "about", "verb", "act", "kind", "said"))


def notes_on(tree: Node, record: Record) -> Iterator[str]:
    """What a user should know about how `tree` is read."""
    tree = expanded(tree)
    for group in _conjunctions(tree):
        if record == "document" and sum(_is_about_statement(child) for child in group.children) > 1:
            yield "Different statements may meet these conditions; put them in quote:{...} to ask for one statement."
            break
    for group in _conjunctions(tree):
        yield from _impossible_values(group)


def _conjunctions(tree: Node) -> Iterator[And]:
    """Yield every And outside of scopes and fields."""
    return (node for node in walk(tree, stop=(Scope, Field)) if isinstance(node, And))


def _is_about_statement(condition: Node) -> bool:
    return any(
        isinstance(node, Field) and node.name in _STATEMENT_FIELDS for node in walk(condition, stop=(Scope, Field))
    )


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

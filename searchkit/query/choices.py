"""What of a query chooses values of one field: the conditions that a facet of this field leaves out of its own counts.

`--speaker A --speaker B` and `speaker:="A"` choose speakers when they stand at the top of a query, joined by AND. An
exclusion chooses nothing, and neither does `speaker:*`, nor what stands in a bracket with conditions on other fields.
"""

from searchkit.query.ast import And, Exists, Field, Node, Not, Or, conjunction
from searchkit.query.walk import expanded, walk


def split(tree: Node, name: str) -> tuple[Node, tuple[Node, ...]]:
    """`tree` without the conditions that choose values of the field `name`, and these conditions."""
    children = tuple(part for child in _joined(tree) for part in _opened(child, name))
    chosen = tuple(child for child in children if _chooses(child, name))
    if not chosen:
        return tree, ()
    return conjunction(*(child for child in children if child not in chosen)), chosen


def _joined(tree: Node) -> tuple[Node, ...]:
    return tree.children if isinstance(tree, And) else (tree,)


def _opened(condition: Node, name: str) -> tuple[Node, ...]:
    """A condition with saved searches written out where they choose values, as whoever counts reads them."""
    parts = _joined(expanded(condition))
    return parts if any(_chooses(part, name) for part in parts) else (condition,)


def several(chosen: tuple[Node, ...]) -> tuple[Node, ...]:
    """The conditions of `parted`, one that asks for several values at once as several: `speaker:(A AND B)`."""
    found: list[Node] = []
    for choice in chosen:
        match choice:
            case Field(name=name, value=And(children=children)):
                found.extend(Field(name=name, value=child, span=choice.span) for child in children)
            case _:
                found.append(choice)
    return tuple(found)


def alternatives(choice: Node) -> tuple[Field, ...]:
    """The conditions of which a choice asks for any, one value each: two for `speaker:(A OR B)`."""
    match choice:
        case Or(children=children):
            return tuple(one for child in children for one in alternatives(child))
        case Field(name=name, value=Or(children=children)):
            return tuple(one for child in children for one in alternatives(Field(name=name, value=child)))
        case Field():
            return (choice,)
    raise ValueError(f"not a choice of values: {choice}")


def _chooses(node: Node, name: str) -> bool:
    match node:
        case Or(children=children):
            return all(_chooses(child, name) for child in children)
        case Field(name=field, value=value):
            return field == name and not any(isinstance(part, Not | Exists) for part in walk(value))
    return False

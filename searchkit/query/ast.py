"""The query tree: what a question means, in no engine's words.

Nodes are immutable and compare by meaning: `span`, the place in the written query, does not count. `str(node)` is the
canonical form (render.py); parsing that gives an equal tree. Words are kept as written; analysis is the index's task.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from searchkit.query.fields import TEXT_FIELDS
from searchkit.text import Span

Unit = Literal["day", "week", "month", "year"]
"""Stretches of time, by which dates are counted. A week is that of ISO 8601: it starts on Monday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of all nodes. `span` is the place in the query string as typed, or None for nodes built by code."""

    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        from searchkit.query.render import render

        return render(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Node):
    """One word; stemmed in text fields, taken as written in names and keywords."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase(Node):
    """Words in this order, at most `slop` other words in between (0: none). Never stemmed."""

    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Near(Node):
    """`left` and `right` (Term or Phrase) with at most `distance` words in between; in this order when `ordered`."""

    left: Node
    right: Node
    distance: int = 10
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix(Node):
    """Words that start with `text` (two letters or more). Never stemmed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzy(Node):
    """Words within `distance` (1 or 2) edits of `text`. Never stemmed."""

    text: str
    distance: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact(Node):
    """Letters and signs as written, case folded, white space runs as one space; checked on stored text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals(Node):
    """The whole value or id of a name or keyword field, case and accents folded."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Node):
    """A pattern over the whole values of a name or keyword field."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists(Node):
    """Any value at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Node):
    """A period of days, both ends included; None is open. `written` is what the user wrote (`7d`, `2022-12..2023`).

    A date that is less precise may lie in it; `within` (`=2022-12`) asks for dates that surely do.
    """

    written: str
    start: date | None
    end: date | None
    within: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced(Node):
    """A date that lies in no single `unit`, since it is less precise (`month-unknown`: only its year is known)."""

    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Node):
    """`value` holds in the field `name` (main name). Inside `value` stand no Field and no Scope."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Node):
    """`inner` holds of one and the same statement."""

    inner: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Node):
    """The saved search called `name`, which stands for `inner`."""

    name: str
    inner: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """All of `children` (two or more, no And among them)."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """At least one of `children` (two or more, no Or among them)."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """Not `child`."""

    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class All(Node):
    """Every record."""


def conjunction(*nodes: Node) -> Node:
    """All of `nodes`, flattened; All drops out unless nothing else is left."""
    parts = [part for node in nodes for part in (node.children if isinstance(node, And) else (node,))]
    flat = [part for part in parts if not isinstance(part, All)]
    if not flat:
        return All()
    return flat[0] if len(flat) == 1 else And(children=tuple(flat))


def disjunction(*nodes: Node) -> Node:
    """Any of `nodes` (at least one), flattened."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.children if isinstance(node, Or) else (node,))
    return flat[0] if len(flat) == 1 else Or(children=tuple(flat))


def replaced(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with every part that joins, scopes or negates no others replaced by what `change` makes of it.

    A Field is such a part; what stands in its value is left to `change`. A saved search is replaced by what it stands
    for.
    """
    match node:
        case And(children=children):
            return conjunction(*(replaced(child, change) for child in children))
        case Or(children=children):
            return disjunction(*(replaced(child, change) for child in children))
        case Scope(inner=inner):
            return replace(node, inner=replaced(inner, change))
        case Not(child=child):
            return replace(node, child=replaced(child, change))
        case Saved(inner=inner):
            return replaced(inner, change)
    return change(node)


def expanded(node: Node) -> Node:
    """`node` with every saved search replaced by what it stands for: what whoever evaluates a tree should look at."""
    return replaced(node, lambda part: part)


def asks_for_words(node: Node) -> bool:
    """Whether `node` asks for text at all, so that hits can be more or less relevant; filters alone only select."""
    match node:
        case And(children=children) | Or(children=children):
            return any(asks_for_words(child) for child in children)
        case Scope(inner=inner) | Saved(inner=inner):
            return asks_for_words(inner)
        case Field(name=name):
            return name in TEXT_FIELDS
        case Not() | All():
            return False
    return True

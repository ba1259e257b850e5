"""The query tree: what a question means, in no engine's words.

Nodes are immutable and compare by meaning: `span`, the place in the written query, does not count. `str(node)` is the
canonical form (render.py); parsing that gives an equal tree. Words are kept as written; analysis is the index's task.
"""

from collections.abc import Callable
from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import astuple, replace

from searchkit.query.fields import TEXT_FIELDS
from searchkit.text import Span

Unit = Literal["day", "week", "month", "year"]
"""Stretches of time, by which dates are counted. A week is that of ISO 8601: it starts on Monday."""


class Node(Struct, frozen=True, kw_only=True):
    """Base of all nodes. `span` is the place in the query string as typed, or None for nodes built by code."""

    span: Span | None = None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and astuple(self)[1:] == astuple(other)[1:]

    def __hash__(self) -> int:
        return hash((type(self), astuple(self)[1:]))

    def __str__(self) -> str:
        from searchkit.query.render import render

        return render(self)


class Term(Node, frozen=True, kw_only=True):
    """One word; stemmed in text fields, taken as written in names and keywords."""

    text: str


class Phrase(Node, frozen=True, kw_only=True):
    """Words in this order, at most `slop` other words in between (0: none). Never stemmed."""

    text: str
    slop: int = 0


class Near(Node, frozen=True, kw_only=True):
    """`left` and `right` (Term or Phrase) with at most `distance` words in between; in this order when `ordered`."""

    left: Node
    right: Node
    distance: int = 10
    ordered: bool = False


class Prefix(Node, frozen=True, kw_only=True):
    """Words that start with `text` (two letters or more). Never stemmed."""

    text: str


class Fuzzy(Node, frozen=True, kw_only=True):
    """Words within `distance` (1 or 2) edits of `text`. Never stemmed."""

    text: str
    distance: int = 1


class Exact(Node, frozen=True, kw_only=True):
    """Letters and signs as written, case folded, white space runs as one space; checked on stored text."""

    text: str


class Equals(Node, frozen=True, kw_only=True):
    """The whole value or id of a name or keyword field, case and accents folded."""

    text: str


class Regex(Node, frozen=True, kw_only=True):
    """A pattern over the whole values of a name or keyword field."""

    pattern: str


class Exists(Node, frozen=True, kw_only=True):
    """Any value at all."""


class Range(Node, frozen=True, kw_only=True):
    """A period of days, both ends included; None is open. `written` is what the user wrote (`7d`, `2022-12..2023`).

    A date that is less precise may lie in it; `within` (`=2022-12`) asks for dates that surely do.
    """

    written: str
    start: date | None
    end: date | None
    within: bool = False


class Unplaced(Node, frozen=True, kw_only=True):
    """A date that lies in no single `unit`, since it is less precise (`month-unknown`: only its year is known)."""

    unit: Unit


class Field(Node, frozen=True, kw_only=True):
    """`value` holds in the field `name` (main name). Inside `value` stand no Field and no Scope."""

    name: str
    value: Node


class Scope(Node, frozen=True, kw_only=True):
    """`inner` holds of one and the same statement."""

    inner: Node


class Saved(Node, frozen=True, kw_only=True):
    """The saved search called `name`, which stands for `inner`."""

    name: str
    inner: Node


class And(Node, frozen=True, kw_only=True):
    """All of `children` (two or more, no And among them)."""

    children: tuple[Node, ...]


class Or(Node, frozen=True, kw_only=True):
    """At least one of `children` (two or more, no Or among them)."""

    children: tuple[Node, ...]


class Not(Node, frozen=True, kw_only=True):
    """Not `child`."""

    child: Node


class All(Node, frozen=True, kw_only=True):
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

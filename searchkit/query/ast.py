"""The query tree: immutable nodes, independent of any engine, and their canonical form.

Nodes compare by meaning: `span`, the place in the written query, does not count. `str(node)` is the canonical form;
parsing it gives an equal tree. Words are kept as written; the index analyses them.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import astuple

from searchkit.query.words import Where, is_plain_word, quoted
from searchkit.statements.text import Span

Unit = Literal["day", "week", "month", "year"]
"""Units by which dates are counted. A week is that of ISO 8601: it starts on Monday."""


class Node(Struct, frozen=True, kw_only=True, dict=True):  # a dict, for the hash and the canonical form
    """Base of all nodes. `span` is the place in the query as typed, or None for nodes built by code."""

    span: Span | None = None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and astuple(self)[1:] == astuple(other)[1:]

    def __hash__(self) -> int:
        # Each record of an answer looks up parts of the query.
        known: int | None = self.__dict__.get("hash")
        if known is None:
            known = self.__dict__["hash"] = hash((type(self), astuple(self)[1:]))
        return known

    def __str__(self) -> str:
        return render(self)


class Term(Node, frozen=True, kw_only=True):
    """A word; stemmed in text fields, as written in names and keywords."""

    text: str


class Phrase(Node, frozen=True, kw_only=True):
    """Words in this order, with at most `slop` other words in between. Never stemmed."""

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
    """Characters as written, with case folded and runs of white space as one space; checked on stored text."""

    text: str


class Equals(Node, frozen=True, kw_only=True):
    """The complete value or id of a name or keyword field, with case and accents folded."""

    text: str


class Regex(Node, frozen=True, kw_only=True):
    """A pattern over the complete values of a name or keyword field."""

    pattern: str


class Exists(Node, frozen=True, kw_only=True):
    """Any value."""


class Range(Node, frozen=True, kw_only=True):
    """A period of days, both ends included; None is open. `written` is as the user wrote it (`7d`, `2022-12..2023`).

    A less precise date matches if it may lie in the period; with `within` (`=2022-12`) only if it surely does.
    """

    written: str
    start: date | None
    end: date | None
    within: bool = False


class NumberRange(Node, frozen=True, kw_only=True):
    """Whole numbers from `least` to `most`, both included; None is open. `written` is as the user wrote it (`>=3`)."""

    written: str
    least: int | None
    most: int | None


class Unplaced(Node, frozen=True, kw_only=True):
    """A date too imprecise to lie in a single `unit` (`month-unknown`: only its year is known)."""

    unit: Unit


class Field(Node, frozen=True, kw_only=True):
    """`value` matches in the field `name` (main name). `value` contains no Field and no Scope."""

    name: str
    value: Node


class Scope(Node, frozen=True, kw_only=True):
    """One and the same statement matches `inner`."""

    inner: Node


class And(Node, frozen=True, kw_only=True):
    """All of `children` (two or more, no And among them)."""

    children: tuple[Node, ...]


class Or(Node, frozen=True, kw_only=True):
    """At least one of `children` (two or more, no Or among them)."""

    children: tuple[Node, ...]


class Ids(Node, frozen=True, kw_only=True):
    """The records with any of these ids. Only code builds it: no query is written so."""

    ids: frozenset[str]


class Not(Node, frozen=True, kw_only=True):
    """Not `child`."""

    child: Node


class All(Node, frozen=True, kw_only=True):
    """Every record."""


def conjunction(*nodes: Node) -> Node:
    """Join `nodes` by AND, flattened; All is dropped unless nothing else is left."""
    parts = [part for node in nodes for part in (node.children if isinstance(node, And) else (node,))]
    flat = [part for part in parts if not isinstance(part, All)]
    if not flat:
        return All()
    return flat[0] if len(flat) == 1 else And(children=tuple(flat))


def disjunction(*nodes: Node) -> Node:
    """Join `nodes` (at least one) by OR, flattened."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.children if isinstance(node, Or) else (node,))
    return flat[0] if len(flat) == 1 else Or(children=tuple(flat))


def _range_text(node: Range, resolved: bool) -> str:
    if node.written and not resolved:
        return node.written
    start, end = node.start, node.end
    if not node.within and (start is None or end is None):
        return f">={start}" if start else f"<={end}"
    return f"{'=' if node.within else ''}[{start or '*'} TO {end or '*'}]"


def _regex_text(pattern: str) -> str:
    escaped = re.sub(r"\\.|/", lambda sign: r"\/" if sign[0] == "/" else sign[0], pattern, flags=re.DOTALL)
    return f"/{escaped}/"


# How leaves are written, given whether dates are resolved and where the leaf stands.
_LEAVES: dict[type[Node], Callable[[Any, bool, Where], str]] = {
    Term: lambda node, _, where: node.text if is_plain_word(node.text, where) else quoted(node.text),
    Phrase: lambda node, *_: quoted(node.text) + (f"~{node.slop}" if node.slop else ""),
    Prefix: lambda node, *_: f"{node.text}*",
    Fuzzy: lambda node, *_: f"{node.text}~{node.distance}",
    Exact: lambda node, *_: f"exact:{quoted(node.text)}",
    Equals: lambda node, *_: f"={quoted(node.text)}",
    Regex: lambda node, *_: _regex_text(node.pattern),
    Range: lambda node, resolved, _: _range_text(node, resolved),
    NumberRange: lambda node, *_: node.written,
    Unplaced: lambda node, *_: f"{node.unit}-unknown",
    Ids: lambda node, *_: f"any of {len(node.ids):,} ids",
    Exists: lambda *_: "*",
    All: lambda *_: "*",
}


def render(node: Node, *, resolved: bool = False, where: Where = "bare") -> str:
    """Return the canonical form of `node`, for a place in a query. With `resolved` dates are written in days:
    `[2022-12-01 TO 2022-12-31]`."""

    def part(child: Node, *bracketed: type[Node]) -> str:
        # A page of results has a hundred queries with the same parts.
        text = None if resolved else child.__dict__.get(where)
        if text is None:
            text = render(child, resolved=resolved, where=where)
            if not resolved:
                child.__dict__[where] = text
        return f"({text})" if isinstance(child, bracketed) else text

    leaf = _LEAVES.get(type(node))
    if leaf is not None:
        return leaf(node, resolved, where)
    match node:
        case Near(left=left, right=right, distance=distance, ordered=ordered):
            operator = "ADJ" if ordered else "NEAR"
            return f"{part(left, And, Or, Not, Near)} {operator}/{distance} {part(right, And, Or, Not, Near)}"
        case Not(child=child):
            return f"NOT {part(child, And, Or, Near)}"
        case And(children=children):
            return " AND ".join(part(child, And, Or) for child in children)
        case Or(children=children):
            return " OR ".join(part(child, And, Or) for child in children)
        case Field(name=name, value=value):
            if isinstance(value, And | Or | Not | Near):
                return f"{name}:({render(value, resolved=resolved, where='group')})"
            return f"{name}:{render(value, resolved=resolved, where='value')}"
        case Scope(inner=inner):
            return f"quote:{{{render(inner, resolved=resolved)}}}"
    raise TypeError(f"not a node of the query tree: {node!r}")

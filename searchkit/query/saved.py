"""Saved searches inside a query: `saved:name` is read as the query kept under that name, as if it stood in brackets.

A search saved over statements means in a question about documents: those that have such a statement. The other way
round there is no meaning, and it is refused. What all of them hold counts against the limits of one query.
"""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import ConfigError, QueryError
from searchkit.query.ast import Near, Node, Saved, Scope
from searchkit.query.fields import Record
from searchkit.query.scanner import Scanner
from searchkit.query.signs import shown
from searchkit.query.walk import transform
from searchkit.text import Span

# They are names of files as well, on any system, and words of the language.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
# Of these faults inside a saved search the user is told under their own code: they are of the whole, not of one part.
_OF_THE_WHOLE = frozenset({"saved-cycle", "too-deep", "too-many", "too-long"})


class SavedQuery(Struct, frozen=True, kw_only=True):
    """A query kept under a name, and the kind of record that it asks for."""

    query: str
    record: Record


SavedQueries = Mapping[str, SavedQuery]
"""The saved searches there are, by name. A value may be read from its file only when it is asked for, and a mistake in
that file is then a ConfigError."""

Read = Callable[[str, Record, "Expansion"], Node]
"""Reads a query over records of a kind, with the saved searches that may stand in it."""


class Expansion:
    """Reads `saved:name`. `inside` are the saved searches being read, outermost first."""

    def __init__(self, known: SavedQueries, inside: tuple[str, ...] = ()) -> None:
        self._known = known
        self._inside = inside

    def node(self, scanner: Scanner, start: int, *, of_statement: bool, read: Read) -> Saved:
        """The node for the clause that starts at `start`; the place of `scanner` is behind its name.

        `of_statement`: whether it must hold of one statement. A fault is told of the clause."""
        end = scanner.at
        name = scanner.text[start:end].partition(":")[2].casefold()
        found = self._find(name, scanner, start, end)
        if name in self._inside:
            way = ", ".join(f'"{one}"' for one in (*self._inside[self._inside.index(name) :], name))
            scanner.fail("saved-cycle", f"A saved search cannot be part of itself: {way}.", start, end)
        if of_statement and found.record == "document":
            message = f'The saved search "{name}" asks for documents; it cannot be asked of a statement.'
            scanner.fail("not-in-statement", message, start, end)
        scanner.count(start, end)
        scanner.enter(start, end)
        try:
            inner = read(found.query, found.record, Expansion(self._known, (*self._inside, name)))
        except QueryError as error:
            code = error.code if error.code in _OF_THE_WHOLE else "saved-faulty"
            told = error.message if code == "saved-cycle" else f'The saved search "{name}" cannot be read: {error}'
            scanner.fail(code, told, start, end, f"To see it: searchkit saved show {name}")
        scanner.leave()
        span = Span(start, end)
        # Its parts stand nowhere else in the query as typed.
        inner = transform(inner, lambda node, _: _placed(node, span))
        if found.record == "quote" and not of_statement:
            inner = Scope(inner=inner, span=span)
        return Saved(name=name, inner=inner, span=span)

    def _find(self, name: str, scanner: Scanner, start: int, end: int) -> SavedQuery:
        try:
            found = self._known.get(name) if NAME.fullmatch(name) else None
            if found is None:
                from difflib import get_close_matches  # needed for a mistyped name only

                close = get_close_matches(name, self._known, n=1)
        except ConfigError as error:
            scanner.fail("saved-faulty", error.message, start, end, error.hint)
        if found is None:
            message = f'There is no saved search "{shown(name)}".' + (f' Did you mean "{close[0]}"?' if close else "")
            hint = "" if close else "To see which there are: searchkit saved list"
            scanner.fail("saved-unknown", message, start, end, hint)
        return found


def _placed(node: Node, span: Span) -> Node:
    if isinstance(node, Near):
        return replace(node, left=_placed(node.left, span), right=_placed(node.right, span), span=span)
    return replace(node, span=span)

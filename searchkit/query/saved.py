"""Expand saved searches in a query: `saved:name` is read as the query of that name, as if it stood in brackets.

In a query over documents, a search over statements finds the documents with such a statement; the reverse is refused.
Their terms count against the limits of the query.
"""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import ConfigError, QueryError
from searchkit.query.ast import Near, Node, Saved, Scope
from searchkit.query.fields import Record
from searchkit.query.scanner import Scanner
from searchkit.query.walk import transform
from searchkit.query.words import shown
from searchkit.text import Span

# Such names are valid file names on every system, and words of the language.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
# Faults inside a saved search that concern the complete query keep their code.
_GLOBAL_FAULTS = frozenset({"saved-cycle", "too-deep", "too-many", "too-long"})


class SavedQuery(Struct, frozen=True, kw_only=True):
    """A query saved under a name, and the kind of record that it searches."""

    query: str
    record: Record


SavedQueries = Mapping[str, SavedQuery]
"""Saved searches by name. A value may be read from its file on access; a mistake in the file is a ConfigError."""

Read = Callable[[str, Record, tuple[str, ...]], Node]
"""Parses a query over records of a kind; with the names of the saved searches that contain it, outermost first."""


class Expansion:
    """Reads `saved:name`. `inside` are the saved searches being read, outermost first."""

    def __init__(self, known: SavedQueries, inside: tuple[str, ...] = ()) -> None:
        self._known = known
        self._inside = inside

    def node(self, scanner: Scanner, start: int, *, of_statement: bool, read: Read) -> Saved:
        """Return the node for the clause that starts at `start`; the place of `scanner` is behind its name.

        `of_statement`: one statement must match it. Faults are reported for the clause."""
        end = scanner.at
        name = scanner.text[start:end].partition(":")[2].casefold()
        found = self._find(name, scanner, start, end)
        if name in self._inside:
            path = ", ".join(f'"{search}"' for search in (*self._inside[self._inside.index(name) :], name))
            scanner.fail("saved-cycle", f"A saved search cannot be part of itself: {path}.", start, end)
        if of_statement and found.record == "document":
            message = f'The saved search "{name}" finds documents; it cannot be used for statements.'
            scanner.fail("not-in-statement", message, start, end)
        scanner.count(start, end)
        scanner.enter(start, end)
        try:
            inner = read(found.query, found.record, (*self._inside, name))
        except QueryError as error:
            code = error.code if error.code in _GLOBAL_FAULTS else "saved-faulty"
            message = error.message if code == "saved-cycle" else f'The saved search "{name}" cannot be read: {error}'
            scanner.fail(code, message, start, end, f"Show it: searchkit saved show {name}")
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
                from difflib import get_close_matches  # only for a mistyped name

                close = get_close_matches(name, self._known, n=1)
        except ConfigError as error:
            scanner.fail("saved-faulty", error.message, start, end, error.hint)
        if found is None:
            message = f'There is no saved search "{shown(name)}".' + (f' Did you mean "{close[0]}"?' if close else "")
            hint = "" if close else "List saved searches: searchkit saved list"
            scanner.fail("saved-unknown", message, start, end, hint)
        return found


def _placed(node: Node, span: Span) -> Node:
    if isinstance(node, Near):
        return replace(node, left=_placed(node.left, span), right=_placed(node.right, span), span=span)
    return replace(node, span=span)

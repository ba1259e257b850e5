"""Parse a query string into its tree. A query that can be read in two ways is a QueryError with its place.

Codes of QueryError (stable; messages are not): empty, unknown-field, empty-field, empty-value, nested-field,
nested-scope, not-in-statement, brace, bracket, unclosed, unopened, empty-group, missing-operand, mixed-or,
near-operand, wildcard, fuzzy, boost, foreign-sign, dash, minus-in-value, bad-date, date-order, date-range,
bad-number, no-range, equals-on-text, regex, regex-on-text, exact, saved-unknown, saved-cycle, saved-faulty, too-long,
too-many, too-deep, nothing-left.
"""

import re
from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from searchkit.loading import load
from searchkit.query.ast import And, Node, Term
from searchkit.query.fields import Record
from searchkit.query.words import is_operator, meant_operator
from searchkit.statements.text import Span

# Stored with saved searches; raised with every change of the grammar that changes the meaning of a query.
SYNTAX = 1
# Names of saved searches: valid file names on every system, and words of the language.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")

_PLAIN_WORDS = re.compile("[A-Za-z0-9]{1,40}(?: [A-Za-z0-9]{1,40}){0,9}")


class SavedQuery(Struct, frozen=True, kw_only=True):
    """A query saved under a name, and the kind of record that it searches."""

    query: str
    record: Record


SavedQueries = Mapping[str, SavedQuery]
"""Saved searches by name. A value may be read from its file on access; a mistake in the file is a ConfigError."""


class Parsed(Struct, frozen=True, kw_only=True):
    """A parsed query: its tree, and notes for the user on how it was read."""

    tree: Node
    notes: tuple[str, ...] = ()


def parse(query: str, *, today: date, record: Record = "document", saved: SavedQueries | None = None) -> Parsed:
    """Parse `query`, asked on the day `today` over records of kind `record`; `saved` are the searches it may name.

    QueryError if it cannot be parsed.
    """
    tree = _plain_words(query)
    if tree is not None:
        return Parsed(tree=tree)
    parsed: Parsed = load("searchkit.query.grammar:read")(query, today, record, {} if saved is None else saved)
    return parsed


def _plain_words(query: str) -> Node | None:
    """Return the tree of a query of plain words, most queries, without the grammar; None for others."""
    if _PLAIN_WORDS.fullmatch(query) is None:
        return None
    found, start = [], 0
    for word in query.split(" "):
        if word == "us" or is_operator(word) or meant_operator(word):  # the grammar has notes on these
            return None
        found.append(Term(text=word, span=Span(start, start + len(word))))
        start += len(word) + 1
    return found[0] if len(found) == 1 else And(children=tuple(found), span=Span(0, len(query)))

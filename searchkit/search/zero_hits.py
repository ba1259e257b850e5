"""Advise on a query without hits: which part has none, and which spelling may be meant.

The time is limited; `complete` is False if it ran out before everything was tried.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.index.analysis import words
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import Clause, clauses, interpreted, replace_clause
from searchkit.search.did_you_mean import absence_notes, is_absent, near_words
from searchkit.search.rewrite import NameExpander, rewrite_query, shown_query

MAX_SECONDS = 0.5
_MAX_PARTS = 8
_MAX_DEAD = 6
_MAX_SUGGESTIONS = 6


class Part(Struct, frozen=True, kw_only=True):
    """One of the conditions that a record of the kind `over` must all match: as a query, its hits alone, and the hits
    of the others without it."""

    query: str
    over: Annotated[Record, Meta(description="What it is a condition on.")]
    hits: Annotated[int, Meta(description="Hits of this condition alone.")]
    without: Annotated[int, Meta(description="Hits of the other conditions without it.")]


class Suggestion(Struct, frozen=True, kw_only=True):
    """The query with words in another spelling, and its hits."""

    query: Annotated[str, Meta(description="The complete query.")]
    hits: int


class Advice(Struct, frozen=True, kw_only=True):
    """Advice on a query without hits: the parts of the query and then of its scopes, if there are several; the same
    query in other spellings; sentences."""

    parts: Annotated[tuple[Part, ...], Meta(description="The conditions that must all match.")] = ()
    suggestions: Annotated[tuple[Suggestion, ...], Meta(description="Other spellings with hits.")] = ()
    notes: tuple[str, ...] = ()
    complete: Annotated[bool, Meta(description="False if the time was too short to try everything.")] = True


class _OutOfTime(Exception):
    pass


def advise(
    request: SearchRequest,
    names: NameExpander,
    *,
    watchlist_notes: Callable[[ast.Node, Record], tuple[str, ...]] = lambda *_: (),
    seconds: float = MAX_SECONDS,
) -> Advice:
    """Return advice on the query of `request`, which matches nothing in the index of `names`.

    `watchlist_notes` says why a value of the field watchlist matches nothing; empty if no list has it."""
    adviser = _Adviser(
        request=replace(request, query=shown_query(request.query)),
        names=names,
        watchlist_notes=watchlist_notes,
        ends=time.perf_counter() + seconds,
    )
    return adviser.advice()


class _Adviser(Struct, kw_only=True):
    request: SearchRequest
    names: NameExpander
    watchlist_notes: Callable[[ast.Node, Record], tuple[str, ...]]
    ends: float
    known: dict[tuple[ast.Node, Record], int] = {}

    def advice(self) -> Advice:
        parts: list[Part] = []
        suggestions: list[Suggestion] = []
        notes: list[str] = []
        complete = True
        try:
            parts.extend(self._parts(self.request.query, self.request.record))
            every = clauses(self.request.query, self.request.record)
            dead = list(islice(filter(self._is_dead, every), _MAX_DEAD))
            for clause in dead:
                notes.extend(self._notes(clause))
            suggestions.extend(islice(self._suggestions(dead), _MAX_SUGGESTIONS))
        except _OutOfTime:
            complete = False
        return Advice(
            parts=tuple(parts), suggestions=tuple(suggestions), notes=tuple(dict.fromkeys(notes)), complete=complete
        )

    def _check_time(self) -> None:
        if time.perf_counter() > self.ends:
            raise _OutOfTime

    def _hits(self, node: ast.Node, record: Record) -> int:
        known = self.known.get((node, record))
        if known is None:
            self._check_time()
            rewritten = rewrite_query(node, self.names, record)
            copies = self.request.copies or rewritten.copies
            request = SearchRequest(query=rewritten.executed, record=record, limit=0, copies=copies)
            known = self.known[node, record] = self.names.index.search(request).total
        return known

    def _parts(self, tree: ast.Node, record: Record) -> Iterator[Part]:
        """Yield the conditions of a query, and those of each scope in it without a match."""
        joined = conditions(tree)
        for number, part in enumerate(joined[:_MAX_PARTS] if len(joined) > 1 else ()):
            rest = ast.conjunction(*joined[:number], *joined[number + 1 :])
            hits, without = self._hits(part, record), self._hits(rest, record)
            yield Part(query=interpreted(part), over=record, hits=hits, without=without)
        for part in joined[:_MAX_PARTS]:
            if isinstance(part, ast.Scope) and not self._hits(part, record):
                yield from self._parts(part.inner, "quote")

    def _is_dead(self, clause: Clause) -> bool:
        return not clause.excludes and not self._hits(clause.node, clause.record)

    def _notes(self, clause: Clause) -> Iterator[str]:
        if clause.kind == "date":
            kind = "document" if clause.record == "document" else "statement"
            days = self.names.index.days(clause.field, clause.record)
            if days is None:
                yield f"No {kind} here has a value in the field {clause.field}."
            else:
                yield f"The field {clause.field} of the {kind}s here ranges from {days[0]} to {days[1]}."
        elif clause.field == "watchlist" and is_absent(clause, clause.value, self.names.index):
            yield from self.watchlist_notes(clause.value, clause.record) or absence_notes(clause, self.names.index)

    def _suggestions(self, dead: Sequence[Clause]) -> Iterator[Suggestion]:
        """Yield queries with hits in which one dead clause is respelled."""
        suggested: set[ast.Node] = set()
        for clause in dead:
            values = [v for v in self._respelled(clause) if self._hits(clause.with_value(v), clause.record)]
            for value in values:
                query = replace_clause(self.request.query, clause, value)
                if query not in suggested and (hits := self._hits(query, self.request.record)):
                    suggested.add(query)
                    yield Suggestion(query=interpreted(query), hits=hits)

    def _respelled(self, clause: Clause) -> Iterator[ast.Node]:
        """Yield the value of a clause with a word of the archive in place of a word that the archive lacks."""
        value = clause.value
        if clause.kind != "text" or not isinstance(value, ast.Term | ast.Phrase):
            return
        wanted = words(value.text)
        for word in dict.fromkeys(wanted):
            self._check_time()
            if self.names.index.spellings(clause.field, word, distance=0, record=clause.record):
                continue
            for near in near_words(word, clause.field, clause.record, self.names.index):
                yield replace(value, text=" ".join(near.name if other == word else other for other in wanted))


def conditions(tree: ast.Node) -> list[ast.Node]:
    """Return the conditions that must all match."""
    match tree:
        case ast.And(children=children):
            return list(children)
        case ast.Field(name=name, value=ast.And(children=children)):
            return [ast.Field(name=name, value=child) for child in children]
    return [tree]

"""Why a question found nothing, and what may be asked instead.

takes:    a query tree that matches no record; an index
gives:    Advice: hits of each clause by itself and of the rest without it, which of them exclude each other, suggestions
does not: search when there are hits; decide what was meant
traps:    bounded in time: what was not tried when the time ran out is missing, and `complete` says so
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from searchkit.asked.clauses import Clause, clauses
from searchkit.asked.meaning import asked
from searchkit.asked.named import absent, is_absent
from searchkit.asked.near import near_words
from searchkit.asked.same_names import SameNames
from searchkit.index.analysis import words
from searchkit.index.base import Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.render import interpreted

# Nobody waits longer for an answer that there is none.
MOST_SECONDS = 0.5
# Beyond so many parts all pairs are more searches than help.
_MOST_PARTS = 8
_MOST_SUGGESTIONS = 6
_MOST_DEAD = 6
_WIDE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the conditions that must all hold: as a query, its hits by itself, and those of the others without it
    (None: it is the only one, or there was no time)."""

    query: str
    hits: int
    without: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Another question: what it would change, in words; the whole query; its hits."""

    says: str
    query: str
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is known of a query without hits.

    `over` is what `parts` count: records of the kind asked for, or statements, when one scope found none. `together` are
    parts of which each has hits and which exclude each other. `notes` are sentences."""

    over: Record
    parts: tuple[Part, ...] = ()
    together: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True


class _OutOfTime(Exception):
    pass


def advise(request: SearchRequest, names: SameNames, *, seconds: float = MOST_SECONDS) -> Advice:
    """Advice on the query of `request`, as a user is shown it, which matches nothing in the index of `names`."""
    return _Adviser(request, names, seconds).advice()


class _Adviser:
    def __init__(self, request: SearchRequest, names: SameNames, seconds: float) -> None:
        self._request = request
        self._names = names
        self._index: Index = names.index
        self._ends = time.perf_counter() + seconds
        self._known: dict[tuple[ast.Node, Record], int] = {}

    def advice(self) -> Advice:
        tree, record = _one_scope(self._request.query, self._request.record)
        parts: list[Part] = []
        together: tuple[str, ...] = ()
        notes: list[str] = []
        suggestions: list[Suggestion] = []
        complete = True
        try:
            parts.extend(self._parts(tree, record))
            together = self._together(tree, record)
            for clause in self._dead(tree, record):
                notes.extend(self._told(clause))
                suggestions.extend(self._suggested(clause))
        except _OutOfTime:
            complete = False
        best = sorted(dict.fromkeys(suggestions), key=lambda one: not one.hits)[:_MOST_SUGGESTIONS]
        return Advice(
            over=record,
            parts=tuple(parts),
            together=together,
            suggestions=tuple(best),
            notes=tuple(dict.fromkeys(notes)),
            complete=complete,
        )

    def _hits(self, node: ast.Node, record: Record) -> int:
        known = self._known.get((node, record))
        if known is None:
            if time.perf_counter() > self._ends:
                raise _OutOfTime
            meant = asked(node, self._names)
            copies = self._request.copies or meant.copies
            request = SearchRequest(query=meant.query, record=record, limit=0, copies=copies)
            known = self._known[node, record] = self._index.search(request).total
        return known

    # --- which part ---

    def _parts(self, tree: ast.Node, record: Record) -> Iterator[Part]:
        parts = conditions(tree)[:_MOST_PARTS]
        for number, part in enumerate(parts):
            rest = [*parts[:number], *parts[number + 1 :]]
            without = self._hits(ast.conjunction(*rest), record) if rest else None
            yield Part(query=interpreted(part), hits=self._hits(part, record), without=without)

    def _together(self, tree: ast.Node, record: Record) -> tuple[str, ...]:
        """The fewest parts that exclude each other although each has hits."""
        parts = conditions(tree)[:_MOST_PARTS]
        if len(parts) < 2 or not all(self._hits(part, record) for part in parts):
            return ()
        for size in (2, 3):
            for some in combinations(parts, size):
                if not self._hits(ast.conjunction(*some), record):
                    return tuple(map(interpreted, some))
        for size in range(4, len(parts)):
            if not self._hits(ast.conjunction(*parts[:size]), record):
                return tuple(map(interpreted, parts[:size]))
        return tuple(map(interpreted, parts))

    # --- what instead ---

    def _dead(self, tree: ast.Node, record: Record) -> Iterator[Clause]:
        """Clauses that must hold or could, and match nothing by themselves."""
        found = 0
        for clause in clauses(tree, record):
            if found < _MOST_DEAD and not clause.excludes and not self._hits(clause.node, clause.record):
                found += 1
                yield clause

    def _told(self, clause: Clause) -> Iterator[str]:
        if clause.kind == "date":
            days = self._index.days(clause.field, clause.record)
            kind = f"{clause.record}s" if clause.record == "document" else "statements"
            if days is None:
                yield f"No {kind[:-1]} here has a day in {clause.field}."
            else:
                yield f"{clause.field} goes from {days[0]} to {days[1]} over the {kind} here."
        elif clause.field == "watchlist" and is_absent(clause, clause.value, self._index):
            yield from absent(clause, self._index)

    def _suggested(self, clause: Clause) -> Iterator[Suggestion]:
        if clause.kind != "text":
            return
        for says, value in self._other_words(clause):
            if self._hits(clause.with_value(value), clause.record):
                query = self._instead(clause, value)
                yield Suggestion(says=says, query=interpreted(query), hits=self._hits(query, self._request.record))

    def _other_words(self, clause: Clause) -> Iterator[tuple[str, ast.Node]]:
        match clause.value:
            case ast.Term(text=text) | ast.Phrase(text=text):
                yield from self._respelled(clause, words(text))
                if len(words(text)) > 1:
                    wider = ast.Phrase(text=text, slop=_WIDE)
                    yield f"with up to {_WIDE} words in between", wider
                    yield "anywhere", ast.conjunction(*(ast.Term(text=word) for word in dict.fromkeys(words(text))))
            case ast.Exact(text=text) if words(text):
                yield "without its signs", ast.Phrase(text=text)
                yield from self._respelled(clause, words(text))

    def _respelled(self, clause: Clause, wanted: list[str]) -> Iterator[tuple[str, ast.Node]]:
        missing = [
            word
            for word in dict.fromkeys(wanted)
            if not self._index.spellings(clause.field, word, distance=0, record=clause.record)
        ]
        for word in missing[:3]:
            for near in near_words(word, clause.field, clause.record, self._index):
                written = [near.name if one == word else one for one in wanted]
                value: ast.Node = ast.Term(text=near.name) if len(written) == 1 else ast.Phrase(text=" ".join(written))
                yield f'"{near.name}" instead of "{word}"', value

    def _instead(self, clause: Clause, value: ast.Node) -> ast.Node:
        """The whole query with another value in one clause."""
        return _exchanged(self._request.query, clause, value)


def conditions(tree: ast.Node) -> list[ast.Node]:
    """The conditions that must all hold."""
    match tree:
        case ast.And(children=children):
            return list(children)
        case ast.Field(name=name, value=ast.And(children=children)):
            return [ast.Field(name=name, value=child) for child in children]
    return [tree]


def _one_scope(tree: ast.Node, record: Record) -> tuple[ast.Node, Record]:
    """The inside of a query that is nothing but one scope, which is asked of statements."""
    return (tree.inner, "quote") if isinstance(tree, ast.Scope) else (tree, record)


def _exchanged(tree: ast.Node, clause: Clause, value: ast.Node) -> ast.Node:
    """`tree` with `value` for that of `clause`."""

    def part(node: ast.Node, field: str) -> ast.Node:
        if node == clause.value and field == clause.field:
            return value
        match node:
            case ast.And(children=children):
                return ast.conjunction(*(part(child, field) for child in children))
            case ast.Or(children=children):
                return ast.disjunction(*(part(child, field) for child in children))
            case ast.Not(child=child):
                return ast.Not(child=part(child, field))
            case ast.Scope(inner=inner):
                return ast.Scope(inner=part(inner, field))
            case ast.Field(name=name, value=inner):
                return ast.Field(name=name, value=part(inner, name))
        return node

    return part(tree, "text")

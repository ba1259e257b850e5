"""Advise on a query without hits: which part has none, which parts exclude each other, what to ask instead.

The time is limited; `complete` is False if it ran out before everything was tried.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.index.analysis import words
from searchkit.index.base import SearchRequest, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import Clause, clauses, interpreted, replace_clause
from searchkit.search.did_you_mean import near_words
from searchkit.search.name_notes import absence_notes, is_absent
from searchkit.search.rewrite import NameExpander, name_value, rewrite_query, shown_query

MAX_SECONDS = 0.5
# Of more parts, not all pairs and triples are tried.
_MAX_PARTS = 8
_MAX_DEAD = 6
_MAX_SUGGESTIONS = 6
# Words that are no further apart are about the same thing more often than not.
_WIDE = 10


class Part(Struct, frozen=True, kw_only=True):
    """One of the conditions that a record of the kind `over` must all match: as a query, its hits alone, and the hits
    of the others without it."""

    query: str
    over: Annotated[Record, Meta(description="What it is a condition on.")]
    hits: Annotated[int, Meta(description="Hits of this condition alone.")]
    without: Annotated[int, Meta(description="Hits of the other conditions without it.")]


class Suggestion(Struct, frozen=True, kw_only=True):
    """Another query: what it changes, in words; the complete query; its hits."""

    says: Annotated[str, Meta(description="What it changes.")]
    query: Annotated[str, Meta(description="The complete query.")]
    hits: int
    respelled: Annotated[bool, Meta(description="Whether it only changes the spelling of words.")]


class _Change(Struct, frozen=True):
    """Another value for a clause: what it changes, in words; the value; whether only the spelling differs."""

    says: str
    value: ast.Node
    respelled: bool = False


class Advice(Struct, frozen=True, kw_only=True):
    """Advice on a query without hits.

    `parts` are those of the query and then of its scopes, if there are several. `together` are the fewest parts that
    exclude each other although each has hits. `notes` are sentences."""

    parts: Annotated[tuple[Part, ...], Meta(description="The conditions that must all match.")] = ()
    together: Annotated[tuple[tuple[str, ...], ...], Meta(description="Conditions that exclude each other.")] = ()
    suggestions: Annotated[tuple[Suggestion, ...], Meta(description="Similar queries with hits.")] = ()
    notes: tuple[str, ...] = ()
    complete: Annotated[bool, Meta(description="False if the time was too short to try everything.")] = True


class _OutOfTime(Exception):
    pass


def advise(
    request: SearchRequest,
    names: NameExpander,
    *,
    watchlist_notes: Callable[[ast.Node, Record], tuple[str, ...]] | None = None,
    seconds: float = MAX_SECONDS,
) -> Advice:
    """Return advice on the query of `request`, which matches nothing in the index of `names`.

    `watchlist_notes` says why a value of the field watchlist matches nothing; empty if no list has it."""
    adviser = _Adviser(
        request=replace(request, query=shown_query(request.query)),
        names=names,
        watchlist_notes=watchlist_notes or (lambda *_: ()),
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
        together: list[tuple[str, ...]] = []
        suggestions: list[Suggestion] = []
        notes: list[str] = []
        complete = True
        try:
            for joined, record in self._layers(self.request.query, self.request.record):
                parts.extend(self._parts(joined, record))
                excluding = self._excluding(joined, record)
                if excluding:
                    together.append(tuple(map(interpreted, excluding)))
            dead = list(self._dead_clauses())
            for clause in dead:
                notes.extend(self._notes(clause))
            suggestions.extend(self._suggestions(dead))
        except _OutOfTime:
            complete = False
        return Advice(
            parts=tuple(parts),
            together=tuple(together),
            suggestions=tuple(dict.fromkeys(suggestions))[:_MAX_SUGGESTIONS],
            notes=tuple(dict.fromkeys(notes)),
            complete=complete,
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

    # --- which part ---

    def _layers(self, tree: ast.Node, record: Record) -> Iterator[tuple[list[ast.Node], Record]]:
        """Yield the conditions of the query, and those of each scope in it without a match."""
        joined = conditions(tree)
        if len(joined) > 1:
            yield joined, record
        for part in joined[:_MAX_PARTS]:
            if isinstance(part, ast.Scope) and not self._hits(part, record):
                yield from self._layers(part.inner, "quote")

    def _parts(self, joined: Sequence[ast.Node], record: Record) -> Iterator[Part]:
        for number, part in enumerate(joined[:_MAX_PARTS]):
            rest = ast.conjunction(*joined[:number], *joined[number + 1 :])
            yield Part(
                query=interpreted(part),
                over=record,
                hits=self._hits(part, record),
                without=self._hits(rest, record),
            )

    def _excluding(self, joined: Sequence[ast.Node], record: Record) -> Sequence[ast.Node]:
        """Return the two or three parts that exclude each other, or else all; none if one of them has no hits alone."""
        if not all(self._hits(part, record) for part in joined):
            return ()
        sizes = (2, 3) if len(joined) <= _MAX_PARTS else ()
        excluding = (
            some
            for size in sizes
            for some in combinations(joined, size)
            if not self._hits(ast.conjunction(*some), record)
        )
        return next(excluding, joined)

    # --- what instead ---

    def _dead_clauses(self) -> Iterator[Clause]:
        """Yield the clauses that match nothing by themselves."""
        found = 0
        for clause in clauses(self.request.query, self.request.record):
            if found < _MAX_DEAD and not clause.excludes and not self._hits(clause.node, clause.record):
                found += 1
                yield clause

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
        """Yield queries with hits in which one dead clause is changed, or else one in which all are."""
        tree, record = self.request.query, self.request.record
        helped = False
        all_changed, firsts = tree, []
        for clause in dead:
            changes = [
                change
                for change in (self._changes(clause) if clause.kind == "text" else ())
                if self._hits(clause.with_value(change.value), clause.record)
            ]
            for change in changes:
                query = replace_clause(tree, clause, change.value)
                if hits := self._hits(query, record):
                    helped = True
                    yield Suggestion(says=change.says, query=interpreted(query), hits=hits, respelled=change.respelled)
            if changes:
                all_changed = replace_clause(all_changed, clause, changes[0].value)
                firsts.append(changes[0])
        if not helped and len(firsts) > 1 and (hits := self._hits(all_changed, record)):
            yield Suggestion(
                says=", ".join(change.says for change in firsts),
                query=interpreted(all_changed),
                hits=hits,
                respelled=all(change.respelled for change in firsts),
            )

    def _changes(self, clause: Clause) -> Iterator[_Change]:
        match clause.value:
            case ast.Term(text=text) | ast.Phrase(text=text) as value:
                if clause.field == "text":
                    yield from self._as_names(clause, text)
                yield from self._respelled(clause, value)
                if len(words(text)) > 1:
                    yield _Change(f"with up to {_WIDE} words between them", ast.Phrase(text=text, slop=_WIDE))
                    separate = (ast.Term(text=word) for word in dict.fromkeys(words(text)))
                    yield _Change("anywhere", ast.conjunction(*separate))
            case ast.Exact(text=text) if words(text):
                phrase = ast.Phrase(text=text)
                yield _Change("with any punctuation", phrase)
                yield from self._respelled(clause, phrase)
            case ast.Near(left=ast.Term() | ast.Phrase() as left, right=ast.Term() | ast.Phrase() as right) as near:
                for change in self._respelled(clause, left):
                    yield replace(change, value=replace(near, left=change.value))
                for change in self._respelled(clause, right):
                    yield replace(change, value=replace(near, right=change.value))
                yield _Change("anywhere", ast.conjunction(left, right))

    def _as_names(self, clause: Clause, text: str) -> Iterator[_Change]:
        """Yield bare words that stand in no statement as the name of a speaker or target."""
        for field, says in (("speaker", "as the speaker"), ("about", "as the target")):
            self._check_time()
            wanted = ValuesRequest(field=field, value=name_value(text), record=clause.record)
            if self.names.index.values(wanted):
                yield _Change(says, ast.Field(name=field, value=name_value(text)))

    def _respelled(self, clause: Clause, value: ast.Term | ast.Phrase) -> Iterator[_Change]:
        """Yield `value` with a word of the archive in place of a word that the archive lacks."""
        wanted = words(value.text)
        for word in dict.fromkeys(wanted):
            self._check_time()
            if self.names.index.spellings(clause.field, word, distance=0, record=clause.record):
                continue
            for near in near_words(word, clause.field, clause.record, self.names.index):
                text = " ".join(near.name if other == word else other for other in wanted)
                other = (
                    ast.Term(text=text) if len(wanted) == 1 else ast.Phrase(text=text, slop=getattr(value, "slop", 0))
                )
                yield _Change(f'"{near.name}" instead of "{word}"', other, respelled=True)


def conditions(tree: ast.Node) -> list[ast.Node]:
    """Return the conditions that must all match."""
    match tree:
        case ast.And(children=children):
            return list(children)
        case ast.Field(name=name, value=ast.And(children=children)):
            return [ast.Field(name=name, value=child) for child in children]
    return [tree]

"""From the query tree to one tantivy query, whose rows are those of the oracle.

takes:    a tree; the open rows of documents and of statements
gives:    queries that match; queries that score as well
does not: count, order or list
traps:    what tantivy cannot decide is decided here: it finds candidates, their words are read, and those that fit are
          asked for by their numbers. Of phrases with gaps it knows only pairs of words (see `_pair`)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import tantivy

from searchkit.index.analysis import contains_exact, exact_key, stem, stems, words
from searchkit.index.rows import text_fields
from searchkit.index.scoring import scored_leaves
from searchkit.index.tantivy.fields import (
    NAMES,
    OWNER,
    ROW,
    TERMS,
    exact_of,
    field,
    indexed_texts,
    is_counted,
    span_of,
    stems_field,
    unplaced_term,
    words_of,
)
from searchkit.index.tantivy.labels import code, key_term, uncounted_term, uncounted_value
from searchkit.index.tantivy.opened import Query, Rows
from searchkit.index.tantivy.standing import stands
from searchkit.index.values import span_test, value_key, value_pattern
from searchkit.query import ast, fields
from searchkit.query.fields import Record

_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


_Where = tuple[str, str]  # a field whose terms are words, and what stands before each word


def _in_field(name: str) -> _Where:
    return field(name, "words"), ""


class Translation:
    """Translates for one kind of record."""

    def __init__(self, rows: Mapping[Record, Rows], record: Record) -> None:
        self._all_rows = rows
        self._record: Record = record
        self._rows = rows[record]

    # --- matching ----------------------------------------------------------------------------------------------------

    def matching(self, node: ast.Node, name: str = "text") -> Query:
        """The query for the rows that match `node`, whose bare words stand in the field `name`. Its scores mean
        nothing."""
        match node:
            case ast.All():
                return tantivy.Query.all_query()
            case ast.And(children=children):
                return self._all_of(children, name)
            case ast.Or(children=children):
                return any_of(self.matching(child, name) for child in dict.fromkeys(children))
            case ast.Not(child=child):
                return without(tantivy.Query.all_query(), self.matching(child, name))
            case ast.Field(name=own, value=value):
                return self.matching(value, own)
            case ast.Scope(inner=inner):
                return self._scope(inner)
            case ast.Saved(inner=inner):
                return self.matching(inner, name)
        return self._leaf(name, node)

    def _all_of(self, children: Iterable[ast.Node], name: str) -> Query:
        parts = []
        for child in dict.fromkeys(children):
            negated = isinstance(child, ast.Not)
            inner = child.child if isinstance(child, ast.Not) else child
            parts.append((_NOT if negated else _MUST, self.matching(inner, name)))
        if all(occur == _NOT for occur, _ in parts):
            parts.append((_MUST, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(parts)

    def _scope(self, inner: ast.Node) -> Query:
        if self._record == "quote":
            return self.matching(inner)

        def found() -> Query:
            quotes = Translation(self._all_rows, "quote")
            owners = self._all_rows["quote"].numbers(quotes.matching(inner), OWNER)
            return self._rows.terms(ROW, list(dict.fromkeys(owners)))

        return self._rows.remembered(("scope", inner), found)

    def _leaf(self, name: str, node: ast.Node) -> Query:
        one = fields.find(name)
        if one is None or self._record not in one.records:
            return tantivy.Query.empty_query()
        match one.kind:
            case "text" if name == "text" and isinstance(node, ast.Term) and len(words(node.text)) == 1:
                parts = text_fields(name, self._record)
                return self._rows.term(stems_field(parts[-1], self._record), stem(words(node.text)[0]))
            case "text":
                return any_of(self._in_text(part, node) for part in text_fields(one.name, self._record))
            case "name":
                return self._in_names(one.name, node)
            case "keyword":
                return self._in_keywords(one.name, node)
            case "date":
                return self._in_dates(one.name, node)

    # --- text --------------------------------------------------------------------------------------------------------

    def _in_text(self, name: str, node: ast.Node) -> Query:
        if isinstance(node, ast.Exists):
            return self._rows.has(name)
        if name not in indexed_texts(self._record):
            # Each statement is a passage of its document's: the rows are those of the statements that have it.
            return self._scope(ast.Field(name=name, value=node))
        match node:
            case ast.Term() if len(words(node.text)) == 1:
                return self._stem(name, node)
            case ast.Exact():
                return self._rows.remembered((name, node), lambda: self._exact(name, node))
        candidates, decided = self._written(_in_field(name), node)
        if decided:
            return candidates
        return self._rows.remembered(
            (name, node),
            lambda: self._checked(candidates, lambda document: stands(node, words_of(document, name))),
        )

    def _stem(self, name: str, node: ast.Term) -> Query:
        wanted = stem(words(node.text)[0])
        found = self._rows.term(stems_field(name, self._record), wanted)
        if self._record == "quote" or name == "title":
            return found
        # The whole text is found. What stands in the title as well may stand there only.
        titled = self._rows.term(stems_field("title", self._record), wanted)
        both = self._rows.remembered(
            (name, node),
            lambda: self._checked(titled, lambda document: wanted in stems(words_of(document, name))),
        )
        return any_of((without(found, titled), both))

    def _exact(self, name: str, node: ast.Exact) -> Query:
        wanted, phrase = exact_key(node.text), ast.Phrase(text=node.text)
        if not words(node.text):
            return self._checked(
                self._rows.has(name), lambda document: contains_exact(exact_of(document, name), wanted)
            )
        candidates, _ = self._written(_in_field(name), phrase)
        return self._checked(candidates, lambda document: contains_exact(exact_of(document, name), wanted))

    def _checked(self, candidates: Query, fits: Callable[[Any], bool]) -> Query:
        found = [number for number, address in self._rows.numbered(candidates) if fits(self._rows.document(address))]
        return self._rows.terms(ROW, found)

    def _written(self, where: _Where, node: ast.Node) -> tuple[Query, bool]:
        """The rows where words stand as `node` asks, and whether these are all and no others: else some too many."""
        match node:
            case ast.Near(left=left, right=right):
                return self._near(where, node, words(_text(left)), words(_text(right)))
            case ast.Term() | ast.Phrase() | ast.Prefix() | ast.Fuzzy() | ast.Exact():
                pass
            case _:
                return tantivy.Query.empty_query(), True
        wanted = words(node.text)
        if not wanted:
            return tantivy.Query.empty_query(), True
        if isinstance(node, ast.Prefix | ast.Fuzzy):
            last = self._open_ended(where, wanted[-1], node)
            if len(wanted) == 1:
                return last, True
            return all_of(self._phrase(where, wanted[:-1]), last), False
        slop = node.slop if isinstance(node, ast.Phrase) else 0
        if not slop or len(wanted) == 1:
            return self._phrase(where, wanted), True
        return all_of(*(self._pair(where, *two, 1, 1 + slop) for two in pairwise(wanted))), len(wanted) == 2

    def _open_ended(self, where: _Where, word: str, node: ast.Prefix | ast.Fuzzy) -> Query:
        prefix = isinstance(node, ast.Prefix)
        distance = node.distance if isinstance(node, ast.Fuzzy) else 0
        name, mark = where
        return tantivy.Query.fuzzy_term_query(
            self._rows.schema, name, mark + word, distance, transposition_cost_one=False, prefix=prefix
        )

    def _phrase(self, where: _Where, wanted: Sequence[str]) -> Query:
        name, mark = where
        if len(wanted) == 1:
            return self._rows.term(name, mark + wanted[0])
        return tantivy.Query.phrase_query(self._rows.schema, name, [mark + word for word in wanted], 0)

    def _pair(self, where: _Where, first: str, second: str, least: int, most: int) -> Query:
        """Rows where `second` stands from `least` to `most` words behind `first`.

        tantivy's slop reaches as far back as ahead of the place where the second word is expected: an even stretch
        is asked for from its middle, an odd one as two of them.
        """

        name, mark = where

        def around(low: int, high: int) -> Query:
            middle = (low + high) // 2
            return tantivy.Query.phrase_query(
                self._rows.schema, name, [(0, mark + first), (middle, mark + second)], (high - low) // 2
            )

        if (most - least) % 2 == 0:
            return around(least, most)
        return any_of((around(least, most - 1), around(least + 1, most)))

    def _near(self, where: _Where, node: ast.Near, left: Sequence[str], right: Sequence[str]) -> tuple[Query, bool]:
        if not left or not right:
            return tantivy.Query.empty_query(), True
        if len(left) == len(right) == 1 and _slop(node.left) == _slop(node.right) == 0:
            most = node.distance + 1
            found = self._pair(where, left[0], right[0], 1, most)
            if node.ordered or left[0] == right[0]:
                return found, True
            return any_of((found, self._pair(where, right[0], left[0], 1, most))), True
        parts = (self._written(where, part)[0] for part in (node.left, node.right))
        return all_of(*parts), False

    # --- names, keywords, dates --------------------------------------------------------------------------------------

    def _in_names(self, name: str, node: ast.Node) -> Query:
        match node:
            case ast.Exists():
                return self._rows.has(name)
            case ast.Equals(text=text):
                return self._rows.terms(TERMS, list(self._rows.labels(name).equal(value_key(text))))
            case ast.Regex(pattern=pattern):
                return self._fitting(name, pattern)
        candidates, decided = self._written((NAMES, code(name)), node)
        # Between two spellings lies one position only: with gaps, one may reach into the next.
        if decided and not isinstance(node, ast.Near) and not _slop(node):
            return candidates
        return self._rows.remembered((name, node), lambda: self._spelled(name, node, candidates))

    def _spelled(self, name: str, node: ast.Node, candidates: Query) -> Query:
        """Those of the candidates of which one spelling fits by itself."""
        rows, labels = self._rows, self._rows.labels(name)
        shown = labels.of(rows.counts(candidates, field(name, "key"))).values()
        fitting = [told for own in shown for told, one in own.items() if stands(node, labels.words(one.name))]
        spelled = labels.spellings(rows.counts(candidates, field(name, "spelled")))
        fitting += [told for told, _, text in spelled if stands(node, text.split(" "))]
        return rows.terms(TERMS, fitting)

    def _fitting(self, name: str, pattern: str) -> Query:
        """Rows with a value whose name fits the pattern."""
        fits, labels = value_pattern(pattern).fullmatch, self._rows.labels(name)

        def found() -> Query:
            if is_counted(name):
                told = [one for own in labels.everything().values() for one, label in own.items() if fits(label.name)]
            else:
                values = self._rows.terms_of(TERMS, uncounted_term(name, ""))
                told = [one for one in values if fits(uncounted_value(one))]
            return self._rows.terms(TERMS, told)

        return self._rows.remembered((name, pattern), found)

    def _in_keywords(self, name: str, node: ast.Node) -> Query:
        match node:
            case ast.Exists():
                return self._rows.has(name)
            case ast.Term(text=text) | ast.Phrase(text=text) | ast.Equals(text=text) | ast.Exact(text=text):
                return self._rows.found_by(key_term(name, value_key(text)))
            case ast.Prefix(text=text) | ast.Fuzzy(text=text):
                return self._open_ended((TERMS, ""), key_term(name, value_key(text)), node)
            case ast.Regex(pattern=pattern):
                return self._fitting(name, pattern)
        return tantivy.Query.empty_query()

    def _in_dates(self, name: str, node: ast.Node) -> Query:
        match node:
            case ast.Exists():
                return self._rows.has(name)
            case ast.Unplaced(unit=unit):
                return self._rows.found_by(unplaced_term(name, unit))
            case ast.Range(start=start, end=end):
                days = tantivy.Query.range_query(
                    self._rows.schema,
                    field(name, "days"),
                    tantivy.FieldType.Unsigned,
                    start.toordinal() if start else 0,
                    end.toordinal() if end else 1 << 32,
                )
                fits = span_test(node)
                spans = self._rows.spans(name)
                fitting = [told for told in spans if fits(*span_of(told))]
                return any_of((days, self._rows.terms(TERMS, fitting))) if fitting else days
        return tantivy.Query.empty_query()

    # --- scoring -----------------------------------------------------------------------------------------------------

    def words_asked(self, query: ast.Node) -> dict[tuple[str, ...], list[str]]:
        """The words that score by how often they stand in a row, by the fields they may stand in."""
        asked: dict[tuple[str, ...], dict[str, None]] = {}
        for name, leaf in scored_leaves(query):
            if _is_words(name, leaf):
                asked.setdefault(self._parts(name), {}).update(dict.fromkeys(words(_text(leaf))))
        return {parts: list(own) for parts, own in asked.items() if own}

    def _parts(self, name: str) -> tuple[str, ...]:
        one = fields.find(name)
        return text_fields(one.name if one else name, self._record)

    def scoring(self, query: ast.Node) -> Query:
        """The query for the rows that match, scored: BM25 of the words asked for, and one for every other part that a
        row fulfils."""
        direct = self._scored(query, "text") if _each_once(query, self._record) else None
        if direct is not None:
            return direct
        parts = [(_MUST, _unscored(self.matching(query)))]
        for fields_asked, wanted in self.words_asked(query).items():
            parts += [(_SHOULD, self._word(fields_asked, word)) for word in wanted]
        for name, leaf in scored_leaves(query):
            if not _is_words(name, leaf):
                parts.append((_SHOULD, _constant(self.matching(leaf, name))))
        return tantivy.Query.boolean_query(parts)

    def stems_asked(self, parts: tuple[str, ...]) -> str:
        """The field in which words score that may stand in these: of statements, over documents, the whole text."""
        known = indexed_texts(self._record)
        return stems_field(parts[-1] if parts[-1] in known else known[-1], self._record)

    def _word(self, parts: tuple[str, ...], word: str) -> Query:
        return tantivy.Query.term_query(self._rows.schema, self.stems_asked(parts), stem(word), "freq")

    def _scored(self, node: ast.Node, name: str) -> Query | None:
        """`node` as a query that matches and scores at once; None where the one is not the other."""
        match node:
            case ast.Saved(inner=inner):
                return self._scored(inner, name)
            case ast.Field(name=own, value=value):
                return self._scored(value, own)
            case ast.And(children=children):
                parts = [(_MUST, self._scored(child, name)) for child in children]
                if any(query is None for _, query in parts):
                    return None
                return tantivy.Query.boolean_query(parts)
            case ast.Or(children=children) if all(_is_leaf(child) for child in children):
                found = [self._scored(child, name) for child in children]
                # A phrase scores by its words, also where it does not stand.
                if any(query is None for query in found) or any(_stands_apart(child, name) for child in children):
                    return None
                return tantivy.Query.boolean_query([(_SHOULD, query) for query in found])
            case ast.Or():
                return None
            case ast.Not() | ast.Scope() | ast.All():
                return _unscored(self.matching(node, name))
        if not _is_words(name, node):
            return _constant(self.matching(node, name))
        wanted = words(_text(node))
        if not wanted:
            return None
        scored = [self._word(self._parts(name), word) for word in dict.fromkeys(wanted)]
        if name in ("text", "title") and isinstance(node, ast.Term) and len(wanted) == 1:
            return scored[0]
        return tantivy.Query.boolean_query(
            [(_MUST, _unscored(self.matching(node, name))), *((_SHOULD, query) for query in scored)]
        )


def any_of(queries: Iterable[Query]) -> Query:
    """Rows that match any of the queries."""
    parts = list(queries)
    return parts[0] if len(parts) == 1 else tantivy.Query.boolean_query([(_SHOULD, query) for query in parts])


def all_of(*queries: Query) -> Query:
    """Rows that match all of the queries."""
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(_MUST, query) for query in queries])


def without(query: Query, excluded: Query) -> Query:
    """Rows that match the one and not the other."""
    return tantivy.Query.boolean_query([(_MUST, query), (_NOT, excluded)])


def constant_score(node: ast.Node, name: str = "text") -> float | None:
    """What every row that matches scores, when all score the same: nothing in the query tells one from another."""
    match node:
        case ast.Saved(inner=inner):
            return constant_score(inner, name)
        case ast.Field(name=own, value=value):
            return constant_score(value, own)
        case ast.And(children=children):
            if any(constant_score(child, name) is None for child in children):
                return None
            return float(len(scored_leaves(ast.Field(name=name, value=node))))
        case ast.Or(children=children):
            return None if any(scored_leaves(child) for child in children) else 0.0
        case ast.Not() | ast.Scope() | ast.All():
            return 0.0
    return None if _is_words(name, node) else 1.0


def _asks_text(name: str) -> bool:
    return getattr(fields.find(name), "kind", "") == "text"


def _is_leaf(node: ast.Node) -> bool:
    if isinstance(node, ast.Field):
        return _is_leaf(node.value)
    return not isinstance(node, ast.And | ast.Or | ast.Not | ast.Scope | ast.Saved | ast.All)


def _stands_apart(node: ast.Node, name: str) -> bool:
    """Whether words score also where `node`, which asks for them, does not hold."""
    if isinstance(node, ast.Field):
        return _stands_apart(node.value, node.name)
    single = isinstance(node, ast.Term) and len(words(node.text)) == 1 and name in ("text", "title")
    return _is_words(name, node) and not single


def _is_words(name: str, node: ast.Node) -> bool:
    return isinstance(node, ast.Term | ast.Phrase) and _asks_text(name)


def _each_once(query: ast.Node, record: Record) -> bool:
    """Whether no part of the query, and no word, is asked for twice: it would count twice."""
    leaves = list(_leaves(query, "text"))
    asked = [
        (text_fields(name, record), word)
        for name, leaf in leaves
        if _is_words(name, leaf)
        for word in words(_text(leaf))
    ]
    others = [(name, leaf) for name, leaf in leaves if not _is_words(name, leaf)]
    return len(asked) == len(set(asked)) and len(others) == len(set(others))


def _leaves(node: ast.Node, name: str) -> Iterable[tuple[str, ast.Node]]:
    match node:
        case ast.And(children=children) | ast.Or(children=children):
            for child in children:
                yield from _leaves(child, name)
        case ast.Saved(inner=inner):
            yield from _leaves(inner, name)
        case ast.Field(name=own, value=value):
            yield from _leaves(value, own)
        case ast.Not() | ast.Scope() | ast.All():
            return
        case _:
            yield name, node


def _text(node: ast.Node) -> str:
    return node.text if isinstance(node, ast.Term | ast.Phrase) else ""


def _slop(node: ast.Node) -> int:
    return node.slop if isinstance(node, ast.Phrase) else 0


def _unscored(query: Query) -> Query:
    return tantivy.Query.const_score_query(query, 0.0)


def _constant(query: Query) -> Query:
    return tantivy.Query.const_score_query(query, 1.0)

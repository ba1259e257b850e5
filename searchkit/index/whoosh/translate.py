"""From the query tree to sets of rows, and to scores of the rows found.

takes:    a tree; the open segments of documents and of statements
gives:    the rows that match, deleted ones included; scores
does not: count, order or mask
traps:    sets are shared between nodes and must not be changed
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from sys import getsizeof
from typing import TYPE_CHECKING

from searchkit.index.analysis import contains_exact, exact_key, stem, stems, words
from searchkit.index.rows import text_fields
from searchkit.index.scoring import K1, MOST_CLOSE, rarity, saturation, scored_leaves, weight
from searchkit.index.whoosh.column_types import DOCUMENT_ID
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.reckoning import Positions
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments, SegmentView
from searchkit.index.whoosh.value_matching import Codes, date_codes, keyword_codes, name_codes, rows_of
from searchkit.query import ast, fields
from searchkit.query.fields import Record

if TYPE_CHECKING:
    from searchkit.index.whoosh.roles import Closeness, Places, Scores

Every = Mapping[Record, Segments]

# What is remembered between questions: enough for those that follow one another about one query (its scores, the names
# in it, its clauses one by one), and no more than this.
_REMEMBERED_LEAVES = 64
_REMEMBERED_BYTES = 12_000_000


class Matching:
    """Answers for one kind of record; remembers the leaves it was asked last, for the questions that follow."""

    def __init__(self, every: Every, record: Record) -> None:
        self._every = every
        self._record: Record = record
        self._segments = every[record]
        self._known: dict[tuple[str, ast.Node], Rows] = {}
        self._known_bytes = 0
        self._of_quotes: Matching | None = None
        self._asked: dict[tuple[str, ...], dict[str, float]] = {}  # worth by word, by the fields it may stand in

    def rows(self, node: ast.Node, field: str = "text") -> Rows:
        """The rows that match `node`, whose bare words stand in `field`."""
        match node:
            case ast.All():
                return self._segments.every_row
            case ast.And():
                return self._all_of(node.children, field)
            case ast.Or():
                return reduce(or_, [self.rows(child, field) for child in dict.fromkeys(node.children)])
            case ast.Not():
                return self._segments.every_row - self.rows(node.child, field)
            case ast.Field():
                return self.rows(node.value, node.name)
            case ast.Scope():
                return self._scope(node.inner)
            case ast.Saved():
                return self.rows(node.inner, field)
        known = self._known.get((field, node))
        if known is None:
            known = self._leaf(field, node)
            size = getsizeof(known)
            if len(self._known) >= _REMEMBERED_LEAVES or self._known_bytes + size > _REMEMBERED_BYTES:
                self._known.clear()
                self._known_bytes = 0
            self._known_bytes += size
            self._known[field, node] = known
        return known

    def _all_of(self, children: Iterable[ast.Node], field: str) -> Rows:
        found: Rows | None = None
        for child in dict.fromkeys(children):
            rows = self.rows(child, field)
            found = rows if found is None else found & rows
            if not found:
                break
        return self._segments.make_rows([]) if found is None else found

    def _scope(self, inner: ast.Node) -> Rows:
        if self._record == "quote":
            return self.rows(inner)
        quotes = self._every["quote"]
        if self._of_quotes is None:
            self._of_quotes = Matching(self._every, "quote")
        found = quotes.parted(self._of_quotes.rows(inner) - quotes.deleted)
        stated = [(view.column(DOCUMENT_ID), rows) for view, rows in zip(quotes, found, strict=True)]
        columns = [view.column(DOCUMENT_ID) for view in self._segments]
        owning = self._segments.reckoning.owning(stated, columns)
        return self._segments.joined([column.rows_of(codes) for column, codes in zip(columns, owning, strict=True)])

    def _leaf(self, name: str, node: ast.Node) -> Rows:
        field, segments = fields.find(name), self._segments
        if field is None or self._record not in field.records:
            return segments.make_rows([])
        match field.kind:
            case "text":
                return segments.make_rows(chain.from_iterable(self._text(field.name, node)))
            case "name":
                return segments.joined([_name_rows(view, field.name, node) for view in segments])
            case "keyword":
                codes = keyword_codes
            case "date":
                codes = date_codes
        return segments.joined([_whole_rows(view.column(field.name), node, codes) for view in segments])

    def _text(self, field: str, node: ast.Node) -> Iterator[Sequence[Iterable[int]]]:
        """By field of text: lists of rows that match a leaf."""
        parts = stems(words(node.text)) if isinstance(node, ast.Term) else ()
        for name in text_fields(field, self._record):
            if len(parts) == 1:
                yield self._segments.stem_rows(name, parts[0])
            else:
                yield self._segments.shifted([_text_rows(view, name, node) for view in self._segments])

    # --- scores -------------------------------------------------------------------------------------------------------

    def scores(self, query: ast.Node, found: Rows) -> "Scores":
        """Scores of the rows `found`: BM25 of the words asked for, and one for every other part that a row fulfils."""
        scores = self._segments.reckoning.scores(self._segments, found)
        self._asked = {}
        for name, leaf in scored_leaves(query):
            field = fields.find(name)
            if field and field.kind == "text" and isinstance(leaf, ast.Term | ast.Phrase):
                self._asked.setdefault(text_fields(field.name, self._record), {}).update(
                    dict.fromkeys(words(leaf.text), 0.0)
                )
            else:
                scores.add(self.rows(leaf, name))
        for parts, worths in self._asked.items():
            for word in worths:
                worths[word] = self._add_bm25(scores, parts, stem(word))
        return scores

    def closeness(self) -> "tuple[Closeness, float] | None":
        """What rows score for words of `scores` that stand close together, and the most that one may; None when there
        are not two words to do so."""
        several = {parts: worths for parts, worths in self._asked.items() if 1 < len(worths) <= MOST_CLOSE}
        if not several:
            return None
        most = sum(sum(worths.values()) for worths in several.values())
        return self._segments.reckoning.closeness(self._segments, several), most

    def _add_bm25(self, scores: "Scores", parts: tuple[str, ...], stem: str) -> float:
        """Adds what a stem in the fields `parts` is worth in each row, and returns how rare it is."""
        frequencies = self._segments.reckoning.frequencies(self._segments, parts, stem)
        every = self._segments.row_count
        total = sum(weight(part) * self._segments.lengths.get(part, 0) for part in parts)
        worth = rarity(len(frequencies), every)
        scores.add_word(frequencies, parts, worth * (K1 + 1), saturation(total, every))
        return worth


# --- text and names: words as written ---------------------------------------------------------------------------------


def _text_rows(view: SegmentView, field: str, node: ast.Node) -> Iterable[int]:
    written = view.terms(f"{field}.words")
    match node:
        case ast.Exists():
            return written.rows
        case ast.Exact():
            return _exact_rows(view, field, written, node.text)
    starts = written_at(view, written, node)
    return view.reckoning.places.rows_at(written, starts) if len(starts) else ()


def _name_rows(view: SegmentView, field: str, node: ast.Node) -> Rows:
    match node:
        case ast.Exists() | ast.Equals() | ast.Regex():
            return _whole_rows(view.column(field), node, name_codes)
        case ast.Exact():
            return _written_rows(view, view.terms(field), ast.Phrase(text=node.text))
    return _written_rows(view, view.terms(field), node)


def _whole_rows(column: ValueColumn, node: ast.Node, codes: Callable[[ValueColumn, ast.Node], Codes]) -> Rows:
    return column.valued_rows if isinstance(node, ast.Exists) else rows_of(column, codes(column, node))


def _exact_rows(view: SegmentView, field: str, written: Terms, text: str) -> Iterable[int]:
    if words(text):
        starts = written_at(view, written, ast.Phrase(text=text))
        passages: Iterable[int] = view.reckoning.places.passages_at(written, starts)
    else:
        passages = range(len(written.rows))
    stored, wanted = view.texts(f"{field}.stored"), exact_key(text)
    return [
        written.rows[passage]
        for passage in passages
        if contains_exact(stored.passages(written.rows[passage])[written.passage_number(passage)], wanted)
    ]


def _written_rows(view: SegmentView, terms: Terms, node: ast.Node) -> Rows:
    return view.rows_at(terms, written_at(view, terms, node))


def written_at(view: SegmentView, terms: Terms, node: ast.Node) -> Positions:
    """Positions where `node` begins, at least one in each passage in which it stands."""
    places = view.reckoning.places
    match node:
        case ast.Near():
            starts = _near_starts(places, terms, node.left, node.right, node.distance)
            if node.ordered:
                return starts
            return places.merged([starts, _near_starts(places, terms, node.right, node.left, node.distance)])
        case ast.Term() | ast.Phrase() | ast.Prefix() | ast.Fuzzy():
            return places.starts(terms, _positions(places, terms, node), _slop(node))
    return ()


def _near_starts(places: "Places", terms: Terms, left: ast.Node, right: ast.Node, distance: int) -> Positions:
    """Where `left` begins, if `right` follows it in the same passage, `distance` words on at most."""
    lists = _positions(places, terms, left)
    if not lists:
        return ()
    behind = places.starts(terms, _positions(places, terms, right), _slop(right))
    return places.starts(terms, [*lists[:-1], places.followed(terms, lists[-1], behind, distance)], _slop(left))


def _positions(places: "Places", terms: Terms, node: ast.Node) -> list[Positions]:
    """The positions of each word that `node` asks for; the last takes its `*` or `~`."""
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy):
        return []
    wanted = words(node.text)
    lists: list[Positions] = [terms.numbers(word) for word in wanted[:-1]]
    for last in wanted[-1:]:
        if isinstance(node, ast.Prefix):
            lists.append(places.merged(terms.lists_of(last)))
        elif isinstance(node, ast.Fuzzy):
            lists.append(places.merged([terms.numbers(word) for word in terms.close_to(last, node.distance)]))
        else:
            lists.append(terms.numbers(last))
    return lists


def _slop(node: ast.Node) -> int:
    return node.slop if isinstance(node, ast.Phrase) else 0

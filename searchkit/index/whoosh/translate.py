"""From the query tree to sets of rows, segment by segment, and to scores of the rows found.

takes:    a tree; the open segments of documents and of statements
gives:    the rows that match, deleted ones included; scores
does not: count, order or mask
traps:    sets are shared between nodes and must not be changed
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from searchkit.index.analysis import contains_exact, exact_key, stem, stems, words
from searchkit.index.schema import text_fields
from searchkit.index.scoring import K1, MOST_CLOSE, rarity, saturation, scored_leaves, weight
from searchkit.index.whoosh.closeness import Closeness
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.kinds import DOCUMENT_ID
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.whole_values import Codes, date_codes, keyword_codes, name_codes, rows_of
from searchkit.query import ast, fields
from searchkit.query.fields import Record

Rows = list[set[int]]  # one set a segment
Views = Mapping[Record, Sequence[SegmentView]]
Occurrence = tuple[int, int]  # first and last position of a match


# What is remembered between questions: enough for those that follow one another about one query (its scores, the names
# in it, its clauses one by one), and no more than some 20 MB.
_REMEMBERED_LEAVES = 64
_REMEMBERED_ROWS = 300_000


class Matching:
    """Answers for one kind of record; remembers the leaves it was asked last, for the questions that follow."""

    def __init__(self, views: Views, record: Record) -> None:
        self._all_views = views
        self._record: Record = record
        self._views = views[record]
        self._known: dict[tuple[str, ast.Node], Rows] = {}
        self._known_rows = 0
        self._of_quotes: Matching | None = None
        self._asked: dict[tuple[str, ...], dict[str, float]] = {}  # worth by word, by the fields it may stand in

    def rows(self, node: ast.Node, field: str = "text") -> Rows:
        """The rows that match `node`, whose bare words stand in `field`."""
        match node:
            case ast.All():
                return [view.every_row for view in self._views]
            case ast.And():
                return self._all_of(node.children, field)
            case ast.Or():
                found = [self.rows(child, field) for child in dict.fromkeys(node.children)]
                return [set().union(*sets) for sets in zip(*found, strict=True)]
            case ast.Not():
                excluded = self.rows(node.child, field)
                return [view.every_row - rows for view, rows in zip(self._views, excluded, strict=True)]
            case ast.Field():
                return self.rows(node.value, node.name)
            case ast.Scope():
                return self._scope(node.inner)
            case ast.Saved():
                return self.rows(node.inner, field)
        known = self._known.get((field, node))
        if known is None:
            known = [self._leaf(view, field, node) for view in self._views]
            self._known_rows += sum(map(len, known))
            if len(self._known) >= _REMEMBERED_LEAVES or self._known_rows > _REMEMBERED_ROWS:
                self._known.clear()
                self._known_rows = sum(map(len, known))
            self._known[field, node] = known
        return known

    def _all_of(self, children: Iterable[ast.Node], field: str) -> Rows:
        found: Rows | None = None
        for child in dict.fromkeys(children):
            rows = self.rows(child, field)
            found = rows if found is None else [own & other for own, other in zip(found, rows, strict=True)]
            if not any(found):
                break
        return found or [set() for _ in self._views]

    def _scope(self, inner: ast.Node) -> Rows:
        if self._record == "quote":
            return self.rows(inner)
        documents: set[bytes] = set()
        quotes = self._all_views["quote"]
        if self._of_quotes is None:
            self._of_quotes = Matching(self._all_views, "quote")
        for view, rows in zip(quotes, self._of_quotes.rows(inner), strict=True):
            column = view.column(DOCUMENT_ID)
            codes = column.codes
            documents.update(column.value(code) for code in {codes[row] for row in rows - view.deleted})
        return [_rows_of_documents(view.column(DOCUMENT_ID), documents) for view in self._views]

    def _leaf(self, view: SegmentView, name: str, node: ast.Node) -> set[int]:
        field = fields.find(name)
        if field is None or self._record not in field.records:
            return set()
        match field.kind:
            case "text":
                found = [_text_rows(view, part, node) for part in text_fields(field.name, self._record)]
                return found[0] if len(found) == 1 else set().union(*found)
            case "name":
                return _name_rows(view, field.name, node)
            case "keyword":
                return _whole_rows(view.column(field.name), node, keyword_codes)
            case "date":
                return _whole_rows(view.column(field.name), node, date_codes)

    # --- scores -------------------------------------------------------------------------------------------------------

    def scores(self, query: ast.Node, found: Rows) -> list[dict[int, float]]:
        """Scores of the rows `found`: BM25 of the words asked for, and one for every other part that a row fulfils."""
        scores = [dict.fromkeys(rows, 0.0) for rows in found]
        self._asked = {}
        for name, leaf in scored_leaves(query):
            field = fields.find(name)
            if field and field.kind == "text" and isinstance(leaf, ast.Term | ast.Phrase):
                self._asked.setdefault(text_fields(field.name, self._record), {}).update(
                    dict.fromkeys(words(leaf.text), 0.0)
                )
            else:
                for own, rows in zip(scores, self.rows(leaf, name), strict=True):
                    for row in own.keys() & rows:
                        own[row] += 1.0
        for parts, worths in self._asked.items():
            for word in worths:
                worths[word] = self._add_bm25(scores, parts, stem(word))
        return scores

    def closeness(self) -> Closeness | None:
        """What rows score for words of `scores` that stand close together; None when there are not two to do so."""
        several = {parts: worths for parts, worths in self._asked.items() if 1 < len(worths) <= MOST_CLOSE}
        return Closeness(self._views, several) if several else None

    def _add_bm25(self, scores: list[dict[int, float]], parts: tuple[str, ...], stem: str) -> float:
        """Adds what a stem in the fields `parts` is worth in each row, and returns how rare it is."""
        frequencies = [_frequencies(view, parts, stem) for view in self._views]
        every = sum(view.row_count for view in self._views)
        total = sum(weight(part) * view.lengths.get(part, 0) for view in self._views for part in parts)
        worth = rarity(sum(map(len, frequencies)), every)
        best = worth * (K1 + 1)
        flat, slope = saturation(total, every)
        for view, own, frequency in zip(self._views, scores, frequencies, strict=True):
            lengths = [(weight(part), view.row_lengths(part)) for part in parts]
            for row in own.keys() & frequency.keys():
                count = frequency[row]
                length = sum([times * counts[row] for times, counts in lengths if row < len(counts)])
                own[row] += best * count / (count + flat + slope * length)
        return worth


def _frequencies(view: SegmentView, parts: tuple[str, ...], stem: str) -> Counter[int]:
    """How often a stem stands in each row that has it."""
    found: Counter[int] = Counter()
    for part in parts:
        times = weight(part)
        if not found and times == 1:
            found = Counter(view.terms(part).numbers(stem))
        else:
            for row in view.terms(part).numbers(stem):
                found[row] += times
    return found


def _rows_of_documents(column: ValueColumn, documents: set[bytes]) -> set[int]:
    # Looking one up takes as long as reading some twenty values in a row.
    if len(documents) * 20 < len(column):
        codes = (column.code_of(document) for document in documents)
        return column.rows_of(code for code in codes if code is not None)
    return column.rows_of(code for code, value in enumerate(column.values()) if value in documents)


# --- text and names: words as written ---------------------------------------------------------------------------------


def _text_rows(view: SegmentView, field: str, node: ast.Node) -> set[int]:
    written = view.terms(f"{field}.words")
    match node:
        case ast.Exists():
            return set(written.rows)
        case ast.Term():
            parts = stems(words(node.text))
            if len(parts) == 1:
                return set(view.terms(field).numbers(parts[0]))
        case ast.Exact():
            return _exact_rows(view, field, written, node.text)
    return _written_rows(written, node)


def _name_rows(view: SegmentView, field: str, node: ast.Node) -> set[int]:
    match node:
        case ast.Exists() | ast.Equals() | ast.Regex():
            return _whole_rows(view.column(field), node, name_codes)
        case ast.Exact():
            return _written_rows(view.terms(field), ast.Phrase(text=node.text))
    return _written_rows(view.terms(field), node)


def _whole_rows(column: ValueColumn, node: ast.Node, codes: Callable[[ValueColumn, ast.Node], Codes]) -> set[int]:
    return column.all_rows() if isinstance(node, ast.Exists) else rows_of(column, codes(column, node))


def _exact_rows(view: SegmentView, field: str, written: Terms, text: str) -> set[int]:
    phrase = ast.Phrase(text=text)
    if words(text):
        passages: Iterable[int] = written.passages_at([start for start, _ in _occurrences(written, phrase)])
    else:
        passages = range(len(written.rows))
    stored, wanted = view.texts(f"{field}.stored"), exact_key(text)
    return {
        written.rows[passage]
        for passage in passages
        if contains_exact(stored.passages(written.rows[passage])[written.passage_number(passage)], wanted)
    }


def _written_rows(terms: Terms, node: ast.Node) -> set[int]:
    return terms.rows_at(written_at(terms, node))


def written_at(terms: Terms, node: ast.Node) -> Sequence[int]:
    """Positions where `node` begins, at least one in each passage in which it stands."""
    match node:
        case ast.Near():
            return _near_starts(terms, node)
        case ast.Term() | ast.Phrase() | ast.Prefix() | ast.Fuzzy():
            lists = _positions(terms, node)
            if len(lists) == 1:
                return lists[0]
            return [start for start, _ in _joined(terms, lists, _slop(node), nearest=True)]
    return ()


def _positions(terms: Terms, node: ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy) -> list[Sequence[int]]:
    """The positions of each word that `node` asks for; the last takes its `*` or `~`."""
    wanted = words(node.text)
    lists: list[Sequence[int]] = [terms.numbers(word) for word in wanted[:-1]]
    for last in wanted[-1:]:
        if isinstance(node, ast.Prefix):
            lists.append(sorted(terms.starting_with(last)))
        elif isinstance(node, ast.Fuzzy):
            lists.append(sorted(n for word in terms.close_to(last, node.distance) for n in terms.numbers(word)))
        else:
            lists.append(terms.numbers(last))
    return lists


def _slop(node: ast.Node) -> int:
    return node.slop if isinstance(node, ast.Phrase) else 0


def _occurrences(terms: Terms, node: ast.Node) -> list[Occurrence]:
    """Every place where `node` stands within one passage, in order of its start."""
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy):
        return []
    lists = _positions(terms, node)
    if len(lists) == 1:
        return [(position, position) for position in lists[0]]
    return _joined(terms, lists, _slop(node), nearest=False)


def _joined(terms: Terms, lists: list[Sequence[int]], slop: int, *, nearest: bool) -> list[Occurrence]:
    """Places that have a position of each list, in order, with at most `slop` others in between.

    Of places with one start, `nearest` keeps the first only, which is enough to know the row.
    """
    if not lists or not all(len(positions) for positions in lists):
        return []
    if slop:
        return _with_gaps(terms, lists, slop, nearest=nearest)
    return [(start, end) for start, end in _in_a_row(lists) if end < terms.passage_end(start)]


def _in_a_row(lists: list[Sequence[int]]) -> list[Occurrence]:
    # From the rarest word, so that common ones are only looked up.
    order = sorted(range(len(lists)), key=lambda number: len(lists[number]))
    starts = {position - order[0] for position in lists[order[0]]}
    for number in order[1:]:
        positions = lists[number]
        # Looking a place up takes as long as reading some ten positions.
        if len(starts) * 10 < len(positions):
            starts = {start for start in starts if _holds(positions, start + number)}
        else:
            starts &= {position - number for position in positions}
    return [(start, start + len(lists) - 1) for start in sorted(starts)]


def _holds(positions: Sequence[int], wanted: int) -> bool:
    place = bisect_left(positions, wanted)
    return place < len(positions) and positions[place] == wanted


def _with_gaps(terms: Terms, lists: list[Sequence[int]], slop: int, *, nearest: bool) -> list[Occurrence]:
    found: list[Occurrence] = []
    ends = lists[-1]
    for start in lists[0]:
        limit = min(start + len(lists) - 1 + slop, terms.passage_end(start) - 1)
        place = start
        for positions in lists[1:-1]:
            # The nearest is best: whatever a later one reaches, it reaches too.
            following = bisect_right(positions, place)
            place = positions[following] if following < len(positions) else limit
            if place >= limit:
                break
        first = bisect_right(ends, place)
        after = bisect_right(ends, limit)
        found.extend((start, end) for end in ends[first : min(after, first + 1) if nearest else after])
    return found


def _near_starts(terms: Terms, node: ast.Near) -> list[int]:
    left, right = _occurrences(terms, node.left), _occurrences(terms, node.right)
    found = _followed(terms, left, right, node.distance)
    if not node.ordered:
        found += _followed(terms, right, left, node.distance)
    return found


def _followed(terms: Terms, first: list[Occurrence], second: list[Occurrence], distance: int) -> list[int]:
    """Starts of those in `first` that one of `second` follows in the same passage, `distance` words on at most."""
    starts = [start for start, _ in second]
    found = []
    for start, end in first:
        following = bisect_left(starts, end + 1)
        # Only the next one can decide: if it is in another passage, so are all after it.
        near = following < len(starts) and starts[following] - end - 1 <= distance
        if near and starts[following] < terms.passage_end(start):
            found.append(start)
    return found

"""Facets from tantivy's counts.

takes:    the rows counted: a query and the copies among its rows
gives:    facets: how many rows have which value, of copies each value once
does not: find rows
traps:    tantivy counts numbers, of keys and of intervals; what a key is called is asked only of values that are shown,
          and of those that share a key or a name with one
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from heapq import nlargest
from itertools import product
from typing import Any

from msgspec import Struct

from searchkit.index.base import MOST_CHOSEN, Facet, FacetRequest
from searchkit.index.facets import Label, Pair, date_facet, pair_facet, value_facet
from searchkit.index.intervals import key_at
from searchkit.index.tantivy.copies import Matching
from searchkit.index.tantivy.fields import (
    GROUP,
    HAS_GROUP,
    MISSING,
    OWNER,
    ROW,
    UNPLACED,
    field,
    interval_at,
)
from searchkit.index.tantivy.labels import number
from searchkit.index.tantivy.opened import Rows
from searchkit.index.tantivy.translate import all_of
from searchkit.query.fields import Field, Record

# Of fewer rows all counts are taken at once: most of their values may be shown.
_FEW = 200
# Of copies, all counts within each group are read; more than these in one group are no group of one text's copies.
_MOST_IN_GROUP = 60_000
# Of so many rows in groups the values are remembered, some 10 MB a field; of more they are counted anew each time.
_MOST_IN_GROUPS = 20_000


class _Totals(Struct, frozen=True, kw_only=True):
    """How many rows have which number of a column, and how many `missing` rows have none; of copies each once. Of
    numbers that one row has it may only be known that there are `others`."""

    counts: dict[int, int]
    others: int
    missing: int


def facet(request: FacetRequest, one: Field, found: Matching) -> Facet:
    """Counts of the values of one field."""
    if one.kind == "date":
        return _dates(request, one, found)
    column = field(one.name, "key")
    totals = _totals(one, column, found, whole=request.sort != "count" or found.number < _FEW)
    if totals.others and not _is_enough(totals, request.size):
        totals = _totals(one, column, found, whole=True)
    counts = totals.counts
    known: dict[str, int] = {}  # the totals of values that may be shown, by their keys

    def labels(keys: Collection[int]) -> Iterator[tuple[Label, int]]:
        for key, own in found.rows.labels(one.name).of(keys).items():
            for told, label in own.items():
                # Which of several names most rows have is counted; where there is one it needs not be.
                is_known = len(own) == 1 and key in counts
                times = counts[key] if is_known else found.rows.count(all_of(found.query, found.rows.found_by(told)))
                if times:
                    known[label.key] = counts.get(key, 1)
                    yield label, times

    def rivals(shown: Collection[Label]) -> Iterator[Label]:
        texts = {text for label in shown for text in (label.key, label.name_key)}
        keys = {key for text in texts for key in (number(text), *found.rows.labels(one.name).called(text))}
        return (label for label, _ in labels([key for key in keys if totals.others or key in counts]))

    shown = list(labels(_candidates(request, totals)))
    distinct = len(counts) + totals.others
    return value_facet(request, shown, known, totals.missing, distinct=distinct, rivals=rivals)


def _totals(one: Field, column: str, found: Matching, *, whole: bool) -> _Totals:
    rows = found.rows
    counts, others = (rows.counts(found.query, column), 0) if whole else rows.repeated(found.query, column)
    missing = found.number - rows.count(all_of(found.query, rows.has(one.name)))
    for own in _by_group(found, column):
        missing -= max(own.pop(MISSING, 0) - 1, 0)
        for key, count in own.items():
            if count > 1:
                counts[key] -= count - 1
    return _Totals(counts=counts, others=others, missing=missing)


def _is_enough(totals: _Totals, size: int) -> bool:
    """Whether what may be shown is among the numbers that are known."""
    return size <= 0 or (len(totals.counts) >= size and nlargest(size, totals.counts.values())[-1] > 1)


def _candidates(request: FacetRequest, totals: _Totals) -> Collection[int]:
    """The keys of values that may be shown: of most it is plain from their counts that they will not be."""
    counts = totals.counts
    if request.size <= 0:
        return ()
    if request.sort != "count" or request.size >= len(counts):
        return counts.keys()
    least = nlargest(request.size, counts.values())[-1]
    chosen = {number(key) for choice in request.chosen for key in choice.keys[:MOST_CHOSEN]}
    return chosen.union(key for key, count in counts.items() if count >= least)


def _by_group(found: Matching, column: str) -> Iterator[dict[int, int]]:
    """For each group of copies: how many of its rows have each number, and how many none."""
    if not found.copies.sizes:
        return
    known = _rows_of_groups(found, column)
    if known is not None:
        yield from _read_in_groups(found, *known)
        return
    inner = {"v": {"terms": {"field": column, "size": _MOST_IN_GROUP, "missing": MISSING}}}
    for groups in found.copies.portions():
        yield from _in_groups(found, list(groups), inner)


_Valued = dict[int, list[int]]  # numbers in a column by those of the rows that have them


def _rows_of_groups(found: Matching, column: str) -> tuple[dict[int, int], _Valued] | None:
    """Of all rows in groups, by their numbers: the group, what stands in a column. To read them takes as long as to
    count them once: that is done when questions have had so many rows of groups counted."""
    rows = found.rows
    key = "groups", column
    if key in rows.known:
        kept: tuple[dict[int, int], _Valued] | None = rows.known[key]
        return kept
    spent = "counted in groups", column
    everything = rows.found_by(HAS_GROUP)
    rows.known[spent] = rows.known.get(spent, 0) + sum(found.copies.sizes.values())
    every = rows.count(everything)
    if every > _MOST_IN_GROUPS or rows.known[spent] <= every:
        return None

    def values_of(wanted: str) -> _Valued:
        valued: _Valued = {}
        for (row, value), _ in rows.combinations(everything, (ROW, wanted)):
            valued.setdefault(row, []).append(value)
        return valued

    group_of = {row: groups[0] for row, groups in values_of(GROUP).items()}
    rows.known[key] = group_of, values_of(column)
    return _rows_of_groups(found, column)


def _read_in_groups(found: Matching, group_of: Mapping[int, int], valued: _Valued) -> Iterator[dict[int, int]]:
    """What `_by_group` gives, from what is known of the rows."""
    sizes = found.copies.sizes
    missing = [MISSING]
    counts: dict[int, Counter[int]] = {group: Counter() for group in sizes}
    for row in found.copies.numbers:
        group = group_of[row]
        if group in sizes:
            counts[group].update(valued.get(row, missing))
    yield from counts.values()


def _in_groups(found: Matching, groups: list[int], inner: Mapping[str, Any]) -> Iterator[dict[int, int]]:
    asked = {"g": {"terms": {"field": GROUP, "size": len(groups)}, "aggs": inner}}
    try:
        answer = found.rows.searcher.aggregate(found.copies.of(groups), asked)["g"]["buckets"]
    except ValueError:
        if len(groups) == 1:
            raise
        middle = len(groups) // 2  # too many counts for one answer
        yield from _in_groups(found, groups[:middle], inner)
        yield from _in_groups(found, groups[middle:], inner)
        return
    for bucket in answer:
        yield {value["key"]: value["doc_count"] for value in bucket["v"]["buckets"]}


def _dates(request: FacetRequest, one: Field, found: Matching) -> Facet:
    unit = request.interval or "month"
    totals = _totals(one, field(one.name, unit), found, whole=True)
    unknown = totals.counts.pop(UNPLACED, 0)
    named = {key_at(interval_at(place), unit): count for place, count in totals.counts.items()}
    return date_facet(request, named, missing=totals.missing, unknown=unknown)


# --- pairs ------------------------------------------------------------------------------------------------------------


def pairs(request: FacetRequest, pair: tuple[Field, Field], found: Matching, rows: Mapping[Record, Rows]) -> Facet:
    """Counts of the pairs of two fields: values that stand in one and the same statement."""
    quotes = rows["quote"]
    if found.rows.record == "quote":
        statements, owner = found.query, ROW
    else:
        statements, owner = quotes.terms(OWNER, found.rows.numbers(found.query)), OWNER
    unit = _units(found)
    having: Counter[tuple[int, int]] = Counter()
    counted: set[tuple[int, int, int]] = set()
    paired: set[int] = set()
    columns = (owner, *(field(one.name, "key") for one in pair))
    for (row, first, second), _ in quotes.combinations(statements, columns):
        having[first, second] += 1
        counted.add((unit.get(row, row), first, second))
        paired.add(row)
    first_labels, second_labels = (
        quotes.labels(one.name).of({both[place] for both in having}) for place, one in enumerate(pair)
    )

    def labels() -> Iterator[tuple[Pair, int]]:
        for (first, second), times in having.items():
            named = list(product(first_labels[first].items(), second_labels[second].items()))
            for (told, one), (also_told, other) in named:
                if len(named) > 1:
                    both = all_of(statements, quotes.found_by(told), quotes.found_by(also_told))
                    yield Pair(one, other), len(set(quotes.numbers(both, owner)))
                else:
                    yield Pair(one, other), times

    keys = {
        both: (next(iter(first_labels[both[0]].values())).key, next(iter(second_labels[both[1]].values())).key)
        for both in having
    }
    totals = Counter(keys[first, second] for _, first, second in counted)
    grouped = set(unit) - paired
    missing = found.number - len(unit) - len(paired - unit.keys()) + len({unit[row] for row in grouped})
    return pair_facet(request, [told for told in labels() if told[1]], totals, missing)


def _units(found: Matching) -> dict[int, int]:
    """Of each row that has copies among those found, the number of one row that stands for all of them."""
    unit: dict[int, int] = {}
    standing: dict[int, int] = {}
    for groups in found.copies.portions():
        for (group, row), _ in found.rows.combinations(found.copies.of(groups), (GROUP, ROW)):
            unit[row] = standing.setdefault(group, row)
    return unit

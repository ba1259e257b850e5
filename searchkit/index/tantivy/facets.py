"""Facets from tantivy's counts.

takes:    the rows counted: a query and the copies among its rows
gives:    facets: how many rows have which value, of copies each value once
does not: find rows
traps:    tantivy counts terms, each with an id and a name; values are counted by the key of their id, under which a row
          may have two terms (`en` and `EN`)
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from searchkit.index.base import Facet, FacetRequest
from searchkit.index.tallies import Label, Pair, date_facet, label, pair_facet, value_facet
from searchkit.index.tantivy.copies import Copies
from searchkit.index.tantivy.fields import (
    DOUBLED,
    GROUP,
    HAS_DOUBLED,
    HAS_GROUP,
    OWNER,
    ROW,
    UNKNOWN,
    counted,
    doubled_parts,
    field,
    name_parts,
    text_of,
)
from searchkit.index.tantivy.opened import Query, Rows
from searchkit.index.tantivy.translate import all_of
from searchkit.query.fields import Field, Record

# Of copies, all counts within each group are read; more than these in one group are no group of one text's copies.
_MOST_IN_GROUP = 60_000
# Labels are remembered up to these, some 30 MB.
_REMEMBERED = 60_000
# Of so many rows in groups the terms are remembered, some 10 MB a field; of more they are counted anew each time.
_MOST_IN_GROUPS = 20_000
_MISSING = "\nmissing"  # the term that tantivy counts rows without any under


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The rows to count: those that match `query`, `number` of them."""

    rows: Rows
    query: Query
    number: int
    copies: Copies


def facet(request: FacetRequest, one: Field, found: Counted) -> Facet:
    """Counts of the values of one field."""
    if one.kind == "date":
        return _dates(request, one, found)
    terms = _terms(found, counted(one))
    labels = _labels(one, terms, found.rows)
    totals: Counter[str] = Counter()
    for value, count in terms.items():
        totals[labels[value].key] += count
    doubled = _doubled(found.rows, found.query, one.name)
    totals.subtract(doubled)
    missing = found.number - found.rows.count(all_of(found.query, found.rows.has(one.name)))
    for own, own_doubled in _by_group(found, one, counted(one)):
        keys: Counter[str] = Counter()
        for value, count in own.items():
            if value != _MISSING:
                known = labels.get(value) or label_of(one, value)
                keys[known.key] += count
        keys.subtract(own_doubled)
        totals.subtract({key: count - 1 for key, count in keys.items()})
        missing -= max(own.get(_MISSING, 0) - 1, 0)
    return value_facet(request, [(labels[value], count) for value, count in terms.items()], totals, missing)


def _labels(one: Field, terms: Iterable[str], rows: Rows) -> dict[str, Label]:
    """The labels of these terms; those of many questions are the same."""
    known = rows.labels.setdefault(one.kind, {})
    if len(known) > _REMEMBERED:
        known.clear()
    for value in terms:
        if value not in known:
            known[value] = label_of(one, value)
    return known


def label_of(one: Field, value: str) -> Label:
    """What a term is called and counted by."""
    if one.kind == "name":
        return label(*name_parts(value))
    text = text_of(value)
    return label(text, text)


def _terms(found: Counted, name: str) -> dict[str, int]:
    return dict(found.rows.counts(found.query, name))


def _doubled(rows: Rows, query: Query, name: str) -> Counter[str]:
    """How often each key of a field was counted once more because a row has it twice."""
    if HAS_DOUBLED not in rows.present:
        return Counter()
    return _of_field(rows.counts(query, DOUBLED), name)


def _of_field(counts: Any, name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for value, count in counts:
        own, key, more = doubled_parts(value)
        if own == name:
            found[key] += more * count
    return found


def _by_group(found: Counted, one: Field, name: str) -> Iterator[tuple[dict[str, int], Counter[str]]]:
    """For each group of copies: how many of its rows have each term and what was doubled."""
    known = _rows_of_groups(found, one, name)
    if known is not None:
        yield from _read_in_groups(found, one, *known)
        return
    inner: dict[str, Any] = {"v": {"terms": {"field": name, "size": _MOST_IN_GROUP, "missing": _MISSING}}}
    if HAS_DOUBLED in found.rows.present and one.kind != "date":
        inner["d"] = {"terms": {"field": DOUBLED, "size": _MOST_IN_GROUP}}
    for groups in found.copies.portions():
        yield from _in_groups(found, one, list(groups), inner)


_Valued = dict[int, list[str]]  # terms by the numbers of the rows that have them


def _rows_of_groups(found: Counted, one: Field, name: str) -> tuple[dict[int, str], _Valued, _Valued] | None:
    """Of all rows in groups, by their numbers: the group, the terms of a column, what is doubled. To read them takes as
    long as to count them once: that is done when questions have had so many rows of groups counted."""
    rows = found.rows
    key = "groups", name
    if key in rows.known:
        kept: tuple[dict[int, str], _Valued, _Valued] | None = rows.known[key]
        return kept
    spent = "counted in groups", name
    everything = rows.has(HAS_GROUP)
    rows.known[spent] = rows.known.get(spent, 0) + sum(found.copies.sizes.values())
    number = rows.count(everything)
    if number > _MOST_IN_GROUPS or rows.known[spent] <= number:
        return None
    same: dict[str, str] = {}  # each term once

    def terms_of(column: str, having: Query) -> _Valued:
        valued: _Valued = {}
        for (row, value), _ in rows.combinations(having, (ROW, column)):
            valued.setdefault(int(row), []).append(same.setdefault(value, value))
        return valued

    group_of = {row: groups[0] for row, groups in terms_of(GROUP, everything).items()}
    doubled: _Valued = {}
    if HAS_DOUBLED in rows.present and one.kind != "date":
        doubled = terms_of(DOUBLED, all_of(everything, rows.has(HAS_DOUBLED)))
    rows.known[key] = group_of, terms_of(name, everything), doubled
    return _rows_of_groups(found, one, name)


def _read_in_groups(
    found: Counted, one: Field, group_of: Mapping[int, str], valued: _Valued, doubled: _Valued
) -> Iterator[tuple[dict[str, int], Counter[str]]]:
    """What `_by_group` gives, from what is known of the rows."""
    sizes = found.copies.sizes
    if not sizes:
        return
    missing = [_MISSING]
    counts: dict[str, Counter[str]] = {group: Counter() for group in sizes}
    more: dict[str, list[tuple[str, int]]] = {group: [] for group in sizes}
    for number in found.rows.numbers(all_of(found.query, found.rows.has(HAS_GROUP))):
        group = group_of[number]
        if group in sizes:
            counts[group].update(valued.get(number, missing))
            more[group] += [(value, 1) for value in doubled.get(number, ())]
    for group, own in counts.items():
        yield own, _of_field(more[group], one.name)


def _in_groups(
    found: Counted, one: Field, groups: list[str], inner: Mapping[str, Any]
) -> Iterator[tuple[dict[str, int], Counter[str]]]:
    asked = {"g": {"terms": {"field": GROUP, "size": len(groups)}, "aggs": inner}}
    try:
        answer = found.rows.searcher.aggregate(found.copies.of(groups), asked)["g"]["buckets"]
    except ValueError:
        if len(groups) == 1:
            raise
        middle = len(groups) // 2  # too many counts for one answer
        yield from _in_groups(found, one, groups[:middle], inner)
        yield from _in_groups(found, one, groups[middle:], inner)
        return
    for bucket in answer:
        own = {value["key"]: value["doc_count"] for value in bucket["v"]["buckets"]}
        doubled = ((value["key"], value["doc_count"]) for value in bucket.get("d", {"buckets": ()})["buckets"])
        yield own, _of_field(doubled, one.name)


def _dates(request: FacetRequest, one: Field, found: Counted) -> Facet:
    name = field(one.name, request.interval or "month")
    totals = Counter(_terms(found, name))
    missing = found.number - found.rows.count(all_of(found.query, found.rows.has(one.name)))
    for own, _ in _by_group(found, one, name):
        missing -= max(own.pop(_MISSING, 0) - 1, 0)
        totals.subtract({key: count - 1 for key, count in own.items()})
    unknown = totals.pop(UNKNOWN, 0)
    return date_facet(request, totals, missing=missing, unknown=unknown)


# --- pairs ------------------------------------------------------------------------------------------------------------


def pairs(request: FacetRequest, pair: tuple[Field, Field], found: Counted, rows: Mapping[Record, Rows]) -> Facet:
    """Counts of the pairs of two fields: values that stand in one and the same statement."""
    quotes = rows["quote"]
    if found.rows.record == "quote":
        statements, owner = found.query, ROW
    else:
        statements, owner = quotes.terms(OWNER, found.rows.numbers(found.query)), OWNER
    unit = _units(found)
    known: dict[tuple[int, str], Label] = {}

    def labelled(number: int, value: str) -> Label:
        one = known.get((number, value))
        if one is None:
            one = known[number, value] = label_of(pair[number], value)
        return one

    labels: Counter[Pair] = Counter()
    keys: set[tuple[int, tuple[str, str]]] = set()
    paired: set[int] = set()
    columns = (owner, *(counted(one) for one in pair))
    for (number, first, second), _ in quotes.combinations(statements, columns):
        both = Pair(labelled(0, first), labelled(1, second))
        row = int(number)
        labels[both] += 1
        keys.add((unit.get(row, row), both.key))
        paired.add(row)
    totals = Counter(key for _, key in keys)
    grouped = set(unit) - paired
    missing = found.number - len(unit) - len(paired - unit.keys()) + len({unit[row] for row in grouped})
    return pair_facet(request, labels.items(), totals, missing)


def _units(found: Counted) -> dict[int, int]:
    """Of each row that has copies among those found, the number of one row that stands for all of them."""
    unit: dict[int, int] = {}
    standing: dict[str, int] = {}
    for groups in found.copies.portions():
        for (group, number), _ in found.rows.combinations(found.copies.of(groups), (GROUP, ROW)):
            unit[int(number)] = standing.setdefault(group, int(number))
    return unit

"""Turn counts into facets, and facets back into queries. All engines use these rules.

`=` matches a name or an id in any case, so values that differ only in case are counted as one.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from itertools import pairwise
from typing import Any, TypeVar

from searchkit.errors import UsageError
from searchkit.index.analysis import name_words
from searchkit.index.base import Facet, FacetCount, FacetRequest, FacetValue, GapRecord
from searchkit.index.values import STRONG, WEAK, Label, Pair, first_day, key_at, last_day, number_of, value_key
from searchkit.query import ast, fields
from searchkit.query.fields import Record, find
from searchkit.query.leaves import number_range
from searchkit.query.walk import alternatives, split_selection, without_excluded_genres

# Longer gaps are reported by their length instead of empty rows.
LONGEST_GAP = 6
# With more empty rows than this, only gaps of one interval are shown as rows.
MOST_EMPTY = 1_000


_Shown = TypeVar("_Shown", Label, Pair)


def facet_fields(request: FacetRequest, record: Record, *, indexed: bool = True) -> tuple[fields.Field, ...]:
    """Return the field or pair of fields that `request` counts: those that are `indexed`, or any. UsageError if they
    cannot be counted."""
    found = []
    for name in (request.field, request.paired) if request.paired else (request.field,):
        field = fields.find(name)
        if field is None or not field.facet or record not in field.records or (indexed and not field.indexed):
            raise UsageError(f"{name!r} cannot be counted for {record}s.")
        if request.paired and (
            field.kind == "date" or not field.indexed or field.name == "copies" or "quote" not in field.records
        ):
            raise UsageError(f"{name!r} cannot be counted in pairs: it is not a name or keyword field of statements.")
        found.append(field)
    if len(found) == 2 and found[0] is found[1]:
        raise UsageError(f"{request.field!r} cannot be paired with itself.")
    if request.interval and found[0].kind != "date":
        raise UsageError(f"{request.field!r} cannot be counted by {request.interval}: it is not a date.")
    return tuple(found)


def counted_query(query: ast.Node, counted: Sequence[fields.Field], *, all_values: bool) -> ast.Node:
    """Return the query whose hits a facet counts: for speakers those of reports, and for `all_values` without the
    conditions that select values of its own field, except for dates and pairs."""
    query = _open(query, counted) if all_values else query
    return without_excluded_genres(query) if any(field.name == "speaker" for field in counted) else query


def _open(query: ast.Node, counted: Sequence[fields.Field]) -> ast.Node:
    has_choices = len(counted) == 1 and counted[0].kind != "date"
    return split_selection(query, counted[0].name)[0] if has_choices else query


# --- names, keywords and pairs ----------------------------------------------------------------------------------------


def value_facet(
    request: FacetRequest,
    labels: Collection[tuple[Label, int]],
    totals: Mapping[str, int],
    missing: int,
    *,
    distinct: int | None = None,
    rivals: Callable[[Collection[Label]], Iterable[Label]] | None = None,
) -> Facet:
    """Return the facet of a name or keyword field from the `totals` by key and the counts of `labels`.

    A value with several labels shows the most frequent one, or the first in order. An engine may leave out values that
    are not shown; then it gives the number of `distinct` values and the `rivals` that share a key or name with them.
    """
    shown = _shown(request, labels, totals)
    named = _named(rivals(shown) if rivals else (own for own, _ in labels), shown)
    counts = tuple(FacetCount(value=own.name, id=own.id, named=own in named, count=totals[own.key]) for own in shown)
    other = (len(totals) if distinct is None else distinct) - len(counts)
    return Facet(field=request.field, counts=counts, missing=missing, other=other, all_values=request.all_values)


def pair_facet(
    request: FacetRequest, pairs: Collection[tuple[Pair, int]], totals: Mapping[tuple[str, str], int], missing: int
) -> Facet:
    """Return the facet of pairs of values, as `value_facet`."""
    shown = _shown(request, pairs, totals)
    firsts = _named({pair.first for pair, _ in pairs}, [pair.first for pair in shown])
    seconds = _named({pair.second for pair, _ in pairs}, [pair.second for pair in shown])
    counts = tuple(
        FacetCount(
            value=first.name,
            id=first.id,
            named=first in firsts,
            count=totals[first.key, second.key],
            second=FacetValue(value=second.name, id=second.id, named=second in seconds),
        )
        for first, second in shown
    )
    other = len(totals) - len(counts)
    return Facet(field=request.field, paired=request.paired, counts=counts, missing=missing, other=other)


def _shown(
    request: FacetRequest,
    labels: Iterable[tuple[_Shown, int]],
    totals: Mapping[Any, int],  # by `key` of the labels
) -> list[_Shown]:
    wanted: Collection[Hashable] = totals.keys()
    by_count = request.sort == "count"
    if by_count and 0 < request.size < len(totals):
        # Most values cannot be shown because of their counts.
        least = nlargest(request.size, totals.values())[-1]
        wanted = {key for key, count in totals.items() if count >= least}
    counts: dict[_Shown, int] = {}
    for own, count in labels:
        if own.key in wanted:
            counts[own] = counts.get(own, 0) + count
    best: dict[Hashable, tuple[int, _Shown]] = {}
    for own, count in counts.items():
        if own.key not in best or (-count, own) < best[own.key]:
            best[own.key] = -count, own
    candidates = [own for _, own in best.values()]
    return nsmallest(request.size, candidates, key=lambda own: (-totals[own.key] if by_count else 0, own.order))


def _named(labels: Iterable[Label], shown: Collection[Label]) -> set[Label]:
    """Return the shown labels with unique names: no other value has the name, and the value has no other name."""
    wanted = {text for own in shown for text in (own.key, own.name_key)}
    names: dict[str, set[str]] = {}
    holders: dict[str, set[str]] = {}
    for own in [own for own in labels if own.key in wanted or own.name_key in wanted]:
        names.setdefault(own.key, set()).add(own.name_key)
        for text in (own.key, own.name_key):
            holders.setdefault(text, set()).add(own.key)
    return {own for own in shown if names[own.key] == {own.name_key} and holders[own.name_key] == {own.key}}


# --- dates ------------------------------------------------------------------------------------------------------------


def date_facet(request: FacetRequest, totals: Mapping[str, int], *, missing: int, unknown: int) -> Facet:
    """Return the facet of a date field from its `totals` by interval; of too many, the latest are shown."""
    unit = request.interval or "month"
    keys = sorted(totals)
    kept = keys[max(0, len(keys) - request.size) :] if request.size > 0 else []
    numbers = [number_of(key, unit) for key in kept]
    lengths = [after - before - 1 for before, after in pairwise(numbers)]
    longest = LONGEST_GAP if sum(length for length in lengths if length <= LONGEST_GAP) <= MOST_EMPTY else 1
    gaps = []
    counts: list[FacetCount] = []
    for key, number, empty in zip(kept, numbers, (0, *lengths), strict=False):
        if empty > longest:
            gaps.append(GapRecord(after=counts[-1].id, before=key, length=empty))
        elif empty:
            counts += [_interval(key_at(place, unit), 0) for place in range(number - empty, number)]
        counts.append(_interval(key, totals[key]))
    return Facet(
        field=request.field,
        interval=unit,
        counts=tuple(counts),
        missing=missing,
        unknown=unknown,
        other=len(keys) - len(kept),
        gaps=tuple(gaps),
    )


def _interval(key: str, count: int) -> FacetCount:
    return FacetCount(value=key, id=key, count=count)


class Refining:
    """Queries around one facet of the answer to `tree`. `base` is the query that the facet counted, `open` is `tree`
    without the conditions that select values of its own field."""

    def __init__(self, tree: ast.Node, facet: Facet, record: Record) -> None:
        self.tree = tree
        self.facet = facet
        self.record: Record = record
        self._fields = facet_fields(FacetRequest(field=facet.field, paired=facet.paired), record, indexed=False)
        self.open = _open(tree, self._fields)
        self.base = self.open if facet.all_values else tree
        self._choices = split_selection(tree, self._fields[0].name)[1] if self.open != tree else ()

    def narrowed(self, count: FacetCount) -> ast.Node:
        """Return the query for the records counted for this value."""
        return ast.conjunction(self.base, self._condition(count))

    def excluded(self, count: FacetCount) -> ast.Node:
        """Return the query without the records that have this value."""
        return ast.conjunction(self.tree, ast.Not(child=self._condition(count)))

    def missing(self) -> ast.Node:
        present = [ast.Field(name=field.name, value=ast.Exists()) for field in self._fields]
        return ast.conjunction(self.base, ast.Not(child=self._scoped(*present)))

    def unknown(self) -> ast.Node | None:
        """Return the query for the records with a date in no single interval; None for other fields."""
        if self.facet.interval is None:
            return None
        value = ast.Unplaced(unit=self.facet.interval)
        return ast.conjunction(self.base, ast.Field(name=self._fields[0].name, value=value))

    def selected(self, count: FacetCount) -> bool:
        """Return whether the query selects this value, by its id, its name or words of its name."""
        return any(_selects(condition, count) for choice in self._choices for condition in alternatives(choice))

    def toggled(self, count: FacetCount) -> ast.Node:
        """Return the query that selects this value as well, or deselects it if it is selected.

        If several conditions on the field must hold together, and for dates and pairs, it adds one more condition.
        """
        if self.selected(count):
            left = [[one for one in alternatives(choice) if not _selects(one, count)] for choice in self._choices]
            return ast.conjunction(self.open, *(ast.disjunction(*others) for others in left if others))
        if len(self._choices) == 1:
            return ast.conjunction(self.open, ast.disjunction(*alternatives(self._choices[0]), self._condition(count)))
        return ast.conjunction(self.tree, self._condition(count))

    def _condition(self, count: FacetCount) -> ast.Node:
        if self.facet.interval is not None:
            start, end = first_day(count.id, self.facet.interval), last_day(count.id, self.facet.interval)
            value = ast.Range(written=f"={count.id}", start=start, end=end, within=True)
            return ast.Field(name=self._fields[0].name, value=value)
        values = (count,) if count.second is None else (count, count.second)
        return self._scoped(*(_equal(field.name, value) for field, value in zip(self._fields, values, strict=True)))

    def _scoped(self, *conditions: ast.Node) -> ast.Node:
        """Join conditions; those on a pair must hold in one statement."""
        joined = ast.conjunction(*conditions)
        return ast.Scope(inner=joined) if len(conditions) > 1 and self.record == "document" else joined


def _equal(name: str, value: FacetValue) -> ast.Field:
    numbers = number_range(value.id) if getattr(find(name), "kind", "") == "number" else None
    if numbers is not None:
        return ast.Field(name=name, value=numbers)
    if name == "watchlist":  # the id alone matches weak matches of the entry too
        text = value.id if value.id.endswith(WEAK) else value.id + STRONG
    else:
        text = value.value if value.named else value.id
    return ast.Field(name=name, value=ast.Equals(text=text))


def _selects(condition: ast.Field, count: FacetValue) -> bool:
    match condition.value:
        case ast.Equals(text=text):
            return value_key(text.removesuffix(STRONG)) in (value_key(count.id), value_key(count.value))
        case ast.Term(text=text) | ast.Phrase(text=text):
            if getattr(find(condition.name), "kind", "") == "name":
                return f" {' '.join(name_words(text))} " in f" {' '.join(name_words(count.value))} "
            return value_key(text) == value_key(count.id)
        case ast.NumberRange() as numbers:
            return numbers == number_range(count.id)
    return False

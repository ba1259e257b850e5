"""What it means for a value to match, and how counts become a facet: the part of searching that no engine may vary.

takes:    values of names, keywords and dates; tallies over hits
gives:    comparison keys, edit distance, patterns, months and years of a span; ordered facets
does not: know how an engine finds or counts
traps:    a facet counts ids; one id may carry several names, of which one is shown
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from heapq import nsmallest

from searchkit.errors import UsageError
from searchkit.index.analysis import folded_letters
from searchkit.index.base import Facet, FacetCount, FacetRequest, Interval, ValueCount
from searchkit.query import fields
from searchkit.query.fields import Record


def value_key(text: str) -> str:
    """The key under which two spellings of a whole value, name or id are equal: case and accents folded."""
    return " ".join(folded_letters(text).split())


def within_edits(first: str, second: str, most: int) -> bool:
    """Whether `most` insertions, deletions or replacements of single letters make one word of the other."""
    if abs(len(first) - len(second)) > most:
        return False
    row = list(range(len(second) + 1))
    for above, letter in enumerate(first, start=1):
        diagonal, row[0] = row[0], above
        for place, other in enumerate(second, start=1):
            best = diagonal if letter == other else 1 + min(diagonal, row[place - 1], row[place])
            diagonal, row[place] = row[place], best
        if min(row) > most:
            return False
    return row[-1] <= most


def value_pattern(pattern: str) -> re.Pattern[str]:
    """`pattern` compiled, to be matched against whole values in any case. UsageError when it is none."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"{pattern!r} is not a pattern: {error}.") from error


def interval_key(first: int, last: int, interval: Interval) -> str | None:
    """The day, month or year (`2022-12`) that the span from ordinal `first` to `last` lies in; None when in several."""
    length = {"day": 10, "month": 7, "year": 4}[interval]
    key = date.fromordinal(first).isoformat()[:length]
    return key if first == last or date.fromordinal(last).isoformat()[:length] == key else None


def facet_field(request: FacetRequest, record: Record) -> fields.Field:
    """The field that `request` counts over records of this kind. UsageError when it cannot be counted."""
    field = fields.find(request.field)
    if field is None or not field.facet or record not in field.records:
        raise UsageError(f"{request.field!r} cannot be counted over {record}s.")
    if request.interval and field.kind != "date":
        raise UsageError(f"{request.field!r} has no {request.interval}s: only dates have.")
    return field


def value_facet(request: FacetRequest, tally: Mapping[tuple[str, str], int], missing: int) -> Facet:
    """The facet of a name or keyword field from its `tally`: records by (id, name).

    An id with several names shows the one most records have, of equals the first in order.
    """
    totals, shown = _by_id(tally)
    top = nsmallest(request.size, totals, key=lambda value_id: (-totals[value_id], shown[value_id][1], value_id))
    counts = tuple(FacetCount(value=shown[value][1], id=value, count=totals[value]) for value in top)
    return Facet(field=request.field, counts=counts, missing=missing, other=len(totals) - len(counts))


def _by_id(tally: Mapping[tuple[str, str], int]) -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    """By id: how many records have it, and the name to show (with what puts it before the others)."""
    totals: dict[str, int] = {}
    shown: dict[str, tuple[int, str]] = {}
    for (value_id, name), count in tally.items():
        totals[value_id] = totals.get(value_id, 0) + count
        candidate = (-count, name)
        if value_id not in shown or candidate < shown[value_id]:
            shown[value_id] = candidate
    return totals, shown


def date_facet(request: FacetRequest, tally: Mapping[str, int], missing: int) -> Facet:
    """The facet of a date field from its `tally`: records by interval key. Of too many the latest are kept."""
    keys = sorted(tally)
    kept = keys[max(0, len(keys) - request.size) :] if request.size > 0 else []
    counts = tuple(FacetCount(value=key, id=key, count=tally[key]) for key in kept)
    interval = request.interval or "month"
    return Facet(field=request.field, interval=interval, counts=counts, missing=missing, other=len(keys) - len(kept))


def value_counts(counts: Mapping[str, int], names: Mapping[tuple[str, str], int]) -> tuple[ValueCount, ...]:
    """Values from their `counts` by id, and from `names`, the records that have each (id, name); most frequent first.

    Names are shown as in `value_facet`."""
    _, shown = _by_id(names)
    bearers = Counter(name for _, name in names)
    named = Counter(value_id for value_id, _ in names)
    order = sorted(counts, key=lambda value_id: (-counts[value_id], shown[value_id][1], value_id))
    return tuple(
        ValueCount(id=value, name=name, count=counts[value], alone=bearers[name] == named[value] == 1)
        for value in order
        for _, name in (shown[value],)
    )


def valued_field(name: str, record: Record) -> fields.Field:
    """The name or keyword field called `name` of records of this kind. UsageError when there is none."""
    field = fields.find(name)
    if field is None or field.kind not in {"name", "keyword"} or record not in field.records:
        raise UsageError(f"{name!r} has no values over {record}s.")
    return field

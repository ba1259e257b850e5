"""Facets: bars and histograms for a terminal, rows for tables, records for JSON; each value with its query.

`tree` is the query before reporting verbs became lemmas (Answer.tree), `record` the kind of record searched.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, convert

from searchkit.cli.output import Segment, counted
from searchkit.index.base import Facet, FacetCount
from searchkit.index.facet_queries import Refining
from searchkit.index.values import key_at, number_of
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.records import Count
from searchkit.search.rewrite import shown_query
from searchkit.text import one_line

COLUMNS = ("field", "value", "id", "count", "query")
_BAR_WIDTH = 24
# Longer names are not padded to, so that the bars of the others stay in reach.
_NAME_WIDTH = 60
# A facet that fits on a screen needs no sparkline.
_ROWS_ON_A_SCREEN = 24
_SPARKS = "▁▂▃▄▅▆▇█"
_SPARKLINE_WIDTH = 60


class PairValue(Struct, frozen=True, kw_only=True):
    """A value of a pair."""

    value: str
    id: str


class CountRecord(Struct, frozen=True, kw_only=True):
    """A value and its count."""

    value: Annotated[str, Meta(description="For display.")]
    id: Annotated[str, Meta(description="ID of the entity, or the key: 2022-12.")]
    pair: Annotated[tuple[PairValue, ...] | UnsetType, Meta(description="Of a pair: its two values.")] = UNSET
    count: Count
    selected: Annotated[bool, Meta(description="Whether the query selects this value now.")]
    query: Annotated[str, Meta(description="The query that finds the counted records.")]
    toggle: Annotated[str, Meta(description="The query that selects this value too, or no longer if it is selected.")]


class GapRecord(Struct, frozen=True, kw_only=True):
    """Intervals without records that are too many to list."""

    after: Annotated[str, Meta(description="The last interval with records before the gap.")]
    before: Annotated[str, Meta(description="The first interval with records after it.")]
    length: Annotated[Count, Meta(description="How many intervals lie between.")]


class FacetRecord(Struct, frozen=True, kw_only=True):
    """Counts of the values of a field over all hits."""

    field: str
    paired: Annotated[str | None, Meta(description="The second field of a pair.")]
    interval: Annotated[str | None, Meta(description="Of dates: the length of the counted intervals.")]
    exact: bool
    error_bound: Annotated[Count, Meta(description="The largest possible error of a count.")]
    filtered: Annotated[bool, Meta(description="Whether the counts ignore the query's own filter on this field.")]
    missing: Annotated[Count, Meta(description="Records without a value.")]
    missing_query: Annotated[str, Meta(description="The query that finds records without a value.")]
    unknown: Annotated[Count, Meta(description="Records whose dates are too imprecise for an interval.")]
    unknown_query: Annotated[str | None, Meta(description="The query that finds them; null for other fields.")]
    other: Annotated[Count, Meta(description="Distinct values beyond those listed.")]
    counts: tuple[CountRecord, ...]
    gaps: tuple[GapRecord, ...]


def facet_rows(facets: Sequence[Facet], tree: ast.Node, record: Record) -> Iterator[dict[str, Any]]:
    """Yield a row with COLUMNS for each value, for records without a value (`missing`) or with too imprecise dates
    (`month unknown`), and for each long gap, which has no query."""
    for facet in facets:
        refining = _refining(facet, tree, record)
        field = label(facet)
        gaps = {gap.before: gap for gap in facet.gaps}
        for count in facet.counts:
            gap = gaps.get(count.id)
            if gap and facet.interval:
                first = key_at(number_of(gap.after, facet.interval) + 1, facet.interval)
                last = key_at(number_of(gap.before, facet.interval) - 1, facet.interval)
                yield _row(field, f"{first} to {last}", "", 0, None)
            yield _row(field, shown(count), _id(count), count.count, refining.narrowed(count))
        if facet.interval:
            yield _row(field, f"{facet.interval} unknown", "", facet.unknown, refining.unknown())
        yield _row(field, "missing", "", facet.missing, refining.missing())


def facet_lines(facet: Facet, tree: ast.Node, record: Record) -> Iterator[list[Segment]]:
    """Yield a bar for each value, a histogram for dates; values that the query selects are marked."""
    refining = _refining(facet, tree, record)
    yield _heading(facet, record, filtered=refining.base != refining.tree)
    most = max((facet.unknown, *(count.count for count in facet.counts)))
    unknown = f"{facet.interval} unknown" if facet.unknown else ""
    labels = [shown(count) for count in facet.counts]
    # Values with the same name show their ids.
    names = [
        one_line(label if labels.count(label) == 1 else f"{label} ({_id(count)})")
        for label, count in zip(labels, facet.counts, strict=True)
    ]
    column = min(max((width(name) for name in (unknown, *names)), default=0), _NAME_WIDTH)
    if facet.interval and len(facet.counts) > _ROWS_ON_A_SCREEN and _can_print(_SPARKS):
        yield [("  ", ""), *_sparkline(facet, facet.interval)]
    gaps = {gap.before: gap for gap in facet.gaps}
    for name, count in zip(names, facet.counts, strict=True):
        if count.id in gaps:
            yield [(f"  … {counted(gaps[count.id].length, str(facet.interval))} without", "dim")]
        mark = "* " if count.chosen else "  "
        yield _bar_line(mark, name, column, count.count, most)
    if unknown:
        yield _bar_line("  ", unknown, column, facet.unknown, most)
    rest = [
        counted(facet.other, "more value") if facet.other else "",
        f"{facet.missing:,} without a value" if facet.missing else "",
    ]
    if any(rest):
        yield [("  " + ", ".join(part for part in rest if part), "dim")]


def cut_notes(facets: Sequence[Facet]) -> Iterator[str]:
    """Yield a note for each facet with more values than are shown."""
    for facet in facets:
        if facet.other:
            name = label(facet)
            yield f"{name} has {counted(facet.other, 'more value')}; --facet {name}:N lists more."


def label(facet: Facet) -> str:
    """Return the facet as --facet names it: `outlet`, `date:month`, `speaker+about`."""
    return facet.field + (f"+{facet.paired}" if facet.paired else "") + (f":{facet.interval}" if facet.interval else "")


def shown(count: FacetCount) -> str:
    """Return a value for display."""
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def _refining(facet: Facet, tree: ast.Node, record: Record) -> Refining:
    return Refining(shown_query(tree), facet, record)


def _id(count: FacetCount) -> str:
    return count.id if count.second is None else f"{count.id} × {count.second.id}"


def _row(field: str, value: str, value_id: str, count: int, query: ast.Node | None) -> dict[str, Any]:
    written = "" if query is None else str(query)
    return {"field": field, "value": value, "id": value_id, "count": count, "query": written}


# --- records ----------------------------------------------------------------------------------------------------------


def facet_record(facet: Facet, tree: ast.Node, record: Record) -> FacetRecord:
    """Return a facet for programs."""
    refining = _refining(facet, tree, record)
    unknown = refining.unknown()
    return FacetRecord(
        field=facet.field,
        paired=facet.paired or None,
        interval=facet.interval,
        exact=facet.error_bound == 0,
        error_bound=facet.error_bound,
        filtered=refining.base != refining.tree,
        missing=facet.missing,
        missing_query=str(refining.missing()),
        unknown=facet.unknown,
        unknown_query=None if unknown is None else str(unknown),
        other=facet.other,
        counts=tuple(_count_record(count, refining) for count in facet.counts),
        gaps=convert(facet.gaps, tuple[GapRecord, ...], from_attributes=True),
    )


def _count_record(count: FacetCount, refining: Refining) -> CountRecord:
    second = count.second
    return CountRecord(
        value=shown(count),
        id=_id(count),
        pair=UNSET if second is None else tuple(PairValue(value=part.value, id=part.id) for part in (count, second)),
        count=count.count,
        selected=count.chosen,
        query=str(refining.narrowed(count)),
        toggle=str(refining.toggled(count)),
    )


# --- lines for a terminal ---------------------------------------------------------------------------------------------


def _heading(facet: Facet, record: Record, *, filtered: bool) -> list[Segment]:
    name = f"{facet.field} by {facet.interval}" if facet.interval else label(facet)
    kind = "documents" if record == "document" else "statements"
    without = f"; without the filter on {facet.field}" if filtered else ""
    if "watchlist" in {facet.field, facet.paired}:
        without += "; by name only, identity not verified"
    return [(name, "bold"), (f" ({kind}{without})", "dim")]


def _bar_line(mark: str, name: str, column: int, count: int, most: int) -> list[Segment]:
    padding = " " * max(0, column - width(name))
    bar = "█" if _can_print("█") else "#"
    length = max(1, round(_BAR_WIDTH * count / most)) if count else 0
    return [(f"{mark}{name}{padding}  {count:>7,}" + ("  " if length else ""), ""), (bar * length, "cyan")]


def _sparkline(facet: Facet, interval: ast.Unit) -> Iterator[Segment]:
    """Yield all intervals in one line, several of them as one bar when there are many."""
    places = [number_of(count.id, interval) for count in facet.counts]
    together = -(-(places[-1] - places[0] + 1) // _SPARKLINE_WIDTH)
    sums = [0] * ((places[-1] - places[0]) // together + 1)
    for place, count in zip(places, facet.counts, strict=True):
        sums[(place - places[0]) // together] += count.count
    most = max(sums)
    # The lowest bar means zero.
    line = "".join(_SPARKS[-(-number * (len(_SPARKS) - 1) // most)] for number in sums)
    yield f"{facet.counts[0].id} ", "dim"
    yield line, "cyan"
    each = f" (each bar is {counted(together, interval)})" if together > 1 else ""
    yield f" {facet.counts[-1].id}{each}", "dim"


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True

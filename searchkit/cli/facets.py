"""Facets in every form: bars and histograms for people, rows for sheets, JSON; each value with the query that finds it.

`tree` is the query as it was read before reporting verbs became lemmas (Answer.tree), `record` what was asked for.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from searchkit.cli.output import Segment, counted, one_line
from searchkit.index.base import Facet, FacetCount
from searchkit.index.facet_queries import Refining
from searchkit.index.intervals import key_at, number_of
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.search.rewrite import shown_query

COLUMNS = ("field", "value", "id", "count", "query")
_BAR_WIDTH = 24
# Longer names are not padded to: bars stand in line for most, not far to the right for all.
_NAME_WIDTH = 60
# What fits a screen needs no line that sums it up.
_ROWS_ON_A_SCREEN = 24
_SPARKS = "▁▂▃▄▅▆▇█"
_SPARKLINE_WIDTH = 60
_ASCII_BAR = "#"


def facets_json(facets: Sequence[Facet], tree: ast.Node, record: Record) -> list[dict[str, Any]]:
    """All facets as plain data.

    `query` finds as many records as were counted; `toggle` chooses a value beside those chosen now, or all but it when
    it is `selected`. Intervals without records are in `counts` in short gaps, longer ones are told in `gaps`.
    """
    return [_facet_json(facet, tree, record) for facet in facets]


def facet_rows(facets: Sequence[Facet], tree: ast.Node, record: Record) -> Iterator[dict[str, Any]]:
    """A row with COLUMNS for each value, for records without one (`missing`) and with dates that are not precise enough
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
    """A facet for people: a bar for each value, a histogram for dates; values that the query chooses are marked."""
    refining = _refining(facet, tree, record)
    yield _heading(facet, record, filtered=refining.base != refining.tree)
    most = max((facet.unknown, *(count.count for count in facet.counts)))
    unknown = f"{facet.interval} unknown" if facet.unknown else ""
    labels = [shown(count) for count in facet.counts]
    # Two of one name are told apart by their ids.
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
        f"{facet.missing:,} without" if facet.missing else "",
    ]
    if any(rest):
        yield [("  " + ", ".join(part for part in rest if part), "dim")]


def cut_notes(facets: Sequence[Facet]) -> Iterator[str]:
    """What to say of facets that have more values than are shown, where no line of theirs does."""
    for facet in facets:
        if facet.other:
            name = label(facet)
            yield f"{name} has {counted(facet.other, 'more value')}; ask for more with --facet {name}:N."


def label(facet: Facet) -> str:
    """The facet as --facet names it: `outlet`, `date:month`, `speaker+about`."""
    return facet.field + (f"+{facet.paired}" if facet.paired else "") + (f":{facet.interval}" if facet.interval else "")


def shown(count: FacetCount) -> str:
    """A value as people read it, a pair with a sign between its two."""
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def _refining(facet: Facet, tree: ast.Node, record: Record) -> Refining:
    return Refining(shown_query(tree), facet, record)


def _id(count: FacetCount) -> str:
    return count.id if count.second is None else f"{count.id} × {count.second.id}"


def _row(field: str, value: str, value_id: str, count: int, query: ast.Node | None) -> dict[str, Any]:
    written = "" if query is None else str(query)
    return {"field": field, "value": value, "id": value_id, "count": count, "query": written}


# --- JSON -------------------------------------------------------------------------------------------------------------


def _facet_json(facet: Facet, tree: ast.Node, record: Record) -> dict[str, Any]:
    refining = _refining(facet, tree, record)
    unknown = refining.unknown()
    return {
        "field": facet.field,
        "paired": facet.paired or None,
        "interval": facet.interval,
        "exact": facet.error_bound == 0,
        "error_bound": facet.error_bound,
        "filtered": refining.base != refining.tree,
        "missing": facet.missing,
        "missing_query": str(refining.missing()),
        "unknown": facet.unknown,
        "unknown_query": None if unknown is None else str(unknown),
        "other": facet.other,
        "counts": [_count_json(count, refining) for count in facet.counts],
        "gaps": [{"after": gap.after, "before": gap.before, "length": gap.length} for gap in facet.gaps],
    }


def _count_json(count: FacetCount, refining: Refining) -> dict[str, Any]:
    pair: Mapping[str, Any] = {}
    if count.second is not None:
        pair = {"pair": [{"value": one.value, "id": one.id} for one in (count, count.second)]}
    return {
        "value": shown(count),
        "id": _id(count),
        **pair,
        "count": count.count,
        "selected": count.chosen,
        "query": str(refining.narrowed(count)),
        "toggle": str(refining.toggled(count)),
    }


# --- for people -------------------------------------------------------------------------------------------------------


def _heading(facet: Facet, record: Record, *, filtered: bool) -> list[Segment]:
    name = f"{facet.field} by {facet.interval}" if facet.interval else label(facet)
    kind = "documents" if record == "document" else "statements"
    without = f"; the filter on {facet.field} left out" if filtered else ""
    return [(name, "bold"), (f" ({kind}{without})", "dim")]


def _bar_line(mark: str, name: str, column: int, count: int, most: int) -> list[Segment]:
    padding = " " * max(0, column - width(name))
    bar = "█" if _can_print("█") else _ASCII_BAR
    length = max(1, round(_BAR_WIDTH * count / most)) if count else 0
    return [(f"{mark}{name}{padding}  {count:>7,}" + ("  " if length else ""), ""), (bar * length, "cyan")]


def _sparkline(facet: Facet, interval: ast.Unit) -> Iterator[Segment]:
    """All intervals from the first to the last in one line, several to a sign when there are many."""
    places = [number_of(count.id, interval) for count in facet.counts]
    together = -(-(places[-1] - places[0] + 1) // _SPARKLINE_WIDTH)
    sums = [0] * ((places[-1] - places[0]) // together + 1)
    for place, count in zip(places, facet.counts, strict=True):
        sums[(place - places[0]) // together] += count.count
    most = max(sums)
    # The lowest sign is kept for nothing at all.
    line = "".join(_SPARKS[-(-number * (len(_SPARKS) - 1) // most)] for number in sums)
    yield f"{facet.counts[0].id} ", "dim"
    yield line, "cyan"
    each = f" (each sign {counted(together, interval)})" if together > 1 else ""
    yield f" {facet.counts[-1].id}{each}", "dim"


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True

"""The lines of facets for a terminal: bars and histograms."""

import sys
from collections.abc import Iterator, Sequence

from searchkit.cli.output import Segment
from searchkit.export.facets import id_of, label, refining_of, shown
from searchkit.index.base import Facet
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.statements.text import counted, one_line

_BAR_WIDTH = 24
# Longer names are not padded to, so that the bars of the others stay in reach.
_NAME_WIDTH = 60


def facet_lines(facet: Facet, tree: ast.Node, record: Record) -> Iterator[list[Segment]]:
    """Yield a bar for each value, a histogram for dates; values that the query selects are marked."""
    refining = refining_of(facet, tree, record)
    yield _heading(facet, record, filtered=refining.base != refining.tree)
    most = max((facet.unknown, *(count.count for count in facet.counts)))
    unknown = f"{facet.interval} unknown" if facet.unknown else ""
    labels = [shown(count) for count in facet.counts]
    # Values with the same name show their ids.
    names = [
        one_line(label if labels.count(label) == 1 else f"{label} ({id_of(count)})")
        for label, count in zip(labels, facet.counts, strict=True)
    ]
    column = min(max((width(name) for name in (unknown, *names)), default=0), _NAME_WIDTH)
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


def _heading(facet: Facet, record: Record, *, filtered: bool) -> list[Segment]:
    name = f"{facet.field} by {facet.interval}" if facet.interval else label(facet)
    kind = "documents" if record == "document" else "statements"
    without = f"; without the filter on {facet.field}" if filtered else ""
    if facet.field == "said" and facet.interval:
        without += "; a day that is not stated is assumed: day of publication"
    if facet.field == "outlet":
        without += "; a duplicate counts for its own outlet"
    if "watchlist" in {facet.field, facet.paired}:
        without += "; by name only, identity not verified"
    return [(name, "bold"), (f" ({kind}{without})", "dim")]


def _bar_line(mark: str, name: str, column: int, count: int, most: int) -> list[Segment]:
    padding = " " * max(0, column - width(name))
    bar = "█" if _takes_blocks() else "#"
    length = max(1, round(_BAR_WIDTH * count / most)) if count else 0
    return [(f"{mark}{name}{padding}  {count:>7,}" + ("  " if length else ""), ""), (bar * length, "cyan")]


def _takes_blocks() -> bool:
    try:
        return bool("█".encode(sys.stdout.encoding or "utf-8"))
    except UnicodeEncodeError:
        return False

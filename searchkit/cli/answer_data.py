"""Print an answer as JSON or as a table for other programs, the fields that --fields chooses, and facets as bars."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from searchkit.cli.hits import hit_lines
from searchkit.cli.options import Form
from searchkit.cli.output import Segment, write_csv, write_json
from searchkit.errors import UsageError, did_you_mean
from searchkit.export.answers import COLUMNS as FACET_COLUMNS
from searchkit.export.answers import (
    DocumentAnswer,
    StatementAnswer,
    answer_fields,
    facet_rows,
    id_of,
    label,
    refining_of,
    shown,
)
from searchkit.export.records import HIT_FIELDS, TABLE_COLUMNS, Values, field_names, hit_fields, values_of
from searchkit.index.base import Facet
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.search.answer import Answer
from searchkit.statements.text import counted, one_line

# Longer cells of a table are not padded to: they push the rest of their line to the right.
_WIDEST_COLUMN = 40
_BAR_WIDTH = 24
# Longer names are not padded to, so that the bars of the others stay in reach.
_NAME_WIDTH = 60


def print_data(answer: Answer, form: Form, *, facets_alone: bool) -> None:
    """Print an answer as JSON, JSON Lines, CSV or TSV; with `facets_alone`, lines and tables are those of its facets.

    Raise UsageError for unknown fields."""
    if form.name == "json":
        record = DocumentAnswer if answer.record == "document" else StatementAnswer
        write_json(record(**answer_fields(answer, json_fields(answer, form))))
        return
    rows: Iterable[Mapping[str, object]]
    columns = TABLE_COLUMNS[answer.record]
    if answer.result.facets and facets_alone:
        rows, columns = facet_rows(answer.result.facets, answer.tree, answer.record), FACET_COLUMNS
    elif form.name == "jsonl":
        fields = json_fields(answer, form)
        rows = (hit_fields(values, fields) for values in values_of(answer))
    else:
        columns = chosen(form.fields, answer.record, columns) if form.fields else columns
        rows = (values.row(columns) for values in values_of(answer))
    if form.name == "jsonl":
        for row in rows:
            write_json(row, indent=False)
    else:
        write_csv(rows, columns, delimiter=form.delimiter, bom=form.bom)


def json_fields(answer: Answer, form: Form) -> tuple[str, ...] | None:
    """Return the fields of a hit that --fields chooses, or None for the usual fields. Raise UsageError if unknown."""
    return chosen(form.fields, answer.record, HIT_FIELDS[answer.record]) if form.fields else None


def chosen(written: Sequence[str], record: Record, defaults: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that `--fields` names; if one has a "+", they are added to `defaults`. Raise UsageError for an
    unknown name."""
    named = [part.strip() for text in written for part in text.split(",")]
    if not all(name.strip("+") for name in named):
        raise UsageError(
            "--fields needs names of fields.",
            hint="Write --fields id,title or --fields +byline; separate them with commas.",
        )
    known = field_names(record)
    plain = [name.removeprefix("+").lower() for name in named]
    for name in plain:
        if name not in known:
            raise UsageError(f'Unknown field "{name}".{did_you_mean(name, known)}', hint=f"Fields: {', '.join(known)}.")
    is_added = any(name.startswith("+") for name in named)
    return tuple(dict.fromkeys((*defaults, *plain) if is_added else plain))


def hits_with_fields(answer: Answer, form: Form) -> Iterator[list[Segment]]:
    """Yield a table of the chosen fields, or the usual lines of each hit with lines for the added fields."""
    fields = chosen(form.fields, answer.record, ())
    if not form.adds:
        yield from table_lines([*values_of(answer)], fields)
        yield []
        return
    for number, values in enumerate(values_of(answer), answer.offset + 1):
        yield from hit_lines(values.found, values.excerpt, number)
        for name in fields:
            yield [(f"   {name} ", "dim"), (text_of(values, name), "")]
        yield []


def table_lines(hits: Sequence[Values], fields: Sequence[str]) -> Iterator[list[Segment]]:
    """Yield a table of hits with a column for each of `fields`."""
    rows = [[text_of(hit, name) for name in fields] for hit in hits]
    widths = [
        min(_WIDEST_COLUMN, max(width(row[column]) for row in chain([list(fields)], rows)))
        for column in range(len(fields))
    ]
    for number, row in enumerate(chain([list(fields)], rows)):
        cells = [text + " " * (widths[column] - width(text)) for column, text in enumerate(row[:-1])]
        yield [("  ".join([*cells, row[-1]]).rstrip(), "" if number else "dim")]


def text_of(values: Values, name: str) -> str:
    """Return a field on one line."""
    cell = values.cell(name)
    return "" if cell is None else one_line("; ".join(cell) if isinstance(cell, (list, tuple)) else str(cell))


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
        mark = "* " if refining.selected(count) else "  "
        yield _bar_line(mark, name, column, count.count, most)
    if unknown:
        yield _bar_line("  ", unknown, column, facet.unknown, most)
    rest = [
        counted(facet.other, "more value") if facet.other else "",
        f"{facet.missing:,} without a value" if facet.missing else "",
    ]
    if any(rest):
        yield [("  " + ", ".join(part for part in rest if part), "dim")]


def _heading(facet: Facet, record: Record, *, filtered: bool) -> list[Segment]:
    name = f"{facet.field} by {facet.interval}" if facet.interval else label(facet)
    kind = "documents" if record == "document" else "statements"
    without = f"; without the filter on {facet.field}" if filtered else ""
    if facet.field == "said" and facet.interval:
        without += "; a day that is not stated is assumed: day of publication"
    without += f"; {facet.note}" if facet.note else ""
    return [(name, "bold"), (f" ({kind}{without})", "dim")]


def _bar_line(mark: str, name: str, column: int, count: int, most: int) -> list[Segment]:
    padding = " " * max(0, column - width(name))
    length = max(1, round(_BAR_WIDTH * count / most)) if count else 0
    return [(f"{mark}{name}{padding}  {count:>7,}" + ("  " if length else ""), ""), ("█" * length, "cyan")]

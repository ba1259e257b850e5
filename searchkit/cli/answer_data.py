"""Print an answer as JSON or as a table for other programs, and the fields that --fields chooses."""

from collections.abc import Iterator, Sequence
from itertools import chain

from searchkit.cli.facets import cut_notes
from searchkit.cli.hits import hit_lines
from searchkit.cli.options import Form
from searchkit.cli.output import Segment, say, write_csv, write_json
from searchkit.errors import UsageError, did_you_mean
from searchkit.export.answers import DocumentAnswer, StatementAnswer, answer_fields
from searchkit.export.facets import COLUMNS as FACET_COLUMNS
from searchkit.export.facets import facet_rows
from searchkit.export.records import HIT_FIELDS, TABLE_COLUMNS, Values, field_names, hit_fields, values_of
from searchkit.query.fields import Record
from searchkit.query.words import width
from searchkit.search.answer import Answer
from searchkit.statements.text import one_line

# Longer cells of a table are not padded to: they push the rest of their line to the right.
_WIDEST_COLUMN = 40


def print_data(answer: Answer, form: Form, *, facets_alone: bool) -> None:
    """Print an answer as JSON, JSON Lines, CSV or TSV; with `facets_alone`, lines and tables are those of its facets.

    Raise UsageError for unknown fields."""
    if form.name == "json":
        record = DocumentAnswer if answer.record == "document" else StatementAnswer
        write_json(record(**answer_fields(answer, json_fields(answer, form))))
    elif answer.result.facets and facets_alone:
        _print_facets(answer, form)
    elif form.name == "jsonl":
        fields = json_fields(answer, form)
        for values in values_of(answer):
            write_json(hit_fields(values, fields), indent=False, end=form.end)
    else:
        usual = TABLE_COLUMNS[answer.record]
        columns = chosen(form.fields, answer.record, usual) if form.fields else usual
        rows = (values.row(columns) for values in values_of(answer))
        write_csv(rows, columns, delimiter=form.delimiter, end=form.end, bom=form.bom)


def json_fields(answer: Answer, form: Form) -> tuple[str, ...] | None:
    """Return the fields of a hit that --fields chooses, or None for the usual fields. Raise UsageError if unknown."""
    return chosen(form.fields, answer.record, HIT_FIELDS[answer.record]) if form.fields else None


def _print_facets(answer: Answer, form: Form) -> None:
    facets = answer.result.facets
    rows = facet_rows(facets, answer.tree, answer.record)
    if form.name == "jsonl":
        for row in rows:
            write_json(row, indent=False, end=form.end)
    else:
        write_csv(rows, FACET_COLUMNS, delimiter=form.delimiter, end=form.end, bom=form.bom)
    for note in cut_notes(facets):
        say(f"note: {note}")


def chosen(written: Sequence[str], record: Record, defaults: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that `--fields` names; names with a "+" are added to `defaults`.

    Raise UsageError for an unknown name, and for a mixture of names with and without a "+".
    """
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
    added = [name.startswith("+") for name in named]
    if any(added) and not all(added):
        raise UsageError(
            "--fields takes names, or names with a + to add to the usual fields, but not both.",
            hint=f"Write --fields {','.join(f'+{name}' for name in plain)} or --fields {','.join(plain)}.",
        )
    return tuple(dict.fromkeys((*defaults, *plain) if any(added) else plain))


def hits_with_fields(answer: Answer, form: Form, *, with_score: bool) -> Iterator[list[Segment]]:
    """Yield a table of the chosen fields, or the usual lines of each hit with lines for the added fields."""
    fields = chosen(form.fields, answer.record, ())
    if not form.adds:
        yield from table_lines([*values_of(answer)], fields)
        yield []
        return
    for number, values in enumerate(values_of(answer), answer.offset + 1):
        more = ([(f"   {name} ", "dim"), (text_of(values, name), "")] for name in fields)
        yield from hit_lines(values.found, values.excerpt, number, more, with_score=with_score)
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

"""Print an answer as JSON or as a table for other programs."""

from searchkit.cli.facets import cut_notes
from searchkit.cli.fields import chosen
from searchkit.cli.options import Form
from searchkit.cli.output import say, write_csv, write_json
from searchkit.export.answers import DocumentAnswer, StatementAnswer, answer_fields, hits_of
from searchkit.export.facets import COLUMNS as FACET_COLUMNS
from searchkit.export.facets import facet_rows
from searchkit.export.hits import JSON_FIELDS, TABLE_COLUMNS
from searchkit.search.answer import Answer


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
        for hit in hits_of(answer):
            write_json(hit.as_json(fields), indent=False, end=form.end)
    else:
        usual = TABLE_COLUMNS[answer.record]
        columns = chosen(form.fields, answer.record, usual) if form.fields else usual
        rows = ({name: hit.cell(name) for name in columns} for hit in hits_of(answer))
        write_csv(rows, columns, delimiter=form.delimiter, end=form.end, bom=form.bom)


def json_fields(answer: Answer, form: Form) -> tuple[str, ...] | None:
    """Return the fields of a hit that --fields chooses, or None for the usual fields. Raise UsageError if unknown."""
    return chosen(form.fields, answer.record, JSON_FIELDS[answer.record]) if form.fields else None


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

"""The JSON record of an answer with its facets, facets as rows of a table, and the JSON Schema of all records.

Each value of a facet has its query. `tree` is the query before reporting verbs became lemmas (Answer.tree), `record`
the kind of record searched.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import schema_components

from searchkit.export.records import hit_fields, hit_types, values_of
from searchkit.index.base import Facet, FacetCount, GapRecord
from searchkit.index.facets import Refining
from searchkit.index.values import key_at, number_of
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, Version
from searchkit.search.answer import Answer
from searchkit.search.rewrite import shown_query
from searchkit.search.zero_hits import Advice

COLUMNS = ("field", "value", "id", "count", "query", "note")
_LOCAL = "#/$defs/{name}"


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
    selected: Annotated[bool, Meta(description="Whether the query names this value, by its ID or words of its name.")]
    query: Annotated[str, Meta(description="The query that finds the counted records.")]
    toggle: Annotated[str, Meta(description="The query that selects this value too, or no longer if it is selected.")]


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
    note: Annotated[str, Meta(description="What the counts leave out, or do not prove.")]


class AnswerRecord(Struct, kw_only=True):
    """An answer."""

    query: Annotated[str, Meta(description="As typed.")]
    interpreted_as: Annotated[str, Meta(description="In canonical form, with dates as days.")]
    syntax: Annotated[Version, Meta(description="Version of the query language.")]
    total: Annotated[Count, Meta(description="All hits; duplicates count once.")]
    duplicates: Annotated[Count, Meta(description="Copies of hits that match too and are not listed.")]
    total_exact: Annotated[bool, Meta(description="False if `total` is an estimate.")]
    offset: Annotated[Count, Meta(description="How many hits were skipped.")]
    seconds: Annotated[float, Meta(ge=0, description="Time spent searching.")]
    notes: tuple[str, ...]
    advice: Annotated[Advice | None, Meta(description="Why nothing matches, and what to try; null if there are hits.")]
    items: list[dict[str, Any]]
    facets: tuple[FacetRecord, ...]


class DocumentAnswer(AnswerRecord, kw_only=True, tag_field="schema", tag="searchkit.query/1"):
    """Documents that match; --jsonl prints a hit a line."""


class StatementAnswer(AnswerRecord, kw_only=True, tag_field="schema", tag="searchkit.statements/1"):
    """Statements that match; --jsonl prints a hit a line."""


def answer_fields(answer: Answer, fields: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the fields of an AnswerRecord, with these `fields` of each hit."""
    result = answer.result
    return {
        "query": answer.query,
        "interpreted_as": result.interpreted_as,
        "syntax": SYNTAX,
        "total": result.total,
        "duplicates": result.duplicates,
        "total_exact": result.total_exact,
        "offset": answer.offset,
        "seconds": round(result.took, 4),
        "notes": tuple(result.notes),
        "advice": answer.advice,
        "items": [hit_fields(values, fields) for values in values_of(answer)],
        "facets": tuple(facet_record(facet, answer.tree, answer.record) for facet in result.facets),
    }


def facet_record(facet: Facet, tree: ast.Node, record: Record) -> FacetRecord:
    """Return a facet for programs."""
    refining = refining_of(facet, tree, record)
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
        gaps=facet.gaps,
        note=facet.note,
    )


def _count_record(count: FacetCount, refining: Refining) -> CountRecord:
    second = count.second
    return CountRecord(
        value=shown(count),
        id=id_of(count),
        pair=UNSET if second is None else tuple(PairValue(value=part.value, id=part.id) for part in (count, second)),
        count=count.count,
        selected=refining.selected(count),
        query=str(refining.narrowed(count)),
        toggle=str(refining.toggled(count)),
    )


def facet_rows(facets: Sequence[Facet], tree: ast.Node, record: Record) -> Iterator[dict[str, Any]]:
    """Yield a row with COLUMNS for each value, for records without a value (`missing`) or with too imprecise dates
    (`month unknown`), and for each long gap, which has no query."""
    for facet in facets:
        refining = refining_of(facet, tree, record)
        gaps = {gap.before: gap for gap in facet.gaps}
        for count in facet.counts:
            gap = gaps.get(count.id)
            if gap and facet.interval:
                first = key_at(number_of(gap.after, facet.interval) + 1, facet.interval)
                last = key_at(number_of(gap.before, facet.interval) - 1, facet.interval)
                yield _row(facet, f"{first} to {last}", "", 0, None)
            yield _row(facet, shown(count), id_of(count), count.count, refining.narrowed(count))
        if facet.interval:
            yield _row(facet, f"{facet.interval} unknown", "", facet.unknown, refining.unknown())
        yield _row(facet, "missing", "", facet.missing, refining.missing())


def label(facet: Facet) -> str:
    """Return the facet as --facet names it: `outlet`, `date:month`, `speaker+about`."""
    return facet.field + (f"+{facet.paired}" if facet.paired else "") + (f":{facet.interval}" if facet.interval else "")


def shown(count: FacetCount) -> str:
    """Return a value for display."""
    return count.value if count.second is None else f"{count.value} × {count.second.value}"


def refining_of(facet: Facet, tree: ast.Node, record: Record) -> Refining:
    return Refining(shown_query(tree), facet, record)


def id_of(count: FacetCount) -> str:
    return count.id if count.second is None else f"{count.id} × {count.second.id}"


def _row(facet: Facet, value: str, value_id: str, count: int, query: ast.Node | None) -> dict[str, Any]:
    written = "" if query is None else str(query)
    counted = {"value": value, "id": value_id, "count": count}
    return {"field": label(facet), **counted, "query": written, "note": facet.note}


def components(
    types: Sequence[type], records: Sequence[Record] = (), *, template: str = _LOCAL
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return references to the schemas of `types`, and the schemas by name. The hits of answers among them are those of
    `records`. References follow `template`."""
    hits = [hit for record in records for hit in hit_types(record)]
    references, definitions = schema_components([*types, *hits], ref_template=template)
    for definition in definitions.values():
        properties = definition.get("properties", {})
        # What has a default in a type is printed nevertheless.
        definition["required"] = [
            key for key, part in properties.items() if "default" in part or key in definition.get("required", ())
        ]
        for part in properties.values():
            part.pop("default", None)
        if properties.get("items", {}).get("items") == {"type": "object"}:  # list[dict[str, Any]]
            properties["items"]["items"] = {"anyOf": list(references[len(types) :])}
    return list(references[: len(types)]), definitions

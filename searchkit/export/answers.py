"""The JSON record of an answer, with its facets; each value of a facet has its query."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from searchkit.export.facets import id_of, refining_of, shown
from searchkit.export.records import hit_fields, values_of
from searchkit.index.base import Facet, FacetCount, GapRecord
from searchkit.index.facets import Refining
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, Version
from searchkit.search.answer import Answer
from searchkit.search.zero_hits import Advice


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


class AnswerRecord(Struct, kw_only=True):
    """An answer."""

    query: Annotated[str, Meta(description="As typed.")]
    interpreted_as: Annotated[
        str, Meta(description="In canonical form, with dates as days; it parses to the same query.")
    ]
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
    )


def _count_record(count: FacetCount, refining: Refining) -> CountRecord:
    second = count.second
    return CountRecord(
        value=shown(count),
        id=id_of(count),
        pair=UNSET if second is None else tuple(PairValue(value=part.value, id=part.id) for part in (count, second)),
        count=count.count,
        selected=count.chosen,
        query=str(refining.narrowed(count)),
        toggle=str(refining.toggled(count)),
    )

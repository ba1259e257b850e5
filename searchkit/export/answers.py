"""The JSON record of an answer."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from searchkit.export.facets import FacetRecord, facet_record
from searchkit.export.records import hit_fields, values_of
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, Version
from searchkit.search.answer import Answer
from searchkit.search.zero_hits import Advice


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


class StatementAnswer(AnswerRecord, kw_only=True, tag_field="schema", tag="searchkit.quotes/1"):
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

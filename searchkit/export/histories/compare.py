"""Then and now: older and newer statements of one speaker about one target that differ. No verdict follows."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.export.histories.sides import StatementSide, side
from searchkit.histories.compare import differences
from searchkit.index.base import ValuesRequest
from searchkit.query import ast
from searchkit.records import Count
from searchkit.search.answer import QueryRequest, answer
from searchkit.search.rewrite import name_value

# Statements that are compared: reading more would take longer than a reader waits.
MOST_COMPARED = 1_000


class DifferenceRecord(Struct, frozen=True, kw_only=True):
    """Two statements that differ in what they do, or in a number."""

    differs: Annotated[str, Meta(description="What differs: act or number.")]
    then: Annotated[str, Meta(description="The older act or number.")]
    now: Annotated[str, Meta(description="The newer act or number.")]
    older: StatementSide
    newer: StatementSide


class CompareReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.compare/1"):
    """Statements of a speaker about a target that differ; whether one of them is wrong does not follow."""

    speaker: str
    about: str
    total: Annotated[Count, Meta(description="Differences.")]
    compared: Annotated[Count, Meta(description="Statements of this speaker about this target that were compared.")]
    differences: tuple[DifferenceRecord, ...]
    notes: tuple[str, ...] = ()


class CompareRequest(Struct, frozen=True, kw_only=True):
    """Whose statements about whom, by names."""

    speaker: str
    about: str
    today: date


def compare_report(archive: Archive, request: CompareRequest) -> CompareReport:
    """Return what differs between the statements of a speaker about a target. UsageError without two names, other
    errors as `search.answer.answer`."""
    if not request.speaker.strip() or not request.about.strip():
        raise UsageError("Two names are needed.", hint="Write --speaker NAME --about NAME.")
    both = ast.conjunction(
        ast.Field(name="speaker", value=name_value(request.speaker)),
        ast.Field(name="about", value=name_value(request.about)),
    )
    found = answer(
        archive, QueryRequest(query=both, record="quote", today=request.today, limit=MOST_COMPARED, sort="newest")
    )
    read = [(record.document, record.quote) for record in found.records if record.quote is not None]
    by_id = {quote.id: (document, quote) for document, quote in read}
    targets = archive.index.values(ValuesRequest(field="about", value=name_value(request.about), record="quote"))
    listed = [
        DifferenceRecord(
            differs=difference.rule,
            then=difference.values[0],
            now=difference.values[1],
            older=side(*by_id[difference.older]),
            newer=side(*by_id[difference.newer]),
        )
        for speaker in sorted({quote.speaker.entity_id or "" for _, quote in read} - {""})
        for target in targets
        for difference in differences(
            [(document, quote) for document, quote in read if quote.speaker.entity_id == speaker], target.id
        )
    ]
    more = found.result.total - len(read)
    notes = (f"Only the newest {len(read):,} of {found.result.total:,} statements were compared.",) if more > 0 else ()
    return CompareReport(
        speaker=request.speaker,
        about=request.about,
        total=len(listed),
        compared=len(read),
        differences=tuple(listed),
        notes=(*notes, *found.result.notes),
    )

"""Parse requests for facets as people write them: `speaker`, `outlet:20`, `date:week`, `speaker+about`."""

import re
from collections.abc import Sequence

from msgspec import convert
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.base import FacetRequest, FacetSort
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Field, find

_FACET = (
    r"(?P<field>[a-z.]{1,40})(?:[+*×](?P<paired>[a-z.]{1,40}))?(?::(?P<interval>day|week|month|year))?"
    r"(?::(?P<size>\d{1,4}))?"
)


def facet_requests(
    wanted: Sequence[str], sort: FacetSort = "count", *, all_values: bool = False
) -> tuple[FacetRequest, ...]:
    """Parse facets, each `NAME[:day|week|month|year][:N]` or `NAME+NAME[:N]`. Raise UsageError for an unknown facet."""
    return tuple(dict.fromkeys(replace(_facet_request(text, sort), all_values=all_values) for text in wanted))


def _facet_request(text: str, sort: FacetSort) -> FacetRequest:
    match, field, paired = _parsed(text)
    interval: Unit | None = convert(match["interval"], Unit | None)
    by_date = field.kind == "date" and paired is None
    if interval and not by_date:
        raise UsageError(f'Facet "{text}": only dates can be counted by {interval}.', hint=f"Write {field.name}.")
    if by_date:
        interval = interval or "month"
    # A shortened histogram misleads, so dates are counted in full unless a size is given.
    size = int(match["size"]) if match["size"] else (10 if interval is None else 1000)
    if size < 1:
        raise UsageError("Facet size must be at least 1.", hint=f"Write {field.name}:10.")
    request = FacetRequest(
        field=field.name, paired=paired.name if paired else "", size=size, interval=interval, sort=sort
    )
    if paired:
        from searchkit.index.facets import facet_fields  # most queries count no pairs

        facet_fields(request, "quote")  # raises UsageError for fields that cannot be paired
    return request


def _parsed(text: str) -> tuple[re.Match[str], Field, Field | None]:
    """Return the parts of a facet, its field and the one it is paired with. Raise UsageError if one is not a facet."""
    match = re.fullmatch(_FACET, text.strip().lower())
    names = [name for name in (match["field"], match["paired"]) if name] if match else []
    named = [field for field in map(find, names) if field is not None and field.facet]
    if match is None or len(named) < len(names):
        facets = ", ".join(field.name for field in FIELDS if field.facet)
        raise UsageError(
            f'Unknown facet "{text}".',
            hint=f"Write NAME or NAME:N; date:day, week, month or year; speaker+about for pairs. Facets: {facets}.",
        )
    return match, named[0], named[1] if len(named) > 1 else None

"""Parse requests for facets as people write them: `speaker`, `outlet:20`, `date:week`, `speaker+about`."""

import re
from collections.abc import Sequence

from msgspec import convert
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.index.base import FacetRequest, FacetSort
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, find

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
    match = re.fullmatch(_FACET, text.strip().lower())
    field = find(match["field"]) if match else None
    paired = find(match["paired"]) if match and match["paired"] else None
    unknown = match is not None and match["paired"] and (paired is None or not paired.facet)
    if match is None or field is None or not field.facet or unknown:
        names = ", ".join(field.name for field in FIELDS if field.facet)
        raise UsageError(
            f'Unknown facet "{text}".',
            hint="Write NAME or NAME:N; date:day, week, month or year; speaker+about for pairs. Facets: " + names + ".",
        )
    interval: Unit | None = convert(match["interval"], Unit | None)
    if field.kind == "date" and paired is None:
        interval = interval or "month"
    elif interval:
        raise UsageError(f'Facet "{text}": only dates can be counted by {interval}.', hint=f"Write {field.name}.")
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

"""Dates that a text mentions, resolved against the day of the article."""

from datetime import timedelta

from msgspec.structs import replace

from searchkit.dates import PartialDate
from searchkit.dates.prose import find_dates, resolve
from searchkit.document import DateMention
from searchkit.text import Span


def find(
    text: str, anchor: PartialDate | None, language: str | None = "en", *, updated: PartialDate | None = None
) -> tuple[DateMention, ...]:
    """Return the dates that `text` mentions, in order, but for unresolved ones (`yesterday` without `anchor`).

    `anchor` is the day of publication; a weekday may also be a day until `updated`, shortly after. `rule` says how the
    date was written: iso, numbers, day-month-year, day-month, month-year, month, year, weekday, relative.
    """
    mentions = []
    later = _days_between(anchor, updated)
    for found in find_dates(text, language=language):
        known = resolve(found, anchor)
        if found.weekday is not None and not found.shift and known is not None:
            known = replace(known, value=later.get(found.weekday, known.value))
        if known is not None:
            span = Span(found.start, found.end)
            mentions.append(DateMention(span=span, surface=span.of(text), date=known, rule=found.rule))
    return tuple(mentions)


def _days_between(published: PartialDate | None, updated: PartialDate | None) -> dict[int, str]:
    """Return the days after publication until the update, if that came soon, by weekday."""
    first = published.latest if published is not None else None
    last = updated.earliest if updated is not None else None
    if first is None or last is None or not 0 < (last - first).days <= 2:  # a longer update names no weekdays
        return {}
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return {day.weekday(): day.isoformat() for day in days}

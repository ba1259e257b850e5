"""Dates that a text mentions, resolved against the day of the article."""

from searchkit.dates import PartialDate, find_dates, resolve
from searchkit.document import DateMention
from searchkit.text import Span


def find(text: str, anchor: PartialDate | None, language: str | None = "en") -> tuple[DateMention, ...]:
    """Dates mentioned in `text`, in order; those whose day cannot be known (`yesterday` without `anchor`) are left out.

    `anchor` is the day of publication. `rule` says how the date was written: iso, numbers, day-month-year, day-month,
    month-year, year, weekday, relative.
    """
    mentions = []
    for found in find_dates(text, language=language):
        known = resolve(found, anchor)
        if known is not None:
            span = Span(found.start, found.end)
            mentions.append(DateMention(span=span, surface=span.of(text), date=known, rule=found.rule))
    return tuple(mentions)

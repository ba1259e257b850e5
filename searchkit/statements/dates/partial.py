"""A date with its precision."""

import calendar
import re
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

Precision = Literal["instant", "day", "week", "month", "year", "day-without-year"]
Confidence = Literal["high", "assumed", "low"]

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


class PartialDate(Struct, frozen=True, kw_only=True, gc=False):
    """A date as precise as its source.

    `value` is ISO 8601: `2022-12-15T10:00:00+00:00` (instant), `2022-12-15`, `2022-W50`, `2022-12`, `2022`, or
    `--12-15` for a day without a year. `source` is its origin (`json-ld`, `dateline`, `text`...), `zone` the time zone
    as written, also an unknown one. `local_day` is the day that the outlet displays, if the instant in UTC is on
    another day; it is the day for counting, filtering and sorting.
    """

    value: Annotated[str, Meta(description="ISO 8601, as precise as it is known: 2022-12-15, 2022-W50, 2022-12, 2022.")]
    precision: Annotated[Precision, Meta(description="What `value` states; week, month and year are no single day.")]
    source: Annotated[str, Meta(description="Where it stands: json-ld, dateline, text, publication ...")]
    confidence: Annotated[
        Confidence, Meta(description="Stated, assumed, or a guess (low), which is never counted.")
    ] = "high"
    zone: Annotated[str, Meta(description="The time zone as written; empty for none.")] = ""
    local_day: Annotated[str, Meta(description="The outlet's day, if the instant falls on another day in UTC.")] = ""

    @property
    def earliest(self) -> date | None:
        """The first possible day; None if the year is unknown."""
        return self._bounds()[0]

    @property
    def latest(self) -> date | None:
        """The last possible day; None if the year is unknown."""
        return self._bounds()[1]

    def _bounds(self) -> tuple[date | None, date | None]:
        if self.precision == "day-without-year":
            return None, None
        if self.precision == "week":
            week = _WEEK.fullmatch(self.value)
            if week is None:
                raise ValueError(f"not an ISO week: {self.value!r}")
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return monday, monday + timedelta(days=6)
        if self.precision == "year":
            year = int(self.value)
            return date(year, 1, 1), date(year, 12, 31)
        if self.precision == "month":
            year, month = int(self.value[:4]), int(self.value[5:7])
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        day = date.fromisoformat(self.local_day or self.value[:10])
        return day, day


def days_between(first: PartialDate | None, last: PartialDate | None) -> int:
    """Return the days from the end of `first` to the start of `last`; 0 if one is unknown."""
    start, end = first.latest if first is not None else None, last.earliest if last is not None else None
    return (end - start).days if start is not None and end is not None else 0

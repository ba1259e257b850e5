"""A date with its precision, and the periods of the query language: `2022-12`, `7d`, `last-week`."""

import calendar
import re
from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

Precision = Literal["instant", "day", "week", "month", "year", "day-without-year"]
Confidence = Literal["high", "assumed", "low"]

_POINT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_WEEK = re.compile(r"([0-9]{4})-w([0-9]{2})", re.IGNORECASE)
_LAST = re.compile(r"([0-9]{1,6})(d|w|mo|y)")
_NAMED = re.compile(r"(this|last)-(week|month|year)")
MONTH_NAMES = ("January February March April May June July August September October November December").split()


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
            return _calendar_week(int(week[1]), int(week[2]))
        if self.precision in ("year", "month"):
            return _calendar_period(self.value[:4], self.value[5:7] or None, None)
        day = date.fromisoformat(self.local_day or self.value[:10])
        return day, day


def days_between(first: PartialDate | None, last: PartialDate | None) -> int:
    """Return the days from the end of `first` to the start of `last`; 0 if one is unknown."""
    start, end = first.latest if first is not None else None, last.earliest if last is not None else None
    return (end - start).days if start is not None and end is not None else 0


def period(written: str, *, today: date) -> tuple[date, date]:
    """Return the first and last day of a period.

    Accepts `2022`, `2022-12`, `2022-W50`, `2022-12-15`, `7d`, `2w`, `3mo`, `1y`, `today`, `yesterday`, `this-week`,
    `last-month`... Weeks follow ISO 8601; `7d` is today and the six days before. Raises ValueError with a reason that
    reads well after a colon.
    """
    word = written.casefold()
    point = _POINT.fullmatch(word)
    if point:
        return _calendar_period(*point.groups())
    week = _WEEK.fullmatch(word)
    if week:
        return _calendar_week(int(week[1]), int(week[2]))
    last = _LAST.fullmatch(word)
    if last:
        return _last_period(int(last[1]), last[2], today), today
    if word == "today":
        return today, today
    if word == "yesterday":
        yesterday = today - timedelta(days=1)
        return yesterday, yesterday
    named = _NAMED.fullmatch(word)
    if named:
        return _named_period(named[2], today, back=1 if named[1] == "last" else 0)
    raise ValueError("write it as 2022, 2022-12, 2022-W50, 2022-12-15, 7d, today or last-week")


def _calendar_period(year: str, month: str | None, day: str | None) -> tuple[date, date]:
    if int(year) == 0:
        raise ValueError(f"year {year} does not exist")
    number = int(year)
    if month is None:
        return date(number, 1, 1), date(number, 12, 31)
    if not 1 <= int(month) <= 12:
        raise ValueError(f"month {int(month)} does not exist")
    length = calendar.monthrange(number, int(month))[1]
    if day is None:
        return date(number, int(month), 1), date(number, int(month), length)
    if not 1 <= int(day) <= length:
        raise ValueError(f"{MONTH_NAMES[int(month) - 1]} {number} has {length} days")
    exact_day = date(number, int(month), int(day))
    return exact_day, exact_day


def _calendar_week(year: int, week: int) -> tuple[date, date]:
    if year == 0:
        raise ValueError("year 0000 does not exist")
    weeks = date(year, 12, 28).isocalendar().week  # December 28 is always in the last week
    if not 1 <= week <= weeks:
        raise ValueError(f"{year} has {weeks} weeks")
    monday = date.fromisocalendar(year, week, 1)
    return monday, min(monday, date.max - timedelta(days=6)) + timedelta(days=6)


def months_before(day: date, months: int) -> date:
    """Return the same day of the month `months` earlier, or that month's last day if it is shorter."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    if year < 1:
        raise ValueError("that is too long ago")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _last_period(count: int, unit: str, today: date) -> date:
    if count == 0:
        raise ValueError("a period must have at least one day")
    if unit in ("mo", "y"):
        return months_before(today, count * (12 if unit == "y" else 1)) + timedelta(days=1)
    try:
        return today - timedelta(days=count * (7 if unit == "w" else 1) - 1)
    except OverflowError:
        raise ValueError("that is too long ago") from None


def _named_period(unit: str, today: date, *, back: int) -> tuple[date, date]:
    try:
        if unit == "week":
            monday = today - timedelta(days=today.weekday() + 7 * back)
            return monday, monday + timedelta(days=6)
        day = months_before(today.replace(day=1), back * (12 if unit == "year" else 1))
    except OverflowError:
        raise ValueError("that is too long ago") from None
    return _calendar_period(f"{day.year:04}", f"{day.month:02}" if unit == "month" else None, None)

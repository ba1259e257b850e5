"""From a date found in prose to what it means on the day of the article."""

import calendar
from datetime import date, datetime, timedelta

from searchkit.dates.partial import PartialDate, Precision
from searchkit.dates.periods import months_before
from searchkit.dates.prose import FoundDate


def resolve(found: FoundDate, anchor: PartialDate | None, *, source: str = "text") -> PartialDate | None:
    """What `found` means in an article of the day `anchor`; None when that cannot be known.

    A day without a year is its nearest occurrence up to the anchor, or stays without a year when there is no anchor. A
    weekday is the last such day up to the anchor. What rests on the anchor is as sure as the anchor; a month without a
    year, which may as well be to come, is of low confidence.
    """
    if found.year is not None:
        if found.month is None:
            return PartialDate(value=f"{found.year:04}", precision="year", source=source)
        value = f"{found.year:04}-{found.month:02}"
        if found.day is None:
            return PartialDate(value=value, precision="month", source=source)
        return PartialDate(value=f"{value}-{found.day:02}", precision="day", source=source)
    latest = anchor.latest if anchor is not None else None
    if found.month is not None and found.day is not None and latest is None:
        return PartialDate(value=f"--{found.month:02}-{found.day:02}", precision="day-without-year", source=source)
    if anchor is None or latest is None:
        return None
    try:
        value, precision = _resolved(found, anchor, latest)
    except (ValueError, OverflowError):
        return None
    confidence = "low" if found.rule == "month" else anchor.confidence
    return PartialDate(value=value, precision=precision, source=source, confidence=confidence) if value else None


def _resolved(found: FoundDate, anchor: PartialDate, latest: date) -> tuple[str, Precision]:
    """Value and precision; an empty value when the anchor is less precise than what is said."""
    if found.month is not None and found.day is not None:
        return _last_occurrence(found.month, found.day, latest).isoformat(), "day"
    if found.month is not None and anchor.precision != "year":
        earlier = (found.month, -found.shift) > (latest.month, 0)  # "last March" in March is a year ago
        return f"{latest.year - earlier:04}-{found.month:02}", "month"
    whole_day = anchor.precision in ("instant", "day")
    if found.weekday is not None and whole_day:
        back = (latest.weekday() - found.weekday) % 7
        if found.shift:
            back = back or 7 if found.shift < 0 else back - 7
        return (latest - timedelta(days=back)).isoformat(), "day"
    if found.unit == "hour" and anchor.precision == "instant":
        return (datetime.fromisoformat(anchor.value) + timedelta(hours=found.shift)).date().isoformat(), "day"
    if found.unit == "day" and whole_day:
        return (latest + timedelta(days=found.shift)).isoformat(), "day"
    if found.unit == "week" and (whole_day or anchor.precision == "week"):
        year, week, _ = (latest + timedelta(weeks=found.shift)).isocalendar()
        return f"{year:04}-W{week:02}", "week"
    if found.unit == "month" and (whole_day or anchor.precision == "month"):
        return months_before(latest.replace(day=1), -found.shift).isoformat()[:7], "month"
    if found.unit == "year":
        return f"{date(latest.year + found.shift, 1, 1).year:04}", "year"
    return "", "day"


def _last_occurrence(month: int, day: int, latest: date) -> date:
    # February 29 is at most eight years back.
    for year in range(latest.year, latest.year - 9, -1):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) <= latest:
            return date(year, month, day)
    raise ValueError("no such day")

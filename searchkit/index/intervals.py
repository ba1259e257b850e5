"""Stretches of time by which dates are counted: days, ISO weeks, months, years, by their keys and in order.

takes:    days and spans of days; keys (`2022-12-15`, `2022-W50`, `2022-12`, `2022`)
gives:    the key of the stretch a span lies in; its first and last day; its place in time, so that gaps can be told
does not: read the dates of a query
traps:    a week belongs to the year that has most of its days: 2021-01-01 lies in 2020-W53
"""

from datetime import date
from functools import lru_cache

from searchkit.query.ast import Unit

_LENGTHS = {"day": 10, "month": 7, "year": 4}
_FIRST = {"day": "", "month": "-01", "year": "-01-01"}
_DAYS_OF_A_WEEK = 7


@lru_cache(maxsize=1 << 15)  # an archive has few different days, and each question looks at all of them
def interval_key(first: int, last: int, unit: Unit) -> str | None:
    """The day, week, month or year (`2022-12`) that the span from ordinal `first` to `last` lies in; None when in
    several."""
    key = _key(date.fromordinal(first), unit)
    return key if first == last or _key(date.fromordinal(last), unit) == key else None


def _key(day: date, unit: Unit) -> str:
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: _LENGTHS[unit]]


def first_day(key: str, unit: Unit) -> date:
    """The day with which a stretch begins."""
    if unit == "week":
        return date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
    return date.fromisoformat(key + _FIRST[unit])


def last_day(key: str, unit: Unit) -> date:
    """The day with which a stretch ends; the calendar ends before the last week of the year 9999 does."""
    following = number_of(key, unit) + 1
    try:
        return date.fromordinal(first_day(key_at(following, unit), unit).toordinal() - 1)
    except (ValueError, OverflowError):
        return date.max


@lru_cache(maxsize=4_096)
def number_of(key: str, unit: Unit) -> int:
    """The place of a stretch among all of its kind: that of the next one is higher by one."""
    if unit == "year":
        return int(key)
    if unit == "month":
        return int(key[:4]) * 12 + int(key[5:]) - 1
    ordinal = first_day(key, unit).toordinal()
    return ordinal if unit == "day" else (ordinal - 1) // _DAYS_OF_A_WEEK  # the first day of all is a Monday


@lru_cache(maxsize=4_096)
def key_at(number: int, unit: Unit) -> str:
    """The key of the stretch at this place."""
    if unit == "year":
        return f"{number:04}"
    if unit == "month":
        return f"{number // 12:04}-{number % 12 + 1:02}"
    return _key(date.fromordinal(number if unit == "day" else number * _DAYS_OF_A_WEEK + 1), unit)

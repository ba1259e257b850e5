"""Days, ISO weeks, months and years: their keys (`2022-12-15`, `2022-W50`, `2022-12`, `2022`), days and order.

A week belongs to the year that has most of its days: 2021-01-01 is in 2020-W53.
"""

from datetime import date
from functools import lru_cache

from searchkit.query.ast import Unit

_LENGTHS = {"day": 10, "month": 7, "year": 4}
_FIRST = {"day": "", "month": "-01", "year": "-01-01"}
_DAYS_OF_A_WEEK = 7


@lru_cache(maxsize=1 << 15)  # archives have few distinct days
def interval_key(first: int, last: int, unit: Unit) -> str | None:
    """Return the interval that contains all days from ordinal `first` to `last`; None if there is no single one."""
    key = _key(date.fromordinal(first), unit)
    return key if first == last or _key(date.fromordinal(last), unit) == key else None


def _key(day: date, unit: Unit) -> str:
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: _LENGTHS[unit]]


def first_day(key: str, unit: Unit) -> date:
    if unit == "week":
        return date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
    return date.fromisoformat(key + _FIRST[unit])


def last_day(key: str, unit: Unit) -> date:
    """Return the last day of an interval; at most the end of the calendar."""
    following = number_of(key, unit) + 1
    try:
        return date.fromordinal(first_day(key_at(following, unit), unit).toordinal() - 1)
    except (ValueError, OverflowError):
        return date.max


@lru_cache(maxsize=4_096)
def number_of(key: str, unit: Unit) -> int:
    """Return the number of an interval; consecutive intervals have consecutive numbers."""
    if unit == "year":
        return int(key)
    if unit == "month":
        return int(key[:4]) * 12 + int(key[5:]) - 1
    ordinal = first_day(key, unit).toordinal()
    return ordinal if unit == "day" else (ordinal - 1) // _DAYS_OF_A_WEEK  # the first day of all is a Monday


@lru_cache(maxsize=4_096)
def key_at(number: int, unit: Unit) -> str:
    """Return the key of the interval with this number."""
    if unit == "year":
        return f"{number:04}"
    if unit == "month":
        return f"{number // 12:04}-{number % 12 + 1:02}"
    return _key(date.fromordinal(number if unit == "day" else number * _DAYS_OF_A_WEEK + 1), unit)

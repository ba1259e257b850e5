"""Dates: values that know their precision, stated and relative dates, and periods of a query.

takes:    strings from metadata or prose; an anchor day
gives:    PartialDate, never more precise than what was written; periods of whole days
does not: guess a year, a day or a zone; read a clock (today is always an argument)
traps:    python-dateutil fills what is missing from a default, so metadata strings are parsed twice
"""

from typing import TYPE_CHECKING, Any

from searchkit.dates.partial import Confidence, PartialDate, Precision
from searchkit.dates.periods import period

if TYPE_CHECKING:
    from searchkit.dates.prose import FoundDate, find_dates
    from searchkit.dates.resolving import resolve
    from searchkit.dates.stated import both_readings, parse_stated

__all__ = [
    "Confidence",
    "FoundDate",
    "PartialDate",
    "Precision",
    "both_readings",
    "find_dates",
    "parse_stated",
    "period",
    "resolve",
]

# A query needs periods alone; the patterns of the other modules take longer to compile than a query to run.
_LOADED_ON_USE = {
    "FoundDate": "prose",
    "both_readings": "stated",
    "find_dates": "prose",
    "parse_stated": "stated",
    "resolve": "resolving",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LOADED_ON_USE[name]}"), name)
    globals()[name] = value
    return value

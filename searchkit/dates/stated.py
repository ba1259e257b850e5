"""Dates as metadata states them: whole strings, in any form a machine or a newsroom writes."""

import re
from datetime import date, datetime, timedelta, tzinfo

from msgspec.structs import replace

from searchkit.dates.partial import PartialDate, Precision
from searchkit.dates.prose import find_dates
from searchkit.dates.resolving import resolve
from searchkit.dates.zones import zone_of

EARLIEST_YEAR = 1990  # the web's first year: what claims to be older is a template, a zero or a typing error
_LONGEST_STATED = 100
# An offset of a whole day or more is no zone: Python cannot write it down.
_DAY_SECONDS = 86_400

_ISO_PARTIAL = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)
_ISO_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
_DAY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}.{0,40}")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)(.{0,60})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)(.{0,60})")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]\s?(.{0,60})")
_WRITTEN_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# "GMT+3" is three hours ahead to some and behind to others.
_DOUBTFUL_ZONE = re.compile(r"\b[A-Z]{3,5}[+-]\d{1,2}\b")
# A zone at the end of a date with a time of day: `10:00Z`, `10:00:00.123+0100`, `10:15 CST`, `3 p.m. EST`.
_ZONE = re.compile(r"(?:\d|[ap]\.?m\.?|Uhr)\s{0,2}\(?(Z|[+-]\d{2}(?::?\d{2})?|[A-ZМСК]{2,5})\)?$")
# What may stand around a date in a metadata string, word by word: a weekday, a time of day, a zone.
_BREAKS = re.compile(r"[\s,.|·()+-]{1,20}")
_AROUND = re.compile(
    r"published|posted|on|at|um|uhr|à|le|den|[apm]|[ap]m|\w{2,10}(?:day|tag|woch|abend|di)|mon|tue|wed|thu|fri|sat|sun"
    r"|\d{1,2}[:h]\d{2}(?::\d{2})?|[01]\d{3}|(?-i:[A-Z]{1,5})",
    re.IGNORECASE,
)


def parse_stated(
    text: str,
    *,
    source: str,
    day_first: bool | None = None,
    today: date | None = None,
    earliest_year: int = EARLIEST_YEAR,
    country: str = "",
) -> PartialDate | None:
    """The date that a whole metadata string states, as precise as it is; None when it states none, or two.

    Takes ISO 8601 of any kind, RFC 2822, `15 December 2022`, `Dec 16, 2022 10:15 CST`, and numbers such as 3/4/2022
    only where `day_first` or a part above 12 settles the order. A time without a known zone is dropped and the day
    kept; the day is that of the written zone. What an abbreviation of a zone means follows the outlet's `country` (two
    letters). Years before `earliest_year`, and with `today` days after tomorrow, are refused.
    """
    text = " ".join(text[: _LONGEST_STATED + 1].split())
    if not text or len(text) > _LONGEST_STATED:
        return None
    found = _stated(text, source, day_first, country)
    if found is not None and found.precision in ("instant", "day") and (zone := _ZONE.search(text)) and ":" in text:
        found = replace(found, zone=zone[1])
    if found is None or found.precision == "day-without-year":
        return found
    try:
        first = found.earliest
    except ValueError:
        return None
    if first is None or first.year < earliest_year or (today is not None and first > today + timedelta(days=1)):
        return None
    return found


def both_readings(text: str) -> tuple[str, str] | None:
    """The days that numbers such as 5/4/2025 may mean, day first and month first; None when they mean one or none."""
    numbers = _YEAR_LAST.fullmatch(text.strip()[:_LONGEST_STATED])
    if numbers is None:
        return None
    one, _, two, year, _ = numbers.groups()
    if one == two or not 1 <= int(one) <= 12 or not 1 <= int(two) <= 12:
        return None
    return f"{year}-{int(two):02}-{int(one):02}", f"{year}-{int(one):02}-{int(two):02}"


def _stated(text: str, source: str, day_first: bool | None, country: str) -> PartialDate | None:
    if _ISO_WEEK.fullmatch(text):
        return PartialDate(value=text, precision="week", source=source)
    if _ISO_PARTIAL.fullmatch(text):
        precision: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}
        return _valid(text, precision[len(text)], source)
    try:
        return _from_datetime(datetime.fromisoformat(text), source, timed=len(text) > len("2022-12-15"))
    except ValueError:
        pass
    if text.isdigit() and len(text) != len("20221215103000"):
        return None
    numbers = _YEAR_FIRST.fullmatch(text) or _CJK.fullmatch(text)
    if numbers:
        return _stated_numbers(numbers[1], numbers[2], numbers[3], numbers[4], source, country)
    numbers = _YEAR_LAST.fullmatch(text)
    if numbers:
        one, _, two, year, rest = numbers.groups()
        if int(one) > 12 or one == two:
            day_first = True
        elif int(two) > 12:
            day_first = False
        if day_first is None:
            return None
        month, day = (two, one) if day_first else (one, two)
        return _stated_numbers(year, month, day, rest, source, country)
    if _WRITTEN_YEAR.search(text) and (_DAY_TIME.fullmatch(text) or any(sign.isalpha() for sign in text)):
        found = _stated_in_words(text, source, country)
        if found is not None:
            return found
    return _stated_in_prose(text, source)


def _valid(value: str, precision: Precision, source: str) -> PartialDate | None:
    made = PartialDate(value=value, precision=precision, source=source)
    try:
        return made if made.earliest else None
    except ValueError:
        return None


def _stated_numbers(year: str, month: str, day: str, rest: str, source: str, country: str) -> PartialDate | None:
    whole = f"{year}-{month:0>2}-{day:0>2}"
    rest = f" {rest.strip()}" if rest[:1].isdigit() else rest
    stated = _stated(whole + rest, source, None, country) if rest else None
    return stated or _valid(whole, "day", source)


def _from_datetime(moment: datetime, source: str, *, timed: bool) -> PartialDate:
    if timed and moment.tzinfo is not None:
        return PartialDate(value=moment.isoformat(timespec="seconds"), precision="instant", source=source)
    return PartialDate(value=moment.date().isoformat(), precision="day", source=source)


def _stated_in_words(text: str, source: str, country: str) -> PartialDate | None:
    """What dateutil reads, parsed on two different defaults: fields that differ were not written."""
    from dateutil import parser, tz  # slow to import, and only metadata needs it

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        # Called for every zone, so that no abbreviation is ever looked up on this machine.
        if offset is not None:
            if abs(offset) >= _DAY_SECONDS:
                raise ValueError("no place on earth is a day ahead of another")
            return tz.tzoffset(None, offset)
        return zone_of(name or "", country)

    # Both leap years, so that February 29 exists; days far apart, so that a lone weekday falls on two days.
    # Seconds are seldom written, and a time without them is still a time.
    defaults = (datetime(2000, 1, 1, 1, 1), datetime(2004, 2, 16, 2, 2))
    try:
        one, two = (parser.parse(text, default=default, tzinfos=zone) for default in defaults)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError, RecursionError):
        return None  # dateutil lets several kinds through on odd input
    if one.year != two.year or not any(int(year) == one.year for year in _WRITTEN_YEAR.findall(text)):
        return None
    if one.month != two.month:
        return None
    if one.day != two.day:
        return PartialDate(value=f"{one:%Y-%m}", precision="month", source=source)
    timed = one.time() == two.time() and not _DOUBTFUL_ZONE.search(text)
    return _from_datetime(one, source, timed=timed)


def _stated_in_prose(text: str, source: str) -> PartialDate | None:
    """One date in words of any known language, with nothing around it but a weekday, a time, a zone."""
    found = list(find_dates(text, language=None))
    if len(found) != 1 or found[0].month is None:
        return None
    around = f"{text[: found[0].start]} {text[found[0].end :]}"
    if not all(_AROUND.fullmatch(word) for word in _BREAKS.split(around) if word):
        return None
    return resolve(found[0], None, source=source)

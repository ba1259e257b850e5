"""Dates in metadata: complete strings in the forms that programs and newsrooms write."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources

from msgspec.structs import replace

from searchkit.statements.dates.partial import PartialDate, Precision
from searchkit.statements.dates.prose import find_dates, resolve

EARLIEST_YEAR = 1990  # the web's first year; an earlier date is an error
_MAX_LENGTH = 100
_DAY_SECONDS = 86_400  # Python does not support an offset of a day

_ISO_PARTIAL = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)
_ISO_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)
_DAY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}.{0,40}")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)(.{0,60})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)(.{0,60})")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]\s?(.{0,60})")
_WRITTEN_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# "GMT+3" means three hours ahead or, to some, behind.
_DOUBTFUL_ZONE = re.compile(r"\b[A-Z]{3,5}[+-]\d{1,2}\b")
# A zone at the end of a date with a time of day: `10:00Z`, `10:00:00.123+0100`, `10:15 CST`, `3 p.m. EST`.
_ZONE = re.compile(r"(?:\d|[ap]\.?m\.?|Uhr)\s{0,2}\(?(Z|[+-]\d{2}(?::?\d{2})?|[A-ZМСК]{2,5})\)?$")
# Words that may surround a date in a metadata string: a weekday, a time of day, a zone.
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
    """Return the date that a metadata string states, as precise as stated; None if it states none or several.

    Accepts ISO 8601, RFC 2822, `15 December 2022`, `Dec 16, 2022 10:15 CST`, and numbers such as 3/4/2022 if
    `day_first` or a part above 12 decides the order. A time without a known zone is dropped; the day is that of the
    stated zone. The outlet's `country` (two letters) decides what a zone abbreviation means. Refuses years before
    `earliest_year` and, with `today`, days after tomorrow.
    """
    text = " ".join(text[: _MAX_LENGTH + 1].split())
    if not text or len(text) > _MAX_LENGTH:
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
    """Return both days that numbers such as 5/4/2025 may mean, day first and month first; None if unambiguous."""
    numbers = _YEAR_LAST.fullmatch(text.strip()[:_MAX_LENGTH])
    if numbers is None:
        return None
    first, _, second, year, _ = numbers.groups()
    if first == second or not 1 <= int(first) <= 12 or not 1 <= int(second) <= 12:
        return None
    return f"{year}-{int(second):02}-{int(first):02}", f"{year}-{int(first):02}-{int(second):02}"


def unusable(text: str) -> str:
    """Return why `parse_stated` found no date in `text`, for a note."""
    readings = both_readings(text)
    return f"ambiguous date: write {' or '.join(readings)}" if readings else "not a date up to today"


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
        first, _, second, year, rest = numbers.groups()
        if int(first) > 12 or first == second:
            day_first = True
        elif int(second) > 12:
            day_first = False
        if day_first is None:
            return None
        month, day = (second, first) if day_first else (first, second)
        return _stated_numbers(year, month, day, rest, source, country)
    if _WRITTEN_YEAR.search(text) and (_DAY_TIME.fullmatch(text) or any(map(str.isalpha, text))):
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
    iso = f"{year}-{month:0>2}-{day:0>2}"
    rest = f" {rest.strip()}" if rest[:1].isdigit() else rest
    stated = _stated(iso + rest, source, None, country) if rest else None
    return stated or _valid(iso, "day", source)


def _from_datetime(moment: datetime, source: str, *, timed: bool) -> PartialDate:
    if timed and moment.tzinfo is not None:
        return PartialDate(value=moment.isoformat(timespec="seconds"), precision="instant", source=source)
    return PartialDate(value=moment.date().isoformat(), precision="day", source=source)


def _stated_in_words(text: str, source: str, country: str) -> PartialDate | None:
    """Parse with dateutil on two different defaults: fields that differ were not stated."""
    from dateutil import parser, tz  # slow to import

    def zone(name: str | None, offset: int | None) -> tzinfo | None:
        # dateutil calls this for every zone, so it never uses the zones of this machine.
        if offset is not None:
            if abs(offset) >= _DAY_SECONDS:
                raise ValueError("offset of a day or more")
            return tz.tzoffset(None, offset)
        return zone_of(name or "", country)

    # Leap years, so that February 29 exists. The days differ so that a weekday alone means two days.
    defaults = (datetime(2000, 1, 1, 1, 1), datetime(2004, 2, 16, 2, 2))
    try:
        first, second = (parser.parse(text, default=default, tzinfos=zone) for default in defaults)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError, RecursionError):
        return None  # dateutil raises any of these on odd input
    if first.year != second.year or not any(int(year) == first.year for year in _WRITTEN_YEAR.findall(text)):
        return None
    if first.month != second.month:
        return None
    if first.day != second.day:
        return PartialDate(value=f"{first:%Y-%m}", precision="month", source=source)
    timed = first.time() == second.time() and not _DOUBTFUL_ZONE.search(text)
    return _from_datetime(first, source, timed=timed)


def _stated_in_prose(text: str, source: str) -> PartialDate | None:
    """Return a date in words of any supported language, next to at most a weekday, a time and a time zone."""
    found = list(find_dates(text, language=None))
    if len(found) != 1 or found[0].month is None:
        return None
    around = f"{text[: found[0].start]} {text[found[0].end :]}"
    if not all(_AROUND.fullmatch(word) for word in _BREAKS.split(around) if word):
        return None
    return resolve(found[0], None, source=source)


@cache
def _zones() -> dict[tuple[str, str], int]:
    """Return minutes ahead of UTC by country and abbreviation."""
    text = resources.files("searchkit.statements.dates").joinpath("zones.txt").read_text(encoding="utf-8")
    zones: dict[tuple[str, str], int] = {}
    for line in text.splitlines()[1:]:
        countries, _, listed = line.partition(": ")
        named = [zone.split("=") for zone in listed.split()]
        zones |= {(country, name): int(minutes) for country in countries.split() for name, minutes in named}
    return zones


def zone_of(abbreviation: str, country: str) -> tzinfo | None:
    """Return the zone that `abbreviation` means in a country (two letters, or empty); None if unknown."""
    name = abbreviation.upper()
    if name in {"Z", "UTC", "GMT"}:
        return UTC
    minutes = _zones().get((country.upper(), name))
    return None if minutes is None else timezone(timedelta(minutes=minutes))

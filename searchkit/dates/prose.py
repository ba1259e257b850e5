"""Dates in prose: find them with their positions, then resolve them against the date of the article."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from searchkit.dates.partial import PartialDate, Precision
from searchkit.dates.periods import months_before
from searchkit.dates.words import LANGUAGES, DateWords, Unit, date_words


class FoundDate(Struct, frozen=True, kw_only=True):
    """An unresolved date at `start`..`end` of a text.

    It has calendar fields (`year`, `month`, `day`; None if not written), a `weekday` (Monday is 0), or a relative
    `unit` with a `shift` (last week: -1, three days ago: -3). A weekday's shift is -1 for last, 1 for next, else 0.
    """

    start: int
    end: int
    rule: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    unit: Unit | None = None
    shift: int = 0


_YEAR = r"((?:1[89]|20)\d{2})(?![\d%]|[.,/]\d)"
_NOT_A_DAY = r"(?![\d%]|[.,:]\d|\s(?:percent|per\scent|million|billion|people|times|years|days|hours))"
_ORDINAL = r"(?:st|nd|rd|th)?"
_TO_DAY = rf"(?:\s?[-–]\s?\d{{1,2}}{_ORDINAL})?"
_DAY_AHEAD = re.compile(rf"\.?\s{{1,2}}(\d{{1,2}}){_ORDINAL}{_TO_DAY}{_NOT_A_DAY}(?:,?\s{{1,2}}{_YEAR})?")
_YEAR_AHEAD = re.compile(rf"\.?(?:,?\s{{1,2}}|-)(?:of\s)?{_YEAR}")
_DAY_BEHIND = re.compile(
    r"(?<![\d.,:/$€£-])(\d{1,2})(?:st|nd|rd|th|er|\.)?(?:\s?[-–]\s?\d{1,2}\.?)?[\s-]{1,2}(?:of\s)?$"
)
_ISO_AHEAD = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_NUMBERS_BEHIND = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?$")
_YEAR_ALONE = re.compile(_YEAR)
# A year alone needs such a word before it, and no noun after it that it could count.
_YEAR_BEHIND = re.compile(
    r"\b(?:in|since|during|early|late|mid|mid-|spring|summer|autumn|winter|im Jahr|seit|en|depuis|year)[\s-]?$",
    re.IGNORECASE,
)
_YEAR_CLOSE = re.compile(
    r"\s{0,2}(?:[.,;:!?)\]\"'”’»—–-]|$)|\s{1,2}(?:and|or|but|when|while|after|before|until|because|as|amid|over|under|to|for|by"
    r"|with|from|at|in|on|of|the|an?|he|she|it|they|we|was|were|is|are|had|has|that|who|which|said|und|oder|als|et|ou|quand)\b"
)
# Not a month alone: "March 12 percent", "March-based", "March's".
_NO_MONTH_AHEAD = re.compile(r"\.?\s\d|-\w|['’]s")
_VERB_AHEAD = re.compile(r"\s(?:be|have|not|also|apply|need|include|take|require)\b")
_LOOK_BACK = 24


def find_dates(text: str, *, language: str | None = "en") -> Iterator[FoundDate]:
    """Yield the dates in a text, in order, without overlaps, unresolved. Takes linear time; never raises.

    `language` is a code (`en`, `de-AT`); None means all supported languages. In an unsupported language, only numeric
    dates (`2022-12-15`, `15.12.2022`) are found.
    """
    code = (language or "").partition("-")[0].casefold()
    words = date_words(LANGUAGES if language is None else (code,) if code in LANGUAGES else ())
    weekday: FoundDate | None = None
    done = 0
    for match in words.pattern.finditer(text):
        start, end = match.span()
        if start < done or (start and text[start - 1].isalnum()):
            continue
        found = _found_at(text, match.group(), start, end, words)
        if found is None or found.start < done:
            continue
        if weekday is not None:
            # "Tuesday, Dec. 13" is one date.
            if found.month is not None and not text[weekday.end : found.start].strip(" ,\u00a0"):
                found = replace(found, start=weekday.start)
            else:
                yield weekday
            weekday = None
        done = found.end
        if found.rule == "weekday":
            weekday = found
        else:
            yield found
    if weekday is not None:
        yield weekday


def _found_at(text: str, word: str, start: int, end: int, words: DateWords) -> FoundDate | None:
    if word.isdigit():
        return _found_number(text, start)
    if word in words.units:
        return _found_unit(text, start, end, words.units[word], words)
    if word in words.weekdays:
        return _found_weekday(text, start, end, words.weekdays[word], words)
    if text[end : end + 1].isalnum():
        return None
    if word in words.months:
        return _found_month(text, start, end, words)
    if text[end : end + 2] in ("'s", "’s"):  # "today's children" is not a day
        return None
    return FoundDate(start=start, end=end, rule="relative", unit="day", shift=words.day_words[word])


def _found_weekday(text: str, start: int, end: int, number: int, words: DateWords) -> FoundDate | None:
    tail = words.tail.match(text, end)
    behind = max(0, start - _LOOK_BACK)
    if tail is None or words.name.match(text, end):
        return None
    which = words.which(text, behind, start, tail.end())
    if which is None:
        if words.habit.search(text, behind, start):
            return None
        which = start, tail.end(), 0
    return FoundDate(start=which[0], end=which[1], rule="weekday", weekday=number, shift=which[2])


def _found_month(text: str, start: int, end: int, words: DateWords) -> FoundDate | None:
    month = words.months[text[start:end]]
    ahead = _DAY_AHEAD.match(text, end) if words.month_first else None
    behind = _DAY_BEHIND.search(text, max(0, start - _LOOK_BACK), start)
    year = _YEAR_AHEAD.match(text, end)
    if ahead and (ahead[2] or not behind):
        return _calendar_date(start, ahead.end(), ahead[2], month, ahead[1])
    if behind and not (text[start:end] == "May" and _VERB_AHEAD.match(text, end)):
        found = _calendar_date(behind.start(), year.end() if year else end, year[1] if year else None, month, behind[1])
        if found is not None:
            return found
    if year:
        return FoundDate(start=start, end=year.end(), rule="month-year", year=int(year[1]), month=month)
    back = max(0, start - _LOOK_BACK)
    if words.of_month.search(text, back, start) and not _NO_MONTH_AHEAD.match(text, end):
        which = words.which(text, back, start, end)
        return FoundDate(
            start=which[0] if which else start, end=end, rule="month", month=month, shift=which[2] if which else 0
        )
    return None


def _calendar_date(start: int, end: int, year: str | None, month: int, day: str) -> FoundDate | None:
    # 2000 was a leap year.
    if not 1 <= int(day) <= calendar.monthrange(int(year or 2000), month)[1]:
        return None
    rule = "day-month-year" if year else "day-month"
    return FoundDate(start=start, end=end, rule=rule, year=int(year) if year else None, month=month, day=int(day))


def _found_number(text: str, start: int) -> FoundDate | None:
    iso = _ISO_AHEAD.match(text, start)
    if iso:
        found = _calendar_date(start, iso.end(), iso[1], int(iso[2]), iso[3]) if 1 <= int(iso[2]) <= 12 else None
        return replace(found, rule="iso") if found else None
    year = _YEAR_ALONE.match(text, start)
    if year is None:
        return None
    back = max(0, start - _LOOK_BACK)
    numbers = _NUMBERS_BEHIND.search(text, back, start)
    if numbers:
        month = int(numbers[2])
        found = _calendar_date(numbers.start(), year.end(), year[1], month, numbers[1]) if 1 <= month <= 12 else None
        return replace(found, rule="numbers") if found else None
    if _YEAR_BEHIND.search(text, back, start) and _YEAR_CLOSE.match(text, year.end()):
        return FoundDate(start=start, end=year.end(), rule="year", year=int(year[1]))
    return None


def _found_unit(text: str, start: int, end: int, unit: Unit, words: DateWords) -> FoundDate | None:
    back = max(0, start - _LOOK_BACK)
    ago = words.ago.match(text, end)
    count = words.count.search(text, back, start) if ago else None
    if ago and count:
        number = int(count[1]) if count[1].isdigit() else words.counts[count[1].lower()]
        return FoundDate(start=count.start(), end=ago.end(), rule="relative", unit=unit, shift=-number)
    whole = words.whole.match(text, end)
    which = words.which(text, back, start, whole.end()) if whole and unit not in ("hour", "day") else None
    if which is None:
        return None
    return FoundDate(start=which[0], end=which[1], rule="relative", unit=unit, shift=which[2])


def resolve(found: FoundDate, anchor: PartialDate | None, *, source: str = "text") -> PartialDate | None:
    """Resolve a date in an article published on the day `anchor`; None if that is impossible.

    A day without a year is the last such day up to the anchor, and so is a weekday. Without an anchor, it stays without
    a year. The confidence is that of the anchor, but low for a month without a year, which may be in the future.
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
    """Return value and precision; an empty value if the anchor is not precise enough."""
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
    # February 29 is at most eight years ago.
    for year in range(latest.year, latest.year - 9, -1):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) <= latest:
            return date(year, month, day)
    raise ValueError("no such day")

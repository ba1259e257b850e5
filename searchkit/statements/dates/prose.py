"""Dates in prose: find them with their positions, then resolve them against the date of the article."""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.dates.partial import Confidence, PartialDate, Precision, months_before
from searchkit.statements.dates.words import LANGUAGES, DateWords, Unit, date_words


class FoundDate(Struct, frozen=True, kw_only=True):
    """An unresolved date at `start`..`end` of a text.

    It has calendar fields (`year`, `month`, `day`; None if not written), a `weekday` (Monday is 0), or a relative
    `unit` with a `shift` (last week: -1, three days ago: -3). The shift of a weekday or a month is -1 for last, 1 for
    next, else 0; a month with the `unit` year has the year that the shift states.
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


_NO_NUMBER = r"(?![\d%]|[.,]\d|/\d(?!\d(?!\d))|-er\b)"
_YEAR = rf"((?:1[89]|20)\d{{2}}){_NO_NUMBER}"
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
_YEAR_ALONE = re.compile(rf"((?:1[5-9]|20)\d{{2}}){_NO_NUMBER}")
# "am 3., 4. und 5. Mai", "vom 3. bis 5. Mai", "May 3 and 4": the days beside the one next to the month.
_DAYS_BEHIND = re.compile(
    r"(?:(?<![\d.,:/$€£-])\d{1,2}\.?(?:,\s|,?\s(?:und|bis|and|or|et)\s(?:am\s|den\s|dem\s)?)){1,9}$", re.IGNORECASE
)
_DAYS_AHEAD = re.compile(r"(?:,?\s(?:and|or)|,)\s(\d{1,2})(?![\d:.,-]|\s?[%a-zA-Z])")
_DAY = re.compile(r"\d{1,2}\.?")
# "am 20.5." counts as a day only behind such a word.
_NUMBERS_CUE = re.compile(r"\b(?:am|vom|bis|den|zum|dem|seit|ab|und|\w{3,7}(?:tag|woch|abend),?)\s$", re.IGNORECASE)
# Before "Today", it is a name: "USA Today".
_NAME_BEHIND = re.compile(r"\b[A-Z]\w{0,23}\s$")
_WEEKDAY_GAP = re.compile(r"[ ,\u00a0]{0,4}(?:de[nm] )?")
_SENTENCE_START = re.compile(r"(?:^|\n|[.!?:][\"”“»]?\s)$")
# Months that are words or names too.
_UNCLEAR_MONTHS = frozenset(("May", "March"))
_NAME_AHEAD = re.compile(r"\s[A-ZÄÖÜ]")
# Not a month alone: "March 12 percent", "March-based", "March's".
_NO_MONTH_AHEAD = re.compile(r"\.?\s\d|-\w|['’]s")
_VERB_AHEAD = re.compile(r"\s(?:be|have|not|also|apply|need|include|take|require)\b")
_LOOK_BACK = 24
# News names the year of a day that is farther away, in days.
_FAR, _HALF_YEAR = 270, 183


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
            if found.month is not None and _WEEKDAY_GAP.fullmatch(text, weekday.end, found.start):
                found = replace(found, start=weekday.start)
            else:
                yield weekday
            weekday = None
        listed = _listed_days(text, found, done)
        clock = words.clock.match(text, listed[-1].end) if found.rule not in ("year", "month", "month-year") else None
        if clock is not None:
            listed[-1] = found = replace(listed[-1], end=clock.end())
        done = listed[-1].end
        if found.rule == "weekday":
            weekday = found
        else:
            yield from listed
    if weekday is not None:
        yield weekday


def _listed_days(text: str, found: FoundDate, done: int) -> list[FoundDate]:
    """Return `found` with the days of the same month that are listed beside it, in order, from `done` on."""
    if found.rule not in ("day-month", "day-month-year") or found.day is None:
        return [found]
    listed = [found]
    behind = _DAYS_BEHIND.search(text, max(done, found.start - 60), found.start)
    if behind is not None:
        for day in reversed(list(_DAY.finditer(text, behind.start(), behind.end()))):
            number = int(day[0].rstrip("."))
            if not 0 < number < (listed[0].day or 0):
                break
            listed.insert(0, replace(found, start=day.start(), end=day.end(), day=number))
    ahead = _DAYS_AHEAD.match(text, found.end) if text[found.end - 1].isdigit() and found.year is None else None
    while ahead is not None and (listed[-1].day or 0) < int(ahead[1]) <= calendar.monthrange(2000, found.month or 1)[1]:
        listed.append(replace(found, start=ahead.start(1), end=ahead.end(), day=int(ahead[1])))
        ahead = _DAYS_AHEAD.match(text, ahead.end())
    return listed


def _found_at(text: str, word: str, start: int, end: int, words: DateWords) -> FoundDate | None:
    if word[0].isdigit():
        return _found_number(text, start, words) if word.isdigit() else _found_numbers(text, start, end)
    if word in words.units:
        return _found_unit(text, start, end, words.units[word], words)
    if word in words.weekdays:
        return _found_weekday(text, start, end, words.weekdays[word], words)
    if text[end : end + 1].isalnum():
        return None
    if word in words.months:
        return _found_month(text, start, end, words)
    if word in words.period_words:
        unit, shift = words.period_words[word]
        if _YEAR_AHEAD.match(text, end):
            return None
        return FoundDate(start=start, end=end, rule="relative", unit=unit, shift=shift)
    return _found_day_word(text, word, start, end, words)


def _found_day_word(text: str, word: str, start: int, end: int, words: DateWords) -> FoundDate | None:
    shift, back = words.day_words[word], max(0, start - _LOOK_BACK)
    # "Today's children" is not a day, "today's vote" is.
    if shift >= 0 and text[end : end + 2] in ("'s", "’s") and not words.event.match(text, end + 2):
        return None
    if word[0].isupper() and _NAME_BEHIND.search(text, back, start):
        return None
    if words.no_day.search(text, back, end):
        return None
    # "Morgen" in a sentence is the morning.
    if word == "Morgen" and not (_SENTENCE_START.search(text, back, start) and text[end : end + 2].strip().islower()):
        return None
    return FoundDate(start=start, end=end, rule="relative", unit="day", shift=shift)


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
    name = text[start:end]
    month = words.months[name]
    ahead = _DAY_AHEAD.match(text, end) if words.month_first else None
    behind = _DAY_BEHIND.search(text, max(0, start - _LOOK_BACK), start)
    year = _YEAR_AHEAD.match(text, end)
    if ahead and (ahead[2] or not behind):
        return _calendar_date(start, ahead.end(), ahead[2], month, ahead[1])
    if behind and not (name == "May" and _VERB_AHEAD.match(text, end)):
        found = _calendar_date(behind.start(), year.end() if year else end, year[1] if year else None, month, behind[1])
        of_year = None if year else words.of_year.match(text, end)
        if found is not None and of_year is not None:
            return replace(found, end=of_year.end(), unit="year", shift=words.shift(of_year))
        if found is not None:
            return found
    if year:
        return FoundDate(start=start, end=year.end(), rule="month-year", year=int(year[1]), month=month)
    of_year = words.of_year.match(text, end)
    if of_year:
        shift = words.shift(of_year)
        return FoundDate(start=start, end=of_year.end(), rule="month", month=month, unit="year", shift=shift)
    return _found_month_alone(text, start, end, month, words)


def _found_month_alone(text: str, start: int, end: int, month: int, words: DateWords) -> FoundDate | None:
    """Return a month without day and year: "in March", "last May"."""
    if _NO_MONTH_AHEAD.match(text, end):
        return None
    back = max(0, start - _LOOK_BACK)
    is_clear = text[start:end] not in _UNCLEAR_MONTHS and not _NAME_AHEAD.match(text, end)
    if words.of_month.search(text, back, start) or (is_clear and words.of_clear_month.search(text, back, start)):
        first, _, shift = words.which(text, back, start, end) or (start, end, 0)
        return FoundDate(start=first, end=end, rule="month", month=month, shift=shift)
    return None


def _calendar_date(start: int, end: int, year: str | None, month: int, day: str) -> FoundDate | None:
    # 2000 was a leap year.
    if not 1 <= int(day) <= calendar.monthrange(int(year or 2000), month)[1]:
        return None
    rule = "day-month-year" if year else "day-month"
    return FoundDate(start=start, end=end, rule=rule, year=int(year) if year else None, month=month, day=int(day))


def _found_numbers(text: str, start: int, end: int) -> FoundDate | None:
    """Return the day of "am 20.5."."""
    day, month = (number.strip() for number in text[start:end].rstrip(".").split("."))
    if not 1 <= int(month) <= 12 or not _NUMBERS_CUE.search(text, max(0, start - _LOOK_BACK), start):
        return None
    found = _calendar_date(start, end, None, int(month), day)
    return replace(found, rule="numbers") if found else None


def _found_number(text: str, start: int, words: DateWords) -> FoundDate | None:
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
    for before, after in words.years:
        if before.search(text, back, start) and after.match(text, year.end()):
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


def resolve(
    found: FoundDate, anchor: PartialDate | None, *, source: str = "text", ahead: bool | None = None
) -> PartialDate | None:
    """Resolve a date in an article published on the day `anchor`; None if that is impossible.

    A weekday or a month is the last one up to the anchor, or the next if it is `ahead`. A day without a year is the
    nearer of both, or the one that `ahead` says if it is not much farther away; without an anchor, it stays without a
    year. The confidence is that of the anchor, but low for a month without a year, and at most assumed for a day
    for which the text does not show whether it is ahead.
    """
    if found.year is not None:
        if not _exists(found.year, found.month or 1, found.day or 1):
            return None
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
        value, precision, shown = _resolved(found, anchor, latest, ahead)
    except (ValueError, OverflowError):
        return None
    if not value:
        return None
    is_guess = found.rule == "month" and found.unit is None
    confidence: Confidence = "low" if is_guess else anchor.confidence if shown else "assumed"
    return PartialDate(value=value, precision=precision, source=source, confidence=confidence)


def _resolved(found: FoundDate, anchor: PartialDate, latest: date, ahead: bool | None) -> tuple[str, Precision, bool]:
    """Return value, precision, and whether the text shows them; an empty value if the anchor is not precise enough."""
    if found.month is not None and found.unit == "year":
        exact = replace(found, year=latest.year + found.shift, unit=None)
        known = resolve(exact, None)
        return (known.value, known.precision, True) if known is not None else ("", "day", True)
    if found.month is not None and found.day is not None:
        return _yearless_day(found.month, found.day, latest, ahead)
    if found.month is not None and anchor.precision != "year":
        return _month(found.month, found.shift, latest, ahead), "month", True
    if found.weekday is not None and anchor.precision in _DAYS:
        return _weekday(found.weekday, found.shift, latest, ahead)
    if found.unit is not None:
        precision, anchors, shifted = _UNITS[found.unit]
        if not anchors or anchor.precision in anchors:
            return shifted(anchor, latest, found.shift), precision, True
    return "", "day", True


def _month(month: int, shift: int, latest: date, ahead: bool | None) -> str:
    """Return the month with its year: "last March" in March is a year ago."""
    if shift > 0 or (ahead and not shift):
        year = latest.year + (month < latest.month + shift)
    else:
        year = latest.year - ((month, -shift) > (latest.month, 0))
    return f"{year:04}-{month:02}"


def _weekday(weekday: int, shift: int, latest: date, ahead: bool | None) -> tuple[str, Precision, bool]:
    back = (latest.weekday() - weekday) % 7
    is_shown = bool(shift) or not back or ahead is not None
    if shift < 0:
        back = back or 7
    elif shift or (ahead and back):
        back -= 7
    return (latest - timedelta(days=back)).isoformat(), "day", is_shown


def _hours(anchor: PartialDate, _: date, shift: int) -> str:
    return (datetime.fromisoformat(anchor.value) + timedelta(hours=shift)).date().isoformat()


def _week(_: PartialDate, latest: date, shift: int) -> str:
    year, week, _day_of_week = (latest + timedelta(weeks=shift)).isocalendar()
    return f"{year:04}-W{week:02}"


_DAYS: tuple[Precision, ...] = ("instant", "day")
# By unit of a relative date: the precision of the result, those of an anchor to count from (empty: any), and the count.
_UNITS: dict[Unit, tuple[Precision, tuple[Precision, ...], Callable[[PartialDate, date, int], str]]] = {
    "hour": ("day", ("instant",), _hours),
    "day": ("day", _DAYS, lambda _, latest, shift: (latest + timedelta(days=shift)).isoformat()),
    "week": ("week", (*_DAYS, "week"), _week),
    "month": (
        "month",
        (*_DAYS, "month"),
        lambda _, latest, shift: months_before(latest.replace(day=1), -shift).isoformat()[:7],
    ),
    "year": ("year", (), lambda _, latest, shift: f"{date(latest.year + shift, 1, 1).year:04}"),
}


def _yearless_day(month: int, day: int, latest: date, ahead: bool | None) -> tuple[str, Precision, bool]:
    """Return the last or the next such day; news names the year of a day that is most of a year away."""
    past = range(latest.year, 0, -1)
    last = next((found for year in past if (found := _day(year, month, day)) and found <= latest), None)
    years = range(latest.year, min(latest.year + 9, date.max.year + 1))
    coming = next((found for year in years if (found := _day(year, month, day)) and found > latest), last)
    if last is None or coming is None:  # February 29 in the first or last years of all
        raise ValueError("no such day")
    nearer = coming if (coming - latest).days < _HALF_YEAR else last
    shown = nearer if ahead is None else coming if ahead else last
    if abs((shown - latest).days) > _FAR:
        shown = nearer
    return shown.isoformat(), "day", ahead is (shown > latest)


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if _exists(year, month, day) else None


def _exists(year: int, month: int, day: int) -> bool:
    return date.min.year <= year <= date.max.year and day <= calendar.monthrange(year, month)[1]

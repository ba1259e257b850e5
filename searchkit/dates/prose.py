"""Dates written in prose: found with their places, not yet resolved."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from searchkit.dates.periods import MONTH_NAMES

Unit = Literal["hour", "day", "week", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date as written in prose, unresolved, at the half-open range `start` to `end` of the text.

    Either calendar fields (`year`, `month`, `day`; what was not written is None), a `weekday` (Monday 0), or a relative
    `unit` with `shift` (-1: last week, 3 days ago: -3 days). `shift` with a weekday: -1 last, 1 next, 0 plain.
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


_MONTHS = {
    "en": " ".join(MONTH_NAMES) + " Jan Feb Mar Apr . Jun Jul Aug Sep Oct Nov Dec . . . . . . . . Sept",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    " Jan Feb Mär Apr . Jun Jul Aug Sep Okt Nov Dez Jänner",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    " janv févr . avr . . juil . sept oct nov déc",
}
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_DAY_WORDS = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_COUNTS = {
    word: number
    for number, words in enumerate("a|an|one two three four five six seven eight nine ten eleven twelve".split(), 1)
    for word in words.split("|")
}
_UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month", "year")
# Names that end in the name of a weekday, and habits.
_NO_WEEKDAY = frozenset(
    "Black Good Super Cyber Palm Easter Bloody Ash Ruby Sheffield Fat Giving Shrove Casual every each"
    " Every Each".split()
)

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
# "in 2022" is a year only where no noun follows that it could count.
_YEAR_BEHIND = re.compile(
    r"\b(?:in|since|during|early|late|mid|mid-|spring|summer|autumn|winter|im Jahr|seit|en|depuis|year)[\s-]?$",
    re.IGNORECASE,
)
_YEAR_CLOSE = re.compile(
    r"\s{0,2}(?:[.,;:!?)\]\"'”’»—–-]|$)|\s{1,2}(?:and|or|but|when|while|after|before|until|because|as|amid|over|under|to|for|by"
    r"|with|from|at|in|on|of|the|an?|he|she|it|they|we|was|were|is|are|had|has|that|who|which|said|und|oder|als|et|ou|quand)\b"
)
_COUNT_BEHIND = re.compile(rf"\b(\d{{1,3}}|{'|'.join(_COUNTS)})\s$", re.IGNORECASE)
# "The last year" is a span of twelve months, not a year of the calendar.
_WHICH_BEHIND = re.compile(r"(?<!\bthe\s)\b(last|this|next|previous)\s$", re.IGNORECASE)
_AGO_AHEAD = re.compile(r"s?\sago\b")
_WORD_BEHIND = re.compile(r"(\w{1,20})\s$")
_VERB_AHEAD = re.compile(r"\s(?:be|have|not|also|apply|need|include|take|require)\b")
_LOOK_BACK = 24


class _Words:
    """The words that can begin or end a date in some languages, and the pattern that finds them all in one pass."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.months: dict[str, int] = {}
        self.month_first = "en" in languages
        for language in languages:
            for place, name in enumerate(_MONTHS[language].split()):
                if name != ".":
                    self.months[name] = place % 12 + 1
                    if language != "fr":  # headlines in capitals; "MARS 2020" is no March
                        self.months[name.upper()] = place % 12 + 1
        self.weekdays: dict[str, int] = {}
        self.day_words: dict[str, int] = {}
        self.units: dict[str, Unit] = {}
        if "en" in languages:
            self.weekdays = {day: number for number, day in enumerate(_WEEKDAYS)}
            self.day_words = {form: by for word, by in _DAY_WORDS.items() for form in (word, word.capitalize())}
            self.units = {unit: unit for unit in _UNITS}
        words = [*self.months, *self.weekdays, *self.day_words, *self.units, "18", "19", "20"]
        # Longest first, and each branch a plain string: the engine then skips from first letter to first letter.
        self.pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


@cache
def _words(languages: tuple[str, ...]) -> _Words:
    return _Words(languages)


def find_dates(text: str, *, language: str | None = "en") -> Iterator[FoundDate]:
    """Dates written in prose, in order, not overlapping, unresolved. Never raises; time linear in the length.

    `language` is a code (`en`, `de-AT`); None looks for the words of every language known. Of a language not known
    only numbers (`2022-12-15`, `15.12.2022`) are found.
    """
    code = (language or "").partition("-")[0].casefold()
    words = _words(tuple(_MONTHS) if language is None else (code,) if code in _MONTHS else ())
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


def _found_at(text: str, word: str, start: int, end: int, words: _Words) -> FoundDate | None:
    if word.isdigit():
        return _found_number(text, start)
    if word in words.units:
        return _found_unit(text, start, end, words.units[word])
    if text[end : end + 1].isalnum():
        return None
    behind = max(0, start - _LOOK_BACK)
    if word in words.months:
        return _found_month(text, start, end, words)
    if word in words.day_words:
        if text[end : end + 2] in ("'s", "’s"):  # "today's children" are of no day
            return None
        return FoundDate(start=start, end=end, rule="relative", unit="day", shift=words.day_words[word])
    before = _WORD_BEHIND.search(text, behind, start)
    if before and before[1] in _NO_WEEKDAY:
        return None
    which = _WHICH_BEHIND.search(text, behind, start)
    shift = {"last": -1, "next": 1}.get(which[1].lower(), 0) if which else 0
    begin = which.start() if which else start
    return FoundDate(start=begin, end=end, rule="weekday", weekday=words.weekdays[word], shift=shift)


def _found_month(text: str, start: int, end: int, words: _Words) -> FoundDate | None:
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
    return None


def _calendar_date(start: int, end: int, year: str | None, month: int, day: str) -> FoundDate | None:
    # Without a year any year will do: 2000 has a February 29.
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


def _found_unit(text: str, start: int, end: int, unit: Unit) -> FoundDate | None:
    back = max(0, start - _LOOK_BACK)
    ago = _AGO_AHEAD.match(text, end)
    count = _COUNT_BEHIND.search(text, back, start) if ago else None
    if ago and count:
        number = int(count[1]) if count[1].isdigit() else _COUNTS[count[1].lower()]
        return FoundDate(start=count.start(), end=ago.end(), rule="relative", unit=unit, shift=-number)
    which = _WHICH_BEHIND.search(text, back, start)
    if which is None or unit in ("hour", "day") or text[end : end + 1].isalnum():
        return None
    shift = {"this": 0, "next": 1}.get(which[1].lower(), -1)
    return FoundDate(start=which.start(), end=end, rule="relative", unit=unit, shift=shift)

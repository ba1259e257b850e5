"""Read dates as queries write them: a point (`2022-12`, `7d`), a comparison (`>2022`) or a range (`2022..2023`,
`[2022 TO 2023]`)."""

import re
from datetime import date, timedelta

from msgspec.structs import replace

from searchkit.query.ast import Range
from searchkit.query.words import DATE_HINT, LONG_DASHES, Fault, shown
from searchkit.statements.dates import period

_TIME = r"(?i)([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_HOURS = r"(?i)[0-9]{1,9}h"
_COMPARISON = re.compile(r">=|<=|>|<")


class DateReader:
    """Reads dates relative to the day `today`; adds what the user should know to `notes`."""

    def __init__(self, today: date, notes: list[str]) -> None:
        self._today = today
        self._notes = notes

    def read(self, written: str) -> Range:
        """Read a date or range without white space. Fault if it is neither."""
        comparison = _COMPARISON.match(written)
        if comparison:
            return self._compared(written, comparison.group())
        if not written.startswith("="):
            return self._period(written, 0)
        if len(written) == 1:
            raise Fault("bad-date", 'Write the date right after "=".', 0, 1, DATE_HINT)
        return replace(self._period(written, 1), within=True)

    def _period(self, written: str, place: int) -> Range:
        """Read the point or range that starts at `place`."""
        first, dots, second = written[place:].partition("..")
        if not dots:
            begin, end = self.point(first, place)
            return Range(written=written, start=begin, end=end)
        if not first and not second:
            raise Fault("date-range", "A range needs a date on at least one side.", 0, len(written), DATE_HINT)
        start = self.point(first, place)[0] if first else None
        last = self.point(second, place + len(first) + 2)[1] if second else None
        return _ordered(written, start, last, len(written))

    def read_bracketed(self, found: re.Match[str]) -> Range:
        """Read a match of BRACKETED_DATES. `[ ]` include both ends, `{ }` exclude the complete period named."""
        opening, first, second, closing = found.groups()
        length = found.end() - found.start()
        start = self._bound(first, found.start(2) - found.start())
        end = self._bound(second, found.start(3) - found.start())
        if start is None and end is None:
            raise Fault("date-range", "A range needs a date on at least one side.", 0, length, DATE_HINT)
        day = timedelta(days=1)
        try:
            begin = None if start is None else start[0] if opening == "[" else start[1] + day
            last = None if end is None else end[1] if closing == "]" else end[0] - day
        except OverflowError:
            raise Fault("date-range", "There is no day outside this range.", 0, length) from None
        written = f"{opening}{first.strip(chr(34))} TO {second.strip(chr(34))}{closing}"
        return _ordered(written, begin, last, length)

    def _bound(self, written: str, place: int) -> tuple[date, date] | None:
        return None if written == "*" else self.point(written.strip('"'), place, length=len(written))

    def _compared(self, written: str, comparison: str) -> Range:
        point = written[len(comparison) :]
        if not point:
            raise Fault("bad-date", f'Write the date right after "{comparison}".', 0, len(written), DATE_HINT)
        first, last = self.point(point, len(comparison))
        try:
            if comparison == ">":
                return Range(written=written, start=last + timedelta(days=1), end=None)
            if comparison == "<":
                return Range(written=written, start=None, end=first - timedelta(days=1))
        except OverflowError:
            raise Fault("bad-date", f'There is no day "{shown(written)}".', 0, len(written)) from None
        if comparison == ">=":
            return Range(written=written, start=first, end=None)
        return Range(written=written, start=None, end=last)

    def point(self, written: str, place: int, *, length: int | None = None) -> tuple[date, date]:
        """Return the first and last day of a point that stands at `place` and takes `length` characters there."""
        end = place + (len(written) if length is None else length)
        day = written
        time = re.fullmatch(_TIME, written)
        if time:
            day = time[1]
            if int(time[2]) > 23 or int(time[3]) > 59 or int(time[4] or 0) > 60:
                message = f'"{shown(written)}" is not a date: there is no such time of day.'
                raise Fault("bad-date", message, place, end, DATE_HINT)
        if re.fullmatch(_HOURS, written):
            message = f'"{shown(written)}" is not a date: hours are not supported.'
            raise Fault("bad-date", message, place, end, "Count in days: 1d is today, 2d yesterday and today.")
        try:
            bounds = period(day, today=self._today)
        except ValueError as reason:
            raise Fault("bad-date", _explained(written, str(reason)), place, end, DATE_HINT) from None
        if time:
            self._notes.append(f'The time of day in "{written}" is ignored; the complete day {day} is searched.')
        return bounds


def _ordered(written: str, start: date | None, end: date | None, length: int) -> Range:
    if start and end and end < start:
        raise Fault("date-order", "The range ends before it starts.", 0, length)
    return Range(written=written, start=start, end=end)


def _real(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _explained(written: str, reason: str) -> str:
    """Return the message, with the ISO form of what was probably meant; with both forms if two days are possible."""
    # What people write instead of ISO: the year last, or the year first without zeros or without dashes.
    year_last = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", written)
    year_first = re.fullmatch(r"([0-9]{4})[/.-]?([0-9]{1,2})(?:[/.-]?([0-9]{1,2}))?", written)
    week = re.fullmatch(r"([0-9]{4})-?[Ww]-?([0-9]{1,2})", written)
    readings: list[str | None] = []
    if week and not re.fullmatch(r"[0-9]{4}-[Ww][0-9]{2}", written):
        readings = [f"{week[1]}-W{int(week[2]):02}"]
    elif year_last:
        first, second, year = year_last.groups()
        readings = [_real(year, second, first), _real(year, first, second)]
    elif year_first and not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", written):
        year, month, day = year_first.groups()
        real = _real(year, month, day or "1")
        readings = [real if day is not None or real is None else real[:7]]
    elif any(dash in written for dash in LONG_DASHES):
        first, _, second = written.translate(dict.fromkeys(map(ord, LONG_DASHES), "|")).partition("|")
        # Two years with a dash between them are a period; anything else is a date.
        readings = [f"{first}..{second}" if len(first) == len(second) == 4 else f"{first}-{second}".replace("|", "-")]
    forms = list(dict.fromkeys(form for form in readings if form))
    if forms:
        return f'"{shown(written)}" is not a date. Write {" or ".join(forms)}.'
    return f'"{shown(written)}" is not a date: {reason}.'

"""Values of date fields: points (`2022-12`, `7d`), comparisons (`>2022`), ranges (`2022..2023`, `[2022 TO 2023]`).

A point or range behind "=" asks for dates that surely lie in it; `month-unknown` for those that are not precise enough.
"""

import re
from datetime import date, timedelta
from typing import get_args

from msgspec.structs import replace

from searchkit.dates import period
from searchkit.query.ast import Range, Unit
from searchkit.query.faults import Fault
from searchkit.query.signs import LONG_DASHES, shown

HINT = "Dates are written 2022, 2022-12, 2022-W50, 2022-12-15, 7d, 2w, 3mo, 1y, today, last-week; ranges 2022-12..2023."

# Compiled when first used, as most questions hold none.
_TIME = r"(?i)([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_HOURS = r"(?i)[0-9]{1,9}h"
_COMPARISON = re.compile(r">=|<=|>|<")
_BOUND = r'("[^"]{0,100}"|[^\s"(){}\[\]]{1,100})'
UNPLACED: dict[str, Unit] = {f"{unit}-unknown": unit for unit in get_args(Unit)}
BRACKETED = re.compile(rf"([\[{{])\s{{0,400}}{_BOUND}\s{{1,400}}TO\s{{1,400}}{_BOUND}\s{{0,400}}([\]}}])")


class Dates:
    """Reads date values on one day, `today`; `notes` collects what was read specially."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.notes: list[str] = []

    def read(self, written: str) -> Range:
        """The period of a value without white space. Fault with its place in `written`."""
        comparison = _COMPARISON.match(written)
        if comparison:
            return self._compared(written, comparison.group())
        if written.startswith("="):
            if len(written) == 1:
                raise Fault("bad-date", 'Write the date right after "=".', 0, 1, HINT)
            return replace(self._period(written, 1), within=True)
        return self._period(written, 0)

    def _period(self, written: str, place: int) -> Range:
        """The point or range that stands in `written` from `place` on."""
        first, dots, second = written[place:].partition("..")
        if not dots:
            begin, end = self.point(first, place)
            return Range(written=written, start=begin, end=end)
        if not first and not second:
            raise Fault("date-range", "A range needs a date on at least one side.", 0, len(written), HINT)
        start = self.point(first, place)[0] if first else None
        end_day = self.point(second, place + len(first) + 2)[1] if second else None
        return _ordered(written, start, end_day)

    def read_bracketed(self, found: re.Match[str]) -> Range:
        """The period of a match of BRACKETED. `[ ]` include both ends, `{ }` leave out the whole period named."""
        opening, first, second, closing = found.groups()
        origin = found.start()
        start = self._bound(first, found.start(2) - origin)
        end = self._bound(second, found.start(3) - origin)
        if start is None and end is None:
            raise Fault("date-range", "A range needs a date on at least one side.", 0, found.end() - origin, HINT)
        try:
            begin = None if start is None else start[0] if opening == "[" else _after(start[1])
            last = None if end is None else end[1] if closing == "]" else _before(end[0])
        except OverflowError:
            raise Fault("date-range", "There is no day outside this range.", 0, found.end() - origin) from None
        written = f"{opening}{first.strip(chr(34))} TO {second.strip(chr(34))}{closing}"
        ordered = _ordered(written, begin, last, length=found.end() - origin)
        return Range(written=written, start=ordered.start, end=ordered.end)

    def _bound(self, written: str, place: int) -> tuple[date, date] | None:
        return None if written == "*" else self.point(written.strip('"'), place, length=len(written))

    def _compared(self, written: str, sign: str) -> Range:
        point = written[len(sign) :]
        if not point:
            raise Fault("bad-date", f'Write the date right after "{sign}".', 0, len(written), HINT)
        first, last = self.point(point, len(sign))
        try:
            if sign == ">":
                return Range(written=written, start=_after(last), end=None)
            if sign == "<":
                return Range(written=written, start=None, end=_before(first))
        except OverflowError:
            raise Fault("bad-date", f'There is no day "{shown(written)}".', 0, len(written)) from None
        if sign == ">=":
            return Range(written=written, start=first, end=None)
        return Range(written=written, start=None, end=last)

    def point(self, written: str, place: int, *, length: int | None = None) -> tuple[date, date]:
        """First and last day of one point that stands at `place` and takes `length` signs there."""
        end = place + (len(written) if length is None else length)
        day = written
        time = re.fullmatch(_TIME, written)
        if time:
            day = time[1]
            if int(time[2]) > 23 or int(time[3]) > 59 or int(time[4] or 0) > 60:
                raise Fault(
                    "bad-date", f'"{shown(written)}" is not a date: there is no such time of day.', place, end, HINT
                )
        if re.fullmatch(_HOURS, written):
            message = f'"{shown(written)}" is not a date: hours are not kept.'
            raise Fault("bad-date", message, place, end, "Count in days: 1d is today, 2d yesterday and today.")
        try:
            bounds = period(day, today=self._today)
        except ValueError as reason:
            raise Fault("bad-date", _explain(written, str(reason)), place, end, HINT) from None
        if time:
            self.notes.append(f'The time of day in "{written}" is not used: the whole day {day} is meant.')
        return bounds


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _ordered(written: str, start: date | None, end: date | None, *, length: int | None = None) -> Range:
    if start and end and end < start:
        raise Fault("date-order", "The range ends before it starts.", 0, len(written) if length is None else length)
    return Range(written=written, start=start, end=end)


def _real(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _explain(written: str, reason: str) -> str:
    """The whole message; with the ISO form of what was probably meant, both forms when it can mean two days."""
    # What people write instead of ISO: the year last, or the year first without zeros or without dashes.
    year_last = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", written)
    year_first = re.fullmatch(r"([0-9]{4})[/.-]?([0-9]{1,2})(?:[/.-]?([0-9]{1,2}))?", written)
    week = re.fullmatch(r"([0-9]{4})-?[Ww]-?([0-9]{1,2})", written)
    readings: list[str | None] = []
    if week and not re.fullmatch(r"[0-9]{4}-[Ww][0-9]{2}", written):
        readings = [f"{week[1]}-W{int(week[2]):02}"]
    elif year_last:
        one, two, year = year_last.groups()
        readings = [_real(year, two, one), _real(year, one, two)]
    elif year_first and not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", written):
        year, month, day = year_first.groups()
        whole = _real(year, month, day or "1")
        readings = [whole if day is not None or whole is None else whole[:7]]
    elif any(dash in written for dash in LONG_DASHES):
        first, _, second = written.translate(dict.fromkeys(map(ord, LONG_DASHES), "|")).partition("|")
        # Years with a dash in between are a period; all else is a date.
        readings = [f"{first}..{second}" if len(first) == len(second) == 4 else f"{first}-{second}".replace("|", "-")]
    forms = list(dict.fromkeys(form for form in readings if form))
    if forms:
        return f'"{shown(written)}" is not a date. Write {" or ".join(forms)}.'
    return f'"{shown(written)}" is not a date: {reason}.'


def interpreted(value: Range) -> str:
    """The period in absolute days: `[2022-12-01 TO *]`, `=[2022-12-01 TO 2022-12-31]`."""
    return f"{'=' if value.within else ''}[{value.start or '*'} TO {value.end or '*'}]"

"""Read characters, words and dates of the query language, below the level of the tree.

Typographic characters are replaced by plain ones, one for one, so that positions stay valid.

A word is plain, a prefix (`Tiand*`) or fuzzy (`Tiandi~1`). A date is a point (`2022-12`, `7d`), a comparison (`>2022`)
or a range (`2022..2023`, `[2022 TO 2023]`); behind "=" it must lie completely in the period.
"""

import re
import unicodedata
from datetime import date, timedelta
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from searchkit.dates import period
from searchkit.errors import QueryError

Unit = Literal["day", "week", "month", "year"]
"""Units by which dates are counted. A week is that of ISO 8601: it starts on Monday."""

OPERATORS = frozenset(("AND", "OR", "NOT"))
# Everything but white space, quotation marks and brackets. The bound is the longest query there can be.
RUN = re.compile(r"[^\s\"(){}\[\]]{1,16384}")
NEAR = re.compile(r"(NEAR|ADJ)(?:/(\d{1,16384}))?")
# The longest field name has 19 characters; a longer run of letters before a colon is still meant as a field name.
FIELD_NAME = re.compile(r"([^\W\d_](?:[^\W\d]|\.){0,99}):")
URL = re.compile(r"https?://", re.IGNORECASE)

_FOREIGN = {"&&": "AND", "||": "OR"}
_BOOST = re.compile(r"\^[\d.]{0,40}$")
_FUZZY_SUFFIX = re.compile(r"~([\d.]{0,40})$")
_TRAILING_QUESTION = re.compile(r"\?[\W_]{0,400}$")

Where = Literal["bare", "value", "group"]
"""Where a word stands: by itself, right behind the colon of a field, or in the brackets behind it."""

MIN_PREFIX = 2  # one letter alone would match a large part of the vocabulary
_MIN_FUZZY = 4  # a word of three letters with one wrong is nearly any other short word

DATE_HINT = (
    "Dates are written 2022, 2022-12, 2022-W50, 2022-12-15, 7d, 2w, 3mo, 1y, today, last-week; ranges 2022-12..2023."
)
# These patterns are compiled on first use, as most queries hold no date.
_TIME = r"(?i)([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_HOURS = r"(?i)[0-9]{1,9}h"
_COMPARISON = re.compile(r">=|<=|>|<")
_BOUND = r'("[^"]{0,100}"|[^\s"(){}\[\]]{1,100})'
UNKNOWN_UNITS: dict[str, Unit] = {f"{unit}-unknown": unit for unit in get_args(Unit)}
BRACKETED = re.compile(rf"([\[{{])\s{{0,400}}{_BOUND}\s{{1,400}}TO\s{{1,400}}{_BOUND}\s{{0,400}}([\]}}])")


class Fault(Exception):
    """A part of a query that cannot be read. `start` and `end` count from the start of the part; the parser shifts
    them to the place in the query."""

    def __init__(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


# --- characters -------------------------------------------------------------------------------------------------------


def _all_to(target: str, characters: str) -> dict[int, str]:
    return {ord(character): target for character in characters}


# Phone keyboards and word processors type these for the plain character.
_PLAIN = {
    **_all_to('"', "“”„‟«»‹›「」『』"),
    **_all_to("'", "‘’‚‛ʼ"),
    **_all_to("-", "\u2010\u2011\u2212"),
    **_all_to(" ", "\u3000\ufeff\u200b"),
    # Keyboards for Chinese and Japanese type full-width characters, which stand in the order of ASCII.
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}

# A long dash may be meant as a minus or as a dash; it is read as neither.
LONG_DASHES = "\u2012\u2013\u2014\u2015"

# Joiners shape letters and emoji; they are invisible but harmless.
_JOINERS = "\u200c\u200d"
# Letters by class, blank by appearance.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def plain(query: str) -> str:
    """Return `query` with typographic characters replaced by plain ones; the length and all positions stay the same."""
    return query if query.isascii() else query.translate(_PLAIN)


def is_punctuation(text: str) -> bool:
    """Return whether `text` has no letter and no digit."""
    return not any(character.isalnum() for character in text)


def letter_count(text: str) -> int:
    """Return how many letters and digits `text` has."""
    return sum(character.isalnum() for character in text)


def visible(character: str) -> str:
    """Return a character as it may be shown: control, bidirectional and other unseen ones as `\\u202e`."""
    if character.isascii():
        return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
    if character in _JOINERS:
        return character
    unseen = not character.isprintable() and unicodedata.category(character) != "Zs"
    if unseen or character in _BLANK_LETTERS:
        code = ord(character)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


def width(text: str) -> int:
    """Return the columns that visible `text` takes on a terminal: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


# Messages cut longer pieces of a query.
_MAX_SHOWN = 60


def shown(text: str) -> str:
    """Return `text` as a message may repeat it: unseen characters visible, cut if long."""
    cut = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return "".join(map(visible, cut))


# --- words ------------------------------------------------------------------------------------------------------------


class Word(Struct, frozen=True, kw_only=True):
    """A word of a query; `distance` counts the wrong letters that a fuzzy word allows."""

    kind: Literal["plain", "prefix", "fuzzy"] = "plain"
    text: str
    distance: int = 0


def read_word(run: str) -> Word | None:
    """Read a run of word characters; None if it has no letter and no digit. Fault if it is not a word."""
    for operator, name in _FOREIGN.items():
        place = run.find(operator)
        if place >= 0:
            raise Fault("foreign-sign", f'Write {name} instead of "{operator}".', place, place + 2)
    if run == "|":
        raise Fault("foreign-sign", 'Write OR instead of "|".', 0, 1)
    if "*" not in run and is_punctuation(run):
        return None
    if run[0] == "!":
        raise Fault("foreign-sign", 'Write NOT, or "-" right before the word, instead of "!".', 0, 1)
    boost = _BOOST.search(run)
    if boost:
        raise Fault("boost", "Boosts are not supported.", boost.start(), boost.end())
    if "~" in run:
        return _read_fuzzy(run)
    _refuse_question_mark(run)
    star = run.find("*")
    if star < 0:
        return Word(text=run)
    if star != len(run) - 1:
        raise Fault("wildcard", 'A "*" is possible only at the end of a word.', star, star + 1)
    if letter_count(run) < MIN_PREFIX:
        raise Fault("wildcard", f'A "*" needs at least {MIN_PREFIX} letters before it.', star, star + 1)
    return Word(kind="prefix", text=run[:star])


def _read_fuzzy(run: str) -> Word:
    place = run.index("~")
    suffix = _FUZZY_SUFFIX.search(run)
    if suffix is None or suffix.start() != place:
        raise Fault("fuzzy", 'A "~" is possible only at the end of a word.', place, place + 1)
    stem, distance = run[:place], suffix[1]
    if distance not in ("", "1", "2"):
        raise Fault("fuzzy", 'The distance after "~" is 1 or 2.', place, len(run))
    star = stem.find("*")
    if star >= 0:
        raise Fault("wildcard", 'A word takes "*" or "~", not both.', star, star + 1)
    if letter_count(stem) < _MIN_FUZZY:
        raise Fault("fuzzy", f'A "~" needs a word of at least {_MIN_FUZZY} letters.', place, len(run))
    _refuse_question_mark(stem)
    return Word(kind="fuzzy", text=stem, distance=int(distance or "1"))


def _refuse_question_mark(run: str) -> None:
    place = run.find("?")
    # At the end it is punctuation: "why?".
    if place >= 0 and not _TRAILING_QUESTION.fullmatch(run, place):
        raise Fault("wildcard", '"?" is not a wildcard here. Use ~1 for one differing letter.', place, place + 1)


def is_operator(run: str) -> bool:
    """Return whether a run of word characters is an operator, including NEAR/5 and a faulty NEAR/x."""
    return run in OPERATORS or NEAR.fullmatch(run) is not None or run.startswith(("NEAR/", "ADJ/"))


def is_plain_word(text: str, where: Where) -> bool:
    """Return whether `text`, without quotation marks in that place, is read as the plain word `text`."""
    if RUN.fullmatch(text) is None or plain(text) != text or is_operator(text):
        return False
    if text[0] in "-:" or text[0] in LONG_DASHES or URL.match(text):
        return False
    if where != "value" and (text[0] == "+" or FIELD_NAME.match(text)):
        return False
    if where != "bare" and text[0] in "=/<>":
        return False
    try:
        word = read_word(text)
    except Fault:
        return False
    return word is not None and word.kind == "plain"


def quoted(text: str) -> str:
    """Return `text` in quotation marks, so that the parser returns the same text."""
    return '"' + "".join("\\" + sign if sign == "\\" or plain(sign) == '"' else sign for sign in text) + '"'


# --- dates ------------------------------------------------------------------------------------------------------------


class Period(Struct, frozen=True, kw_only=True):
    """A period of days as written, both ends included; None is open. See `ast.Range`."""

    written: str
    start: date | None
    end: date | None
    within: bool = False


class DateReader:
    """Reads dates relative to the day `today`; `notes` collects what the user should know."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.notes: list[str] = []

    def read(self, written: str) -> Period:
        """Read a date or range without white space. Fault if it is neither."""
        comparison = _COMPARISON.match(written)
        if comparison:
            return self._compared(written, comparison.group())
        if not written.startswith("="):
            return self._period(written, 0)
        if len(written) == 1:
            raise Fault("bad-date", 'Write the date right after "=".', 0, 1, DATE_HINT)
        return replace(self._period(written, 1), within=True)

    def _period(self, written: str, place: int) -> Period:
        """Read the point or range that starts at `place`."""
        first, dots, second = written[place:].partition("..")
        if not dots:
            begin, end = self.point(first, place)
            return Period(written=written, start=begin, end=end)
        if not first and not second:
            raise Fault("date-range", "A range needs a date on at least one side.", 0, len(written), DATE_HINT)
        start = self.point(first, place)[0] if first else None
        last = self.point(second, place + len(first) + 2)[1] if second else None
        return _ordered(written, start, last, len(written))

    def read_bracketed(self, found: re.Match[str]) -> Period:
        """Read a match of BRACKETED. `[ ]` include both ends, `{ }` exclude the complete period named."""
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

    def _compared(self, written: str, comparison: str) -> Period:
        point = written[len(comparison) :]
        if not point:
            raise Fault("bad-date", f'Write the date right after "{comparison}".', 0, len(written), DATE_HINT)
        first, last = self.point(point, len(comparison))
        try:
            if comparison == ">":
                return Period(written=written, start=last + timedelta(days=1), end=None)
            if comparison == "<":
                return Period(written=written, start=None, end=first - timedelta(days=1))
        except OverflowError:
            raise Fault("bad-date", f'There is no day "{shown(written)}".', 0, len(written)) from None
        if comparison == ">=":
            return Period(written=written, start=first, end=None)
        return Period(written=written, start=None, end=last)

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
            self.notes.append(f'The time of day in "{written}" is ignored; the complete day {day} is searched.')
        return bounds


def _ordered(written: str, start: date | None, end: date | None, length: int) -> Period:
    if start and end and end < start:
        raise Fault("date-order", "The range ends before it starts.", 0, length)
    return Period(written=written, start=start, end=end)


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


# --- faults -----------------------------------------------------------------------------------------------------------

# How much of a long query is shown around the fault; with the indent it fits a terminal of 80 columns.
_PICTURE_COLUMNS = 74
_CONTEXT_COLUMNS = 30
_INDENT = "  "


def caret(error: QueryError) -> str:
    """Return the query with the fault marked below it, and the hint, each on its own indented line.

    Unseen characters are escaped; a long query is cut around the fault.
    """
    query, start = error.query, error.start
    end = max(error.end, start)
    before = [visible(character) for character in query[max(0, start - _PICTURE_COLUMNS) : start]]
    rest = [visible(character) for character in query[start : start + _PICTURE_COLUMNS]]
    if len(query) > _PICTURE_COLUMNS or width("".join(before + rest)) > _PICTURE_COLUMNS:
        before = _cut(before[::-1], _CONTEXT_COLUMNS)[::-1]
        rest = _cut(rest, _PICTURE_COLUMNS - width("".join(before)))
    left = "…" if len(before) < start else ""
    right = "…" if start + len(rest) < len(query) else ""
    marked = max(1, width("".join(rest[: end - start])))
    lead = left + "".join(before)
    lines = [f"{lead}{''.join(rest)}{right}", " " * width(lead) + "^" + "~" * (marked - 1)]
    if error.hint:
        lines.append("".join(map(visible, error.hint)))
    return "\n".join(_INDENT + line for line in lines)


def _cut(characters: list[str], columns: int) -> list[str]:
    """Return as many of `characters` as fit into `columns`."""
    used = 0
    for count, character in enumerate(characters):
        used += width(character)
        if used > columns:
            return characters[:count]
    return characters

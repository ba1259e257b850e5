"""When a page was published and updated.

Sources, most reliable first: JSON-LD, meta tags, microdata, the address, `<time>` elements, lines below the title. A
date near the title is `assumed`; elsewhere, a `<time>` or a line with little but a date is a guess. The word before a
date shows whether it is an update.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.parse.html.scan import WORDS, visible_text
from searchkit.parse.html.tree import Page, lines_from, text_pieces, visible_lines
from searchkit.statements.dates import Confidence, PartialDate
from searchkit.statements.dates.prose import find_dates
from searchkit.statements.dates.stated import both_readings, parse_stated
from searchkit.statements.text import name_key

PUBLISHED, UPDATED = WORDS["published"], WORDS["updated"]

# Addresses such as /2022/12/16/title, /2022-12/16/c_1.htm, /20221216-title.
_ADDRESS_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01]))(?!\d)"
)
# The date of an article is within a few lines below its title, on a line with little else.
_TITLE_PLACES = 3
_BELOW_TITLE = 8
_ABOVE_TITLE = 2
_DATED_LINE = 120
_SHORT_LINE = 80
_SENTENCE = re.compile(r"(?:\S{1,40}\s{1,4}){7}\S{0,40}[.!?][”\"]?$")
_SEPARATOR = re.compile(
    r"\s{0,4}[|•·⋅–—]\s{0,4}|\s{1,4}-\s{1,4}|(?<=[\dhmM.])\s{1,4}(?=(?:updated|UPDATED|Updated|Mis à jour)\b)"
)
_STATED_AS = re.compile(
    r"^\s{0,4}(?:first |originally )?(?:published|posted|date|publié(?:e)?|veröffentlicht|erschienen|publicado"
    r"|pubblicato|gepubliceerd|опубликовано|发布时间|发表时间)(?: on| le| am| el| il| op| em)?\b[\s:：]{0,4}",
    re.IGNORECASE,
)
_CHANGED = (
    r"(?:updated|modified|reviewed|changed|edited|revised|mise? à jour|modifiée?|aktualisiert|geändert|stand"
    r"|actualizado|atualizado|aggiornato|bijgewerkt|обновлено|更新时间)(?: on| at| le| am| el| il| op| em)?"
)
_UPDATED_AS = re.compile(rf"^\s{{0,4}}(?:(?:date )?last |zuletzt )?{_CHANGED}\b[\s:：]{{0,4}}", re.IGNORECASE)
# The same before a date, on its line or the line above.
_CHANGE_BEFORE = re.compile(rf"\b{_CHANGED}\s{{0,4}}[:：|]?\s{{0,4}}$", re.IGNORECASE)
_AFTER = re.compile(r"\s{0,4}(?:来源|來源|source)\s{0,2}[:：].{0,80}$", re.IGNORECASE)
_SMALL_MARKUP = 1_000_000
_HEADINGS, _HEAD_LINES = 3, 100


class StatedDates(Struct, frozen=True, kw_only=True):
    """What a page states: dates as written, by source, and its `<time>` elements; and how its outlet writes dates."""

    published: Mapping[str, Sequence[str]]
    updated: Mapping[str, Sequence[str]]
    times: Sequence[Any]
    address: str | None
    language: str | None
    country: str


class PageDates(Struct, frozen=True, kw_only=True):
    """When a page was published and updated, and notes on unused dates."""

    published: PartialDate | None = None
    updated: PartialDate | None = None
    notes: tuple[str, ...] = ()


def day_first(language: str | None, country: str) -> bool | None:
    """Return whether 5/4/2025 means the fifth of April: not in the United States, unknown in English of no country."""
    if country == "US":
        return False
    return True if country or (language and language != "en") else None


def address_day(address: str | None) -> str:
    """Return the day in an address such as `/2022/12/16/title`; empty if it has none."""
    match = _ADDRESS_DAY.search(address or "")
    return f"{match[1]}-{int(match[2] or match[4]):02}-{int(match[3] or match[5]):02}" if match else ""


class VisibleLines:
    """The visible lines of a page, read on first use."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def all(self) -> list[str]:
        """The lines from top to bottom, of the start of a very long page."""
        if self._page.is_extractable:
            return visible_lines(self._page.root)
        return visible_text(self._page.markup[:_SMALL_MARKUP]).split("\n\n")

    def from_heading(self, key: str) -> list[str] | None:
        """Return the lines from the first-level heading with this key on; None if no heading has it."""
        headings = self._page.root.getroottree().iter("h1") if self._page.is_extractable else ()
        for heading in islice(headings, _HEADINGS):
            lines = lines_from(heading)
            first = next(lines, "")
            if name_key(first[:500]) == key:
                return [first, *islice(lines, _HEAD_LINES)]
        return None


def _below_title(visible: VisibleLines, title: str | None) -> Iterator[str]:
    """Yield the parts of the short lines with a digit below the title: `Published Dec 16, 2022 | 4 min read`."""
    key = name_key(title or "")
    if not key:
        return
    # Reading all lines of a page takes long, and nearly every title is a heading.
    lines = visible.from_heading(key) or visible.all
    for place in _places(lines, key):
        before = ""
        for line in lines[place + 1 : place + 1 + _BELOW_TITLE]:
            if len(line) <= _DATED_LINE and any(map(str.isdigit, line)):
                label = f"{before} " if _CHANGE_BEFORE.search(before) else ""
                yield from (label + part for piece in _SEPARATOR.split(line) if (part := _AFTER.sub("", piece).strip()))
            before = line[-_DATED_LINE:]


def _stated_parts(line: str) -> Iterator[str]:
    """Yield the parts of a short line with a digit, without the words for a publication or an update."""
    if len(line) <= _SHORT_LINE and any(map(str.isdigit, line)):
        for part in _SEPARATOR.split(line):
            yield _UPDATED_AS.sub("", _STATED_AS.sub("", part, count=1), count=1)


def _places(lines: Sequence[str], key: str) -> list[int]:
    """Return the first positions of the title; a menu can contain it too."""
    # The length test skips most menu lines: folding makes no line three times as long.
    places = (at for at, line in enumerate(lines) if 3 * len(line) >= len(key) and name_key(line[:500]) == key)
    return list(islice(places, _TITLE_PLACES))


def _near_title(visible: VisibleLines, title: str | None, shown: str) -> Literal["published", "changed", "elsewhere"]:
    """Return what a date, displayed as `shown`, means by its place: near the title, or after a word for a change."""
    key, lines = name_key(title or ""), visible.all
    for place in _places(lines, key) if key and shown else ():
        first = max(0, place - _ABOVE_TITLE)
        for number in range(first, min(place + 1 + _BELOW_TITLE, len(lines))):
            line = lines[number]
            at = line.find(shown)
            if at >= 0 and len(line) <= len(shown) + _DATED_LINE and not _SENTENCE.search(line):
                before = line[:at] or (lines[number - 1][-_DATED_LINE:] if number > first else "")
                return "changed" if _CHANGE_BEFORE.search(before) else "published"
    return "elsewhere"


class _DateReader:
    """Parses dates in the order of day and month that the outlet uses."""

    def __init__(self, language: str | None, country: str, today: date) -> None:
        self._order, self._country, self._today = day_first(language, country), country, today

    def parse(self, written: str, source: str) -> PartialDate | None:
        return parse_stated(written, source=source, day_first=self._order, today=self._today, country=self._country)

    def first(self, written: Iterable[str], source: str, *, dated: bool = False) -> PartialDate | None:
        """Return the first date among `written`; with `dated`, the first that has a year."""
        dates = (self.parse(text, source) for text in written)
        return next((found for found in dates if found is not None and (found.earliest or not dated)), None)

    def stated(self, written: Mapping[str, Iterable[str]]) -> PartialDate | None:
        """Return the first date by source, the most reliable source first."""
        return next((found for source, texts in written.items() if (found := self.first(texts, source))), None)


def _label(element: Any) -> str:
    values = (element.get(key) or "" for key in ("content", "datetime", "title"))
    return next((value.strip() for value in values if value.strip()), "") or _shown(element)


def _shown(element: Any) -> str:
    return " ".join(filter(None, map(str.strip, text_pieces(element))))


def _shown_days(times: Sequence[Any], reader: _DateReader, instant: PartialDate) -> Iterator[PartialDate]:
    """Yield the days that `<time>` elements with this instant display."""
    for element in times:
        stated = element.get("datetime")
        if stated and (same := reader.parse(stated, "time")) and same.value == instant.value:
            text = _shown(element)
            for part in (text, *_SEPARATOR.split(text)):
                if (shown := reader.parse(_STATED_AS.sub("", part, count=1), "time")) is not None:
                    yield shown
                    break


def _local(instant: PartialDate, days: Iterable[PartialDate | None]) -> PartialDate:
    """Add to an instant in UTC the day that the outlet displays, if that is the day before or after.

    The address and the visible date of a page use the outlet's time zone.
    """
    if instant.precision != "instant" or not instant.value.endswith("+00:00"):
        return instant
    in_utc = instant.earliest
    for shown in days:
        day = shown.earliest if shown is not None and shown.precision in ("day", "instant") else None
        if day is None or in_utc is None:
            continue
        if day == in_utc:
            return instant
        if abs(day - in_utc) == timedelta(days=1):
            return replace(instant, local_day=day.isoformat())
    return instant


def _with_confidence(found: PartialDate | None, confidence: Confidence) -> PartialDate | None:
    return replace(found, confidence=confidence) if found else None


class _TextDates:
    """The dates that the text of a page shows near its title, and on lines of their own."""

    def __init__(self, lines: VisibleLines, title: str | None, reader: _DateReader) -> None:
        self._lines, self._title, self._reader = lines, title, reader

    @cached_property
    def parts(self) -> list[str]:
        """The parts of the lines below the title. Reading them is slow."""
        return list(_below_title(self._lines, self._title))

    def published(self) -> PartialDate | None:
        """Return the date of a part that contains only a date, and no word for an update."""
        stated = (_STATED_AS.sub("", part, count=1) for part in self.parts if not _UPDATED_AS.match(part))
        return self._reader.first((part for part in stated if not part.isdigit()), "page", dated=True)

    def updated(self) -> PartialDate | None:
        """Return the date of a part that begins with a word for an update."""
        stated = (_UPDATED_AS.sub("", part, count=1) for part in self.parts if _UPDATED_AS.match(part))
        return self._reader.first(stated, "page")

    def next_to_words(self) -> PartialDate | None:
        """Return the only complete day of a short part: "By Ada Moss, 3 May 2024"."""
        for part in self.parts:
            days = [found for found in find_dates(part, language=None) if found.year and found.day]
            if len(days) == 1 and len(part) <= _SHORT_LINE and not _SENTENCE.search(part):
                day = self._reader.parse(part[days[0].start : days[0].end], "page")
                if day is not None and not _CHANGE_BEFORE.search(part[: days[0].start]):
                    return day
        return None

    def on_its_own(self) -> PartialDate | None:
        """Return the day of a line that contains little else, anywhere on the page."""
        dates = (self._reader.first(stated, "page", dated=True) for stated in map(_stated_parts, self._lines.all))
        return next((found for found in dates if found is not None and found.precision in ("day", "instant")), None)

    def timed(self, times: Iterable[Any], place: str) -> PartialDate | None:
        """Return the date of the first `<time>` element that stands at such a place."""
        for element in times:
            found = self._reader.parse(_label(element), "time")
            if found and _near_title(self._lines, self._title, _shown(element)) == place:
                return found
        return None


def find(lines: VisibleLines, title: str | None, stated: StatedDates, *, today: date) -> PageDates:
    """Return when the page was published and updated, each from the most reliable source."""
    reader = _DateReader(stated.language, stated.country, today)
    text = _TextDates(lines, title, reader)
    in_address = reader.first([address_day(stated.address)], "url")
    times = [element for element in stated.times if "updated" not in (element.get("class") or "")]
    published = (
        reader.stated(stated.published)
        or in_address
        or _with_confidence(text.timed(times, "published") or text.published(), "assumed")
        or _with_confidence(text.next_to_words() or text.timed(times, "elsewhere") or text.on_its_own(), "low")
    )
    updated = reader.stated(stated.updated)
    if updated is None and "parts" in vars(text):  # reading the lines for this alone is too slow
        updated = _with_confidence(text.updated(), "assumed")
    if published is None:
        notes = _unsettled([*chain(*stated.published.values()), *map(_label, times)])
        return PageDates(updated=updated, notes=tuple(notes))
    published = _local(published, chain((in_address,), _shown_days(stated.times, reader, published)))
    if not published.local_day and in_address is None:
        published = _local(published, (read() for read in (text.published,)))
    if updated is not None and published.local_day:
        updated = _local(updated, (*_shown_days(stated.times, reader, updated), text.updated()))
    return PageDates(published=published, updated=updated)


def _unsettled(written: Iterable[str]) -> Iterator[str]:
    """Yield a note on the first date whose order of day and month is unknown."""
    for text in written:
        readings = both_readings(text)
        if readings:
            yield f"date: {text[:40]} may be {readings[0]} or {readings[1]}, so it is ignored"
            return

"""When a page was published and updated, from every place where pages say so.

Order of belief: JSON-LD, meta, microdata, the address, `<time>`, a line below the title. The last two are places, not
statements: a date beside the title is marked `assumed`, a `<time>` anywhere else is a guess. A word before a date says
when it is that of a change.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.dates import PartialDate, both_readings, parse_stated
from searchkit.parse.html.scan import visible_text
from searchkit.parse.html.tree import Page, shown_lines, texts
from searchkit.text import name_key

PUBLISHED = """
    article:published_time og:published_time og:article:published_time article:published published parsely-pub-date
    sailthru.date date pubdate publishdate publish_date publish-date publication_date publication-date dc.date
    dc.date.issued dc.date.created dcterms.created dcterms.date dcterms.issued datepublished date_published
    itemprop=datepublished itemprop=datecreated originalpublicationdate article.published article_date_original
    cxenseparse:recs:publishtime citation_date citation_publication_date rnews:datepublished ptime displaydate created
    pub_date article.created publish-time pubtime weibo:article:create_at
""".split()
UPDATED = """
    article:modified_time og:updated_time og:modified_time article:modified article:updated_time lastmod last-modified
    last_modified dcterms.modified dc.date.modified datemodified date_modified modified revised utime
    itemprop=datemodified article.updated weibo:article:update_at
""".split()

# Addresses such as /2022/12/16/title, /2022-12/16/c_1.htm, /20221216-title; the two signs between may differ.
_ADDRESS_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01]))(?!\d)"
)
# The date of an article stands within a few lines below its title, on a line that holds little else.
_TITLE_PLACES = 3
_BELOW_TITLE = 8
_ABOVE_TITLE = 2
_DATED_LINE = 120
_PARTED = re.compile(
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
# The same at the end of what stands before a date, on its line or the line above.
_CHANGE_BEFORE = re.compile(rf"\b{_CHANGED}\s{{0,4}}[:：|]?\s{{0,4}}$", re.IGNORECASE)
_AFTER = re.compile(r"\s{0,4}(?:来源|來源|source)\s{0,2}[:：].{0,80}$", re.IGNORECASE)
_SMALL_MARKUP = 1_000_000
_HEADINGS, _HEAD_LINES = 3, 200


class PageDates(Struct, frozen=True, kw_only=True):
    """When a page was published and updated, and notes on dates that are not used."""

    published: PartialDate | None = None
    updated: PartialDate | None = None
    notes: tuple[str, ...] = ()


class Written(Struct, frozen=True, kw_only=True):
    """Date strings of a page as written, by where they stand."""

    linked_published: Sequence[str] = ()
    linked_updated: Sequence[str] = ()
    meta_published: Sequence[str] = ()
    meta_updated: Sequence[str] = ()
    marked_published: Sequence[str] = ()
    marked_updated: Sequence[str] = ()
    times: Sequence[Any] = ()


def day_first(language: str | None, country: str) -> bool | None:
    """Whether 5/4/2025 is the fifth of April here: in the United States never, elsewhere and in other languages always.

    None for English of no known country.
    """
    if country == "US":
        return False
    return True if country or (language and language != "en") else None


def address_day(address: str | None) -> str:
    """The day in an address such as `/2022/12/16/title`; empty when it has none."""
    match = _ADDRESS_DAY.search(address or "")
    return f"{match[1]}-{int(match[2] or match[4]):02}-{int(match[3] or match[5]):02}" if match else ""


class VisibleLines:
    """The visible lines of a page, or of as much as an article's head can be in; read when first asked for."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._read: tuple[list[str], list[int]] | None = None

    def all(self) -> list[str]:
        """The lines from top to bottom."""
        return self._both()[0]

    def from_headings(self) -> Iterator[list[str]]:
        """The lines that begin at each heading of the first rank, as far as the head of an article goes."""
        lines, headings = self._both()
        return (lines[start : start + _HEAD_LINES] for start in headings[:_HEADINGS] if start < len(lines))

    def _both(self) -> tuple[list[str], list[int]]:
        if self._read is None:
            page = self._page
            if page.is_tame:
                self._read = shown_lines(page.root)
            else:
                self._read = visible_text(page.markup[:_SMALL_MARKUP]).split("\n\n"), []
        return self._read


def _below_title(visible: VisibleLines, title: str | None) -> Iterator[str]:
    """Parts of the short lines with a digit right below the title: `Published Dec 16, 2022 | 4 min read`."""
    key = name_key(title or "")
    if not key:
        return
    # Reading the whole page takes long, and nearly every title is a heading.
    lines = next((lines for lines in visible.from_headings() if name_key(lines[0][:500]) == key), None) or visible.all()
    for place in _places(lines, key):
        before = ""
        for line in lines[place + 1 : place + 1 + _BELOW_TITLE]:
            if len(line) <= _DATED_LINE and any(sign.isdigit() for sign in line):
                label = f"{before} " if _CHANGE_BEFORE.search(before) else ""
                yield from (label + part for piece in _PARTED.split(line) if (part := _AFTER.sub("", piece).strip()))
            before = line[-_DATED_LINE:]


def _places(lines: Sequence[str], key: str) -> list[int]:
    """Where the title stands. It may be in a menu before; what counts is one of its places in the head of the page."""
    # Folding makes no line much longer, and most lines are words of menus.
    found = (at for at, line in enumerate(lines) if 3 * len(line) >= len(key) and name_key(line[:500]) == key)
    return list(islice(found, _TITLE_PLACES))


def _beside_title(visible: VisibleLines, title: str | None, shown: str) -> Literal["published", "changed", "elsewhere"]:
    """What the words beside the title make of a date that the page shows as `shown`."""
    key, lines = name_key(title or ""), visible.all()
    for place in _places(lines, key) if key and shown else ():
        first = max(0, place - _ABOVE_TITLE)
        for number in range(first, min(place + 1 + _BELOW_TITLE, len(lines))):
            line = lines[number]
            at = line.find(shown)
            if at >= 0 and len(line) <= len(shown) + _DATED_LINE:
                before = line[:at] or (lines[number - 1][-_DATED_LINE:] if number > first else "")
                return "changed" if _CHANGE_BEFORE.search(before) else "published"
    return "elsewhere"


class _Reader:
    """Reads dates as this outlet writes them."""

    def __init__(self, language: str | None, country: str, today: date) -> None:
        self._order, self._country, self._today = day_first(language, country), country, today

    def one(self, written: str, source: str) -> PartialDate | None:
        return parse_stated(written, source=source, day_first=self._order, today=self._today, country=self._country)

    def first(self, written: Iterable[str], source: str, *, dated: bool = False) -> PartialDate | None:
        """The first date among `written`; one with a year where it must be `dated`."""
        found = (self.one(one, source) for one in written)
        return next((one for one in found if one is not None and (one.earliest or not dated)), None)


def _label(element: Any) -> str:
    values = (element.get(key) or "" for key in ("content", "datetime", "title"))
    return next((value.strip() for value in values if value.strip()), "") or _shown(element)


def _shown(element: Any) -> str:
    return " ".join(filter(None, map(str.strip, texts(element))))


def _is_update(element: Any) -> bool:
    return "updated" in (element.get("class") or "")


def _shown_days(times: Sequence[Any], reader: _Reader, instant: PartialDate) -> Iterator[PartialDate]:
    """What `<time>` elements of this very instant show to readers."""
    for element in times:
        stated = element.get("datetime")
        if stated and (same := reader.one(stated, "time")) and same.value == instant.value:
            text = _shown(element)
            for part in (text, *_PARTED.split(text)):
                if (shown := reader.one(_STATED_AS.sub("", part, count=1), "time")) is not None:
                    yield shown
                    break


def _local(instant: PartialDate, days: Iterable[PartialDate | None]) -> PartialDate:
    """A time in UTC with the day that the outlet shows, where that is the day before or after.

    The address and the visible date of a page know the outlet's zone; the instant in UTC does not.
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


def _assumed(found: PartialDate | None) -> PartialDate | None:
    """A date that no markup calls one: where it stands speaks for it."""
    return replace(found, confidence="assumed") if found else None


def _guessed(found: PartialDate | None) -> PartialDate | None:
    return replace(found, confidence="low") if found else None


def find(
    lines: VisibleLines,
    title: str | None,
    written: Written,
    *,
    address: str | None,
    language: str | None,
    country: str,
    today: date,
) -> PageDates:
    """When the page was published and updated, each from the source most believed."""
    reader = _Reader(language, country, today)
    in_address = reader.first([address_day(address)], "url")
    parts: list[str] | None = None

    def below_title() -> list[str]:
        nonlocal parts
        if parts is None:
            parts = list(_below_title(lines, title))
        return parts

    def visible() -> PartialDate | None:
        stated = (_STATED_AS.sub("", part, count=1) for part in below_title() if not _UPDATED_AS.match(part))
        return reader.first((part for part in stated if not part.isdigit()), "page", dated=True)

    def visibly_updated() -> PartialDate | None:
        stated = (_UPDATED_AS.sub("", part, count=1) for part in below_title() if _UPDATED_AS.match(part))
        return reader.first(stated, "page")

    times = [element for element in written.times if not _is_update(element)]

    def timed(place: str) -> PartialDate | None:
        return next(
            (
                found
                for element in times
                if (found := reader.one(_label(element), "time"))
                and _beside_title(lines, title, _shown(element)) == place
            ),
            None,
        )

    published = (
        reader.first(written.linked_published, "json-ld")
        or reader.first(written.meta_published, "meta")
        or reader.first(written.marked_published, "microdata")
        or in_address
        or _assumed(timed("published") or visible())
        or _guessed(timed("elsewhere"))
    )
    updated = (
        reader.first(written.linked_updated, "json-ld")
        or reader.first(written.meta_updated, "meta")
        or reader.first(written.marked_updated, "microdata")
    )
    if updated is None and parts is not None:  # nobody reads the whole page for this alone
        updated = _assumed(visibly_updated())
    if published is not None and published.precision == "instant" and published.value.endswith("+00:00"):
        published = _local(published, (in_address, *_shown_days(written.times, reader, published)))
        if not published.local_day and in_address is None:
            published = _local(published, [visible()])
    if updated is not None and published is not None and published.local_day:
        updated = _local(updated, (*_shown_days(written.times, reader, updated), visibly_updated()))
    notes: tuple[str, ...] = ()
    if published is None:
        stated = (*written.linked_published, *written.meta_published, *written.marked_published)
        notes = tuple(_unsettled([*stated, *map(_label, times)]))
    return PageDates(published=published, updated=updated, notes=notes)


def _unsettled(written: Iterable[str]) -> Iterator[str]:
    """Notes on dates in numbers whose order nothing settles."""
    for one in written:
        readings = both_readings(one)
        if readings:
            yield f"date: {one[:40]} may be {readings[0]} or {readings[1]}, so it is not used"
            return

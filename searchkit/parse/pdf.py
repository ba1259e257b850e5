"""PDF: the lines of its pages, rejoined, with the page each stands on; what its properties say, used with care."""

import io
import logging
import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from msgspec.structs import replace

from searchkit.dates import PartialDate, parse_stated
from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.page_layout import Joined, Layout, Line, join, lay_out
from searchkit.parse.printed import opening
from searchkit.text import fold

# A report has hundreds of pages, a collection of laws some thousands.
_PAGES = 3_000
_TEXT = 10_000_000
# Less text than this on a page, on average, is a scan with a stamp on it: what is written there nobody can search.
_SCAN_BELOW = 50
_LINE_LIMIT = 5_000
_CATALOG_REACH = 2_000
_END_REACH = 4_096
_OBJECT_END = b"endobj"
# Of what the signs of a page are read as, so many may be unknown before it is no text but what a font hides.
_UNKNOWN_SHARE = 3
_HIDDEN = "its fonts do not say which letters they draw"
_LOCKED = "is encrypted in a way that is not read (AES)"
_OBJECTS = 1_000_000
# One sign for two or three letters, which nobody types.
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# D:20250512103000+02'00'
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\s{0,2}(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?.{0,6}", re.ASCII
)
# Titles that programs write by themselves.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.{0,200}|untitled.{0,20}|\(?anonymous\)?|\(?unspecified\)?|document ?\d{0,3}|"
    r".{0,200}\.(?:docx?|pdf|indd|qxp|odt|rtf|tex|dvi|pages|html?|txt|pptx?|xlsx?|pub|fm|cdr))",
    re.IGNORECASE,
)


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of a PDF. InputError when it is encrypted, damaged beyond reading, or a scan without text."""
    # pypdf tells every fault of a file on its log and in warnings; what matters of them stands in the notes.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notes: list[str] = []
        document = _opened(resource.body, notes)
        pages = _pages(document, notes)
        properties = _properties(document)
        language = _language(document)
    _refuse_without_text(pages, is_damaged=any(note.startswith("damaged: ") for note in notes))
    blank = [str(number) for number, page in enumerate(pages, 1) if not page]
    if blank:
        notes.append(f"pages without text, scanned or empty: {', '.join(blank)}")
    layout = lay_out(pages)
    notes += [f"removed: {line}" for line in layout.removed]
    return _draft(layout, len(pages), properties, language, notes, today)


def _refuse_without_text(pages: list[list[Line]], *, is_damaged: bool) -> None:
    filled = sum(len(line.text) for page in pages for line in page)
    if is_damaged and filled < _SCAN_BELOW:
        raise InputError("is a damaged PDF (no text is left in it)")
    # Of a damaged file nobody knows what its other pages held.
    if not is_damaged and filled < _SCAN_BELOW * len(pages):
        raise InputError(f"is a scan without text ({len(pages)} {'page' if len(pages) == 1 else 'pages'})")


def _is_complete(body: bytes) -> bool:
    """Whether a file has its end, behind which some programs leave bytes of their own."""
    return b"%%EOF" in body[-_END_REACH:]


def _opened(body: bytes, notes: list[str]) -> Any:
    try:
        document = _unlocked(body)
    except InputError:
        # Where the cut goes through an object that upsets the library, the last whole one ends it.
        for end in (len(body), body.rfind(_OBJECT_END) + len(_OBJECT_END)):
            mended = _mended(body[:end])
            if mended is None:
                break
            with suppress(InputError):
                document = _unlocked(mended)
                notes.append("damaged: its table of contents is broken or missing; what could be found is read")
                return document
        raise
    if not _is_complete(body):
        notes.append("damaged: its end is missing; what could be found is read")
    return document


def _unlocked(body: bytes) -> Any:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        document = PdfReader(io.BytesIO(body), strict=False)
        encrypted = document.is_encrypted and not document.decrypt("")
        if not encrypted:
            len(document.pages)  # many faults show only here
    except DependencyError as error:
        raise InputError(_LOCKED) from error
    except MemoryError:
        raise
    except Exception as error:  # whatever it stumbles over, the reason is told
        raise InputError(f"is a damaged PDF ({_reason(error)})") from error
    if encrypted:
        raise InputError("is encrypted")
    return document


def _mended(body: bytes) -> bytes | None:
    """A file that was cut off, with an end that makes the library look for what there is; None without a start."""
    catalog = body.find(b"/Catalog")
    start = body.rfind(b" obj", max(0, catalog - _CATALOG_REACH), catalog) if catalog >= 0 else -1
    numbers = body[max(0, start - 20) : start].split()[-2:] if start >= 0 else []
    if len(numbers) < 2 or not all(number.isdigit() for number in numbers) or b"/Encrypt" in body:
        return None
    root = b" ".join(numbers)
    end = b"\nendstream\nendobj\ntrailer\n<< /Root %s R /Size %d >>\nstartxref\n0\n%%%%EOF\n" % (root, _OBJECTS)
    return body + end


def _reason(error: Exception) -> str:
    # What it stumbled over are bytes, which nobody can read either.
    told = one_line(str(error).partition(" starting with ")[0])
    return told[:120] if told else type(error).__name__


def _pages(document: Any, notes: list[str]) -> list[list[Line]]:
    count = len(document.pages)
    if not count:
        raise InputError("is a PDF without pages, or a damaged one")
    if (stated := _stated_count(document)) > count:
        notes.append(f"damaged: {count:,} of its {stated:,} pages were found")
    if count > _PAGES:
        notes.append(f"cut: only the first {_PAGES:,} of {count:,} pages are read")
    pages: list[list[Line]] = []
    failed: dict[int, str] = {}
    size = 0
    from pypdf.errors import DependencyError

    for number in range(min(count, _PAGES)):
        try:
            lines = _lines(document.pages[number], number)
        except MemoryError:
            raise
        except DependencyError as error:
            raise InputError(_LOCKED) from error
        except Exception as error:  # noqa: BLE001  one page that cannot be read leaves the others
            failed[number + 1] = _reason(error)
            lines = []
        signs = sum(len(line.text) for line in lines)
        if sum(line.text.count("\ufffd") for line in lines) * _UNKNOWN_SHARE > signs:
            failed[number + 1] = _HIDDEN
            lines = []
        pages.append(lines)
        size += sum(len(line.text) for line in lines)
        if size > _TEXT:
            notes.append(f"cut: {_TEXT:,} signs of text are read, to page {number + 1} of {count:,}")
            break
    if failed and not size and set(failed.values()) == {_HIDDEN}:
        raise InputError("is a PDF whose fonts do not say which letters they draw")
    if failed and not size:
        raise InputError(f"is a damaged PDF (no page can be read: {next(iter(failed.values()))})")
    notes += [f"damaged: page {number} could not be read ({reason})" for number, reason in failed.items()]
    return pages


def _stated_count(document: Any) -> int:
    """How many pages the file says it has."""
    try:
        return int(document.trailer["/Root"]["/Pages"].get("/Count", 0))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what it does not say cannot be compared
        return 0


class _Lines:
    """Lines put together from the runs of text of a page, in the order in which they are drawn."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._runs: list[str] = []
        self._place = (0.0, 0.0, 0.0)
        self.found: list[Line] = []

    def see(self, text: str, outer: Any, inner: Any, _font: Any, size: Any) -> None:
        """A run of text, with the two matrices that place it; shaped as pypdf calls it."""
        for number, piece in enumerate(text.split("\n")):
            if number:
                self.end()
            if not piece:
                continue
            if not "".join(self._runs).strip() and piece.strip():
                self._place = _place(outer, inner, size)
            self._runs.append(piece)

    def end(self) -> None:
        """The end of a line."""
        text = " ".join("".join(self._runs).translate(_LIGATURES).split())
        x, y, size = self._place
        if text:
            self.found.append(Line(page=self._page, text=text[:_LINE_LIMIT], x=x, y=y, size=size))
        self._runs, self._place = [], (0.0, 0.0, 0.0)


def _place(outer: Any, inner: Any, size: Any) -> tuple[float, float, float]:
    try:
        a, b, c, d, e, f = (float(number) for number in outer)
        x, y = float(inner[4]), float(inner[5])
        scale = abs(float(inner[3]) * d) or abs(float(inner[1]) * a)
        return a * x + c * y + e, b * x + d * y + f, abs(float(size)) * scale
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0, 0.0, 0.0


def _lines(page: Any, number: int) -> list[Line]:
    placed = _Lines(number)
    whole = page.extract_text(visitor_text=placed.see)
    placed.end()
    found = " ".join(line.text for line in placed.found)
    plain = [" ".join(line.translate(_LIGATURES).split()) for line in whole.split("\n")]
    if "".join(found.split()) == "".join("".join(plain).split()):
        return placed.found
    return [Line(page=number, text=line[:_LINE_LIMIT]) for line in plain if line]


def _properties(document: Any) -> Mapping[str, str]:
    try:
        told = document.metadata or {}
        return {str(key): str(told[key]) for key in told if isinstance(told[key], str)}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  properties that cannot be read are none
        return {}


def _language(document: Any) -> str | None:
    try:
        return language_code(str(document.trailer["/Root"].get("/Lang") or ""))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  as above
        return None


def _date(written: str, today: date) -> PartialDate | None:
    """A date of the properties. It is when the file was made, which is not surely when it was published."""
    match = _DATE.fullmatch(written.strip()[:40])
    if match is None:
        return None
    year, month, day, hour, minute, second, zulu, sign, zone_hour, zone_minute = match.groups()
    iso = f"{year}-{month}-{day}"
    if hour is not None and (zulu or sign):
        zone = "+00:00" if zulu else f"{sign}{zone_hour}:{zone_minute or '00'}"
        iso += f"T{hour}:{minute}:{second or '00'}{zone}"
    found = parse_stated(iso, source="pdf", today=today)
    return replace(found, confidence="assumed") if found is not None else None


def _draft(
    layout: Layout, pages: int, properties: Mapping[str, str], language: str | None, notes: list[str], today: date
) -> Draft:
    stated = one_line(properties.get("/Title"))
    if stated and _NO_TITLE.fullmatch(stated):
        stated = None
    texts = [join([paragraph], pages).text for paragraph in layout.paragraphs[:20]]
    taken, told = opening(texts, today=today)
    is_shown = stated is not None and any(fold(stated) == fold(text) for text in texts)
    title = stated if stated and (is_shown or not told.title) else told.title
    joined: Joined = join(layout.paragraphs[taken:], pages)
    author = one_line(properties.get("/Author")) or ""
    byline = told.byline or (people(author) if not _NO_TITLE.fullmatch(author) else ())
    return Draft(
        text=joined.text,
        pages=joined.pages,
        title=title,
        byline=byline,
        outlet=told.outlet,
        canonical_url=told.canonical_url,
        published=told.published or _date(properties.get("/CreationDate", ""), today),
        updated=told.updated,
        language=told.language or language,
        notes=(*notes, *told.notes),
    )

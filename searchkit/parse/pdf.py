"""PDF: the lines of its pages joined into text, the start of each page, and the file's properties.

pypdf reads them; PDFium files with AES, damaged files, and pages that pypdf cannot read or whose fonts it cannot map.
"""

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from searchkit.errors import InputError, reason_of
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.headers import read_opening
from searchkit.parse.package import file_date
from searchkit.parse.page_layout import Layout, Line, join, lay_out
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Resource
from searchkit.statements.text import fold

T = TypeVar("T")
_MAX_PAGES = 3_000
_MAX_TEXT = 10_000_000
_SCAN_TEXT = 50  # with fewer characters per page, the pages are scans, perhaps with a stamp
_LINE_LIMIT = 5_000
_END_REACH = 4_096
_UNKNOWN_SHARE = 3  # if a third of the characters of a page are unknown, its fonts hide the text
_GLYPH_NAMES = re.compile(r"(?:/[A-Za-z]{1,6}\d{1,6}(?:\.\w{1,10})?\s?){2,200}")
_CATALOG = re.compile(rb"\b(\d{1,9} \d{1,5}) obj[^>]{0,200}/Catalog\b")
_TRAILER = b"\nendstream\nendobj\ntrailer\n<< /Root %s R >>\n%%%%EOF\n"
_AES = re.compile(rb"/AESV[23]\b")
RUN_OCR = "run OCR first (ocr = true in searchkit.toml, or ocrmypdf)"
_HIDDEN = "its fonts do not map to characters"
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# D:20250512103000+02'00'
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\s{0,2}(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?.{0,6}", re.ASCII
)
# Titles that programs generate.
_GENERATED_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.{0,200}|untitled.{0,20}|\(?anonymous\)?|\(?unspecified\)?|document ?\d{0,3}|"
    r".{0,200}\.(?:docx?|pdf|indd|qxp|odt|rtf|tex|dvi|pages|html?|txt|pptx?|xlsx?|pub|fm|cdr))",
    re.IGNORECASE,
)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a PDF. Raises InputError if it needs a password, is unreadable, or has no text."""
    # pypdf logs every fault of a file; the notes have the relevant ones.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notes: list[str] = []
        properties: dict[str, str] = {}
        language = None
        # pypdf needs another package for AES.
        document = None if b"/Encrypt" in resource.body and _AES.search(resource.body) else _open(resource.body, notes)
        if document is None:
            catalog = None if b"/Encrypt" in resource.body else _CATALOG.search(resource.body)
            # Of a truncated file, PDFium finds the pages if a trailer names its catalog.
            found = _lines_by_pdfium(resource.body + (_TRAILER % catalog[1] if catalog else b""))
            pages = [_placeless(number, found.get(number, ())) for number in range(max(found, default=-1) + 1)]
        else:
            pages = _pages(document, resource.body, notes)
            properties = _or_default(lambda: _properties(document), {})
            language = _or_default(lambda: language_code(str(document.trailer["/Root"].get("/Lang") or "")), None)
    _refuse_without_text(pages, is_damaged=any(note.startswith("damaged: ") for note in notes))
    blank = [str(number) for number, page in enumerate(pages, 1) if not page]
    if blank:
        notes.append(f"pages without text (scanned or empty): {', '.join(blank)}")
    if pages and sum(len(line.text) for page in pages for line in page) < _SCAN_TEXT * len(pages):
        notes.append(f"little text: the pages may be scans with a stamp; {RUN_OCR}")
    layout = lay_out(pages)
    notes += [f"removed: {line}" for line in layout.removed]
    return _draft(layout, len(pages), properties, language, notes, today)


def _refuse_without_text(pages: list[list[Line]], *, is_damaged: bool) -> None:
    if not any(map(str.isalpha, "".join(line.text for page in pages for line in page))):
        if is_damaged:
            raise InputError("damaged PDF: no readable text")
        raise InputError(f"no text layer; {RUN_OCR}")


def _open(body: bytes, notes: list[str]) -> Any:
    """Return a document as pypdf reads it; None if pypdf finds no pages. Raises InputError if it needs a password."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        document = PdfReader(io.BytesIO(body), strict=False)
        encrypted = document.is_encrypted and not document.decrypt("")
        if not encrypted:
            len(document.pages)  # raises for many faults
    except DependencyError as error:
        raise InputError("encrypted") from error
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  PDFium may read what pypdf does not
        notes.append(f"damaged: {_reason(error)}; only the pages found are read")
        return None
    if encrypted:
        raise InputError("encrypted")
    if b"%%EOF" not in body[-_END_REACH:]:  # some programs append bytes
        notes.append("damaged: its end is missing; only the objects found are read")
    return document


def _reason(error: Exception) -> str:
    message = one_line(reason_of(error).partition(": ")[2].partition(" starting with ")[0])  # raw bytes follow
    return message[:120] if message else type(error).__name__


def _pages(document: Any, body: bytes, notes: list[str]) -> list[list[Line]]:
    count = len(document.pages)
    if not count:
        raise InputError("PDF without pages, or damaged")
    stated = _or_default(lambda: int(document.trailer["/Root"]["/Pages"].get("/Count", 0)), 0)
    if stated > count:
        notes.append(f"damaged: only {count:,} of {stated:,} pages were found")
    if count > _MAX_PAGES:
        notes.append(f"truncated: only the first {_MAX_PAGES:,} of {count:,} pages are read")
    pages: list[list[Line]] = []
    failed: dict[int, str] = {}
    size = 0
    from pypdf.errors import DependencyError

    for number in range(min(count, _MAX_PAGES)):
        try:
            lines = _lines(document.pages[number], number)
        except MemoryError:
            raise
        except DependencyError as error:
            raise InputError("encrypted") from error
        except Exception as error:  # noqa: BLE001  an unreadable page does not lose the others
            failed[number + 1] = _reason(error)
            lines = []
        if _hides_text(line.text for line in lines):
            failed[number + 1] = _HIDDEN
            lines = []
        pages.append(lines)
        size += sum(len(line.text) for line in lines)
        if size > _MAX_TEXT:
            notes.append(f"truncated: {_MAX_TEXT:,} characters are read, to page {number + 1} of {count:,}")
            break
    _read_again(body, pages, failed)
    size = sum(len(line.text) for page in pages for line in page)
    if failed and not size and set(failed.values()) == {_HIDDEN}:
        raise InputError(f"PDF without searchable text: {_HIDDEN}; {RUN_OCR}")
    if failed and not size:
        raise InputError(f"damaged PDF (no readable page: {next(iter(failed.values()))})")
    notes += [f"damaged: page {number} could not be read ({reason})" for number, reason in failed.items()]
    return pages


def _hides_text(lines: Iterable[str]) -> bool:
    """Return whether a third of the characters are unknown or belong to names of glyphs (`/g18/g152`)."""
    text = "".join(lines)
    hidden = text.count("\ufffd") + sum(len(match[0]) for match in _GLYPH_NAMES.finditer(text))
    return hidden * _UNKNOWN_SHARE > len(text)


def _read_again(body: bytes, pages: list[list[Line]], failed: dict[int, str]) -> None:
    """Replace the pages that failed by what PDFium reads on them, and take them from `failed`."""
    if not failed:
        return
    try:
        found = _lines_by_pdfium(body, [number - 1 for number in failed])
    except InputError:
        return
    for number, lines in found.items():
        if any(map(str.strip, lines)) and not _hides_text(lines):
            pages[number] = _placeless(number, lines)
            del failed[number + 1]


def _lines_by_pdfium(body: bytes, numbers: Iterable[int] | None = None) -> dict[int, list[str]]:
    """Return the lines of pages by number, from 0, as PDFium reads them: of all by default, without unreadable pages.

    Raises InputError if PDFium cannot open the file, or only with a password.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise InputError("encrypted" if "password" in str(error).lower() else "damaged PDF") from error
    found: dict[int, list[str]] = {}
    try:
        for number in range(len(document)) if numbers is None else numbers:
            try:
                text = document[number].get_textpage().get_text_range(errors="replace")
            except pypdfium2.PdfiumError:
                continue
            # U+FFFE stands where a line ended with a hyphen.
            found[number] = text.replace("\ufffe", "-").splitlines()
    finally:
        document.close()
    return found


def _placeless(number: int, lines: Iterable[str]) -> list[Line]:
    """Return the lines of a page whose places are unknown."""
    plain = (" ".join(line.translate(_LIGATURES).split()) for line in lines)
    return [Line(page=number, text=line[:_LINE_LIMIT]) for line in plain if line]


class _LineBuilder:
    """Collects the lines of a page from its text runs, in drawing order."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._runs: list[str] = []
        self._place = (0.0, 0.0, 0.0)
        self.lines: list[Line] = []

    def add_run(self, text: str, outer: Any, inner: Any, _font: Any, size: Any) -> None:
        """Add a text run and its two matrices. pypdf calls this."""
        for number, piece in enumerate(text.split("\n")):
            if number:
                self.end_line()
            if not piece:
                continue
            if not "".join(self._runs).strip() and piece.strip():
                self._place = _place(outer, inner, size)
            self._runs.append(piece)

    def end_line(self) -> None:
        """Finish the current line."""
        text = " ".join("".join(self._runs).translate(_LIGATURES).split())
        x, y, size = self._place
        if text:
            self.lines.append(Line(page=self._page, text=text[:_LINE_LIMIT], x=x, y=y, size=size))
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
    builder = _LineBuilder(number)
    whole = page.extract_text(visitor_text=builder.add_run)
    builder.end_line()
    found = " ".join(line.text for line in builder.lines)
    plain = _placeless(number, whole.split("\n"))
    is_same = "".join(found.split()) == "".join("".join(line.text.split()) for line in plain)
    return builder.lines if is_same else plain


def _or_default(read: Callable[[], T], default: T) -> T:
    """Return what `read` finds in a file, which may be damaged or lack it."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  a PDF without readable properties is fine
        return default


def _properties(document: Any) -> dict[str, str]:
    metadata = document.metadata or {}
    return {str(key): str(metadata[key]) for key in metadata if isinstance(metadata[key], str)}


def _date(written: str, today: date) -> PartialDate | None:
    """Return a date of the properties, which is only a guess."""
    match = _DATE.fullmatch(written.strip()[:40])
    if match is None:
        return None
    year, month, day, hour, minute, second, zulu, sign, zone_hour, zone_minute = match.groups()
    iso = f"{year}-{month}-{day}"
    if hour is not None and (zulu or sign):
        zone = "+00:00" if zulu else f"{sign}{zone_hour}:{zone_minute or '00'}"
        iso += f"T{hour}:{minute}:{second or '00'}{zone}"
    return file_date(iso, "pdf", today)


def _draft(
    layout: Layout, pages: int, properties: Mapping[str, str], language: str | None, notes: list[str], today: date
) -> Draft:
    stated = one_line(properties.get("/Title"))
    if stated and _GENERATED_TITLE.fullmatch(stated):
        stated = None
    texts = [join([paragraph], pages)[0] for paragraph in layout.paragraphs[:20]]
    header_size, header = read_opening(texts, today=today)
    is_shown = stated is not None and any(fold(stated) == fold(text) for text in texts)
    title = stated if stated and (is_shown or not header.title) else header.title
    text, starts = join(layout.paragraphs[header_size:], pages)
    author = one_line(properties.get("/Author")) or ""
    byline = header.byline or (people(author) if not _GENERATED_TITLE.fullmatch(author) else ())
    return Draft(
        text=text,
        pages=starts,
        title=title,
        byline=byline,
        outlet=header.outlet,
        canonical_url=header.canonical_url,
        published=header.published or _date(properties.get("/CreationDate", ""), today),
        updated=header.updated,
        language=header.language or language,
        notes=(*notes, *header.notes),
    )

"""PDF: the lines of its pages joined into text, the start of each page, and its properties. PDFium reads them."""

import ctypes
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.headers import read_opening, with_header
from searchkit.parse.package import file_date
from searchkit.parse.page_layout import Layout, Line, join, lay_out
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Resource
from searchkit.statements.text import fold

_MAX_PAGES = 3_000
_MAX_TEXT = 10_000_000
_SCAN_TEXT = 50  # with fewer characters per page, the pages are scans, perhaps with a stamp
_LINE_LIMIT = 5_000
_END_REACH = 4_096
_UNKNOWN_SHARE = 3  # if a third of the characters of a page are unknown, its fonts hide the text
_UNKNOWN = re.compile("[\0\ufffd\ue000-\uf8ff]")
_CATALOG = re.compile(rb"\b(\d{1,9} \d{1,5}) obj[^>]{0,200}/Catalog\b")
_TRAILER = b"\nendstream\nendobj\ntrailer\n<< /Root %s R >>\n%%%%EOF\n"
RUN_OCR = "run OCR first (ocr = true in searchkit.toml, or ocrmypdf)"
_HIDDEN = "its fonts do not map to characters"
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\x02": "-", "\ufffe": "-"}
)
# PDFium ends a line by a line break, or by a sign of its own for a hyphen.
_PRINTED = re.compile(r"[^\r\n\x02\ufffe]{1,1000000}[\x02\ufffe]?")
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
    document = _opened(resource.body)
    notes: list[str] = []
    try:
        if b"%%EOF" not in resource.body[-_END_REACH:]:  # some programs append bytes
            notes.append("damaged: its end is missing; only the objects found are read")
        pages = _pages(document, notes)
        properties = document.get_metadata_dict()
        language = _language(document)
    finally:
        document.close()
    blank = [str(number) for number, page in enumerate(pages, 1) if not page]
    if blank:
        notes.append(f"pages without text (scanned or empty): {', '.join(blank)}")
    if sum(len(line.text) for page in pages for line in page) < _SCAN_TEXT * len(pages):
        notes.append(f"little text: the pages may be scans with a stamp; {RUN_OCR}")
    layout = lay_out(pages)
    notes += [f"removed: {line}" for line in layout.removed]
    return _draft(layout, len(pages), properties, language, notes, today)


def _opened(body: bytes) -> Any:
    """Return a document. Raises InputError if PDFium cannot open it, or only with a password."""
    import pypdfium2

    # Of a truncated file, PDFium finds the pages if a trailer names its catalog.
    catalog = _CATALOG.search(body) if b"/Encrypt" not in body else None
    for content in (body, body + _TRAILER % catalog[1]) if catalog else (body,):
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise InputError("encrypted") from error
            continue
        if len(document):
            return document
        document.close()
    raise InputError("PDF without pages, or damaged PDF")


def _pages(document: Any, notes: list[str]) -> list[list[Line]]:
    """Return the lines of each page; note what cannot be read. Raises InputError if that is all."""
    import pypdfium2

    count = len(document)
    pages: list[list[Line]] = []
    failed: dict[str, list[str]] = {}
    size = 0
    for number in range(min(count, _MAX_PAGES)):
        lines: list[Line] = []
        try:
            page = document[number]
            lines = _lines(page, number)
            page.close()
        except pypdfium2.PdfiumError:
            failed.setdefault("unreadable", []).append(str(number + 1))
        text = "".join(line.text for line in lines)
        if len(_UNKNOWN.findall(text)) * _UNKNOWN_SHARE > len(text):
            failed.setdefault(_HIDDEN, []).append(str(number + 1))
            lines = []
        pages.append(lines)
        size += len(text)
        if size > _MAX_TEXT:
            break
    if len(pages) < count:
        notes.append(f"truncated: only the first {len(pages):,} of {count:,} pages are read")
    notes += [f"damaged: pages not read ({why}): {', '.join(numbers)}" for why, numbers in failed.items()]
    if not any(map(str.isalpha, "".join(line.text for page in pages for line in page))):
        if _HIDDEN in failed:
            raise InputError(f"PDF without searchable text: {_HIDDEN}; {RUN_OCR}")
        raise InputError("damaged PDF: no readable text" if failed else f"no text layer; {RUN_OCR}")
    return pages


def _lines(page: Any, number: int) -> list[Line]:
    """Return the lines of a page in the order in which it draws them."""
    from pypdfium2 import raw

    printed = page.get_textpage()
    text = "".join(chr(raw.FPDFText_GetUnicode(printed, at)) for at in range(printed.count_chars()))
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    lines: list[Line] = []
    for match in _PRINTED.finditer(text):
        plain = " ".join(match[0].translate(_LIGATURES).split())
        if not plain:
            continue
        at = match.start() + len(match[0]) - len(match[0].lstrip())
        raw.FPDFText_GetCharOrigin(printed, at, x, y)
        raw.FPDFText_GetMatrix(printed, at, matrix)
        size = raw.FPDFText_GetFontSize(printed, at) * math.hypot(matrix.b, matrix.d)
        lines.append(Line(page=number, text=plain[:_LINE_LIMIT], x=x.value, y=y.value, size=size))
    printed.close()
    return lines


def _language(document: Any) -> str | None:
    from pypdfium2 import raw

    written = (ctypes.c_ushort * 40)()
    raw.FPDFCatalog_GetLanguage(document, written, ctypes.sizeof(written))
    return language_code("".join(map(chr, written)).rstrip("\0"))


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
    stated = one_line(properties.get("Title"))
    if stated and _GENERATED_TITLE.fullmatch(stated):
        stated = None
    texts = [join([paragraph], pages)[0] for paragraph in layout.paragraphs[:20]]
    header_size, header = read_opening(texts, today=today)
    if stated is not None and any(fold(stated) == fold(text) for text in texts):
        header = replace(header, title=None)
    text, starts = join(layout.paragraphs[header_size:], pages)
    author = one_line(properties.get("Author")) or ""
    draft = Draft(
        text=text,
        pages=starts,
        title=stated,
        byline=people(author) if not _GENERATED_TITLE.fullmatch(author) else (),
        published=_date(properties.get("CreationDate", ""), today),
        language=language,
        notes=tuple(notes),
    )
    return with_header(draft, header)

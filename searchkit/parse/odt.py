"""OpenDocument and EPUB.

OpenDocument has text with footnotes after it, spreadsheets as tables, and presentations with each slide as a page; EPUB
has the chapters of a book in reading order as one document.
"""

import posixpath
from collections.abc import Iterator
from datetime import date
from itertools import repeat
from typing import Any
from urllib.parse import unquote

from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.encoding import decode
from searchkit.parse.html.scan import visible_text, with_superscripts
from searchkit.parse.package import Package, attribute, file_date, local, texts_of
from searchkit.parse.tables import MAX_CELLS, sheets_text
from searchkit.statements.document import Resource

_MAX_SPACES = 100
# Deleted text, comments, generated lists of headings, and the number of the page.
_SKIPPED = frozenset(
    """
    tracked-changes annotation annotation-end table-of-content alphabetical-index illustration-index table-index
    covered-table-cell object-index user-index bibliography variable-decls sequence-decls forms page-number
    """.split()
)


def _blocks(root: Any, notes: list[Any]) -> Iterator[str]:
    """Yield paragraphs, headings and table rows below `root` in order; append footnotes to `notes`."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = local(element)
        if name in {"p", "h"}:
            text, boxes = _paragraph(element, notes)
            yield text
            stack.extend(reversed(boxes))
        elif name == "table-row" and (row := _row(element, notes)) is not None:
            yield row
        elif name not in _SKIPPED:
            stack.extend(reversed(element))


def _paragraph(paragraph: Any, notes: list[Any]) -> tuple[str, list[Any]]:
    """Return the text of a paragraph and the text boxes in it."""
    pieces: list[str] = []
    boxes: list[Any] = []
    stack: list[Any] = [paragraph]  # elements to enter, and texts that follow an element
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        name = local(item)
        if item is not paragraph and item.tail:
            stack.append(str(item.tail))
        if name == "s":
            pieces.append(" " * min(_count(item, "c"), _MAX_SPACES))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name == "note":
            notes.extend(item.iterchildren("{*}note-body"))
        elif name == "text-box":
            boxes.append(item)
        elif name and name not in _SKIPPED:
            stack.extend(reversed(item))
            if item.text:
                stack.append(str(item.text))
    return "".join(pieces), boxes


def _row(row: Any, notes: list[Any]) -> str | None:
    """Return a table row on one line; None if a cell holds several paragraphs or a text box, as for page layout."""
    cells = list(row.iterchildren("{*}table-cell"))
    if any(len(cell) > 1 or any(local(child) != "p" for child in cell) for cell in cells):
        return None
    if any(next(cell.iter("{*}text-box"), None) is not None for cell in cells):
        return None
    texts = (_paragraph(paragraph, notes)[0].strip() for cell in cells for paragraph in cell)
    return " | ".join(text for text in texts if text)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an OpenDocument text. Raises InputError if it is encrypted, damaged or expands too much."""
    package, content = _opened(resource)
    body = next(filter(len, content.iter("{*}text")), None)
    notes: list[Any] = []
    paragraphs = list(_blocks(body, notes)) if body is not None else []
    footnotes = [text for note in notes for text in _blocks(note, [])]
    links = [attribute(element, "href") for element in content.iter("{*}a")]
    return package.office_draft(paragraphs, footnotes, _properties(package), links, source="odt", today=today)


def read_sheets(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a spreadsheet, one sheet after the other. Raises InputError as `read`."""
    package, content = _opened(resource)
    hidden = {
        attribute(style, "name")
        for style in content.iter("{*}style")
        if any(attribute(child, "display") == "false" for child in style)
    }
    tables = (table for body in content.iter("{*}spreadsheet") for table in body.iterchildren("{*}table"))
    visible = (table for table in tables if attribute(table, "style-name") not in hidden)
    text, notes = sheets_text((attribute(table, "name"), _rows(table)) for table in visible)
    properties = _properties(package)
    return Draft(
        text=text,
        title=one_line(properties["title"]),
        published=file_date(properties["modified"] or properties["created"], "ods", today),
        notes=(*package.notes, *notes),
    )


def _rows(table: Any) -> Iterator[list[str]]:
    """Yield the rows of a sheet. Equal cells and equal rows are written once, with their number."""
    for row in table.iter("{*}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
            if len(cells) <= MAX_CELLS:
                # No reader sees what a merged cell covers.
                text = _cell(cell) if local(cell) == "table-cell" else ""
                cells += [text] * min(_count(cell, "number-columns-repeated"), MAX_CELLS + 1)
        if any(cells):
            yield from repeat(cells, _count(row, "number-rows-repeated"))


def _cell(cell: Any) -> str:
    texts = (_paragraph(paragraph, [])[0] for paragraph in cell.iterchildren("{*}p"))
    return attribute(cell, "date-value") or " ".join(texts)


def _count(element: Any, name: str) -> int:
    written = attribute(element, name)
    return int(written) if written.isdecimal() and len(written) < 9 else 1


def read_slides(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a presentation, its notes below each slide. Raises InputError as `read`."""
    package, content = _opened(resource)
    pages = content.iter("{*}page")
    texts = ["\n\n".join(text for text in _blocks(page, []) if text.strip()) for page in pages]
    return package.slides_draft(texts, _properties(package), source="odp", today=today)


def _opened(resource: Resource) -> tuple[Package, Any]:
    """Return the package and its content."""
    package = Package(resource.body)
    if next(package.optional_xml("META-INF/manifest.xml").iter("{*}encryption-data"), None) is not None:
        raise InputError("encrypted")
    return package, package.xml("content.xml")


def _properties(package: Package) -> dict[str, str | None]:
    meta = package.optional_xml("meta.xml")

    def stated(*names: str) -> str | None:
        return next((text for name in names for text in texts_of(meta, name)), None)

    return {
        "title": stated("title"),
        "creator": stated("initial-creator", "creator"),
        "created": stated("creation-date"),
        "modified": stated("date"),
        "language": stated("language"),
    }


# Fonts may be obfuscated in a book without DRM.
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTER_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_MAX_TEXT = 20_000_000


def _has_drm(package: Package) -> bool:
    methods = package.optional_xml("META-INF/encryption.xml").iter("{*}EncryptionMethod")
    return any(attribute(method, "Algorithm") not in _FONT_OBFUSCATION for method in methods)


def _chapters(package: Package, book: Any, folder: str) -> Iterator[str]:
    """Yield the names of the chapter files in reading order, without the table of contents."""
    items = {attribute(element, "id"): element for element in book.iter("{*}item")}
    for element in book.iter("{*}itemref"):
        item = items.get(attribute(element, "idref"))
        if item is None or attribute(item, "media-type") not in _CHAPTER_TYPES:
            continue
        if "nav" in attribute(item, "properties").split():
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
        if name in package:
            yield name


def read_epub(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an EPUB. Raises InputError if it has DRM, is damaged or expands too much."""
    package = Package(resource.body)
    if _has_drm(package):
        raise InputError("encrypted (DRM)")
    root = next(package.xml("META-INF/container.xml").iter("{*}rootfile"), None)
    if root is None:
        raise InputError("damaged: its container names no book")
    path = attribute(root, "full-path")
    book = package.xml(path)
    chapters: list[str] = []
    notes: list[str] = []
    size = 0
    for name in dict.fromkeys(_chapters(package, book, posixpath.dirname(path))):
        try:
            decoded = decode(package.read(name), markup=True)
        except InputError as error:
            notes.append(f"{name} skipped: {error.message}")
            continue
        notes += decoded.notes
        text = visible_text(with_superscripts(decoded.text))
        chapters.append(text)
        size += len(text)
        if size > _MAX_TEXT:
            notes.append(f"truncated: only the first {_MAX_TEXT:,} characters are read")
            break
    metadata = next(book.iter("{*}metadata"), book)
    authors = dict.fromkeys(person for written in texts_of(metadata, "creator") for person in people(written))
    return Draft(
        text="\n\n".join(chapter for chapter in chapters if chapter.strip()),
        title=one_line(next(texts_of(metadata, "title"), None)),
        byline=tuple(authors),
        outlet=one_line(next(texts_of(metadata, "publisher"), None)),
        published=file_date(next(texts_of(metadata, "date"), ""), "epub", today),
        language=language_code(next(texts_of(metadata, "language"), None)),
        notes=(*package.notes, *notes),
    )

"""EPUB: the chapters of a book in reading order as one document, and the book's metadata."""

import posixpath
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote

from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.encoding import decode
from searchkit.parse.html.scan import visible_text, with_superscripts
from searchkit.parse.package import Package, attribute, file_date, texts_of
from searchkit.statements.document import Resource

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


def read(resource: Resource, *, today: date) -> Draft:
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

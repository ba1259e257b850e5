"""EPUB: the chapters of a book in the order in which it is read, as one document, and what the book says of itself."""

import posixpath
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote

from searchkit.dates import parse_stated
from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, one_line
from searchkit.parse.byline import people
from searchkit.parse.encoding import decode
from searchkit.parse.html.scan import visible_text, with_superscripts
from searchkit.parse.package import Package, attribute, local, text_of

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Fonts may be obfuscated in a book that anyone can read.
_FONT_SCRAMBLES = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_TEXT = 20_000_000


def _is_locked(package: Package) -> bool:
    """Whether more than fonts is encrypted."""
    root = package.optional_xml(_ENCRYPTION)
    methods = [
        attribute(element, "Algorithm")
        for data in (root if root is not None else ())
        for element in data
        if local(element) == "EncryptionMethod"
    ]
    return any(method not in _FONT_SCRAMBLES for method in methods)


def _chapters(package: Package, book: Any, folder: str) -> Iterator[str]:
    """The names of the members that are read one after the other."""
    listed = {}
    for element in book.iter():
        if local(element) == "item":
            listed[attribute(element, "id")] = element
    for element in book.iter():
        if local(element) != "itemref":
            continue
        found = listed.get(attribute(element, "idref"))
        if found is None or attribute(found, "media-type") not in _PAGES:
            continue
        if "nav" in attribute(found, "properties").split():
            continue  # its table of contents
        name = posixpath.normpath(posixpath.join(folder, unquote(attribute(found, "href"))))
        if name in package:
            yield name


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of an EPUB. InputError when it is locked, damaged, or grows too much."""
    package = Package(resource.body)
    if _is_locked(package):
        raise InputError("is encrypted (DRM)")
    roots = [element for element in package.xml(_CONTAINER).iter() if local(element) == "rootfile"]
    if not roots:
        raise InputError("is damaged: it does not say where its book is")
    place = attribute(roots[0], "full-path")
    book = package.xml(place)
    chapters: list[str] = []
    notes: list[str] = []
    size = 0
    for name in dict.fromkeys(_chapters(package, book, posixpath.dirname(place))):
        try:
            decoded = decode(package.read(name), markup=True)
        except InputError as error:
            notes.append(f"{name} is not read: it {error.message}")
            continue
        notes += decoded.notes
        text = visible_text(with_superscripts(decoded.text))
        chapters.append(text)
        size += len(text)
        if size > _TEXT:
            notes.append(f"cut: {_TEXT:,} signs of text are read")
            break
    told = next((element for element in book.iter() if local(element) == "metadata"), None)
    authors = tuple(dict.fromkeys(person for written in text_of(told, "creator") for person in people(written)))
    return Draft(
        text="\n\n".join(chapter for chapter in chapters if chapter.strip()),
        title=one_line(next(text_of(told, "title"), None)),
        byline=authors,
        outlet=one_line(next(text_of(told, "publisher"), None)),
        published=parse_stated(next(text_of(told, "date"), ""), source="epub", today=today),
        language=language_code(next(text_of(told, "language"), None)),
        notes=(*package.notes, *notes),
    )

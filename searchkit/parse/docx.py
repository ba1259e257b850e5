"""DOCX: paragraphs, lists and tables in order, footnotes after them, and the file's properties."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from searchkit.parse.base import Draft
from searchkit.parse.package import Package, attribute, local, texts_of
from searchkit.statements.document import Resource

_MAIN_PART = "word/document.xml"
_MAIN_RELATION = "/officeDocument"
# Deleted words, field codes, properties, and the older copy of a drawing.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "pPr", "rPr", "tblPr", "sectPr"})
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"})
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})


def _main_part(package: Package) -> str:
    relations = package.optional_xml("_rels/.rels")
    for relation in relations if relations is not None else ():
        if attribute(relation, "Type").endswith(_MAIN_RELATION):
            return attribute(relation, "Target").lstrip("/")
    return _MAIN_PART


def _blocks(root: Any) -> Iterator[str]:
    """Yield paragraphs and table rows below `root` in order; a text box follows its paragraph."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = local(element)
        if name == "p":
            text, boxes = _paragraph(element)
            yield text
            stack.extend(reversed(boxes))
        elif name == "tr" and (row := _row(element)) is not None:
            yield row
        elif name not in _SKIPPED:
            stack.extend(reversed(element))


def _paragraph(paragraph: Any) -> tuple[str, list[Any]]:
    """Return the text of a paragraph and the text boxes in it."""
    pieces: list[str] = []
    boxes: list[Any] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        name = local(element)
        if name == "t":
            pieces.append(element.text or "")
        elif name in _CHARACTERS:
            pieces.append(_CHARACTERS[name])
        elif name == "txbxContent":
            boxes.append(element)
        elif name not in _SKIPPED:
            stack.extend(reversed(element))
    return "".join(pieces), boxes


def _children(element: Any) -> Iterator[Any]:
    """Yield the children of an element, with those of content controls in their place."""
    stack = list(reversed(element))
    while stack:
        child = stack.pop()
        if local(child) in _WRAPPERS:
            stack.extend(reversed(child))
        else:
            yield child


def _row(row: Any) -> str | None:
    """Return a table row on one line; None if a cell holds several paragraphs or a text box, as for page layout."""
    cells = []
    for cell in _children(row):
        if local(cell) != "tc":
            continue
        children = list(_children(cell))
        paragraphs = [_paragraph(child) for child in children if local(child) == "p"]
        texts = [stripped for text, _ in paragraphs if (stripped := text.strip())]
        if len(texts) > 1 or any(boxes for _, boxes in paragraphs) or any(local(child) == "tbl" for child in children):
            return None
        cells += texts
    return " | ".join(cells)


def _footnotes(package: Package, folder: str) -> Iterator[str]:
    for name in ("footnotes.xml", "endnotes.xml"):
        root = package.optional_xml(f"{folder}{name}")
        for note in root if root is not None else ():
            if attribute(note, "type") not in _SEPARATORS:
                yield from _blocks(note)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a DOCX. Raises InputError if it is encrypted, damaged or expands too much."""
    package = Package(resource.body)
    main = _main_part(package)
    folder, _, file = main.rpartition("/")
    folder = f"{folder}/" if folder else ""
    paragraphs = list(_blocks(package.xml(main)))
    footnotes = list(_footnotes(package, folder))
    core = package.optional_xml("docProps/core.xml")
    names = ("title", "creator", "created", "modified", "language")
    properties = {name: next(texts_of(core, name), None) for name in names}
    relations = package.optional_xml(f"{folder}_rels/{file}.rels")
    links = [attribute(relation, "Target") for relation in (relations if relations is not None else ())]
    return package.office_draft(paragraphs, footnotes, properties, links, source="docx", today=today)

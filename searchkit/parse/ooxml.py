"""DOCX and PPTX.

Of a DOCX: paragraphs, lists and tables in order, and footnotes after them. Of a PPTX: the text of each slide as one
page, its notes after it. Of both: the properties of the file.
"""

import posixpath
from collections.abc import Iterator
from datetime import date
from typing import Any

from searchkit.parse.base import Draft
from searchkit.parse.package import Package, Properties, attribute, local, texts_of
from searchkit.statements.document import Resource

_MAIN_PART = "word/document.xml"
_MAIN_RELATION = "/officeDocument"
# Deleted words, field codes, the number of a slide, properties, and the older copy of a drawing.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "fld", "Fallback", "pPr", "rPr", "tblPr", "sectPr"})
_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"})
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_PRESENTATION = "ppt/presentation.xml"
_SLIDE, _NOTES = "/slide", "/notesSlide"


def _main_part(package: Package) -> str:
    for relation in package.optional_xml("_rels/.rels"):
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
        for note in package.optional_xml(f"{folder}{name}"):
            if attribute(note, "type") not in _SEPARATORS:
                yield from _blocks(note)


def _properties(package: Package) -> Properties:
    core = package.optional_xml("docProps/core.xml")
    return {name: next(texts_of(core, name), None) for name in ("title", "creator", "created", "modified", "language")}


def read_docx(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a DOCX. Raises InputError if it is encrypted, damaged or expands too much."""
    package = Package(resource.body)
    main = _main_part(package)
    folder, _, file = main.rpartition("/")
    folder = f"{folder}/" if folder else ""
    paragraphs = list(_blocks(package.xml(main)))
    footnotes = list(_footnotes(package, folder))
    properties = _properties(package)
    links = [attribute(relation, "Target") for relation in package.optional_xml(f"{folder}_rels/{file}.rels")]
    return package.office_draft(paragraphs, footnotes, properties, links, source="docx", today=today)


def _related(package: Package, part: str, kind: str) -> dict[str, str]:
    """Return the parts to which `part` has a relation of this kind, by the id of the relation."""
    folder, _, file = part.rpartition("/")
    return {
        attribute(relation, "Id"): posixpath.normpath(posixpath.join(folder, attribute(relation, "Target")))
        for relation in package.optional_xml(f"{folder}/_rels/{file}.rels")
        if attribute(relation, "Type").endswith(kind)
    }


def _slide_paragraphs(root: Any) -> Iterator[str]:
    return (text for paragraph in root.iter("{*}p") if (text := _paragraph(paragraph)[0].strip()))


def read_pptx(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a presentation. Raises InputError if it is encrypted, damaged or expands too much."""
    package = Package(resource.body)
    targets = _related(package, _PRESENTATION, _SLIDE)
    slides = package.xml(_PRESENTATION).iter("{*}sldId")
    # Two attributes are called id; the one with a namespace is that of the relation.
    order = [value for slide in slides for key, value in slide.items() if key.endswith("}id")]
    texts: list[str] = []
    for name in order:
        slide = targets.get(name, "")
        if slide not in package:
            continue
        related = _related(package, slide, _NOTES).values()
        notes = (note for part in related for note in _slide_paragraphs(package.optional_xml(part)))
        texts.append("\n\n".join([*_slide_paragraphs(package.optional_xml(slide)), *notes]))
    return package.slides_draft(texts, _properties(package), source="pptx", today=today)

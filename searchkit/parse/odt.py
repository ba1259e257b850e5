"""OpenDocument text: paragraphs, headings, lists and tables in order, footnotes after them, and its properties."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft
from searchkit.parse.package import Package, attribute, local, texts_of

_MAX_SPACES = 100
# Deleted text, comments, and generated lists of headings.
_SKIPPED = frozenset(
    """
    tracked-changes annotation annotation-end table-of-content alphabetical-index illustration-index table-index
    object-index user-index bibliography variable-decls sequence-decls forms
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
            count = attribute(item, "c")
            pieces.append(" " * min(int(count) if count.isdecimal() and len(count) < 4 else 1, _MAX_SPACES))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name == "note":
            notes.extend(child for child in item if local(child) == "note-body")
        elif name == "text-box":
            boxes.append(item)
        elif name and name not in _SKIPPED:
            stack.extend(reversed(item))
            if item.text:
                stack.append(str(item.text))
    return "".join(pieces), boxes


def _row(row: Any, notes: list[Any]) -> str | None:
    """Return a table row on one line; None if a cell holds several paragraphs or a text box, as for page layout."""
    cells = [cell for cell in row if local(cell) == "table-cell"]
    if any(len(cell) > 1 or any(local(child) != "p" for child in cell) for cell in cells):
        return None
    if any(local(inner) == "text-box" for cell in cells for inner in cell.iter()):
        return None
    texts = (_paragraph(paragraph, notes)[0].strip() for cell in cells for paragraph in cell)
    return " | ".join(text for text in texts if text)


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an OpenDocument text. Raises InputError if it is encrypted, damaged or expands too much."""
    package = Package(resource.body)
    manifest = package.optional_xml("META-INF/manifest.xml")
    if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
        raise InputError("encrypted")
    content = package.xml("content.xml")
    body = next((element for element in content.iter() if local(element) == "text" and len(element)), None)
    notes: list[Any] = []
    paragraphs = list(_blocks(body, notes)) if body is not None else []
    footnotes = [text for note in notes for text in _blocks(note, [])]
    links = [attribute(element, "href") for element in content.iter() if local(element) == "a"]
    meta = package.optional_xml("meta.xml")

    def stated(*names: str) -> str | None:
        return next((text for name in names for text in texts_of(meta, name)), None)

    properties = {
        "title": stated("title"),
        "creator": stated("initial-creator", "creator"),
        "created": stated("creation-date"),
        "modified": stated("date"),
        "language": stated("language"),
    }
    return package.office_draft(paragraphs, footnotes, properties, links, source="odt", today=today)

"""OpenDocument text: paragraphs, headings, lists and tables in order, footnotes behind them, and its properties."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import MAX_LINKS, Draft, language_code, one_line, web_address
from searchkit.parse.byline import people
from searchkit.parse.package import Package, attribute, local, made_on, text_of
from searchkit.parse.printed import opening

_SPACES = 100
# What is no text of the document: what was deleted, remarks beside it, and lists made of its headings.
_PASSED_OVER = frozenset(
    """
    tracked-changes annotation annotation-end table-of-content alphabetical-index illustration-index table-index
    object-index user-index bibliography variable-decls sequence-decls forms
    """.split()
)


def _blocks(root: Any, notes: list[Any]) -> Iterator[str]:
    """Paragraphs, headings and rows of tables below `root`, in order; footnotes are set aside in `notes`."""
    waiting = [root]
    while waiting:
        place = waiting.pop()
        name = local(place)
        if name in {"p", "h"}:
            words, boxes = _words(place, notes)
            yield words
            waiting.extend(reversed(boxes))
        elif name == "table-row" and (row := _row(place, notes)) is not None:
            yield row
        elif name not in _PASSED_OVER:
            waiting.extend(reversed(place))


def _words(paragraph: Any, notes: list[Any]) -> tuple[str, list[Any]]:
    """The text of a paragraph, and the text boxes in it."""
    pieces: list[str] = []
    boxes: list[Any] = []
    waiting: list[Any] = [paragraph]  # elements to go into, and texts that stand behind one
    while waiting:
        place = waiting.pop()
        if isinstance(place, str):
            pieces.append(place)
            continue
        name = local(place)
        if place is not paragraph and place.tail:
            waiting.append(str(place.tail))
        if name == "s":
            count = attribute(place, "c")
            pieces.append(" " * min(int(count) if count.isdecimal() and len(count) < 4 else 1, _SPACES))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name == "note":
            notes.extend(child for child in place if local(child) == "note-body")
        elif name == "text-box":
            boxes.append(place)
        elif name and name not in _PASSED_OVER:
            waiting.extend(reversed(place))
            if place.text:
                waiting.append(str(place.text))
    return "".join(pieces), boxes


def _row(row: Any, notes: list[Any]) -> str | None:
    """A row of a table on one line; None when a cell holds more than a line, as where tables lay out a page."""
    cells = [cell for cell in row if local(cell) == "table-cell"]
    if any(len(cell) > 1 or any(local(child) != "p" for child in cell) for cell in cells):
        return None
    texts = (_words(paragraph, notes)[0].strip() for cell in cells for paragraph in cell)
    return " | ".join(text for text in texts if text)


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of an OpenDocument text. InputError when it is encrypted, damaged, or grows too much."""
    package = Package(resource.body)
    manifest = package.optional_xml("META-INF/manifest.xml")
    if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
        raise InputError("is encrypted")
    content = package.xml("content.xml")
    body = next((element for element in content.iter() if local(element) == "text" and len(element)), None)
    footnotes: list[Any] = []
    paragraphs = [text for text in (_blocks(body, footnotes) if body is not None else ()) if text.strip()]
    below = [text for note in footnotes for text in _blocks(note, []) if text.strip()]
    links = [attribute(element, "href") for element in content.iter() if local(element) == "a"]
    taken, told = opening(paragraphs[:20], today=today)
    meta = package.optional_xml("meta.xml")
    names = ("title", "initial-creator", "creator", "creation-date", "date", "language")
    properties = {name: next(text_of(meta, name), None) for name in names}
    return Draft(
        text="\n\n".join([*paragraphs[taken:], *below]),
        title=told.title or one_line(properties["title"]),
        byline=told.byline or people(properties["initial-creator"] or properties["creator"] or ""),
        outlet=told.outlet,
        canonical_url=told.canonical_url,
        published=told.published or made_on(properties["creation-date"], "odt", today),
        updated=told.updated or made_on(properties["date"], "odt", today),
        language=told.language or language_code(properties["language"]),
        links=tuple(dict.fromkeys(address for link in links if (address := web_address(link))))[:MAX_LINKS],
        notes=(*package.notes, *told.notes),
    )

"""DOCX: paragraphs, lists and tables in order, footnotes behind them, and the properties of the file."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from searchkit.document import Resource
from searchkit.parse.base import MAX_LINKS, Draft, language_code, one_line, web_address
from searchkit.parse.byline import people
from searchkit.parse.package import Package, attribute, local, made_on, text_of
from searchkit.parse.printed import opening

_MAIN = "word/document.xml"
_DOCUMENT = "/officeDocument"  # how the type of the relation ends that leads to the text
# What is no text of the document: deleted words, field codes, and the older copy that stands beside a drawing.
_PASSED_OVER = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "pPr", "rPr", "tblPr", "sectPr"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def _main_part(package: Package) -> str:
    relations = package.optional_xml("_rels/.rels")
    for relation in relations if relations is not None else ():
        if attribute(relation, "Type").endswith(_DOCUMENT):
            return attribute(relation, "Target").lstrip("/")
    return _MAIN


def _blocks(root: Any) -> Iterator[str]:
    """Paragraphs and rows of tables below `root`, in order; a text box stands behind the paragraph it hangs on."""
    waiting = [root]
    while waiting:
        place = waiting.pop()
        name = local(place)
        if name == "p":
            words, boxes = _words(place)
            yield words
            waiting.extend(reversed(boxes))
        elif name == "tr" and (row := _row(place)) is not None:
            yield row
        elif name not in _PASSED_OVER:
            waiting.extend(reversed(place))


def _words(paragraph: Any) -> tuple[str, list[Any]]:
    """The text of a paragraph, and the text boxes in it."""
    pieces: list[str] = []
    boxes: list[Any] = []
    waiting = list(reversed(paragraph))
    while waiting:
        place = waiting.pop()
        name = local(place)
        if name == "t":
            pieces.append(place.text or "")
        elif name in _SIGNS:
            pieces.append(_SIGNS[name])
        elif name == "txbxContent":
            boxes.append(place)
        elif name not in _PASSED_OVER:
            waiting.extend(reversed(place))
    return "".join(pieces), boxes


def _row(row: Any) -> str | None:
    """A row of a table on one line; None when a cell holds more than a line, as where tables lay out a page."""
    cells = []
    for cell in row:
        if local(cell) != "tc":
            continue
        paragraphs = [child for child in cell if local(child) == "p"]
        if any(local(child) == "tbl" for child in cell):
            return None
        texts = [words.strip() for words, _ in map(_words, paragraphs) if words.strip()]
        if len(texts) > 1:
            return None
        cells.append(texts[0] if texts else "")
    return " | ".join(cell for cell in cells if cell)


def _footnotes(package: Package, folder: str) -> Iterator[str]:
    for name in ("footnotes.xml", "endnotes.xml"):
        root = package.optional_xml(f"{folder}{name}")
        for note in root if root is not None else ():
            if attribute(note, "type") not in {"separator", "continuationSeparator", "continuationNotice"}:
                yield from _blocks(note)


def _links(package: Package, folder: str, main: str) -> tuple[str, ...]:
    root = package.optional_xml(f"{folder}_rels/{main.rpartition('/')[2]}.rels")
    targets = [attribute(relation, "Target") for relation in (root if root is not None else ())]
    return tuple(dict.fromkeys(address for target in targets if (address := web_address(target))))[:MAX_LINKS]


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of a DOCX. InputError when it is encrypted, damaged, or grows too much."""
    package = Package(resource.body)
    main = _main_part(package)
    folder = main[: main.rfind("/") + 1]
    paragraphs = [text for text in _blocks(package.xml(main)) if text.strip()]
    footnotes = [text for text in _footnotes(package, folder) if text.strip()]
    taken, told = opening(paragraphs[:20], today=today)
    core = package.optional_xml("docProps/core.xml")
    properties = {
        name: next(text_of(core, name), None) for name in ("title", "creator", "created", "modified", "language")
    }
    return Draft(
        text="\n\n".join([*paragraphs[taken:], *footnotes]),
        title=told.title or one_line(properties["title"]),
        byline=told.byline or people(properties["creator"] or ""),
        outlet=told.outlet,
        canonical_url=told.canonical_url,
        published=told.published or made_on(properties["created"], "docx", today),
        updated=told.updated or made_on(properties["modified"], "docx", today),
        language=told.language or language_code(properties["language"]),
        links=_links(package, folder, main),
        notes=(*package.notes, *told.notes),
    )

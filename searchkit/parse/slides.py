"""PPTX: the text of each slide as one page, its notes after it, and the file's properties."""

import posixpath
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from searchkit.errors import InputError
from searchkit.parse.base import Draft, one_line, paged
from searchkit.parse.byline import people
from searchkit.parse.package import Package, attribute, file_date, local, texts_of
from searchkit.statements.document import Resource

_MAIN = "ppt/presentation.xml"
_SLIDE, _NOTES = "/slide", "/notesSlide"


def _related(package: Package, part: str, kind: str) -> dict[str, str]:
    """Return the parts to which `part` has a relation of this kind, by the id of the relation."""
    folder, _, file = part.rpartition("/")
    relations = package.optional_xml(f"{folder}/_rels/{file}.rels")
    return {
        attribute(relation, "Id"): posixpath.normpath(posixpath.join(folder, attribute(relation, "Target")))
        for relation in (relations if relations is not None else ())
        if attribute(relation, "Type").endswith(kind)
    }


def _paragraphs(root: Any | None) -> Iterator[str]:
    """Yield the paragraphs below `root` in order, without the numbers of slides."""
    for paragraph in root.iter() if root is not None else ():
        if local(paragraph) != "p":
            continue
        pieces = [
            "\n" if local(element) == "br" else element.text or ""
            for element in paragraph.iter()
            if local(element) in {"t", "br"} and local(element.getparent()) != "fld"
        ]
        if text := "".join(pieces).strip():
            yield text


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a presentation. Raises InputError if it is encrypted, damaged or expands too much."""
    package = Package(resource.body)
    targets = _related(package, _MAIN, _SLIDE)
    slides = (element for element in package.xml(_MAIN).iter() if local(element) == "sldId")
    # Two attributes are called id; the one with a namespace is that of the relation.
    order = [value for slide in slides for key, value in slide.items() if key.endswith("}id")]
    texts: list[str] = []
    for name in order:
        slide = targets.get(name, "")
        if slide not in package:
            continue
        related = _related(package, slide, _NOTES).values()
        notes = (note for part in related for note in _paragraphs(package.optional_xml(part)))
        texts.append("\n\n".join([*_paragraphs(package.optional_xml(slide)), *notes]))
    core = package.optional_xml("docProps/core.xml")
    stated = {name: next(texts_of(core, name), None) for name in ("title", "creator", "modified", "created")}
    return slides_draft(package, texts, stated, source="pptx", today=today)


def slides_draft(
    package: Package, texts: Iterable[str], properties: dict[str, str | None], *, source: str, today: date
) -> Draft:
    """Return the draft of a presentation with these slides. Raises InputError if they have no text."""
    text, pages = paged(texts)
    if not text:
        raise InputError("slides without text; they may be pictures")
    return Draft(
        text=text,
        pages=pages,
        title=one_line(properties["title"]),
        byline=people(properties["creator"] or ""),
        published=file_date(properties["created"], source, today),
        updated=file_date(properties["modified"], source, today),
        notes=tuple(package.notes),
    )

"""A query as an Atom feed (RFC 4287): its newest matches, each as one entry."""

import uuid
from xml.etree import ElementTree as ET  # only for writing: nothing is parsed here

from searchkit.export.answers import hits_of
from searchkit.export.hits import Hit
from searchkit.search.answer import Answer
from searchkit.search.statement_text import date_text, note_texts, statement_text
from searchkit.text import one_line
from searchkit.web.rendering import Links

_NAMESPACE = "http://www.w3.org/2005/Atom"
_UNKNOWN_TIME = "1970-01-01T00:00:00Z"
_LONGEST_TITLE = 160


def feed(found: Answer, url: Links) -> bytes:
    """Return the records of an answer as a feed. Entries keep their ids, so a reader shows each once."""
    root = ET.Element("feed", {"xmlns": _NAMESPACE})
    own = url.absolute(url.here())
    _add(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, own).urn)
    _add(root, "title", f"searchkit: {found.result.interpreted_as}")
    ET.SubElement(root, "link", {"rel": "self", "href": own})
    _add(ET.SubElement(root, "author"), "name", "searchkit")
    hits = list(hits_of(found))
    _add(root, "updated", max((hit.document.first_seen for hit in hits), default="") or _UNKNOWN_TIME)
    for hit in hits:
        _add_entry(root, hit, url)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add_entry(root: ET.Element, hit: Hit, url: Links) -> None:
    document, quote = hit.document, hit.quote
    said = statement_text(quote, document).sentence(document) if quote else one_line(document.title or "(no title)")
    entry = ET.SubElement(root, "entry")
    address = url.absolute(url(f"/statement/{quote.id}" if quote else f"/document/{document.id}"))
    _add(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"searchkit:{hit.found.hit.id}").urn)
    _add(entry, "title", said if len(said) <= _LONGEST_TITLE else f"{said[:_LONGEST_TITLE]}…")
    _add(entry, "updated", document.first_seen or _UNKNOWN_TIME)
    ET.SubElement(entry, "link", {"rel": "alternate", "href": _xml(address)})
    sentence = document.sentence_of(quote).of(document.text) if quote else ""
    place = (document.title or "", document.outlet or "", date_text(document.published))
    summary = (said, *note_texts(hit.found.note), sentence, " · ".join(filter(None, place)))
    _add(entry, "summary", " - ".join(one_line(part) for part in summary if part))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _xml(text)


def _xml(text: str) -> str:
    """Return `text` on one line without characters that XML cannot hold."""
    return "".join(character for character in one_line(text) if character not in "\ufffe\uffff")

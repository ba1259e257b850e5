"""A query as an Atom feed (RFC 4287): its newest matches, each as one entry."""

import uuid
from xml.etree import ElementTree as ET  # only for writing: nothing is parsed here

from searchkit.alerts.atom import NAMESPACE, add_element, xml_text
from searchkit.export.records import Values, values_of
from searchkit.search.answer import Answer
from searchkit.search.statement_text import date_text, note_texts, statement_text
from searchkit.statements.text import one_line
from searchkit.web.rendering import Links

_UNKNOWN_TIME = "1970-01-01T00:00:00Z"
_LONGEST_TITLE = 160


def feed(found: Answer, url: Links) -> bytes:
    """Return the records of an answer as a feed. Entries keep their ids, so a reader shows each once."""
    root = ET.Element("feed", {"xmlns": NAMESPACE})
    own = url.absolute(url.here())
    add_element(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, own).urn)
    add_element(root, "title", f"searchkit: {found.result.interpreted_as}")
    ET.SubElement(root, "link", {"rel": "self", "href": own})
    add_element(ET.SubElement(root, "author"), "name", "searchkit")
    hits = list(values_of(found))
    add_element(root, "updated", max((hit.document.first_seen for hit in hits), default="") or _UNKNOWN_TIME)
    for hit in hits:
        _add_entry(root, hit, url)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add_entry(root: ET.Element, hit: Values, url: Links) -> None:
    document, quote = hit.document, hit.quote
    said = statement_text(quote, document).sentence(document) if quote else one_line(document.title or "(no title)")
    entry = ET.SubElement(root, "entry")
    address = url.absolute(url(f"/statements/{quote.id}" if quote else f"/documents/{document.id}"))
    add_element(entry, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"searchkit:{hit.found.hit.id}").urn)
    add_element(entry, "title", said if len(said) <= _LONGEST_TITLE else f"{said[:_LONGEST_TITLE]}…")
    add_element(entry, "updated", document.first_seen or _UNKNOWN_TIME)
    ET.SubElement(entry, "link", {"rel": "alternate", "href": xml_text(address)})
    sentence = document.sentence_of(quote).of(document.text) if quote else ""
    place = (document.title or "", document.publisher, date_text(document.published))
    summary = (said, *note_texts(hit.found.note), sentence, " · ".join(filter(None, place)))
    add_element(entry, "summary", " - ".join(one_line(part) for part in summary if part))
